//! Who may ask the RADIUS server. Their secrets are written and never shown.

use std::fmt;

use chrono::{DateTime, Utc};
use kernel::Id;
use radius::{
    nas_client::{NasClient, Vendor},
    use_cases::{ManageNasClientError, NasDescription},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::error::{ApiError, ApiErrorCode, FieldProblem},
};

pub mod create;
pub mod list;
pub mod remove;
pub mod show;
pub mod update;

/// What an operator decides about a NAS client.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NasClientRequest {
    /// Its name for people; no other NAS client has it.
    #[validate(length(min = 1, max = 60))]
    #[schema(example = "library-1", min_length = 1, max_length = 60)]
    pub name: String,
    /// Where its packets come from; no other NAS client has it.
    #[validate(length(min = 2, max = 45))]
    #[schema(example = "10.5.50.1", min_length = 2, max_length = 45)]
    pub address: String,
    /// What it and the server share: visible ASCII without quotes, backslashes and backticks, better 16 characters
    /// and more. A NAS client that is changed keeps its own when none is given.
    #[serde(default)]
    #[validate(length(min = 8, max = 128))]
    #[schema(format = Password, example = "Xq7-lorry-Anchor-42-pebble", min_length = 8, max_length = 128)]
    pub secret: Option<String>,
    /// Whose attributes it understands; `mikrotik` when it is not given.
    #[serde(default)]
    pub vendor: VendorWord,
    /// Where it takes Disconnect- and CoA-Requests; 3799 when it is not given, 0 if it takes none.
    #[serde(default)]
    #[validate(range(min = 0, max = 65_535))]
    #[schema(example = 3799, minimum = 0, maximum = 65_535)]
    pub coa_port: Option<u32>,
    /// Whether requests without a Message-Authenticator are dropped (CVE-2024-3596); `true` when it is not given.
    #[serde(default = "yes")]
    #[schema(example = true)]
    pub require_message_authenticator: bool,
    /// Whether its counters come with Gigawords, so that one that goes back has not run over 4 GiB; `true` when it is
    /// not given.
    #[serde(default = "yes")]
    #[schema(example = true)]
    pub sends_gigawords: bool,
    /// Where it stands; the main site when it is not given.
    #[serde(default)]
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    pub site_id: Option<Uuid>,
    /// The router that it is, if the portal also reaches it by its API.
    #[serde(default)]
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e96")]
    pub router_id: Option<Uuid>,
}

const fn yes() -> bool {
    true
}

// By hand: the secret is in it.
impl fmt::Debug for NasClientRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NasClientRequest").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whose attributes a NAS understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = NasVendor, example = "mikrotik")]
#[serde(rename_all = "snake_case")]
pub enum VendorWord {
    /// MikroTik RouterOS.
    #[default]
    Mikrotik,
    /// Anything that knows the WISPr attributes.
    Wispr,
    /// CoovaChilli.
    CoovaChilli,
    /// pfSense's captive portal.
    #[serde(rename = "pfsense")]
    PfSense,
}

/// A NAS client, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NasClient)]
pub struct NasClientView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    id: Uuid,
    /// Its name for people.
    #[schema(example = "library-1")]
    name: String,
    /// Where its packets come from.
    #[schema(example = "10.5.50.1")]
    address: String,
    /// Whose attributes it understands.
    vendor: VendorWord,
    /// Where it takes Disconnect- and CoA-Requests; 0 if it takes none.
    #[schema(example = 3799)]
    coa_port: u16,
    /// Whether requests without a Message-Authenticator are dropped.
    #[schema(example = true)]
    require_message_authenticator: bool,
    /// Whether its counters come with Gigawords.
    #[schema(example = true)]
    sends_gigawords: bool,
    /// Where it stands.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    site_id: Uuid,
    /// The router that it is, if the portal also reaches it by its API.
    #[schema(example = json!(null))]
    router_id: Option<Uuid>,
    /// When it was made known.
    #[schema(example = "2026-01-17T12:00:00Z")]
    created_at: DateTime<Utc>,
}

