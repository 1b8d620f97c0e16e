//! Radius's work in the background. Each is a job that names a row; its effect converges, so that it may run twice.

mod apply_profile;
pub mod check_quotas;
mod enforce;
mod enforce_subscriber;
mod forget_subscriber;
pub mod ingest_accounting;
mod reload_server;
mod sweep_directory;

use std::sync::Arc;

use kernel::JobHandler;

use crate::use_cases::Radius;

pub use apply_profile::{ApplyProfile, ApplyProfileHandler, ApplyPromotion, ApplyPromotionHandler};
pub use enforce::{Enforce, EnforceHandler};
pub use enforce_subscriber::{EnforceSubscriber, EnforceSubscriberHandler};
pub use forget_subscriber::{ForgetSubscriber, ForgetSubscriberHandler};
pub use reload_server::ReloadServer;
pub use sweep_directory::{SweepDirectory, SweepDirectoryHandler};

/// Every job handler of this domain.
#[must_use]
pub fn all(radius: &Arc<Radius>) -> Vec<Arc<dyn JobHandler>> {
    vec![
        Arc::new(EnforceHandler(radius.clone())),
        Arc::new(EnforceSubscriberHandler(radius.clone())),
        Arc::new(ingest_accounting::IngestAccountingHandler(radius.clone())),
        Arc::new(check_quotas::CheckQuotasHandler(radius.clone())),
        Arc::new(ApplyProfileHandler(radius.clone())),
        Arc::new(ApplyPromotionHandler(radius.clone())),
        Arc::new(SweepDirectoryHandler(radius.clone())),
        Arc::new(ForgetSubscriberHandler(radius.clone())),
    ]
}
