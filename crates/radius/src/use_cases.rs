//! What radius can be asked to do. [`Radius`] holds everything that it takes; each use case is a method in a file of
//! its own.

mod hear_of_account;

use std::{fmt, sync::Arc};

use chrono_tz::Tz;
use kernel::{Ambient, Sealer};

use crate::ports::{RadiusReads, RadiusStore};

pub(crate) use hear_of_account::Told;

/// What stands behind radius's ports.
#[derive(Clone)]
pub struct RadiusPorts {
    /// Its transactions.
    pub store: Arc<dyn RadiusStore>,
    /// Its lists and details.
    pub reads: Arc<dyn RadiusReads>,
}

/// What an operator can say of radius.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The time zone of the calendar by which quotas begin anew.
    pub zone: Tz,
}

/// The radius domain.
pub struct Radius {
    pub(crate) store: Arc<dyn RadiusStore>,
    pub(crate) reads: Arc<dyn RadiusReads>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) ambient: Ambient,
    pub(crate) settings: Settings,
}

impl Radius {
    /// Joins radius with what it needs.
    #[must_use]
    pub fn new(ports: RadiusPorts, sealer: Arc<Sealer>, ambient: Ambient, settings: Settings) -> Self {
        Self { store: ports.store, reads: ports.reads, sealer, ambient, settings }
    }
}

impl fmt::Debug for Radius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Radius").finish_non_exhaustive()
    }
}
