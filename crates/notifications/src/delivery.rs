//! One notification on its way through one channel: its states, and the laws of sending it again.
//!
//! A worker writes `sending` before it calls the channel and the end of the call after it. A delivery that the
//! next attempt finds in `sending` is therefore one whose last attempt has no known end: the worker died, or
//! the answer was lost. It may have been sent. A channel that knows the delivery by its key can be asked again
//! without harm; through any other it is sent once more, then given up.

use kernel::{
    EmailAddress, Msisdn, Sealed, Timestamp,
    id::ids::{DeliveryId, NotificationId},
};

use crate::{channel::Channel, ports::SendOutcome};

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// It waits for a worker, for the first time or again.
    Queued,
    /// A worker has taken it, and has not said how it ended.
    Sending,
    /// The channel took it over.
    Sent,
    /// It reached the person, as far as the channel can tell.
    Delivered,
    /// The channel took it over and later reported that it did not arrive.
    Failed,
    /// Given up: it will not be tried again.
    Dead,
}

impl DeliveryStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Sending, Self::Sent, Self::Delivered, Self::Failed, Self::Dead];

    /// Every legal move. From `queued` to `sent` goes a delivery whose worker was thought lost, was replaced by
    /// one that did not get through, and then reports that it had sent it after all.
    pub const MOVES: [(Self, Self); 8] = [
        (Self::Queued, Self::Sending),
        (Self::Queued, Self::Sent),
        (Self::Sending, Self::Sending),
        (Self::Sending, Self::Queued),
        (Self::Sending, Self::Sent),
        (Self::Sending, Self::Dead),
        (Self::Sent, Self::Delivered),
        (Self::Sent, Self::Failed),
    ];

    /// The name as it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether the move is legal.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        Self::MOVES.contains(&(self, next))
    }
}

/// What is on its way, as it is kept: the text sealed, since it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The notification's own entry in the inbox.
    InApp,
    /// A text message.
    Sms {
        /// The number it goes to.
        to: Msisdn,
        /// The text, sealed for the delivery.
        text: Sealed,
        /// Into how many paid parts it is cut.
        segments: u16,
    },
    /// An email.
    Email {
        /// The address it goes to.
        to: EmailAddress,
        /// The subject line, which holds no secret.
        subject: String,
        /// The text, sealed for the delivery.
        text: Sealed,
    },
}

impl Message {
    /// The channel that carries it.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::InApp => Channel::InApp,
            Self::Sms { .. } => Channel::Sms,
            Self::Email { .. } => Channel::Email,
        }
    }
}

/// One notification on its way through one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Names it, also towards the channel: its key for recognising a repeat.
    pub id: DeliveryId,
    /// What the person is told.
    pub notification_id: NotificationId,
    /// What is sent where.
    pub message: Message,
    /// How far it is.
    pub status: DeliveryStatus,
    /// How often a worker has taken it.
    pub attempts: u16,
    /// How many of those attempts have no known end.
    pub unanswered: u16,
    /// The channel's own name for it.
    pub provider_id: Option<String>,
    /// What went wrong last, at most 500 characters.
    pub error: Option<String>,
    /// How long the channel took to answer the last attempt, in milliseconds.
    pub latency_ms: Option<u32>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When the channel took it over.
    pub sent_at: Option<Timestamp>,
    /// When the safety net looks at it, unless an attempt has moved this moment by then.
    pub next_check_at: Timestamp,
}

/// What a worker has to do with the delivery that it was told to send. The delivery inside is to be stored
/// first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PickUp {
    /// Send it, as the attempt that it now counts.
    Send(Delivery),
    /// It may have been sent, and must not be sent once more.
    GiveUp(Delivery),
    /// Nothing: it was sent or given up before.
    Nothing,
}

/// How one attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which attempt it was: [`Delivery::attempts`] when it was taken.
    pub number: u16,
    /// What the channel said.
    pub outcome: SendOutcome,
    /// How long it took to say it, in milliseconds.
    pub latency_ms: u32,
    /// Whether a refusal now is the end, however temporary.
    pub last: bool,
}

