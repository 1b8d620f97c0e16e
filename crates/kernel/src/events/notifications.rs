//! What notifications tells.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fact;
use crate::id::ids::DeliveryId;

/// A message left through a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSent {
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// The kind of message, such as `credentials_issued`.
    pub notification_type: String,
    /// The channel, such as `sms`.
    pub channel: String,
    /// What the message is about: a unit for credentials, an order for its completion.
    pub subject_id: Uuid,
    /// The order it concerns.
    pub order_id: Option<Uuid>,
}
fact!(MessageSent, about "delivery" = delivery_id, story = |fact| fact.order_id);

/// A message could not be delivered through a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageUndeliverable {
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// The kind of message, such as `credentials_issued`.
    pub notification_type: String,
    /// The channel, such as `sms`.
    pub channel: String,
    /// What the message is about: a unit for credentials, an order for its completion.
    pub subject_id: Uuid,
    /// The order it concerns.
    pub order_id: Option<Uuid>,
    /// What the channel said.
    pub reason: String,
}
fact!(MessageUndeliverable, about "delivery" = delivery_id, story = |fact| fact.order_id);
