//! What a server counts: packets by what became of them.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

macro_rules! tallies {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)+) => {
        /// What became of a packet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Tally { $($(#[$doc])* $variant,)+ }

        impl Tally {
            /// Everything that is counted.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name under which it is shown.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

tallies! {
    /// It came.
    Received = "received",
    /// A login was accepted.
    Accepted = "accepted",
    /// A login was rejected.
    Rejected = "rejected",
    /// Accounting was written down and answered.
    Accounted = "accounted",
    /// A repeated request was answered with the answer that it had got.
    Repeated = "repeated",
    /// Dropped: it came from nobody who may ask.
    UnknownNas = "dropped_unknown_nas",
    /// Dropped: it is longer than a RADIUS packet may be.
    Oversized = "dropped_oversized",
    /// Dropped: it is no RADIUS packet, or lacks what it must have.
    Malformed = "dropped_malformed",
    /// Dropped: it is none that is answered at this port.
    WrongCode = "dropped_wrong_code",
    /// Dropped: it was not made with the secret, or was changed on its way.
    NotAuthentic = "dropped_not_authentic",
    /// Dropped: it has no Message-Authenticator, and must have one.
    NoMessageAuthenticator = "dropped_no_message_authenticator",
    /// Dropped: the same request is being answered.
    UnderWay = "dropped_under_way",
    /// Dropped: a login that was answered long ago came again.
    Replayed = "dropped_replayed",
    /// Dropped: as many requests as may be are waiting for their answers.
    Overloaded = "dropped_overloaded",
    /// Dropped: the database could not be asked, so that there is no true answer.
    Unanswerable = "dropped_unanswerable",
}

/// The counts of one server.
#[derive(Debug, Default)]
pub struct Tallies([AtomicU64; Tally::ALL.len()]);

impl Tallies {
    /// Counts one more.
    pub fn count(&self, tally: Tally) {
        if let Some(count) = self.0.get(tally as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many there were.
    #[must_use]
    pub fn of(&self, tally: Tally) -> u64 {
        self.0.get(tally as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// All counts by name.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, u64> {
        Tally::ALL.iter().map(|tally| (tally.as_str().to_owned(), self.of(*tally))).collect()
    }
}