impl NasClientRequest {
    /// The description of a NAS client; 422 names what is not acceptable.
    async fn read(self, services: &Services) -> Result<NasDescription, ApiError> {
        let sites = services.billing.reads().sites().await?;
        let wanted = sites.into_iter().find(|site| match self.site_id {
            Some(id) => site.id.as_uuid() == id,
            None => site.code == billing::site::MAIN_SITE,
        });
        let said = |fr: &str, en: &str| FieldProblem::Said(fr.to_owned(), en.to_owned());
        let site =
            wanted.ok_or_else(|| ApiError::field("site_id", said("n'est pas un site", "is not a site")))?;
        if let Some(router) = self.router_id {
            let found = services.hotspot.find_router(Id::from_uuid(router)).await?;
            found.filter(|view| view.router.access.mode.is_router()).ok_or_else(|| {
                ApiError::field("router_id", said("n'est pas un routeur", "is not a router"))
            })?;
        }
        let address = self.address.parse().map_err(|_| {
            ApiError::field("address", said("doit être une adresse IP", "must be an IP address"))
        })?;
        let coa_port = self.coa_port.map_or(Ok(NasClient::COA_PORT), u16::try_from);
        Ok(NasDescription {
            name: self.name,
            address,
            secret: self.secret.map(Into::into),
            vendor: self.vendor.into(),
            coa_port: coa_port.map_err(|_| ApiError::field("coa_port", FieldProblem::Invalid))?,
            require_message_authenticator: self.require_message_authenticator,
            sends_gigawords: self.sends_gigawords,
            site_id: site.id,
            router_id: self.router_id.map(Id::from_uuid),
        })
    }
}

impl From<VendorWord> for Vendor {
    fn from(word: VendorWord) -> Self {
        match word {
            VendorWord::Mikrotik => Self::Mikrotik,
            VendorWord::Wispr => Self::Wispr,
            VendorWord::CoovaChilli => Self::CoovaChilli,
            VendorWord::PfSense => Self::PfSense,
        }
    }
}

impl From<Vendor> for VendorWord {
    fn from(vendor: Vendor) -> Self {
        match vendor {
            Vendor::Mikrotik => Self::Mikrotik,
            Vendor::Wispr => Self::Wispr,
            Vendor::CoovaChilli => Self::CoovaChilli,
            Vendor::PfSense => Self::PfSense,
        }
    }
}

impl From<NasClient> for NasClientView {
    fn from(client: NasClient) -> Self {
        Self {
            id: client.id.as_uuid(),
            name: client.name,
            address: client.address.to_string(),
            vendor: client.vendor.into(),
            coa_port: client.coa_port,
            require_message_authenticator: client.require_message_authenticator,
            sends_gigawords: client.sends_gigawords,
            site_id: client.site_id.as_uuid(),
            router_id: client.router_id.map(|router| router.as_uuid()),
            created_at: client.created_at,
        }
    }
}

impl From<ManageNasClientError> for ApiError {
    fn from(error: ManageNasClientError) -> Self {
        let taken = || FieldProblem::Said("est déjà pris".to_owned(), "is taken already".to_owned());
        match error {
            ManageNasClientError::NotFound => ApiErrorCode::NotFound.into(),
            ManageNasClientError::Description { field, .. } => Self::field(field, FieldProblem::Invalid),
            ManageNasClientError::SecretMissing => Self::field("secret", FieldProblem::Missing),
            ManageNasClientError::NameTaken => Self::field("name", taken()),
            ManageNasClientError::AddressTaken => Self::field("address", taken()),
            ManageNasClientError::Seal(error) => Self::internal(error),
            ManageNasClientError::Store(error) => error.into(),
        }
    }
}

/// A NAS client as it is now.
async fn shown(services: &Services, id: Uuid) -> Result<NasClientView, ApiError> {
    let found = services.radius.find_nas_client(Id::from_uuid(id)).await?;
    Ok(found.ok_or(ApiErrorCode::NotFound)?.into())
}
