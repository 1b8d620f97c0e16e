//! Messages to people: what they are told, through which channels, and whether it arrived.
//!
//! The promise: whoever has to be told something is told it once per channel. What is to be said is written in
//! the transaction that consumes the fact; each message then leaves from a job of its own, which waits as long
//! as its channel is down, and an attempt whose end nobody knows is never repeated blindly. A text that holds
//! a secret is sealed until the moment it leaves.
//!
//! Read in this order:
//!
//! 1. [`channel`] and [`notification`]: the ways to reach a person, and what a person is told;
//! 2. [`delivery`]: one message on its way, its states and the laws of repeating it;
//! 3. [`content`], [`texts`] and [`sms`]: the words, in each language, and what they cost as a text message;
//! 4. [`ports`]: what this domain needs from outside;
//! 5. [`use_cases`], [`queries`], [`consumers`], [`jobs`]: what it does;
//! 6. [`adapters`]: the real and the fake channels.
//!
//! To add a type of notification: a variant of [`NotificationType`] and of [`content::Content`], its templates
//! in both languages (a test names those that are missing), and a consumer. To add a channel: a variant of
//! [`Channel`] and an adapter that keeps the contract in `testing`.

pub mod adapters;
pub mod channel;
pub mod consumers;
pub mod content;
pub mod delivery;
pub mod jobs;
pub mod notification;
pub mod ports;
pub mod queries;
pub mod sms;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod texts;
pub mod use_cases;

pub use channel::Channel;
pub use delivery::{Delivery, DeliveryStatus};
pub use notification::{Notification, NotificationType, Priority};
pub use ports::{MessageChannel, NotificationReads, NotificationStore, NotificationTx, SendOutcome};
pub use use_cases::Notifications;
