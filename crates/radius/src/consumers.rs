//! What radius does when others tell it something.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Consumer, ConsumerError, Event, EventPayload as _,
    events::identity::{UserChanged, UserDeleted, UserRegistered, WifiSecretChanged},
};

use crate::use_cases::{Radius, Told};

/// Every consumer of this domain.
#[must_use]
pub fn all(radius: &Arc<Radius>) -> Vec<Arc<dyn Consumer>> {
    vec![Arc::new(CopyAccounts(radius.clone()))]
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
        if let Some(UserRegistered { account, sealed_wifi_secret, .. }) = event.payload_as()? {
            let told = Told::Account(&account, sealed_wifi_secret.as_ref());
            radius.hear_of_account(&mut *tx, account.user_id, told).await?;
        } else if let Some(UserChanged { account }) = event.payload_as()? {
            radius.hear_of_account(&mut *tx, account.user_id, Told::Account(&account, None)).await?;
        } else if let Some(WifiSecretChanged { user_id, revision, sealed_wifi_secret }) =
            event.payload_as()?
        {
            let told = Told::Secret(revision, &sealed_wifi_secret);
            radius.hear_of_account(&mut *tx, user_id, told).await?;
        } else if let Some(UserDeleted { user_id, .. }) = event.payload_as()? {
            radius.hear_of_account(&mut *tx, user_id, Told::Deleted).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
