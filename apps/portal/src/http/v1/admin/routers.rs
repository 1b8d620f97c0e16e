//! Routers, for those who run them. Their passwords are written and never shown.

use std::fmt;

use chrono::{DateTime, Utc};
use hotspot::{
    ports::BreakerState,
    queries::RouterView,
    router::{Fingerprint, RouterMode, RouterTls},
    use_cases::{ManageRouterError, RouterDescription},
};
use kernel::{Id, id::ids::SiteId};
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
pub mod make_default;
pub mod retire;
pub mod show;
pub mod test;
pub mod update;

/// What an operator decides about a router.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouterRequest {
    /// Its name for people; no other router in use has it.
    #[validate(length(min = 1, max = 60))]
    #[schema(example = "library-1", min_length = 1, max_length = 60)]
    pub name: String,
    /// Where it stands; the main site when it is not given. It cannot be changed later.
    #[serde(default)]
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    pub site_id: Option<Uuid>,
    /// Whether new hotspot users may be put onto it; `true` when it is not given.
    #[serde(default = "yes")]
    #[schema(example = true)]
    pub enabled: bool,
    /// A real router, or a fake one where the portal runs on fakes; `radius` is not accepted.
    #[serde(default)]
    pub mode: RouterModeWord,
    /// A host name or an address, without a port.
    #[validate(length(min = 1, max = 253))]
    #[schema(example = "10.5.50.1", min_length = 1, max_length = 253)]
    pub host: String,
    /// The port of its API; 8728, or 8729 with TLS, when it is not given.
    #[serde(default)]
    #[validate(range(min = 1, max = 65_535))]
    #[schema(example = 8729, minimum = 1, maximum = 65_535)]
    pub port: Option<u32>,
    /// The account to sign in with; a real router needs one.
    #[serde(default)]
    #[validate(length(max = 128))]
    #[schema(example = "portal", max_length = 128)]
    pub username: String,
    /// Its password. A router that is changed keeps its own when none is given.
    #[serde(default)]
    #[validate(length(min = 1, max = 128))]
    #[schema(format = Password, example = "correct horse battery", min_length = 1, max_length = 128)]
    pub password: Option<String>,
    /// How the connection is protected.
    pub tls: RouterTlsWord,
    /// The SHA-256 of the router's certificate in hexadecimal, for `pinned` alone.
    #[serde(default)]
    #[validate(length(min = 64, max = 95))]
    #[schema(
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        min_length = 64,
        max_length = 95
    )]
    pub tls_fingerprint: Option<String>,
}

const fn yes() -> bool {
    true
}

// By hand: the password is in it.
impl fmt::Debug for RouterRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterRequest").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether a router is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RouterMode, example = "api")]
#[serde(rename_all = "snake_case")]
pub enum RouterModeWord {
    /// Reached by the RouterOS API.
    #[default]
    Api,
    /// A fake, which serves nobody.
    Fake,
    /// No router: it stands for RADIUS at its site. The portal writes it down when it first sells by RADIUS; it cannot be
    /// added, changed, made the default or put out of use.
    Radius,
}

/// How the connection to a router is protected: `off` (in the clear), `system` (an authority that the portal's
/// system trusts signed its certificate), `pinned` (its certificate has `tls_fingerprint`; right for one that
/// signs itself), `unchecked` (whatever certificate).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RouterTls, example = "pinned")]
#[serde(rename_all = "snake_case")]
pub enum RouterTlsWord {
    /// In the clear.
    Off,
    /// Checked by the system's authorities.
    System,
    /// Checked by its fingerprint.
    Pinned,
    /// Not checked.
    Unchecked,
}

/// Whether the portal lets calls through to a router: `open` while it has failed too often and gets a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BreakerState, example = "closed")]
#[serde(rename_all = "snake_case")]
pub enum BreakerWord {
    /// They go through.
    Closed,
    /// They do not.
    Open,
    /// One does, to see whether it is back.
    HalfOpen,
}

