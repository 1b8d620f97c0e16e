//! What this domain needs from outside: its rows, its lists, and the channels that carry messages away.

use std::fmt;

use async_trait::async_trait;
use kernel::{
    EmailAddress, Msisdn, Page, PageRequest, StoreError, Timestamp, UnitOfWork,
    id::ids::{DeliveryId, NotificationId, OrderId, UserId},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{channel::Channel, delivery::Delivery, notification::Notification};

/// Begins transactions.
#[async_trait]
pub trait NotificationStore: Send + Sync {
    /// Begins one.
    async fn begin(&self) -> Result<Box<dyn NotificationTx>, StoreError>;
}

/// The rows of notifications within one transaction.
#[async_trait]
pub trait NotificationTx: UnitOfWork {
    /// Adds a notification; false, and nothing added, if its type has told of its subject before.
    async fn add_notification(&mut self, notification: &Notification) -> Result<bool, StoreError>;

    /// Adds a delivery of a notification that has none through this channel yet.
    async fn add_delivery(&mut self, delivery: &Delivery) -> Result<(), StoreError>;

    /// One notification.
    async fn notification(&mut self, id: NotificationId) -> Result<Option<Notification>, StoreError>;

    /// One delivery. Other transactions that want to change it wait until this one ends.
    async fn delivery(&mut self, id: DeliveryId) -> Result<Option<Delivery>, StoreError>;

    /// Stores `after` if the delivery's status and counters still are those of `before`, else changes nothing
    /// and answers false. What is sent where never changes.
    async fn change_delivery(&mut self, before: &Delivery, after: &Delivery) -> Result<bool, StoreError>;

    /// At most `limit` deliveries that are queued or being sent and whose
    /// [`next_check_at`](Delivery::next_check_at) has come, the longest overdue first. Other transactions that
    /// want to change them wait.
    async fn overdue_deliveries(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Delivery>, StoreError>;

    /// Marks an entry of a user's inbox as read; false if there is no such entry or it has been read before.
    async fn mark_read(
        &mut self,
        user: UserId,
        id: NotificationId,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Whether a message to somebody is still on its way.
    async fn has_unsent(&mut self, whose: Whose) -> Result<bool, StoreError>;

    /// Deletes what was told to somebody, with all its deliveries.
    async fn delete_messages(&mut self, whose: Whose) -> Result<(), StoreError>;

    /// Marks every unread entry of a user's inbox as read. Says how many there were.
    async fn mark_all_read(&mut self, user: UserId, at: Timestamp) -> Result<u64, StoreError>;
}

/// Whose messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Those of an account.
    Account(UserId),
    /// Those about an order; if a guest has placed it, also those that went to the same phone or mailbox about nothing that
    /// has an owner, such as a warning of how much of their data is used.
    Order(OrderId),
}

impl Whose {
    /// The account's or the order's id.
    #[must_use]
    pub fn as_uuid(self) -> Uuid {
        match self {
            Self::Account(user) => user.as_uuid(),
            Self::Order(order) => order.as_uuid(),
        }
    }
}

/// The lists of notifications. A user's inbox holds what was delivered to them [in the
/// portal](Channel::InApp).
#[async_trait]
pub trait NotificationReads: Send + Sync {
    /// One page of a user's inbox, the newest first.
    async fn inbox(
        &self,
        user: UserId,
        unread_only: bool,
        page: PageRequest,
    ) -> Result<Page<Notification>, StoreError>;

    /// One entry of a user's inbox.
    async fn inbox_entry(&self, user: UserId, id: NotificationId)
    -> Result<Option<Notification>, StoreError>;

    /// How many entries of a user's inbox are unread.
    async fn unread_count(&self, user: UserId) -> Result<u64, StoreError>;
}

/// Carries messages out of the service: a text message gateway, a mail server.
#[async_trait]
pub trait MessageChannel: Send + Sync {
    /// Which channel it is.
    fn name(&self) -> Channel;

    /// Whether a message with a key that was sent before is recognised and not sent to the person again.
    fn idempotent(&self) -> bool;

    /// Sends one message. It answers within a bounded time, well below the lease of a job, and its answer holds
    /// nothing of the text.
    async fn send(&self, message: &OutgoingMessage) -> SendOutcome;
}

/// A message as a channel gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The same for every attempt at one delivery, and never for two deliveries.
    pub key: DeliveryId,
    /// Where it goes.
    pub recipient: Recipient,
    /// The subject line, where the channel has one.
    pub subject: Option<String>,
    /// The text, in the clear.
    pub text: String,
}

// The text may hold a password, and a debug print ends up in logs.
impl fmt::Debug for OutgoingMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutgoingMessage({} to {:?})", self.key, self.recipient)
    }
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// A phone.
    Phone(Msisdn),
    /// A mailbox.
    Mailbox(EmailAddress),
}

/// How an attempt to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The channel took the message over.
    Sent {
        /// The channel's own name for it.
        provider_id: String,
    },
    /// The channel cannot be reached or takes nothing from us now; the message has not left.
    Unreachable(String),
    /// The channel does not take this message.
    Refused {
        /// What it said.
        reason: String,
        /// Whether it would say the same again.
        permanent: bool,
    },
    /// The message may have left: the answer was lost.
    Unknown(String),
}

#[cfg(test)]
mod tests {
    use kernel::{Id, Msisdn, testing::Surroundings};

    use super::{OutgoingMessage, Recipient};

    #[test]
    fn a_debug_print_shows_neither_text_nor_number() {
        let message = OutgoingMessage {
            key: Id::generate(&Surroundings::new().ambient()),
            recipient: Recipient::Phone(Msisdn::parse("+243812345678").unwrap()),
            subject: None,
            text: "secret".into(),
        };
        let printed = format!("{message:?}");
        assert!(!printed.contains("secret") && !printed.contains("812345678"), "{printed}");
    }
}
