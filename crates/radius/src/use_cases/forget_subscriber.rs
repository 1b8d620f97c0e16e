//! Forgetting who a subscriber was: an account that is gone, or whoever bought an access.

use kernel::{
    Event, NewJob, Progress, StoreError, events::Contact, events::hotspot::HotspotUsersForgotten,
    id::ids::SubscriberId,
};

use super::Radius;
use crate::{
    jobs::ForgetSubscriber,
    subscriber::{Source, Subscriber},
};

impl Radius {
    /// It was forgotten who has bought an order: so it is to be of the accesses that were sold with it.
    pub(crate) async fn forget_sold(
        &self,
        consumer: &'static str,
        event: &Event,
        fact: &HotspotUsersForgotten,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if !tx.first_time(consumer, event.id).await? {
            return Ok(());
        }
        for subscriber_id in tx.sold_as(&fact.markers).await? {
            let job = ForgetSubscriber { subscriber_id };
            tx.enqueue(NewJob::new(&self.ambient, &job, event.request_id.clone())?).await?;
        }
        tx.commit().await
    }

    /// Forgets how to reach a subscriber, and of an account that is gone also what it was called, once its last session is
    /// over and counted: until then its NAS names it. What it has used stays, under its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_subscriber(&self, id: SubscriberId) -> Result<Progress, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(subscriber) = tx.lock_subscriber(id).await? else {
            return Ok(Progress::Done);
        };
        let is_gone = matches!(subscriber.source, Source::Account(_)) && subscriber.archived_at.is_some();
        if is_gone && tx.is_being_counted(&subscriber).await? {
            return Ok(Progress::waits("a session is not over"));
        }
        if !tx.forget_in_events(id.as_uuid()).await? {
            return Ok(Progress::waits("not everybody has heard of the subscriber"));
        }
        let contact = Contact {
            user_id: subscriber.contact.user_id,
            locale: subscriber.contact.locale,
            ..Contact::default()
        };
        let mut after = Subscriber { contact, ..subscriber.clone() };
        if is_gone {
            tx.forget_name(&subscriber).await?;
            after.username.clear();
            after.full_name.clear();
        }
        tx.update_subscriber(&after).await?;
        tx.commit().await?;
        Ok(Progress::Done)
    }
}