/// A router, without its password.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Router)]
pub struct RouterDetailsView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e96")]
    id: Uuid,
    /// Its name for people.
    #[schema(example = "library-1")]
    name: String,
    /// Where it stands.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    site_id: Uuid,
    /// Whether it takes its site's new hotspot users.
    #[schema(example = true)]
    is_default: bool,
    /// Whether new hotspot users may be put onto it.
    #[schema(example = true)]
    enabled: bool,
    /// Whether the settings of the service describe how it is reached, so that it cannot be changed here.
    #[schema(example = false)]
    configured: bool,
    /// Whether it is real.
    mode: RouterModeWord,
    /// A host name or an address; empty for `radius`, as it is not reached over the network.
    #[schema(example = "10.5.50.1")]
    host: String,
    /// The port of its API.
    #[schema(example = 8729)]
    port: u16,
    /// The account to sign in with.
    #[schema(example = "portal")]
    username: String,
    /// Whether the portal has a password for it.
    #[schema(example = true)]
    has_password: bool,
    /// How the connection is protected.
    tls: RouterTlsWord,
    /// The SHA-256 of the certificate that it must have.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    tls_fingerprint: Option<String>,
    /// How many hotspot users are on it and not over.
    #[schema(example = 412)]
    users: u64,
    /// How it was found.
    health: RouterHealthView,
    /// When it was added.
    #[schema(example = "2026-01-17T12:00:00Z")]
    created_at: DateTime<Utc>,
    /// When it was put out of use for good.
    #[schema(example = json!(null))]
    retired_at: Option<DateTime<Utc>>,
}

/// How a router was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RouterHealth)]
pub struct RouterHealthView {
    /// When it answered last.
    #[schema(example = "2026-01-17T12:00:00Z")]
    last_seen_at: Option<DateTime<Utc>>,
    /// When it did not answer last, or did not let us in.
    #[schema(example = json!(null))]
    last_error_at: Option<DateTime<Utc>>,
    /// What was wrong then.
    #[schema(example = "the router did not answer in time")]
    last_error: Option<String>,
    /// How often in a row something was wrong, up to now.
    #[schema(example = 0)]
    consecutive_failures: u32,
    /// Whether calls are let through to it.
    breaker: BreakerWord,
}

impl RouterRequest {
    /// The site and the description of a router; 422 names what is not acceptable.
    async fn read(self, services: &Services) -> Result<(SiteId, RouterDescription), ApiError> {
        let sites = services.billing.reads().sites().await?;
        let wanted = sites.into_iter().find(|site| match self.site_id {
            Some(id) => site.id.as_uuid() == id,
            None => site.code == billing::site::MAIN_SITE,
        });
        let site = wanted.ok_or_else(|| {
            let problem = FieldProblem::Said("n'est pas un site".to_owned(), "is not a site".to_owned());
            ApiError::field("site_id", problem)
        })?;
        let tls = tls(self.tls, self.tls_fingerprint.as_deref())?;
        let port = self.port.map(u16::try_from).transpose();
        let description = RouterDescription {
            name: self.name,
            enabled: self.enabled,
            mode: self.mode.into(),
            host: self.host,
            port: port.map_err(|_| ApiError::field("port", FieldProblem::Invalid))?,
            username: self.username,
            password: self.password.map(Into::into),
            tls,
        };
        Ok((site.id, description))
    }
}

fn tls(word: RouterTlsWord, fingerprint: Option<&str>) -> Result<RouterTls, ApiError> {
    let problem = |problem| ApiError::field("tls_fingerprint", problem);
    match (word, fingerprint) {
        (RouterTlsWord::Off, None) => Ok(RouterTls::Off),
        (RouterTlsWord::System, None) => Ok(RouterTls::System),
        (RouterTlsWord::Unchecked, None) => Ok(RouterTls::Unchecked),
        (RouterTlsWord::Pinned, None) => Err(problem(FieldProblem::Missing)),
        (RouterTlsWord::Pinned, Some(text)) => {
            let fingerprint: Result<Fingerprint, _> = text.parse();
            fingerprint.map(RouterTls::Pinned).map_err(|_| problem(FieldProblem::Invalid))
        }
        (_, Some(_)) => Err(problem(FieldProblem::Said(
            "n'accompagne que `pinned`".to_owned(),
            "goes with `pinned` alone".to_owned(),
        ))),
    }
}

