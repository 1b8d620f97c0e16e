//! Following what becomes of the units that orders owe, and telling when an order has everything.

use kernel::{
    Event, Origin, StoreError,
    events::billing::{OrderCompleted, OrderFulfilmentFailed},
    id::ids::{OrderId, UnitId},
};

use super::Billing;
use crate::{
    order::{Order, OrderStatus},
    ports::BillingTx,
    unit::{Unit, UnitStatus},
};

/// News of some units of an order.
#[derive(Debug, Clone)]
pub(crate) struct UnitNews {
    pub(crate) order_id: OrderId,
    pub(crate) units: Vec<UnitId>,
    pub(crate) what: UnitChange,
}

/// What is new about a unit.
#[derive(Debug, Clone)]
pub(crate) enum UnitChange {
    /// It is being made.
    Begun,
    /// It is ready.
    Ready,
    /// It could not be made, for this reason.
    Failed(String),
    /// A message with its credentials has left.
    CredentialsSent,
}

impl Billing {
    /// Takes news of units into account, once per event, and lets the order follow.
    pub(crate) async fn track_units(
        &self,
        consumer: &'static str,
        event: &Event,
        news: UnitNews,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if !tx.first_time(consumer, event.id).await? {
            return Ok(());
        }
        let Some(order) = tx.lock_order(news.order_id).await? else {
            return Ok(());
        };
        let mut units = tx.units_of(order.id).await?;
        let now = self.ambient.now();
        for unit in units.iter_mut().filter(|unit| news.units.contains(&unit.id)) {
            if take_in(unit, &news.what, now) {
                tx.update_unit(unit).await?;
            }
        }
        let origin = Origin::system("order_projection").within(event.request_id.clone());
        self.project(tx.as_mut(), &origin, &order, &units).await?;
        tx.commit().await
    }

    /// Brings an order's status in line with its units, and tells if it has come to an end.
    pub(super) async fn project(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        order: &Order,
        units: &[Unit],
    ) -> Result<(), StoreError> {
        let statuses: Vec<_> = units.iter().map(|unit| unit.status).collect();
        let next = OrderStatus::of_units(&statuses);
        if next == order.status || !order.status.may_become(next) {
            return Ok(());
        }
        tx.move_order(order.id, order.status, next, self.ambient.now()).await?;
        let count = |status| statuses.iter().filter(|unit| **unit == status).count();
        let of = |status| u32::try_from(count(status)).unwrap_or(u32::MAX);
        let (order_id, order_number) = (order.id, order.number.clone());
        match next {
            OrderStatus::Completed => {
                let (contact, package_name) = (order.contact.clone(), order.package.name.clone());
                let units = of(UnitStatus::Active);
                self.tell(
                    tx,
                    origin,
                    &OrderCompleted { order_id, order_number, contact, package_name, units },
                )
                .await
            }
            // Where all was withdrawn, nothing has gone wrong.
            OrderStatus::PartiallyCompleted | OrderStatus::Failed if count(UnitStatus::Failed) > 0 => {
                let (delivered, failed) = (of(UnitStatus::Active), of(UnitStatus::Failed));
                self.tell(tx, origin, &OrderFulfilmentFailed { order_id, order_number, delivered, failed })
                    .await
            }
            _ => Ok(()),
        }
    }
}

/// Changes a unit as the news says, if it may; whether it did.
fn take_in(unit: &mut Unit, what: &UnitChange, now: kernel::Timestamp) -> bool {
    let next = match what {
        UnitChange::Begun => UnitStatus::Provisioning,
        UnitChange::Ready => UnitStatus::Active,
        UnitChange::Failed(_) => UnitStatus::Failed,
        UnitChange::CredentialsSent => {
            let first = unit.credentials_sent_at.is_none();
            unit.credentials_sent_at.get_or_insert(now);
            return first;
        }
    };
    if !next.reached_from().contains(&unit.status) {
        return false;
    }
    unit.status = next;
    unit.failure = None;
    match what {
        UnitChange::Ready => unit.activated_at = Some(now),
        UnitChange::Failed(reason) => unit.failure = Some(reason.clone()),
        UnitChange::Begun | UnitChange::CredentialsSent => {}
    }
    true
}
