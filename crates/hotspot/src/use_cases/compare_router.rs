//! What a router should have and has not, and how it comes to have it.

use std::collections::BTreeSet;

use kernel::{Id, JobSpec as _, NewJob, Origin, StoreError, Timestamp, audit::AuditRecord};
use serde_json::json;

use super::Hotspot;
use crate::{
    desired_state::{Action, Change, OurRows, RouterPlan, plan},
    hotspot_user::Marker,
    jobs::{ConvergeUser, RemoveStray},
    ports::{HotspotTx, RouterError},
    router::Router,
    router_user::{UnknownRouterUser, UnknownStatus},
};

/// How many markers are looked up in one query.
const BATCH: usize = 500;

/// A router compared with our rows.
#[derive(Debug, Clone, PartialEq)]
pub struct RouterComparison {
    /// The router.
    pub router: Router,
    /// When it listed its users.
    pub listed_at: Timestamp,
    /// What is to be done, and what was found besides.
    pub plan: RouterPlan,
}

/// Why a router could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareRouterError {
    /// The router did not list its users.
    #[error(transparent)]
    Router(#[from] RouterError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hotspot {
    /// The routers that are looked after, or the one of a name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn routers_looked_after(&self, name: Option<&str>) -> Result<Vec<Router>, StoreError> {
        let mut routers = self.reads.routers_to_sync().await?;
        routers.retain(|router| name.is_none_or(|name| router.name == name));
        Ok(routers)
    }

    /// Compares a router's users with ours. Nothing is changed.
    ///
    /// # Errors
    /// [`CompareRouterError`].
    pub async fn compare_router(&self, router: Router) -> Result<RouterComparison, CompareRouterError> {
        let listed_at = self.ambient.now();
        let listed = self.routers.gateway(&router).list_users().await?;
        // After the list: what was made in between is known, and what ended in between is not made again.
        let mut users = self.reads.users_of_router(router.id).await?;
        let markers: Vec<Marker> = listed.iter().filter_map(|seen| Marker::within(&seen.comment)).collect();
        let known: BTreeSet<_> = users.iter().map(|user| user.marker.as_str().to_owned()).collect();
        let others: Vec<&str> =
            markers.iter().map(Marker::as_str).filter(|marker| !known.contains(*marker)).collect();
        for markers in others.chunks(BATCH) {
            users.extend(self.reads.users_with_markers(markers).await?);
        }
        let used = self.reads.used_bytes(router.id).await?;
        let rows = OurRows { router_id: router.id, users: &users, used: &used };
        let plan = plan(rows, &listed, listed_at);
        Ok(RouterComparison { router, listed_at, plan })
    }

    /// Sends out what a comparison found to be done, one job per user, which look at the rows anew; and writes
    /// down the users that the portal did not make.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was sent.
    pub async fn apply_comparison(
        &self,
        comparison: &RouterComparison,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let RouterComparison { router, listed_at, plan } = comparison;
        let mut tx = self.store.begin().await?;
        let unknown: Vec<_> =
            plan.unknown.iter().map(|found| self.unknown_user(router, found, *listed_at)).collect();
        tx.note_unknown_users(&unknown).await?;
        tx.forget_unknown_users(router.id, *listed_at).await?;
        for change in &plan.changes {
            self.send_change(&mut *tx, router, change, origin).await?;
        }
        if !plan.changes.is_empty() {
            let count = |word| plan.changes.iter().filter(|change| change.action.as_str() == word).count();
            let (create, correct, remove) = (count("create"), count("correct"), count("remove"));
            tracing::warn!(router = %router.name, create, correct, remove, "a router differs from our rows");
            let resource = format!("router:{}", router.id);
            let record = AuditRecord::success(&self.ambient, origin, "router", "converge", resource);
            let details = json!({ "create": create, "correct": correct, "remove": remove });
            tx.audit(record.with(details)).await?;
        }
        for (id, name) in &plan.taken {
            tracing::error!(router = %router.name, hotspot_user = %id, %name, "somebody else has its name");
        }
        tx.commit().await
    }

    async fn send_change(
        &self,
        tx: &mut dyn HotspotTx,
        router: &Router,
        change: &Change,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let (hotspot_user_id, router_id) = (change.hotspot_user_id, router.id);
        let job = match change.action {
            Action::Create | Action::Correct(_) => {
                let spec = ConvergeUser { hotspot_user_id, router_id };
                let key = format!("{}:{router_id}:{hotspot_user_id}", ConvergeUser::KIND);
                NewJob::new(&self.ambient, &spec, origin.request_id.clone())?.unique(key)
            }
            Action::Remove(_) => {
                let username = change.username.clone();
                let key = format!("{}:{router_id}:{username}", RemoveStray::KIND);
                let spec = RemoveStray { router_id, hotspot_user_id, username };
                NewJob::new(&self.ambient, &spec, origin.request_id.clone())?.unique(key)
            }
        };
        tx.enqueue(job).await
    }

    fn unknown_user(
        &self,
        router: &Router,
        (name, comment): &(String, String),
        seen_at: Timestamp,
    ) -> UnknownRouterUser {
        UnknownRouterUser {
            id: Id::generate(&self.ambient),
            router_id: router.id,
            username: name.clone(),
            comment: comment.clone(),
            status: UnknownStatus::New,
            user_id: None,
            first_seen_at: seen_at,
            last_seen_at: seen_at,
        }
    }
}
