//! Has accounting taken in as soon as a server has written it down. The scheduled task does the same every minute for
//! whatever was not heard of.

use std::{sync::Arc, time::Duration};

use kernel::StoreError;
use tokio_util::sync::CancellationToken;

use super::{DATABASE_PAUSE, pause};
use crate::compose::Services;

/// What is written within this time is taken in together.
const TOGETHER: Duration = Duration::from_millis(200);

/// Listens until `stop`.
pub async fn run(services: Arc<Services>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = listen(&services, &stop).await {
            tracing::warn!(%error, "nobody hears of accounting for a moment");
            pause(DATABASE_PAUSE, &stop).await;
        }
    }
}

async fn listen(services: &Services, stop: &CancellationToken) -> Result<(), StoreError> {
    let mut listener = services.database.listen_for_accounting().await?;
    while !stop.is_cancelled() {
        // First what was written before anybody listened.
        services.radius.have_accounting_ingested().await?;
        pause(TOGETHER, stop).await;
        tokio::select! {
            heard = listener.heard() => heard?,
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}
