//! Sending one delivery: taken in one transaction, sent outside any, its end written in another.

use std::ops::ControlFlow;

use kernel::{
    Event, Id, Origin, StoreError,
    events::{
        alert::AlertRaised,
        notifications::{MessageSent, MessageUndeliverable},
    },
    id::ids::DeliveryId,
    sealed::{Purpose, SealError},
};

use super::Notifications;
use crate::{
    delivery::{Attempt, Delivery, DeliveryStatus, Message, PickUp},
    notification::Notification,
    ports::{MessageChannel, NotificationTx, OutgoingMessage, Recipient, SendOutcome},
};

/// Which delivery to send.
#[derive(Debug, Clone, Copy)]
pub struct SendCommand {
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// Whether a refusal now is the end, however temporary.
    pub last: bool,
}

/// How far the sending of a delivery came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendProgress {
    /// The channel took it over.
    Sent,
    /// It was sent or given up before, or another worker has taken it since.
    NothingToDo,
    /// The channel cannot be reached, or its answer was lost: try again for as long as it takes.
    Waits(String),
    /// The channel refused it for now: try again a few times.
    Refused(String),
    /// It is given up, and staff have been told.
    GivenUp,
}

/// Why a delivery could not be dealt with.
#[derive(Debug, thiserror::Error)]
pub enum SendDeliveryError {
    /// The store failed. If the message has left by then, the delivery says that its end is unknown.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such delivery.
    #[error("there is no delivery {0}")]
    NotFound(DeliveryId),
}

impl Notifications {
    /// Sends a delivery, unless it has been sent or given up. Of two workers that are told to send the same one,
    /// the second sees that the first has taken it and follows the laws of repeating an attempt without a known
    /// end; the lease of the delivery's one job makes that rare.
    ///
    /// # Errors
    /// [`SendDeliveryError`].
    pub async fn send_delivery(
        &self,
        command: SendCommand,
        origin: &Origin,
    ) -> Result<SendProgress, SendDeliveryError> {
        let (taken, channel) = match self.take(command.delivery_id, origin).await? {
            ControlFlow::Continue(taken) => taken,
            ControlFlow::Break(progress) => return Ok(progress),
        };
        let attempt = self.attempt(channel, &taken, command.last).await;
        self.settle(command.delivery_id, attempt, origin).await
    }

    /// Writes down that a worker sends it from now on, or says why none should.
    async fn take(
        &self,
        id: DeliveryId,
        origin: &Origin,
    ) -> Result<ControlFlow<SendProgress, (Delivery, &dyn MessageChannel)>, SendDeliveryError> {
        let mut tx = self.store.begin().await?;
        let delivery = tx.delivery(id).await?.ok_or(SendDeliveryError::NotFound(id))?;
        let Some(channel) = self.channel(delivery.channel()) else {
            return Ok(ControlFlow::Break(match delivery.message {
                Message::InApp => SendProgress::NothingToDo,
                _ => SendProgress::Waits(format!("the channel {} is switched off", delivery.channel())),
            }));
        };
        let end = match delivery.pick_up(channel.idempotent(), self.ambient.now()) {
            PickUp::Nothing => SendProgress::NothingToDo,
            PickUp::GiveUp(dead) => {
                self.record(tx, &delivery, &dead, origin).await?;
                SendProgress::GivenUp
            }
            PickUp::Send(taken) => {
                if tx.change_delivery(&delivery, &taken).await? {
                    tx.commit().await?;
                    return Ok(ControlFlow::Continue((taken, channel.as_ref())));
                }
                SendProgress::NothingToDo
            }
        };
        Ok(ControlFlow::Break(end))
    }

    /// Calls the channel.
    async fn attempt(&self, channel: &dyn MessageChannel, delivery: &Delivery, last: bool) -> Attempt {
        let began = self.ambient.now();
        let outcome = match self.opened(delivery) {
            Ok(Some(message)) => channel.send(&message).await,
            Ok(None) => {
                SendOutcome::Refused { reason: "there is nothing to send".to_owned(), permanent: true }
            }
            // A key that is missing may be configured again; a damaged text stays damaged.
            Err(error) => SendOutcome::Refused {
                reason: error.to_string(),
                permanent: !matches!(error, SealError::UnknownKey(_)),
            },
        };
        let took = (self.ambient.now() - began).num_milliseconds().max(0);
        Attempt {
            number: delivery.attempts,
            outcome,
            latency_ms: u32::try_from(took).unwrap_or(u32::MAX),
            last,
        }
    }

