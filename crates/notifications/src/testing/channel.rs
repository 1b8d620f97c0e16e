//! The contract of a channel, and a channel on a script.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use kernel::{EmailAddress, Id, Msisdn, testing::Surroundings};

use crate::{
    channel::Channel,
    ports::{MessageChannel, OutgoingMessage, Recipient, SendOutcome},
};

/// A message with a key of its own for a channel, to `+243812345678` or `jean@example.cd`.
#[must_use]
pub fn outgoing(channel: &dyn MessageChannel, around: &Surroundings, text: &str) -> OutgoingMessage {
    let (recipient, subject) = match channel.name() {
        Channel::Sms => (Recipient::Phone(Msisdn::parse("+243812345678").unwrap()), None),
        Channel::Email | Channel::InApp => {
            let address = EmailAddress::parse("jean@example.cd").unwrap();
            (Recipient::Mailbox(address), Some("Votre accès est prêt".to_owned()))
        }
    };
    OutgoingMessage { key: Id::generate(&around.ambient()), recipient, subject, text: text.to_owned() }
}

/// What every working channel does.
pub async fn channel_contract(channel: &dyn MessageChannel, around: &Surroundings) {
    let first = outgoing(channel, around, "Bonjour,\nvotre accès « 2H » est prêt. 😀\n.\nFin");
    let outcome = channel.send(&first).await;
    let SendOutcome::Sent { provider_id } = &outcome else {
        panic!("a good message is sent, not {outcome:?}");
    };
    assert!(!provider_id.is_empty(), "the channel names what it took over");

    let again = channel.send(&first).await;
    if channel.idempotent() {
        assert_eq!(again, outcome, "a repeat is answered like the first time");
    } else {
        assert!(matches!(again, SendOutcome::Sent { .. }), "a repeat is sent: {again:?}");
    }

    let second = outgoing(channel, around, "Encore");
    assert!(matches!(channel.send(&second).await, SendOutcome::Sent { .. }), "keys are independent");

    let elsewhere = OutgoingMessage {
        recipient: match channel.name() {
            Channel::Sms => outgoing(&ScriptedChannel::new(Channel::Email, false), around, "").recipient,
            Channel::Email | Channel::InApp => {
                outgoing(&ScriptedChannel::new(Channel::Sms, false), around, "").recipient
            }
        },
        ..outgoing(channel, around, "Ailleurs")
    };
    let outcome = channel.send(&elsewhere).await;
    assert!(
        matches!(outcome, SendOutcome::Refused { permanent: true, .. }),
        "a recipient of another channel is refused for good: {outcome:?}"
    );
}

/// A channel that answers what it is told to, in order, then `Sent`; and remembers what it was asked.
#[derive(Debug)]
pub struct ScriptedChannel {
    channel: Channel,
    idempotent: bool,
    script: Mutex<VecDeque<SendOutcome>>,
    asked: Mutex<Vec<OutgoingMessage>>,
}

impl ScriptedChannel {
    /// A channel without a script yet.
    #[must_use]
    pub fn new(channel: Channel, idempotent: bool) -> Self {
        Self { channel, idempotent, script: Mutex::default(), asked: Mutex::default() }
    }

    /// Adds the next answer.
    pub fn answer(&self, outcome: SendOutcome) {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).push_back(outcome);
    }

    /// Everything it was asked to send, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<OutgoingMessage> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl MessageChannel for ScriptedChannel {
    fn name(&self) -> Channel {
        self.channel
    }

    fn idempotent(&self) -> bool {
        self.idempotent
    }

    async fn send(&self, message: &OutgoingMessage) -> SendOutcome {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        let next = self.script.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        next.unwrap_or_else(|| SendOutcome::Sent { provider_id: format!("scripted-{}", message.key) })
    }
}
