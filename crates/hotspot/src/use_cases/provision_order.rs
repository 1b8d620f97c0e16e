//! Drives an order once more: whatever is missing is made, whatever failed or is stuck is tried again, and what
//! works is left alone. Doing it twice does no more than doing it once.

use kernel::{
    Origin, StoreError,
    audit::AuditRecord,
    events::billing::PaymentSucceeded,
    id::ids::{OrderId, UnitId},
};
use serde_json::json;

use super::{Hotspot, PrepareOrderError};
use crate::{
    hotspot_user::{HotspotUser, HotspotUserStatus, Transition},
    ports::HotspotTx,
};

/// Which order is to be driven once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvisionOrder {
    /// The order.
    pub order_id: OrderId,
}

/// What was done about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Provisioning {
    /// Units that had no hotspot user and got one.
    pub prepared: usize,
    /// Hotspot users that had failed or were still on their way, and are tried again.
    pub tried_again: usize,
    /// Hotspot users that were past that already.
    pub left_alone: usize,
}

/// Why an order could not be driven.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionOrderError {
    /// There is no such order, or it is not paid.
    #[error("the order is unknown or not paid")]
    NotPaid,
    /// It could not be prepared.
    #[error(transparent)]
    Prepare(#[from] PrepareOrderError),
}

impl From<StoreError> for ProvisionOrderError {
    fn from(error: StoreError) -> Self {
        Self::Prepare(error.into())
    }
}

impl Hotspot {
    /// Drives an order once more.
    ///
    /// # Errors
    /// [`ProvisionOrderError`]; nothing was changed then.
    pub async fn provision_order(
        &self,
        command: ProvisionOrder,
        origin: &Origin,
    ) -> Result<Provisioning, ProvisionOrderError> {
        // The fact never changes, so that it may be read before the transaction.
        let fact = self.reads.payment_succeeded(command.order_id).await?;
        let fact = fact.ok_or(ProvisionOrderError::NotPaid)?;
        let mut tx = self.store.begin().await?;
        tx.hold_order(fact.order_id).await?;
        let existing = tx.lock_users_of_order(fact.order_id).await?;
        let mut on_their_way = self.prepare_missing(&mut *tx, &(&fact).into(), origin, &existing).await?;
        let prepared = on_their_way.len();
        let again = self.try_again(&mut *tx, &existing, origin).await?;
        let done =
            Provisioning { prepared, tried_again: again.len(), left_alone: existing.len() - again.len() };
        on_their_way.extend(again);
        self.tell_started(&mut *tx, &fact, origin, on_their_way).await?;
        tx.audit(self.record(&fact, done, origin)).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn try_again(
        &self,
        tx: &mut dyn HotspotTx,
        users: &[HotspotUser],
        origin: &Origin,
    ) -> Result<Vec<UnitId>, StoreError> {
        let mut units = Vec::new();
        for user in users {
            let on_its_way = match user.status {
                HotspotUserStatus::Failed => tx.transition(user.id, &Transition::Retry).await?,
                status => status == HotspotUserStatus::Pending,
            };
            if on_its_way {
                self.send_to_router(tx, user.id, origin).await?;
                units.push(user.unit_id);
            }
        }
        Ok(units)
    }

    fn record(&self, fact: &PaymentSucceeded, done: Provisioning, origin: &Origin) -> AuditRecord {
        let resource = format!("order:{}", fact.order_id);
        AuditRecord::success(&self.ambient, origin, "provisioning", "provision", resource).with(json!({
            "prepared": done.prepared,
            "tried_again": done.tried_again,
            "left_alone": done.left_alone,
        }))
    }
}