    fn opened(&self, delivery: &Delivery) -> Result<Option<OutgoingMessage>, SealError> {
        let (recipient, subject, text) = match &delivery.message {
            Message::InApp => return Ok(None),
            Message::Sms { to, text, .. } => (Recipient::Phone(to.clone()), None, text),
            Message::Email { to, subject, text } => {
                (Recipient::Mailbox(to.clone()), Some(subject.clone()), text)
            }
        };
        Ok(Some(OutgoingMessage {
            key: delivery.id,
            recipient,
            subject,
            text: self.sealer.open(Purpose::MessageText, &delivery.id, text)?,
        }))
    }

    /// Writes down how an attempt ended.
    async fn settle(
        &self,
        id: DeliveryId,
        attempt: Attempt,
        origin: &Origin,
    ) -> Result<SendProgress, SendDeliveryError> {
        let mut tx = self.store.begin().await?;
        let present = tx.delivery(id).await?.ok_or(SendDeliveryError::NotFound(id))?;
        let recorded = match present.after(&attempt, self.ambient.now()) {
            Some(after) if self.record(tx, &present, &after, origin).await? => after,
            _ => {
                let outcome = &attempt.outcome;
                tracing::warn!(delivery = %id, ?outcome, "an attempt ended after another had taken over");
                return Ok(SendProgress::NothingToDo);
            }
        };
        Ok(match attempt.outcome {
            SendOutcome::Sent { .. } => SendProgress::Sent,
            SendOutcome::Refused { .. } if recorded.status == DeliveryStatus::Dead => SendProgress::GivenUp,
            SendOutcome::Refused { reason, .. } => SendProgress::Refused(reason),
            SendOutcome::Unreachable(reason) | SendOutcome::Unknown(reason) => SendProgress::Waits(reason),
        })
    }

    /// Stores how a delivery stands, with the facts that this makes true; false if somebody else was first.
    async fn record(
        &self,
        mut tx: Box<dyn NotificationTx>,
        before: &Delivery,
        after: &Delivery,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        if !tx.change_delivery(before, after).await? {
            return Ok(false);
        }
        match after.status {
            DeliveryStatus::Sent => self.tell_sent(tx.as_mut(), after, origin).await?,
            DeliveryStatus::Dead => self.tell_undeliverable(tx.as_mut(), after, origin).await?,
            _ => {}
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn tell_sent(
        &self,
        tx: &mut dyn NotificationTx,
        delivery: &Delivery,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let notification = notification_of(tx, delivery).await?;
        let sent = MessageSent {
            delivery_id: delivery.id,
            notification_type: notification.kind.to_string(),
            channel: delivery.channel().to_string(),
            subject_id: notification.subject_id,
            order_id: notification.order_id.map(|order| order.as_uuid()),
        };
        tx.append(Event::new(&self.ambient, origin, &sent)?).await
    }

    async fn tell_undeliverable(
        &self,
        tx: &mut dyn NotificationTx,
        delivery: &Delivery,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let notification = notification_of(tx, delivery).await?;
        let (kind, channel) = (notification.kind, delivery.channel());
        let reason = delivery.error.clone().unwrap_or_default();
        tracing::error!(delivery = %delivery.id, %kind, %channel, reason, "a message cannot be delivered");
        let undeliverable = MessageUndeliverable {
            delivery_id: delivery.id,
            notification_type: kind.to_string(),
            channel: channel.to_string(),
            subject_id: notification.subject_id,
            order_id: notification.order_id.map(|order| order.as_uuid()),
            reason: reason.clone(),
        };
        tx.append(Event::new(&self.ambient, origin, &undeliverable)?).await?;
        let alert = AlertRaised {
            subject_id: Id::from_uuid(delivery.id.as_uuid()),
            code: "message_undeliverable".to_owned(),
            severity: notification.priority.severity(),
            message: format!("A message `{kind}` cannot be delivered by {channel}: {reason}."),
            order_id: notification.order_id,
        };
        tx.append(Event::new(&self.ambient, origin, &alert)?).await
    }
}

async fn notification_of(
    tx: &mut dyn NotificationTx,
    delivery: &Delivery,
) -> Result<Notification, StoreError> {
    let notification = tx.notification(delivery.notification_id).await?;
    notification.ok_or_else(|| StoreError::corrupt("a delivery without its notification"))
}
