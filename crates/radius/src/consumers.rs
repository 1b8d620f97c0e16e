//! What radius does when others tell it something.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Consumer, ConsumerError, Event, EventPayload as _, NewJob, Origin,
    events::{
        hotspot::HotspotUsersForgotten,
        identity::{UserChanged, UserDeleted, UserRegistered, WifiSecretChanged},
        radius::{QuotaStateChanged, RadiusSessionClosed, SubscriberDisabled},
    },
};

use crate::{
    jobs::{EnforceSubscriber, ForgetSubscriber},
    use_cases::{Radius, Told},
};

/// Every consumer of this domain.
#[must_use]
pub fn all(radius: &Arc<Radius>) -> Vec<Arc<dyn Consumer>> {
    vec![
        Arc::new(CopyAccounts(radius.clone())),
        Arc::new(FollowAccess(radius.clone())),
        Arc::new(ForgetSold(radius.clone())),
    ]
}

/// An account was made, changed or deleted: its subscriber follows.
#[derive(Debug)]
pub struct CopyAccounts(pub Arc<Radius>);

impl CopyAccounts {
    /// [`Consumer::name`].
    pub const NAME: &'static str = "radius.copy_accounts";
}

#[async_trait]
impl Consumer for CopyAccounts {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[UserRegistered::TYPE, UserChanged::TYPE, WifiSecretChanged::TYPE, UserDeleted::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let radius = &self.0;
        let mut tx = radius.store.begin().await?;
        if !tx.first_time(Self::NAME, event.id).await? {
            return Ok(());
        }
        let origin = Origin::system("radius").within(event.request_id.clone());
        if let Some(UserRegistered { account, sealed_wifi_secret, activate_wifi }) = event.payload_as()? {
            let told = Told::Registered(&account, sealed_wifi_secret.as_ref(), activate_wifi);
            radius.hear_of_account(&mut *tx, account.user_id, told, &origin).await?;
        } else if let Some(UserChanged { account }) = event.payload_as()? {
            let told = Told::Changed(&account);
            radius.hear_of_account(&mut *tx, account.user_id, told, &origin).await?;
        } else if let Some(WifiSecretChanged { user_id, revision, sealed_wifi_secret }) =
            event.payload_as()?
        {
            let told = Told::Secret(revision, &sealed_wifi_secret);
            radius.hear_of_account(&mut *tx, user_id, told, &origin).await?;
        } else if let Some(UserDeleted { user_id, .. }) = event.payload_as()? {
            radius.hear_of_account(&mut *tx, user_id, Told::Deleted, &origin).await?;
            if let Some(gone) = tx.lock_account(user_id).await? {
                let job = ForgetSubscriber { subscriber_id: gone.id };
                tx.enqueue(NewJob::new(&radius.ambient, &job, event.request_id.clone())?).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Somebody may not go on as before: their open sessions follow. A session is over: what was wanted of it is settled.
#[derive(Debug)]
pub struct FollowAccess(pub Arc<Radius>);

impl FollowAccess {
    /// [`Consumer::name`].
    pub const NAME: &'static str = "radius.follow_access";
}

#[async_trait]
impl Consumer for FollowAccess {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[QuotaStateChanged::TYPE, SubscriberDisabled::TYPE, RadiusSessionClosed::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let radius = &self.0;
        let mut tx = radius.store.begin().await?;
        if !tx.first_time(Self::NAME, event.id).await? {
            return Ok(());
        }
        if let Some(RadiusSessionClosed { session_id, .. }) = event.payload_as()? {
            let wanted = tx.lock_enforcement(session_id).await?;
            if let Some(wanted) = wanted.filter(|wanted| wanted.settled.is_none()) {
                let request_id = event.request_id.clone();
                radius.look_after(&mut *tx, &wanted, radius.ambient.now(), request_id).await?;
            }
            tx.commit().await?;
            return Ok(());
        }
        let subscriber_id = match (event.payload_as()?, event.payload_as()?) {
            (Some(QuotaStateChanged { subscriber_id, .. }), _)
            | (_, Some(SubscriberDisabled { subscriber_id })) => subscriber_id,
            (None, None) => return Ok(()),
        };
        let job = EnforceSubscriber { subscriber_id };
        tx.enqueue(NewJob::new(&radius.ambient, &job, event.request_id.clone())?).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// It was forgotten who has bought an access that was sold.
#[derive(Debug)]
pub struct ForgetSold(pub Arc<Radius>);

#[async_trait]
impl Consumer for ForgetSold {
    fn name(&self) -> &'static str {
        "radius.forget_sold"
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[HotspotUsersForgotten::TYPE]
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        match event.payload_as()? {
            Some(fact) => Ok(self.0.forget_sold(self.name(), event, &fact).await?),
            None => Ok(()),
        }
    }
}
