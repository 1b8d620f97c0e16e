//! Lets the fake gateway send its callbacks when their time has come, as a real one would by itself.

use std::{sync::Arc, time::Duration};

use billing::adapters::fake::FakeGateway;
use tokio_util::sync::CancellationToken;

use super::pause;

/// How often the fake gateway looks whether a callback is due.
const LOOK: Duration = Duration::from_millis(50);

/// Sends due callbacks until `stop`.
pub async fn run(gateway: Arc<FakeGateway>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = gateway.deliver_due().await {
            tracing::error!(%error, "the fake gateway's journal cannot be used");
        }
        pause(LOOK, &stop).await;
    }
}
