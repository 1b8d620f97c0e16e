//! What hotspot does when others tell it something.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Consumer, ConsumerError, Event, EventPayload as _, Origin,
    events::{
        billing::{OrderForgotten, PaymentFailed, PaymentGraceGranted, PaymentSucceeded, UnitsWithdrawn},
        hotspot::HotspotUsersForgotten,
        identity::UserDeleted,
        radius::RadiusDeviceSeen,
    },
};

use crate::{
    device::is_mac,
    use_cases::{Hotspot, PrepareOrderError},
};

/// Every consumer of this domain.
#[must_use]
pub fn all(hotspot: &Arc<Hotspot>) -> Vec<Arc<dyn Consumer>> {
    vec![
        Arc::new(PreparePaidOrder(hotspot.clone())),
        Arc::new(WithdrawUnits(hotspot.clone())),
        Arc::new(FollowGrace(hotspot.clone())),
        Arc::new(NoteRadiusDevices(hotspot.clone())),
        Arc::new(ForgetPeople(hotspot.clone())),
    ]
}

/// An order is paid: its hotspot users are made, and their way to the router or into RADIUS begins.
#[derive(Debug)]
pub struct PreparePaidOrder(pub Arc<Hotspot>);

impl PreparePaidOrder {
    /// [`Consumer::name`].
    pub const NAME: &'static str = "hotspot.prepare_paid_order";
}

#[async_trait]
impl Consumer for PreparePaidOrder {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[PaymentSucceeded::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let Some(fact) = event.payload_as::<PaymentSucceeded>()? else {
            return Ok(());
        };
        let hotspot = &self.0;
        let origin = Origin::system("hotspot").within(event.request_id.clone());
        let mut tx = hotspot.store.begin().await?;
        if !tx.first_time(Self::NAME, event.id).await? {
            return Ok(());
        }
        tx.hold_order(fact.order_id).await?;
        let existing = tx.lock_users_of_order(fact.order_id).await?;
        let units = hotspot.prepare_missing(&mut *tx, &(&fact).into(), &origin, &existing).await?;
        let prepared = units.len();
        hotspot.tell_started(&mut *tx, &fact, &origin, units).await?;
        tx.commit().await?;
        tracing::info!(order = %fact.order_id, prepared, "hotspot users prepared");
        Ok(())
    }
}

/// Units are not owed any more: their credentials are taken back, or never made.
#[derive(Debug)]
pub struct WithdrawUnits(Arc<Hotspot>);

#[async_trait]
impl Consumer for WithdrawUnits {
    fn name(&self) -> &'static str {
        "hotspot.withdraw_units"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[UnitsWithdrawn::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let Some(fact) = event.payload_as::<UnitsWithdrawn>()? else {
            return Ok(());
        };
        let origin = Origin::system("hotspot").within(event.request_id.clone());
        let mut tx = self.0.store.begin().await?;
        if !tx.first_time(self.name(), event.id).await? {
            return Ok(());
        }
        self.0.withdraw(&mut *tx, &fact, &origin).await?;
        Ok(tx.commit().await?)
    }
}

/// A guest may be online while a payment waits, and no longer once it has failed. When it has succeeded, the grace lasts
/// until what was bought is ready.
#[derive(Debug)]
pub struct FollowGrace(pub Arc<Hotspot>);

#[async_trait]
impl Consumer for FollowGrace {
    fn name(&self) -> &'static str {
        "hotspot.follow_grace"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[PaymentGraceGranted::TYPE, PaymentFailed::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let hotspot = &self.0;
        let origin = Origin::system("hotspot").within(event.request_id.clone());
        let mut tx = hotspot.store.begin().await?;
        if !tx.first_time(self.name(), event.id).await? {
            return Ok(());
        }
        if let Some(fact) = event.payload_as::<PaymentGraceGranted>()? {
            hotspot.give_grace(&mut *tx, &fact, &origin).await?;
        } else if let Some(fact) = event.payload_as::<PaymentFailed>()? {
            hotspot.end_grace(&mut *tx, fact.order_id, Some(fact.payment_id), &origin).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Somebody has signed in by RADIUS with a device: it is one of theirs, like those that routers tell of.
#[derive(Debug)]
pub struct NoteRadiusDevices(pub Arc<Hotspot>);

#[async_trait]
impl Consumer for NoteRadiusDevices {
    fn name(&self) -> &'static str {
        "hotspot.note_radius_devices"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[RadiusDeviceSeen::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let Some(fact) = event.payload_as::<RadiusDeviceSeen>()? else {
            return Ok(());
        };
        if !is_mac(&fact.mac) {
            return Ok(());
        }
        let mut tx = self.0.store.begin().await?;
        if !tx.first_time(self.name(), event.id).await? {
            return Ok(());
        }
        tx.note_devices(&[self.0.met(fact.user_id, &fact.mac, fact.seen_at)]).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// It was forgotten whose an order was, or an account is gone: so is how to reach whoever got the credentials, and what
/// they have called their devices. The credentials work on for as long as they were bought.
#[derive(Debug)]
pub struct ForgetPeople(pub Arc<Hotspot>);

#[async_trait]
impl Consumer for ForgetPeople {
    fn name(&self) -> &'static str {
        "hotspot.forget_people"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[OrderForgotten::TYPE, UserDeleted::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let hotspot = &self.0;
        let mut tx = hotspot.store.begin().await?;
        if !tx.first_time(self.name(), event.id).await? {
            return Ok(());
        }
        if let Some(OrderForgotten { order_id }) = event.payload_as()? {
            let markers = tx.forget_contacts(order_id).await?;
            if !markers.is_empty() {
                let markers = markers.iter().map(ToString::to_string).collect();
                let origin = Origin::system("hotspot").within(event.request_id.clone());
                let fact = HotspotUsersForgotten { order_id, markers };
                tx.append(Event::new(&hotspot.ambient, &origin, &fact)?).await?;
            }
        } else if let Some(UserDeleted { user_id, .. }) = event.payload_as()? {
            tx.forget_device_names(user_id).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

impl From<PrepareOrderError> for ConsumerError {
    fn from(error: PrepareOrderError) -> Self {
        match error {
            PrepareOrderError::Store(error) => Self::Store(error),
            PrepareOrderError::NoRouter(_) | PrepareOrderError::Seal(_) => Self::Refused(error.to_string()),
        }
    }
}
