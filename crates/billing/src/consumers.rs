//! What billing does when others tell something: it follows the units that it owes.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Consumer, ConsumerError, Event, EventPayload, Id,
    events::{
        hotspot::{HotspotUserFailed, HotspotUserProvisioned, ProvisioningStarted},
        identity::UserDeleted,
        notifications::MessageSent,
    },
};

use crate::use_cases::{
    Billing,
    track_units::{UnitChange, UnitNews},
};

/// Everything that listens for this domain.
#[must_use]
pub fn all(billing: &Arc<Billing>) -> Vec<Arc<dyn Consumer>> {
    vec![Arc::new(UnitTracker(billing.clone())), Arc::new(ForgetCustomer(billing.clone()))]
}

/// Follows units from owed to ready, and their credentials to the customer.
pub struct UnitTracker(Arc<Billing>);

impl UnitTracker {
    const NAME: &'static str = "billing.units";

    fn news(event: &Event) -> Result<Option<UnitNews>, ConsumerError> {
        if let Some(fact) = event.payload_as::<ProvisioningStarted>()? {
            return Ok(Some(UnitNews {
                order_id: fact.order_id,
                units: fact.units,
                what: UnitChange::Begun,
            }));
        }
        if let Some(fact) = event.payload_as::<HotspotUserProvisioned>()? {
            let units = vec![fact.unit_id];
            return Ok(Some(UnitNews { order_id: fact.order_id, units, what: UnitChange::Ready }));
        }
        if let Some(fact) = event.payload_as::<HotspotUserFailed>()? {
            let (units, what) = (vec![fact.unit_id], UnitChange::Failed(fact.reason));
            return Ok(Some(UnitNews { order_id: fact.order_id, units, what }));
        }
        if let Some(fact) = event.payload_as::<MessageSent>()?
            && fact.notification_type == "credentials_issued"
            && let Some(order_id) = fact.order_id
        {
            let units = vec![Id::from_uuid(fact.subject_id)];
            return Ok(Some(UnitNews {
                order_id: Id::from_uuid(order_id),
                units,
                what: UnitChange::CredentialsSent,
            }));
        }
        Ok(None)
    }
}

#[async_trait]
impl Consumer for UnitTracker {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[ProvisioningStarted::TYPE, HotspotUserProvisioned::TYPE, HotspotUserFailed::TYPE, MessageSent::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        match Self::news(event)? {
            Some(news) => Ok(self.0.track_units(Self::NAME, event, news).await?),
            None => Ok(()),
        }
    }
}

/// An account is gone: what it has ordered stays, whose it was does not.
pub struct ForgetCustomer(Arc<Billing>);

#[async_trait]
impl Consumer for ForgetCustomer {
    fn name(&self) -> &'static str {
        "billing.forget_customer"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[UserDeleted::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        match event.payload_as::<UserDeleted>()? {
            Some(fact) => Ok(self.0.forget_customer(self.name(), event, &fact).await?),
            None => Ok(()),
        }
    }
}
