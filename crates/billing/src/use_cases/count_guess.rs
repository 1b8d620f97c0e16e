//! Counting what is guessed, and from where.

use std::time::Duration;

use kernel::{
    Id, Origin, StoreError, Timestamp,
    events::alert::{AlertRaised, Severity},
    id::ids::UserId,
};

use super::Billing;
use crate::guess::{GuessSource, Guessed, hour_of};

impl Billing {
    /// Counts a guess; how long to wait if there were too many from there in this hour. The one that is too many raises an
    /// alert.
    pub(super) async fn count_guess(
        &self,
        origin: &Origin,
        guessed: Guessed,
        user: Option<UserId>,
    ) -> Result<Option<Duration>, StoreError> {
        let (now, most) = (self.ambient.now(), self.settings.guesses_per_hour);
        let (source, hour) = (GuessSource::of(user, origin.ip), hour_of(now));
        let mut tx = self.store.begin().await?;
        let guesses = tx.count_guess(guessed, &source, hour).await?;
        if guesses == most + 1 {
            let word = guessed.as_str();
            tracing::error!(%source, guessed = word, alert = "guessing", "somebody guesses");
            let alert = AlertRaised {
                subject_id: Id::generate(&self.ambient),
                code: "guessing".to_owned(),
                severity: Severity::High,
                message: format!("More than {most} wrong guesses ({word}) within an hour from {source}."),
                order_id: None,
            };
            self.tell(tx.as_mut(), origin, &alert).await?;
        }
        tx.commit().await?;
        let left = (hour + chrono::Duration::hours(1) - now).to_std().unwrap_or_default();
        Ok((guesses > most).then_some(left))
    }

    /// Forgets guesses before a moment; how many hours of sources that were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_guesses(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.store.begin().await?;
        let forgotten = tx.forget_guesses(before).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}
