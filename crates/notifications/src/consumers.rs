//! Whom to tell what when others' facts arrive. Each consumer writes everything in one transaction; the
//! messages leave from their own jobs.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Consumer, ConsumerError, Event, EventPayload,
    events::{
        billing::{OrderCompleted, OrderForgotten, RefundSucceeded},
        hotspot::HotspotUserProvisioned,
        identity::{PasswordReset, UserDeleted},
        radius::UsageThresholdReached,
    },
    sealed::Purpose,
};

use crate::{
    content::Content,
    notification::NotificationType,
    ports::Whose,
    use_cases::{
        Notifications,
        announce::{AnnounceError, Announcement},
    },
};

/// Sends the credentials of a hotspot user to whoever bought them.
pub struct SendCredentials(Arc<Notifications>);

/// Tells the customer that all they ordered is there.
pub struct TellOrderCompleted(Arc<Notifications>);

/// Tells a customer that money was paid back.
pub struct TellRefund(Arc<Notifications>);

/// Tells somebody the password that staff made for them.
pub struct TellPasswordReset(Arc<Notifications>);

/// Tells somebody that much of a quota is used, or that their access ends soon.
pub struct WarnOfUsage(Arc<Notifications>);

/// Has the messages of an account that is gone deleted, and those about an order of which it was forgotten whose it was.
pub struct ForgetPeople(Arc<Notifications>);

/// Every consumer of this domain.
#[must_use]
pub fn all(notifications: &Arc<Notifications>) -> Vec<Arc<dyn Consumer>> {
    vec![
        Arc::new(SendCredentials(notifications.clone())),
        Arc::new(TellOrderCompleted(notifications.clone())),
        Arc::new(TellRefund(notifications.clone())),
        Arc::new(TellPasswordReset(notifications.clone())),
        Arc::new(WarnOfUsage(notifications.clone())),
        Arc::new(ForgetPeople(notifications.clone())),
    ]
}

#[async_trait]
impl Consumer for SendCredentials {
    fn name(&self) -> &'static str {
        "notifications.send_credentials"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[HotspotUserProvisioned::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let Some(fact) = event.payload_as::<HotspotUserProvisioned>()? else {
            return Ok(());
        };
        let notifications = &self.0;
        let password = notifications
            .sealer
            .open(Purpose::WifiPassword, &fact.hotspot_user_id, &fact.sealed_password)
            .map_err(|error| ConsumerError::Refused(format!("the password does not open: {error}")))?;
        let announcement = Announcement {
            subject_id: fact.unit_id.as_uuid(),
            order_id: Some(fact.order_id),
            contact: fact.contact,
            content: Content::CredentialsIssued {
                order_number: fact.order_number,
                package_name: fact.package_name,
                username: fact.username,
                password,
                validity_minutes: fact.validity_minutes,
                from_first_use: fact.expires_at.is_none(),
            },
            link: Some(format!("/api/v1/hotspot-users/{}/credentials", fact.hotspot_user_id)),
            request_id: event.request_id.clone(),
        };
        announce_once(notifications, self.name(), event, &announcement).await
    }
}

#[async_trait]
impl Consumer for TellOrderCompleted {
    fn name(&self) -> &'static str {
        "notifications.tell_order_completed"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[OrderCompleted::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let Some(fact) = event.payload_as::<OrderCompleted>()? else {
            return Ok(());
        };
        let announcement = Announcement {
            subject_id: fact.order_id.as_uuid(),
            order_id: Some(fact.order_id),
            contact: fact.contact,
            content: Content::OrderCompleted {
                order_number: fact.order_number,
                package_name: fact.package_name,
                units: fact.units,
            },
            link: Some(format!("/api/v1/hotspot-users?order_id={}", fact.order_id)),
            request_id: event.request_id.clone(),
        };
        announce_once(&self.0, self.name(), event, &announcement).await
    }
}

