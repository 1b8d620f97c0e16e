//! What notifications does, one file per use case, and the service that does it.

use std::sync::Arc;

use kernel::{Ambient, Sealer};

use crate::{
    channel::Channel,
    ports::{MessageChannel, NotificationReads, NotificationStore},
    texts::{TextError, Texts},
};

pub mod announce;
pub mod dispatch_pending;
pub mod forget_person;
pub mod mark_all_read;
pub mod mark_read;
pub mod send_delivery;

/// The service. The inbox always works; of the other channels it uses those it was given.
pub struct Notifications {
    pub(crate) store: Arc<dyn NotificationStore>,
    pub(crate) reads: Arc<dyn NotificationReads>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) ambient: Ambient,
    channels: Vec<Arc<dyn MessageChannel>>,
    texts: Texts,
}

impl Notifications {
    /// A service that sends through these channels, at most one of each name.
    ///
    /// # Errors
    /// [`TextError`] when a template that is built in has a mistake in it.
    pub fn new(
        store: Arc<dyn NotificationStore>,
        reads: Arc<dyn NotificationReads>,
        channels: Vec<Arc<dyn MessageChannel>>,
        sealer: Arc<Sealer>,
        ambient: Ambient,
    ) -> Result<Self, TextError> {
        Ok(Self { store, reads, sealer, ambient, channels, texts: Texts::embedded()? })
    }

    fn channel(&self, name: Channel) -> Option<&Arc<dyn MessageChannel>> {
        self.channels.iter().find(|channel| channel.name() == name)
    }
}