impl From<RouterModeWord> for RouterMode {
    fn from(word: RouterModeWord) -> Self {
        match word {
            RouterModeWord::Api => Self::Api,
            RouterModeWord::Fake => Self::Fake,
            RouterModeWord::Radius => Self::Radius,
        }
    }
}

impl From<RouterMode> for RouterModeWord {
    fn from(mode: RouterMode) -> Self {
        match mode {
            RouterMode::Api => Self::Api,
            RouterMode::Fake => Self::Fake,
            RouterMode::Radius => Self::Radius,
        }
    }
}

impl From<RouterTls> for RouterTlsWord {
    fn from(tls: RouterTls) -> Self {
        match tls {
            RouterTls::Off => Self::Off,
            RouterTls::System => Self::System,
            RouterTls::Pinned(_) => Self::Pinned,
            RouterTls::Unchecked => Self::Unchecked,
        }
    }
}

impl From<BreakerState> for BreakerWord {
    fn from(state: BreakerState) -> Self {
        match state {
            BreakerState::Closed => Self::Closed,
            BreakerState::Open => Self::Open,
            BreakerState::HalfOpen => Self::HalfOpen,
        }
    }
}

impl From<RouterView> for RouterDetailsView {
    fn from(view: RouterView) -> Self {
        let RouterView { router, health, users } = view;
        let (last_error_at, last_error) = health.last_error.unzip();
        Self {
            id: router.id.as_uuid(),
            name: router.name,
            site_id: router.site_id.as_uuid(),
            is_default: router.is_default,
            enabled: router.enabled,
            configured: router.configured,
            mode: router.access.mode.into(),
            host: router.access.host,
            port: router.access.port,
            username: router.access.username,
            has_password: router.access.sealed_password.is_some(),
            tls: router.access.tls.into(),
            tls_fingerprint: router.access.tls.fingerprint().map(|fingerprint| fingerprint.to_string()),
            users,
            health: RouterHealthView {
                last_seen_at: health.last_seen_at,
                last_error_at,
                last_error,
                consecutive_failures: health.failures,
                breaker: health.breaker.into(),
            },
            created_at: router.created_at,
            retired_at: router.retired_at,
        }
    }
}

impl From<ManageRouterError> for ApiError {
    fn from(error: ManageRouterError) -> Self {
        match error {
            ManageRouterError::NotFound => ApiErrorCode::NotFound.into(),
            ManageRouterError::Description { field, .. } => Self::field(field, FieldProblem::Invalid),
            ManageRouterError::NameTaken => Self::field(
                "name",
                FieldProblem::Said("est déjà pris".to_owned(), "is taken already".to_owned()),
            ),
            ManageRouterError::Configured => ApiErrorCode::RouterConfigured.into(),
            ManageRouterError::IsRadius => ApiErrorCode::RouterIsRadius.into(),
            ManageRouterError::IsDefault => ApiErrorCode::RouterIsDefault.into(),
            ManageRouterError::Disabled => ApiErrorCode::RouterDisabled.into(),
            ManageRouterError::InUse(_) => ApiErrorCode::RouterInUse.into(),
            ManageRouterError::Seal(error) => Self::internal(error),
            ManageRouterError::Store(error) => error.into(),
        }
    }
}

/// A router as it is now.
async fn shown(services: &Services, id: Uuid) -> Result<RouterDetailsView, ApiError> {
    let found = services.hotspot.find_router(Id::from_uuid(id)).await?;
    Ok(found.ok_or(ApiErrorCode::NotFound)?.into())
}
