//! What radius can be asked to do. [`Radius`] holds everything that it takes; each use case is a method in a file of
//! its own.

mod activate_promotion;
mod answer_login;
mod check_quotas;
mod directory;
mod enforce_session;
mod explain;
mod forget_subscriber;
mod hear_of_account;
mod ingest_accounting;
mod manage_nas_clients;
mod manage_profiles;
mod manage_promotions;
mod reload_server;
mod sold_access;
mod switch_wifi;
mod sync_directory;
mod take_in_accounting;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono_tz::Tz;
use kernel::{Ambient, Sealer};

use crate::{
    policy::SiteForms,
    ports::{RadiusReads, RadiusStore, RouterKick, nas::NasControl},
};

pub use activate_promotion::{ActivatePromotionError, Activated, Failure};
pub use directory::CannotEnable;
pub(crate) use directory::sweep_time;
pub use enforce_session::{EnforceSessionError, EnforcementView, Reason};
pub use explain::{Explanation, Standing};
pub(crate) use hear_of_account::Told;
pub use manage_nas_clients::{ManageNasClientError, NasDescription};
pub use manage_profiles::ManageProfileError;
pub use manage_promotions::{ManagePromotionError, PromotionTerms};
pub use sold_access::{NameHolder, SoldAccess, SoldAccessError};
pub use switch_wifi::SwitchWifiError;
pub use sync_directory::SyncedDirectory;

/// What stands behind radius's ports.
#[derive(Clone)]
pub struct RadiusPorts {
    /// Its transactions.
    pub store: Arc<dyn RadiusStore>,
    /// Its lists and details.
    pub reads: Arc<dyn RadiusReads>,
    /// Tells the server in this process that NAS clients have changed.
    pub nas_changes: NasChanges,
    /// Tells NASes what to do with open sessions.
    pub nas: Arc<dyn NasControl>,
    /// Ends sessions on routers by their own API.
    pub routers: Arc<dyn RouterKick>,
}

/// Counts the changes of NAS clients that this process has made, so that its own server need not wait for its next
/// look at the rows.
#[derive(Debug, Clone, Default)]
pub struct NasChanges(Arc<AtomicU64>);

impl NasChanges {
    /// One more.
    pub fn happened(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// What an operator can say of radius.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The time zone of the calendar by which quotas begin anew.
    pub zone: Tz,
    /// In which forms the directory's tables say things.
    pub tables: SiteForms,
}

/// The radius domain.
pub struct Radius {
    pub(crate) store: Arc<dyn RadiusStore>,
    pub(crate) reads: Arc<dyn RadiusReads>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) ambient: Ambient,
    pub(crate) settings: Settings,
    pub(crate) nas_changes: NasChanges,
    pub(crate) nas: Arc<dyn NasControl>,
    pub(crate) routers: Arc<dyn RouterKick>,
}

impl Radius {
    /// Joins radius with what it needs.
    #[must_use]
    pub fn new(ports: RadiusPorts, sealer: Arc<Sealer>, ambient: Ambient, settings: Settings) -> Self {
        let RadiusPorts { store, reads, nas_changes, nas, routers } = ports;
        Self { store, reads, sealer, ambient, settings, nas_changes, nas, routers }
    }
}

impl fmt::Debug for Radius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Radius").finish_non_exhaustive()
    }
}
