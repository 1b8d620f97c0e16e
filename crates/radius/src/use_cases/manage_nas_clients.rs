//! Making NAS clients known, changing and forgetting them. FreeRADIUS learns of it in the same transaction.

use std::net::IpAddr;

use kernel::{
    Id, Origin, Sealed, StoreError,
    audit::AuditRecord,
    id::ids::{NasClientId, RouterId, SiteId},
    sealed::{Purpose, SealError},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::Radius;
use crate::{
    nas_client::{NasClient, Vendor, is_secret},
    ports::{NasWritten, RadiusTx},
};

/// What an operator decides about a NAS client.
#[derive(Debug, Clone)]
pub struct NasDescription {
    /// A unique name of 1 to 60 characters.
    pub name: String,
    /// Where its packets come from; no other NAS client has it.
    pub address: IpAddr,
    /// What it and the server share; when it is not given, a NAS client that is changed keeps its own.
    pub secret: Option<SecretString>,
    /// Whose attributes it understands.
    pub vendor: Vendor,
    /// Where it takes Disconnect- and CoA-Requests; 0 if it takes none.
    pub coa_port: u16,
    /// Whether requests without a Message-Authenticator are dropped.
    pub require_message_authenticator: bool,
    /// Whether its counters come with Gigawords.
    pub sends_gigawords: bool,
    /// Where it stands.
    pub site_id: SiteId,
    /// The router that it is, if the portal also reaches it by its API.
    pub router_id: Option<RouterId>,
}

/// Why a NAS client was not made known, changed or forgotten.
#[derive(Debug, thiserror::Error)]
pub enum ManageNasClientError {
    /// There is no such NAS client.
    #[error("no such NAS client")]
    NotFound,
    /// A value is not acceptable.
    #[error("{field} {problem}")]
    Description {
        /// Which.
        field: &'static str,
        /// One English sentence.
        problem: &'static str,
    },
    /// A new NAS client needs a secret.
    #[error("a secret is required")]
    SecretMissing,
    /// Another has this name.
    #[error("another NAS client has this name")]
    NameTaken,
    /// Another has this address, here or in FreeRADIUS's table `nas`.
    #[error("another NAS client has this address")]
    AddressTaken,
    /// Its secret could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Radius {
    /// Makes a NAS client known.
    ///
    /// # Errors
    /// [`ManageNasClientError`]; nothing was changed then.
    pub async fn add_nas_client(
        &self,
        description: NasDescription,
        origin: &Origin,
    ) -> Result<NasClientId, ManageNasClientError> {
        check(&description)?;
        let secret = description.secret.clone().ok_or(ManageNasClientError::SecretMissing)?;
        let id = Id::generate(&self.ambient);
        let client = described(id, description, self.seal_nas_secret(id, &secret)?, self.ambient.now());
        let mut tx = self.store.begin().await?;
        written(tx.insert_nas_client(&client).await?)?;
        if !tx.mirror_nas_client(&client, &secret).await? {
            return Err(ManageNasClientError::AddressTaken);
        }
        self.audit_nas_client(&mut *tx, &client, "create", origin).await?;
        tx.commit().await?;
        self.nas_changes.happened();
        Ok(id)
    }

    /// Changes a NAS client: the whole of it, but for the secret, which it keeps when none is given.
    ///
    /// # Errors
    /// [`ManageNasClientError`]; nothing was changed then.
    pub async fn change_nas_client(
        &self,
        id: NasClientId,
        description: NasDescription,
        origin: &Origin,
    ) -> Result<(), ManageNasClientError> {
        check(&description)?;
        let mut tx = self.store.begin().await?;
        let present = tx.lock_nas_client(id).await?.ok_or(ManageNasClientError::NotFound)?;
        let (sealed, secret) = match description.secret.clone() {
            Some(secret) => (self.seal_nas_secret(id, &secret)?, secret),
            None => (present.sealed_secret.clone(), self.nas_secret(&present)?),
        };
        let client = described(id, description, sealed, present.created_at);
        written(tx.update_nas_client(&client).await?)?;
        if !tx.mirror_nas_client(&client, &secret).await? {
            return Err(ManageNasClientError::AddressTaken);
        }
        self.audit_nas_client(&mut *tx, &client, "update", origin).await?;
        tx.commit().await?;
        self.nas_changes.happened();
        Ok(())
    }

    /// Forgets a NAS client: its packets are dropped from then on. What it has told of sessions stays.
    ///
    /// # Errors
    /// [`ManageNasClientError`]; nothing was changed then.
    pub async fn remove_nas_client(
        &self,
        id: NasClientId,
        origin: &Origin,
    ) -> Result<(), ManageNasClientError> {
        let mut tx = self.store.begin().await?;
        let client = tx.lock_nas_client(id).await?.ok_or(ManageNasClientError::NotFound)?;
        if !tx.delete_nas_client(id).await? {
            return Err(ManageNasClientError::NotFound);
        }
        self.audit_nas_client(&mut *tx, &client, "delete", origin).await?;
        tx.commit().await?;
        self.nas_changes.happened();
        Ok(())
    }

    /// What a NAS client and the server share.
    ///
    /// # Errors
    /// [`SealError`] when it does not open with the keys that there are.
    pub fn nas_secret(&self, client: &NasClient) -> Result<SecretString, SealError> {
        self.sealer.open(Purpose::NasSecret, &client.id, &client.sealed_secret).map(Into::into)
    }

    fn seal_nas_secret(&self, id: NasClientId, secret: &SecretString) -> Result<Sealed, SealError> {
        self.sealer.seal(Purpose::NasSecret, &id, secret.expose_secret())
    }

    async fn audit_nas_client(
        &self,
        tx: &mut dyn RadiusTx,
        client: &NasClient,
        action: &'static str,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let resource = format!("nas_client:{}", client.id);
        let record = AuditRecord::success(&self.ambient, origin, "nas_client", action, resource);
        tx.audit(record.with(json!({
            "name": client.name,
            "address": client.address,
            "vendor": client.vendor.as_str(),
            "coa_port": client.coa_port,
            "require_message_authenticator": client.require_message_authenticator,
        })))
        .await
    }
}

fn check(description: &NasDescription) -> Result<(), ManageNasClientError> {
    let refuse = |field, problem| Err(ManageNasClientError::Description { field, problem });
    let name = description.name.chars().count();
    if description.name.trim().is_empty() || name > NasClient::LONGEST_NAME {
        return refuse("name", "must have 1 to 60 characters");
    }
    if description.name.chars().any(char::is_control) {
        return refuse("name", "must have no control characters");
    }
    if description.address.is_unspecified() || description.address.is_multicast() {
        return refuse("address", "must be the address of one device");
    }
    if description.secret.as_ref().is_some_and(|secret| !is_secret(secret)) {
        return refuse(
            "secret",
            "must have 8 to 128 visible ASCII characters, no quotes, backslashes or backticks",
        );
    }
    Ok(())
}

fn described(
    id: NasClientId,
    description: NasDescription,
    sealed_secret: Sealed,
    created_at: kernel::Timestamp,
) -> NasClient {
    NasClient {
        id,
        name: description.name,
        // IPv4 in IPv6's clothes is the same device.
        address: description.address.to_canonical(),
        sealed_secret,
        vendor: description.vendor,
        coa_port: description.coa_port,
        require_message_authenticator: description.require_message_authenticator,
        sends_gigawords: description.sends_gigawords,
        site_id: description.site_id,
        router_id: description.router_id,
        created_at,
    }
}

const fn written(outcome: NasWritten) -> Result<(), ManageNasClientError> {
    match outcome {
        NasWritten::Written => Ok(()),
        NasWritten::NameTaken => Err(ManageNasClientError::NameTaken),
        NasWritten::AddressTaken => Err(ManageNasClientError::AddressTaken),
    }
}
