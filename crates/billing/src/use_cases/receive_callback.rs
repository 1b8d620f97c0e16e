//! Taking a callback in: authenticate it on its raw bytes, keep it, answer. What it means is found out later, by
//! a job, so that the answer never depends on it.

use kernel::{Id, Origin, StoreError};
use sha2::{Digest, Sha256};

use super::Billing;
use crate::{
    callback::{CallbackStatus, StoredCallback},
    jobs::ProcessCallback,
    ports::gateway::{CallbackAuth, RawCallback},
};

/// Why a callback was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveCallbackError {
    /// It does not come from the gateway, or nobody can tell.
    #[error("the callback is not authentic")]
    NotAuthentic,
    /// The store failed: nothing was kept, the gateway should send it again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Keeps an authentic callback. One that was kept before is accepted again and changes nothing.
    ///
    /// # Errors
    /// [`ReceiveCallbackError`].
    pub async fn receive_callback(
        &self,
        origin: &Origin,
        callback: RawCallback,
    ) -> Result<(), ReceiveCallbackError> {
        if self.gateway.authenticate_callback(&callback) == CallbackAuth::Rejected {
            tracing::warn!(gateway = self.gateway.name(), peer = ?callback.peer, "a callback was refused");
            return Err(ReceiveCallbackError::NotAuthentic);
        }
        let stored = StoredCallback {
            id: Id::generate(&self.ambient),
            gateway: self.gateway.name().to_owned(),
            dedupe_key: hex::encode(Sha256::digest(&callback.body)),
            body: callback.body,
            status: CallbackStatus::Received,
            reference: None,
            provider_ref: None,
            note: None,
            received_at: self.ambient.now(),
        };
        let mut tx = self.store.begin().await?;
        if tx.insert_callback(&stored).await? {
            self.enqueue(tx.as_mut(), origin, &ProcessCallback { callback_id: stored.id }).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
