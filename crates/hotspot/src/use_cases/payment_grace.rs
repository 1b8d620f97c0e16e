//! A guest may be online for a moment while the payment of their order waits: with credentials that nobody has bought,
//! which end with the payment, and by themselves soon after.

use kernel::{
    Id, Origin, StoreError,
    events::{
        Contact,
        billing::{OwedUnit, PaymentGraceGranted, SoldPackage, ValidityStart},
    },
    id::ids::{OrderId, PaymentId},
};

use super::{Hotspot, PrepareOrderError, prepare_order::Wanted};
use crate::{
    hotspot_user::{HotspotUser, Transition},
    ports::HotspotTx,
};

/// What staff see in the place of what was sold.
const NAME: &str = "payment grace";

/// Nobody is to be told of it, so that it has no address: a message could not even be sent.
impl From<&PaymentGraceGranted> for Wanted {
    fn from(fact: &PaymentGraceGranted) -> Self {
        let unit = OwedUnit { unit_id: Id::from_uuid(fact.payment_id.as_uuid()), number: HotspotUser::GRACE };
        Self {
            order_id: fact.order_id,
            order_number: fact.order_number.clone(),
            site_id: fact.site_id,
            router_id: fact.router_id,
            contact: Contact { locale: fact.locale, ..Contact::default() },
            package: SoldPackage {
                name: NAME.to_owned(),
                validity_minutes: fact.minutes,
                validity_start: ValidityStart::Creation,
                target: fact.target,
                policy: fact.policy.clone(),
            },
            units: vec![unit],
        }
    }
}

impl Hotspot {
    /// Makes the credentials of a grace, unless its payment has ended before we have heard of it.
    pub(crate) async fn give_grace(
        &self,
        tx: &mut dyn HotspotTx,
        fact: &PaymentGraceGranted,
        origin: &Origin,
    ) -> Result<(), PrepareOrderError> {
        // First: whoever ends it after our look finds it.
        let existing = tx.lock_grace(fact.order_id).await?;
        if tx.payment_is_over(fact.order_id, fact.payment_id).await? {
            return Ok(());
        }
        match self.prepare_missing(tx, &fact.into(), origin, existing.as_slice()).await {
            // Nothing is owed: nobody has to look.
            Err(PrepareOrderError::NoRouter(site)) => {
                tracing::warn!(order = %fact.order_id, %site, "no router takes the grace of a payment");
                Ok(())
            }
            made => made.map(drop),
        }
    }

    /// Takes the grace of an order away, if it has one: of this payment, or of whichever.
    pub(crate) async fn end_grace(
        &self,
        tx: &mut dyn HotspotTx,
        order: OrderId,
        payment: Option<PaymentId>,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let Some(grace) = tx.lock_grace(order).await? else {
            return Ok(());
        };
        let others = payment.is_some_and(|payment| payment.as_uuid() != grace.unit_id.as_uuid());
        if others || !tx.transition(grace.id, &Transition::Revoke).await? {
            return Ok(());
        }
        self.tell_revoked(tx, &grace, Some("the payment waits no more"), origin).await
    }
}
