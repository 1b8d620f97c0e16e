//! Asking routers how they are, and writing down what they say.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kernel::{Origin, StoreError, audit::AuditRecord, id::ids::RouterId};
use serde_json::json;

use super::Hotspot;
use crate::{
    ports::{RouterError, RouterHealth, RouterIdentity},
    router::Router,
};

/// How many routers are asked at once: one that is away takes seconds to say nothing.
const AT_ONCE: usize = 16;

/// What a router answered to a test of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterTest {
    /// How long it took to answer, what it calls itself and its version; or why there was no answer.
    pub answer: Result<(Duration, RouterIdentity), RouterError>,
}

/// What a run has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoutersChecked {
    /// Routers that answered.
    pub well: u64,
    /// Routers that did not.
    pub away: u64,
}

impl Hotspot {
    /// Connects to a router now, on a person's word, and says what came of it; `None` if there is no such router
    /// in use. Nothing is kept of it but the router's health and that somebody asked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn test_router(&self, id: RouterId, origin: &Origin) -> Result<Option<RouterTest>, StoreError> {
        let found = self.reads.find_router(id).await?;
        let Some(router) = found.filter(|router| router.retired_at.is_none()) else {
            return Ok(None);
        };
        let answer = self.ask(&router).await;
        let mut tx = self.store.begin().await?;
        let resource = format!("router:{id}");
        let record = AuditRecord::success(&self.ambient, origin, "router", "test", resource);
        tx.audit(record.with(json!({ "answered": answer.is_ok() }))).await?;
        tx.commit().await?;
        self.note(&router, answer.as_ref().err()).await?;
        Ok(Some(RouterTest { answer }))
    }

    /// Asks every router in use how it is, a few at once, and writes their health down.
    ///
    /// # Errors
    /// [`StoreError`]; what was written before it stays.
    pub async fn check_routers(&self) -> Result<RoutersChecked, StoreError> {
        let routers = stream::iter(self.reads.list_routers(false).await?);
        let mut answers = routers.map(|view| self.look_after(view.router)).buffer_unordered(AT_ONCE);
        let mut checked = RoutersChecked::default();
        while let Some(is_well) = answers.try_next().await? {
            *if is_well { &mut checked.well } else { &mut checked.away } += 1;
        }
        Ok(checked)
    }

    async fn look_after(&self, router: Router) -> Result<bool, StoreError> {
        let answer = self.routers.gateway(&router).ping().await;
        if let Err(error) = &answer {
            tracing::warn!(router = %router.name, %error, "a router does not answer as it should");
        }
        self.note(&router, answer.as_ref().err()).await?;
        Ok(answer.is_ok())
    }

    async fn ask(&self, router: &Router) -> Result<(Duration, RouterIdentity), RouterError> {
        let gateway = self.routers.gateway(router);
        let round_trip = gateway.ping().await?;
        Ok((round_trip, gateway.identity().await?))
    }

    /// Writes down how the router was found: what this process knows from all its calls, after the one just made.
    async fn note(&self, router: &Router, error: Option<&RouterError>) -> Result<(), StoreError> {
        let now = self.ambient.now();
        let earlier = self.reads.find_router_view(router.id).await?.map(|view| view.health);
        let health = earlier.unwrap_or_default().after(now, error);
        let health = RouterHealth { breaker: self.routers.health(router).breaker, ..health };
        let mut tx = self.store.begin().await?;
        tx.note_health(router.id, now, &health).await?;
        tx.commit().await
    }
}