#[async_trait]
impl Consumer for TellRefund {
    fn name(&self) -> &'static str {
        "notifications.tell_refund"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[RefundSucceeded::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let Some(fact) = event.payload_as::<RefundSucceeded>()? else {
            return Ok(());
        };
        let announcement = Announcement {
            subject_id: fact.refund_id.as_uuid(),
            order_id: Some(fact.order_id),
            contact: fact.contact,
            content: Content::RefundPaid {
                order_number: fact.order_number,
                amount: fact.amount,
                way: fact.way,
            },
            link: Some(format!("/api/v1/orders/{}", fact.order_id)),
            request_id: event.request_id.clone(),
        };
        announce_once(&self.0, self.name(), event, &announcement).await
    }
}

#[async_trait]
impl Consumer for TellPasswordReset {
    fn name(&self) -> &'static str {
        "notifications.tell_password_reset"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[PasswordReset::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let Some(fact) = event.payload_as::<PasswordReset>()? else {
            return Ok(());
        };
        let notifications = &self.0;
        let password = notifications
            .sealer
            .open(Purpose::PortalPassword, &fact.account.user_id, &fact.sealed_password)
            .map_err(|error| ConsumerError::Refused(format!("the password does not open: {error}")))?;
        let announcement = Announcement {
            // Each reset is told, however many there are of one account.
            subject_id: event.id.as_uuid(),
            order_id: None,
            contact: fact.account.contact,
            content: Content::PasswordReset {
                username: fact.account.username,
                password,
                wifi_too: fact.wifi_too,
            },
            link: Some("/api/v1/me".to_owned()),
            request_id: event.request_id.clone(),
        };
        announce_once(notifications, self.name(), event, &announcement).await
    }
}

#[async_trait]
impl Consumer for WarnOfUsage {
    fn name(&self) -> &'static str {
        "notifications.warn_of_usage"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[UsageThresholdReached::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let Some(fact) = event.payload_as::<UsageThresholdReached>()? else {
            return Ok(());
        };
        let unknown = || ConsumerError::Refused(format!("a threshold of an unknown kind: {}", fact.code));
        let kind = NotificationType::parse(&fact.code).ok_or_else(unknown)?;
        let shown_at =
            if fact.sold_as.is_some() { "/api/v1/hotspot-users" } else { "/api/v1/profile-usage/me" };
        let content = match (fact.period, fact.percent, fact.expires_in_days) {
            (Some(period), Some(percent), _) => {
                Content::Quota { kind, period, percent, username: fact.sold_as }
            }
            (_, _, Some(days)) => Content::Expiry { kind, days },
            _ => return Err(ConsumerError::Refused("a threshold of nothing".to_owned())),
        };
        let announcement = Announcement {
            // Whoever found it tells it once; the next is another one.
            subject_id: event.id.as_uuid(),
            order_id: None,
            contact: fact.contact,
            content,
            link: Some(shown_at.to_owned()),
            request_id: event.request_id.clone(),
        };
        announce_once(&self.0, self.name(), event, &announcement).await
    }
}

#[async_trait]
impl Consumer for ForgetPeople {
    fn name(&self) -> &'static str {
        "notifications.forget_people"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[UserDeleted::TYPE, OrderForgotten::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let whose = if let Some(UserDeleted { user_id, .. }) = event.payload_as()? {
            Whose::Account(user_id)
        } else if let Some(OrderForgotten { order_id }) = event.payload_as()? {
            Whose::Order(order_id)
        } else {
            return Ok(());
        };
        Ok(self.0.have_forgotten(self.name(), event, whose).await?)
    }
}

/// Announces what a fact gives cause to, unless this consumer has seen the fact before.
async fn announce_once(
    notifications: &Notifications,
    consumer: &'static str,
    event: &Event,
    announcement: &Announcement,
) -> Result<(), ConsumerError> {
    let mut tx = notifications.store.begin().await?;
    if !tx.first_time(consumer, event.id).await? {
        return Ok(());
    }
    match notifications.announce(tx.as_mut(), announcement).await {
        Ok(()) => Ok(tx.commit().await?),
        Err(AnnounceError::Store(error)) => Err(error.into()),
        Err(error) => Err(ConsumerError::Refused(error.to_string())),
    }
}
