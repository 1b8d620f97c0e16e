//! Adding, changing and retiring routers, and choosing the one that takes a site's new users.

use std::net::IpAddr;

use kernel::{
    Id, Origin, Sealed, StoreError,
    audit::AuditRecord,
    id::ids::{RouterId, SiteId},
    sealed::{Purpose, SealError},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::Hotspot;
use crate::{
    ports::HotspotTx,
    router::{Router, RouterAccess, RouterMode, RouterTls},
};

/// What an operator decides about a router.
#[derive(Debug, Clone)]
pub struct RouterDescription {
    /// Its name for people, of 1 to 60 characters; no other router in use has it.
    pub name: String,
    /// Whether new hotspot users may be put onto it.
    pub enabled: bool,
    /// A real one or the fake.
    pub mode: RouterMode,
    /// A host name or an address.
    pub host: String,
    /// The port of its API; what is usual when it is not given.
    pub port: Option<u16>,
    /// The account to sign in with.
    pub username: String,
    /// The password to sign in with; when it is not given, a router that is changed keeps its own.
    pub password: Option<SecretString>,
    /// How the connection is protected.
    pub tls: RouterTls,
}

/// Why a router was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum ManageRouterError {
    /// There is no such router in use.
    #[error("no such router")]
    NotFound,
    /// A value is not acceptable.
    #[error("{field} {problem}")]
    Description {
        /// Which.
        field: &'static str,
        /// One English sentence.
        problem: &'static str,
    },
    /// Another router in use has this name.
    #[error("another router has this name")]
    NameTaken,
    /// How it is reached is described by the settings of the service.
    #[error("the settings describe how this router is reached")]
    Configured,
    /// It stands for RADIUS: the portal itself looks after it.
    #[error("it stands for RADIUS")]
    IsRadius,
    /// It takes its site's new users: another has to become the default first.
    #[error("it is the default router of its site")]
    IsDefault,
    /// It takes nobody, so that it cannot be the default.
    #[error("it takes no users")]
    Disabled,
    /// Hotspot users are on it, so many: they have to be moved or taken back first.
    #[error("{0} hotspot users are on it")]
    InUse(u64),
    /// Its password could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hotspot {
    /// Writes a new router down. It takes its site's new users if no other does.
    ///
    /// # Errors
    /// [`ManageRouterError`]; nothing was changed then.
    pub async fn add_router(
        &self,
        site_id: SiteId,
        description: RouterDescription,
        origin: &Origin,
    ) -> Result<RouterId, ManageRouterError> {
        self.check(&description)?;
        let id = Id::generate(&self.ambient);
        let access = self.described_access(id, &description, None)?;
        let mut tx = self.store.begin().await?;
        let mut router = Router {
            id,
            name: description.name,
            site_id,
            is_default: description.enabled && tx.default_router(site_id).await?.is_none(),
            enabled: description.enabled,
            configured: false,
            access,
            created_at: self.ambient.now(),
            retired_at: None,
        };
        if !tx.insert_router(&router).await? {
            // Another may have become the default meanwhile; only the name can be in its way the second time.
            router.is_default = false;
            if !tx.insert_router(&router).await? {
                return Err(ManageRouterError::NameTaken);
            }
        }
        self.audit_router(&mut *tx, &router, "create", origin).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a router. Its site stays what it is.
    ///
    /// # Errors
    /// [`ManageRouterError`]; nothing was changed then.
    pub async fn change_router(
        &self,
        id: RouterId,
        description: RouterDescription,
        origin: &Origin,
    ) -> Result<(), ManageRouterError> {
        self.check(&description)?;
        let mut tx = self.store.begin().await?;
        let router = lock_in_use(&mut *tx, id).await?;
        let sealed = router.access.sealed_password.clone();
        let access = self.described_access(id, &description, sealed)?;
        if router.configured && access != router.access {
            return Err(ManageRouterError::Configured);
        }
        if router.is_default && !description.enabled {
            return Err(ManageRouterError::IsDefault);
        }
        let router = Router { name: description.name, enabled: description.enabled, access, ..router };
        if !tx.update_router(&router).await? {
            return Err(ManageRouterError::NameTaken);
        }
        self.audit_router(&mut *tx, &router, "update", origin).await?;
        Ok(tx.commit().await?)
    }

    /// Puts a router out of use for good. Its row stays, as the hotspot users that were on it name it.
    ///
    /// # Errors
    /// [`ManageRouterError`]; nothing was changed then.
    pub async fn retire_router(&self, id: RouterId, origin: &Origin) -> Result<(), ManageRouterError> {
        let mut tx = self.store.begin().await?;
        let router = lock_in_use(&mut *tx, id).await?;
        if router.is_default {
            return Err(ManageRouterError::IsDefault);
        }
        // Whoever puts a user onto it waits for us, or we have waited for them.
        let users = tx.live_users_on(id).await?;
        if users > 0 {
            return Err(ManageRouterError::InUse(users));
        }
        let router = Router { retired_at: Some(self.ambient.now()), ..router };
        tx.update_router(&router).await?;
        self.audit_router(&mut *tx, &router, "retire", origin).await?;
        Ok(tx.commit().await?)
    }

    /// Has a router take its site's new users from now on. One that does already is left as it is.
    ///
    /// # Errors
    /// [`ManageRouterError`]; nothing was changed then.
    pub async fn make_default_router(&self, id: RouterId, origin: &Origin) -> Result<(), ManageRouterError> {
        let mut tx = self.store.begin().await?;
        let router = lock_in_use(&mut *tx, id).await?;
        if router.is_default {
            return Ok(());
        }
        if !router.enabled {
            return Err(ManageRouterError::Disabled);
        }
        tx.make_default(&router).await?;
        self.audit_router(&mut *tx, &router, "make_default", origin).await?;
        Ok(tx.commit().await?)
    }

    fn described_access(
        &self,
        id: RouterId,
        description: &RouterDescription,
        kept: Option<Sealed>,
    ) -> Result<RouterAccess, SealError> {
        let given = description.password.as_ref();
        let given = given.map(|password| self.seal_router_password(id, password)).transpose()?;
        Ok(RouterAccess {
            mode: description.mode,
            host: description.host.clone(),
            port: description.port.unwrap_or_else(|| description.tls.default_port()),
            username: description.username.clone(),
            sealed_password: given.or(kept),
            tls: description.tls,
        })
    }

    fn check(&self, description: &RouterDescription) -> Result<(), ManageRouterError> {
        let refuse = |field, problem| Err(ManageRouterError::Description { field, problem });
        let name = description.name.chars().count();
        if description.name.trim().is_empty() || name > 60 {
            return refuse("name", "must have 1 to 60 characters");
        }
        if !description.mode.is_router() || !self.routers.reaches(description.mode) {
            return refuse("mode", "is not to be had here");
        }
        if !is_host(&description.host) {
            return refuse("host", "must be a host name or an address");
        }
        if description.port == Some(0) {
            return refuse("port", "must be between 1 and 65535");
        }
        if description.mode == RouterMode::Api && description.username.trim().is_empty() {
            return refuse("username", "is required for a real router");
        }
        Ok(())
    }

    pub(crate) fn seal_router_password(
        &self,
        router: RouterId,
        password: &SecretString,
    ) -> Result<Sealed, SealError> {
        self.sealer.seal(Purpose::RouterPassword, &router, password.expose_secret())
    }

    pub(crate) async fn audit_router(
        &self,
        tx: &mut dyn HotspotTx,
        router: &Router,
        action: &'static str,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let resource = format!("router:{}", router.id);
        let record = AuditRecord::success(&self.ambient, origin, "router", action, resource);
        let RouterAccess { host, port, username, tls, .. } = &router.access;
        tx.audit(record.with(json!({
            "name": router.name,
            "enabled": router.enabled,
            "host": host,
            "port": port,
            "username": username,
            "tls": tls.as_str(),
        })))
        .await
    }
}

async fn lock_in_use(tx: &mut dyn HotspotTx, id: RouterId) -> Result<Router, ManageRouterError> {
    let router = tx.lock_router(id).await?;
    let router = router.filter(|router| router.retired_at.is_none()).ok_or(ManageRouterError::NotFound)?;
    if router.access.mode.is_router() { Ok(router) } else { Err(ManageRouterError::IsRadius) }
}

/// An IP address, or a name of labels of letters, digits and hyphens (RFC 1123).
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.parse::<IpAddr>().is_ok() || (text.len() <= 253 && text.split('.').all(is_label))
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn hosts_are_addresses_or_names() {
        for host in ["10.0.0.1", "::1", "fe80::1", "router", "router-1.example.cd", "demo"] {
            assert!(is_host(host), "{host}");
        }
        let long = "a".repeat(64);
        for host in ["", " ", "a b", "http://router", "router:8728", "-a", "a-", "a..b", "a_b", &long] {
            assert!(!is_host(host), "{host}");
        }
    }
}
