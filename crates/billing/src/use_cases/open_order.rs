//! Opening a guest's order with its token.

use std::time::Duration;

use kernel::{
    Id, Origin, StoreError,
    events::alert::{AlertRaised, Severity},
    id::ids::{OrderId, UserId},
    sealed::SealError,
};

use super::Billing;
use crate::{
    guess::{GuessSource, Guessed, hour_of},
    order_token,
};

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum OpenOrderError {
    /// We have not made it.
    #[error("the token is not ours")]
    WrongToken,
    /// It is not ours, and too many that are not came from the same source.
    #[error("too many wrong tokens")]
    TooManyGuesses {
        /// How long until guesses are counted anew.
        retry_after: Duration,
    },
    /// The key for marks does not work.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// The token that opens an order.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn order_token(&self, order: OrderId) -> Result<String, SealError> {
        order_token::order_token(&self.sealer, order)
    }

    /// The order that a token opens. What is ours always opens; what is not is counted against where it comes from.
    ///
    /// # Errors
    /// [`OpenOrderError`].
    pub async fn open_order(&self, origin: &Origin, token: &str) -> Result<OrderId, OpenOrderError> {
        if let Some(order) = order_token::opened_by(&self.sealer, token)? {
            return Ok(order);
        }
        match self.count_guess(origin, Guessed::OrderToken, None).await? {
            Some(retry_after) => Err(OpenOrderError::TooManyGuesses { retry_after }),
            None => Err(OpenOrderError::WrongToken),
        }
    }

    /// Forgets guesses before a moment; how many hours of sources that were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_guesses(&self, before: kernel::Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.store.begin().await?;
        let forgotten = tx.forget_guesses(before).await?;
        tx.commit().await?;
        Ok(forgotten)
    }

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
}
