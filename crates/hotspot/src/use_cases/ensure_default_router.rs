//! The one router that the settings describe is written down, so that orders of its site find it.

use kernel::{
    Id, Origin, StoreError,
    id::ids::{RouterId, SiteId},
    sealed::{Purpose, SealError},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::Hotspot;
use crate::router::{Router, RouterAccess, RouterMode, RouterTls};

/// The router that the settings of the service describe.
#[derive(Debug, Clone)]
pub struct DefaultRouter {
    /// Where it stands.
    pub site_id: SiteId,
    /// Its name when it is first written down. Staff may give it another.
    pub name: String,
    /// A real one or the fake.
    pub mode: RouterMode,
    /// A host name or an address.
    pub host: String,
    /// The port of its API.
    pub port: u16,
    /// The account to sign in with.
    pub username: String,
    /// The password to sign in with.
    pub password: Option<SecretString>,
    /// How the connection is protected.
    pub tls: RouterTls,
}

/// Why the configured router was not written down.
#[derive(Debug, thiserror::Error)]
pub enum EnsureDefaultRouterError {
    /// The name belongs to a router that staff have added.
    #[error("another router is called {0}")]
    NameTaken(String),
    /// Its password could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hotspot {
    /// Writes the configured router down, as the default of its site unless that has one; or changes how it is
    /// reached to what the settings say now. Every process does it at its start; nothing is written when
    /// nothing is new. One that staff have put out of use stays so.
    ///
    /// # Errors
    /// [`EnsureDefaultRouterError`]; nothing was changed then.
    pub async fn ensure_default_router(
        &self,
        command: &DefaultRouter,
        origin: &Origin,
    ) -> Result<RouterId, EnsureDefaultRouterError> {
        let mut tx = self.store.begin().await?;
        let found = match tx.configured_router(command.site_id).await? {
            Some(router) => router,
            None => {
                let is_default = tx.default_router(command.site_id).await?.is_none();
                let router = self.first_description(command, is_default)?;
                if tx.insert_router(&router).await? {
                    self.audit_router(&mut *tx, &router, "create", origin).await?;
                    tx.commit().await?;
                    return Ok(router.id);
                }
                // Another process was first, unless the name is taken by a router that is not this one.
                let first = tx.configured_router(command.site_id).await?;
                first.ok_or_else(|| EnsureDefaultRouterError::NameTaken(command.name.clone()))?
            }
        };
        if found.retired_at.is_none() && !self.is_reached_as(&found, command) {
            let access = self.access(command, found.id)?;
            let router = Router { access, ..found };
            tx.update_router(&router).await?;
            self.audit_router(&mut *tx, &router, "update", origin).await?;
            tx.commit().await?;
            return Ok(router.id);
        }
        Ok(found.id)
    }

    fn first_description(&self, command: &DefaultRouter, is_default: bool) -> Result<Router, SealError> {
        let id = Id::generate(&self.ambient);
        Ok(Router {
            id,
            name: command.name.clone(),
            site_id: command.site_id,
            is_default,
            enabled: true,
            configured: true,
            access: self.access(command, id)?,
            created_at: self.ambient.now(),
            retired_at: None,
        })
    }

    fn access(&self, command: &DefaultRouter, id: RouterId) -> Result<RouterAccess, SealError> {
        let password = command.password.as_ref();
        let sealed_password = password.map(|password| self.seal_router_password(id, password)).transpose()?;
        Ok(RouterAccess {
            mode: command.mode,
            host: command.host.clone(),
            port: command.port,
            username: command.username.clone(),
            sealed_password,
            tls: command.tls,
        })
    }

    /// A password that does not open, since the key has changed, is one to be sealed again.
    fn is_reached_as(&self, router: &Router, command: &DefaultRouter) -> bool {
        let RouterAccess { mode, host, port, username, sealed_password, tls } = &router.access;
        let same_password = match (sealed_password, &command.password) {
            (None, None) => true,
            (Some(sealed), Some(wanted)) => self
                .sealer
                .open(Purpose::RouterPassword, &router.id, sealed)
                .is_ok_and(|password| password == wanted.expose_secret()),
            _ => false,
        };
        same_password
            && (*mode, *port, *tls) == (command.mode, command.port, command.tls)
            && (host, username) == (&command.host, &command.username)
    }
}