impl Delivery {
    /// How long a delivery may rest before the safety net looks at it. A lost job is found after this time; an
    /// existing one is not doubled, whenever it is looked at.
    pub const CHECK_AFTER: chrono::Duration = chrono::Duration::minutes(10);
    /// How many attempts without a known end are made through a channel that does not recognise a repeat.
    pub const MOST_UNANSWERED: u16 = 2;
    const ERROR_LENGTH: usize = 500;

    /// A message that begins its way now. An entry in the inbox is where it belongs as soon as it is written.
    #[must_use]
    pub fn new(id: DeliveryId, notification_id: NotificationId, message: Message, now: Timestamp) -> Self {
        let arrived = message == Message::InApp;
        Self {
            id,
            notification_id,
            message,
            status: if arrived { DeliveryStatus::Delivered } else { DeliveryStatus::Queued },
            attempts: 0,
            unanswered: 0,
            provider_id: None,
            error: None,
            latency_ms: None,
            created_at: now,
            sent_at: arrived.then_some(now),
            next_check_at: now + Self::CHECK_AFTER,
        }
    }

    /// The channel that carries it.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.message.channel()
    }

    /// A worker takes it. `idempotent` says whether the channel recognises a repeat by its key.
    #[must_use]
    pub fn pick_up(&self, idempotent: bool, now: Timestamp) -> PickUp {
        let Some(mut taken) = self.moved(DeliveryStatus::Sending, now) else {
            return PickUp::Nothing;
        };
        if self.status == DeliveryStatus::Sending {
            taken.unanswered = taken.unanswered.saturating_add(1);
            if !idempotent && taken.unanswered >= Self::MOST_UNANSWERED {
                let reason = format!("{} attempts have no known end; it may have arrived", taken.unanswered);
                return match taken.ended_by(DeliveryStatus::Dead, &reason, now) {
                    Some(dead) => PickUp::GiveUp(dead),
                    None => PickUp::Nothing,
                };
            }
        }
        taken.attempts = taken.attempts.saturating_add(1);
        PickUp::Send(taken)
    }

    /// How it stands after an attempt; `None` when the attempt no longer counts, because another worker has
    /// taken the delivery or ended it in the meantime. That something was sent always counts.
    #[must_use]
    pub fn after(&self, attempt: &Attempt, now: Timestamp) -> Option<Self> {
        let current = self.status == DeliveryStatus::Sending && self.attempts == attempt.number;
        let mut next = match &attempt.outcome {
            SendOutcome::Sent { provider_id } => {
                let mut sent = self.moved(DeliveryStatus::Sent, now)?;
                sent.provider_id = Some(provider_id.clone());
                sent.sent_at = Some(now);
                sent.error = None;
                sent
            }
            _ if !current => return None,
            SendOutcome::Unreachable(reason) => self.ended_by(DeliveryStatus::Queued, reason, now)?,
            SendOutcome::Unknown(reason) => self.ended_by(DeliveryStatus::Sending, reason, now)?,
            SendOutcome::Refused { reason, permanent } => {
                let over = *permanent || attempt.last;
                let status = if over { DeliveryStatus::Dead } else { DeliveryStatus::Queued };
                self.ended_by(status, reason, now)?
            }
        };
        next.latency_ms = Some(attempt.latency_ms);
        Some(next)
    }

    /// The same, looked at by the safety net, which comes again if nothing else does.
    #[must_use]
    pub fn checked(&self, now: Timestamp) -> Self {
        Self { next_check_at: now + Self::CHECK_AFTER, ..self.clone() }
    }

    fn moved(&self, status: DeliveryStatus, now: Timestamp) -> Option<Self> {
        self.status.may_become(status).then(|| Self { status, ..self.checked(now) })
    }

    fn ended_by(&self, status: DeliveryStatus, reason: &str, now: Timestamp) -> Option<Self> {
        let one_line = reason.chars().map(|c| if c.is_control() { ' ' } else { c });
        let error = Some(one_line.take(Self::ERROR_LENGTH).collect());
        self.moved(status, now).map(|moved| Self { error, ..moved })
    }
}

#[cfg(test)]
mod tests;
