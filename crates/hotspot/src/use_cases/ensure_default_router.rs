//! The one router that the configuration names is written down, so that orders of its site find it.

use kernel::{
    Id, Origin, StoreError,
    audit::AuditRecord,
    id::ids::{RouterId, SiteId},
};
use serde_json::json;

use super::Hotspot;
use crate::{
    ports::HotspotTx,
    router::{Router, RouterAccess},
};

/// The router that takes a site's new users, as the configuration describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultRouter {
    /// Where it stands.
    pub site_id: SiteId,
    /// Its name for people.
    pub name: String,
    /// How it is reached.
    pub access: RouterAccess,
}

impl Hotspot {
    /// Writes the default router of a site down, or changes it to what the configuration says now. Every
    /// process does it at its start; nothing is written when nothing is new.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name belongs to another router; else whatever the store says.
    pub async fn ensure_default_router(
        &self,
        command: &DefaultRouter,
        origin: &Origin,
    ) -> Result<RouterId, StoreError> {
        let mut tx = self.store.begin().await?;
        let found = match tx.default_router(command.site_id).await? {
            Some(router) => router,
            None => {
                let router = self.first_description(command);
                if tx.insert_router(&router).await? {
                    self.audit_router(&mut *tx, &router, "create", origin).await?;
                    tx.commit().await?;
                    return Ok(router.id);
                }
                // Another process was first, unless the name is taken by a router that is not this one.
                let first = tx.default_router(command.site_id).await?;
                first.ok_or_else(|| {
                    StoreError::Conflict(format!("another router is called {}", command.name))
                })?
            }
        };
        if found.name != command.name || found.access != command.access {
            let router = Router { name: command.name.clone(), access: command.access.clone(), ..found };
            tx.update_router(&router).await?;
            self.audit_router(&mut *tx, &router, "update", origin).await?;
            tx.commit().await?;
            return Ok(router.id);
        }
        Ok(found.id)
    }

    fn first_description(&self, command: &DefaultRouter) -> Router {
        Router {
            id: Id::generate(&self.ambient),
            name: command.name.clone(),
            site_id: command.site_id,
            is_default: true,
            access: command.access.clone(),
            created_at: self.ambient.now(),
        }
    }

    async fn audit_router(
        &self,
        tx: &mut dyn HotspotTx,
        router: &Router,
        action: &'static str,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let resource = format!("router:{}", router.id);
        let record = AuditRecord::success(&self.ambient, origin, "router", action, resource);
        tx.audit(record.with(json!({ "name": router.name, "host": router.access.host }))).await
    }
}
