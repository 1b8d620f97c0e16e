//! Opening a guest's order with its token.

use std::time::Duration;

use kernel::{Origin, StoreError, id::ids::OrderId, sealed::SealError};

use super::Billing;
use crate::{guess::Guessed, order_token};

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
}
