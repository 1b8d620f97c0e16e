//! Forgetting what somebody was told, and where.

use kernel::{Event, NewJob, Origin, Progress, StoreError};

use super::Notifications;
use crate::{jobs::ForgetMessages, ports::Whose};

impl Notifications {
    /// Has somebody's messages deleted, for a consumer that has heard that they are to be forgotten.
    pub(crate) async fn have_forgotten(
        &self,
        consumer: &'static str,
        event: &Event,
        whose: Whose,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if !tx.first_time(consumer, event.id).await? {
            return Ok(());
        }
        let job = NewJob::new(&self.ambient, &ForgetMessages { whose }, event.request_id.clone())?;
        tx.enqueue(job).await?;
        tx.commit().await
    }

    /// Deletes somebody's messages, once none of them is on its way or about to be.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_messages(&self, origin: &Origin, whose: Whose) -> Result<Progress, StoreError> {
        let mut tx = self.store.begin().await?;
        if tx.has_unsent(whose).await? {
            return Ok(Progress::waits("a message is on its way"));
        }
        // What could not be delivered has left a fact of its own, with the channel's words.
        if !tx.forget_in_events(whose.as_uuid()).await? {
            return Ok(Progress::waits("a message may be about to be written"));
        }
        tx.delete_messages(whose).await?;
        tx.commit().await?;
        tracing::info!(by = %origin.actor, id = %whose.as_uuid(), "messages were deleted");
        Ok(Progress::Done)
    }
}
