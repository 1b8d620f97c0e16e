//! Taking a callback in: authenticate it on its raw bytes, keep it, answer. What it means is found out later, by
//! a job, so that the answer never depends on it.

use kernel::{Id, Origin, StoreError};
use sha2::{Digest, Sha256};

use super::Billing;
use crate::{
    callback::{CallbackStatus, StoredCallback},
    jobs::{CheckPayment, CheckRefund, ProcessCallback},
    ports::{
        PaymentGateway,
        gateway::{CallbackAuth, RawCallback},
    },
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
    /// Keeps an authentic callback that came to a gateway's `door`, and says what the gateway wants to hear. One
    /// that was kept before is accepted again and changes nothing. One that may come from anybody is not kept:
    /// if it names a payment or refund, its gateway is asked.
    ///
    /// # Errors
    /// [`ReceiveCallbackError`].
    pub async fn receive_callback(
        &self,
        origin: &Origin,
        door: &str,
        callback: RawCallback,
    ) -> Result<&'static str, ReceiveCallbackError> {
        let gateway = self.gateways.at_door(door).ok_or(ReceiveCallbackError::NotAuthentic)?;
        match gateway.authenticate_callback(&callback) {
            CallbackAuth::Verified => self.keep(origin, gateway.name(), callback).await?,
            CallbackAuth::Weak if gateway.capabilities().status_query => {
                self.follow_hint(origin, gateway.as_ref(), &callback).await?;
            }
            CallbackAuth::Weak | CallbackAuth::Rejected => {
                tracing::warn!(gateway = gateway.name(), peer = ?callback.peer, "a callback was refused");
                return Err(ReceiveCallbackError::NotAuthentic);
            }
        }
        Ok(gateway.acknowledgement())
    }

    async fn keep(&self, origin: &Origin, gateway: &str, callback: RawCallback) -> Result<(), StoreError> {
        let stored = StoredCallback {
            id: Id::generate(&self.ambient),
            gateway: gateway.to_owned(),
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

    /// Plans to ask the gateway about the payments and refunds that an unproved callback names by our reference, which
    /// nobody can guess. What else it says is not believed.
    async fn follow_hint(
        &self,
        origin: &Origin,
        gateway: &dyn PaymentGateway,
        callback: &RawCallback,
    ) -> Result<(), StoreError> {
        let Ok(reports) = gateway.parse_callback(&callback.body) else {
            tracing::info!(gateway = gateway.name(), "an unproved callback cannot be read");
            return Ok(());
        };
        let mut tx = self.store.begin().await?;
        for reference in reports.iter().filter_map(|report| report.reference.as_deref()) {
            if let Some(payment_id) = tx.by_reference(gateway.name(), reference).await? {
                self.enqueue(tx.as_mut(), origin, &CheckPayment { payment_id }).await?;
            } else if let Some((refund_id, _)) = tx.refund_by_reference(gateway.name(), reference).await? {
                self.enqueue(tx.as_mut(), origin, &CheckRefund { refund_id }).await?;
            }
        }
        tx.commit().await
    }
}
