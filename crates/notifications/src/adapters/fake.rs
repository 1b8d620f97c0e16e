//! The fake phone and the fake mailbox: what would have reached a person is written into a journal instead.
//!
//! They recognise a repeat by its key, and can be told to be down, to refuse a recipient, and to lose their
//! answer after a message has arrived.

use std::{collections::BTreeMap, fmt, io, path::Path, sync::Arc};

use async_trait::async_trait;
use fake_world::{Journal, World};
use kernel::{Ambient, Timestamp, id::ids::DeliveryId};
use serde::{Deserialize, Serialize};

use crate::{
    channel::Channel,
    ports::{MessageChannel, OutgoingMessage, Recipient, SendOutcome},
};

/// A message that arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedMessage {
    /// The delivery that it is.
    pub key: DeliveryId,
    /// The fake's own name for it.
    pub provider_id: String,
    /// The phone number or address that it reached.
    pub to: String,
    /// The subject line, where there is one.
    pub subject: Option<String>,
    /// The text.
    pub text: String,
    /// When it arrived.
    pub at: Timestamp,
}

/// Something that happened to a fake, or that it was told: a line of its journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum FakeEntry {
    /// A message arrived.
    Received(ReceivedMessage),
    /// A message that had arrived before was sent again, and recognised.
    Repeated {
        /// Its delivery.
        key: DeliveryId,
    },
    /// It goes down, or comes back.
    Down {
        /// Whether it is down from now on.
        down: bool,
    },
    /// It refuses a recipient from now on.
    Refuses {
        /// The phone number or address.
        to: String,
        /// Whether it says that the refusal is for good.
        permanent: bool,
    },
    /// It takes messages for a recipient again.
    Accepts {
        /// The phone number or address.
        to: String,
    },
    /// It will lose the answers to the next messages that arrive.
    LosesAnswers {
        /// How many.
        times: u32,
    },
    /// It lost an answer.
    AnswerLost,
}

/// The world of one fake, also as `fake show` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FakeInbox {
    /// What arrived, the oldest first.
    pub received: Vec<ReceivedMessage>,
    /// How often messages that had arrived before were sent again.
    pub repeats: u64,
    /// Whether it is down.
    pub down: bool,
    /// Whom it refuses, and whether for good.
    pub refuses: BTreeMap<String, bool>,
    /// How many of the next answers it will lose.
    pub answers_to_lose: u32,
    #[serde(skip)]
    by_key: BTreeMap<DeliveryId, usize>,
}

impl World for FakeInbox {
    type Entry = FakeEntry;

    fn apply(&mut self, entry: &FakeEntry) {
        match entry {
            FakeEntry::Received(message) => {
                self.by_key.insert(message.key, self.received.len());
                self.received.push(message.clone());
            }
            FakeEntry::Repeated { .. } => self.repeats += 1,
            FakeEntry::Down { down } => self.down = *down,
            FakeEntry::Refuses { to, permanent } => {
                self.refuses.insert(to.clone(), *permanent);
            }
            FakeEntry::Accepts { to } => {
                self.refuses.remove(to);
            }
            FakeEntry::LosesAnswers { times } => self.answers_to_lose = *times,
            FakeEntry::AnswerLost => self.answers_to_lose = self.answers_to_lose.saturating_sub(1),
        }
    }
}

impl FakeInbox {
    /// What happens when a message is sent to it at a moment.
    fn take(
        &self,
        message: &OutgoingMessage,
        channel: Channel,
        at: Timestamp,
    ) -> (Vec<FakeEntry>, SendOutcome) {
        let to = match (&message.recipient, channel) {
            (Recipient::Phone(number), Channel::Sms) => number.to_string(),
            (Recipient::Mailbox(address), Channel::Email) => address.to_string(),
            _ => return (Vec::new(), refused("not a recipient of this channel", true)),
        };
        if self.down {
            return (Vec::new(), SendOutcome::Unreachable("the fake is down".to_owned()));
        }
        if let Some(permanent) = self.refuses.get(&to) {
            return (Vec::new(), refused("the fake refuses this recipient", *permanent));
        }
        let earlier = self.by_key.get(&message.key).and_then(|place| self.received.get(*place));
        let (entry, provider_id) = match earlier {
            Some(earlier) => (FakeEntry::Repeated { key: message.key }, earlier.provider_id.clone()),
            None => {
                let provider_id = format!("fake-{channel}-{}", self.received.len() + 1);
                let received = ReceivedMessage {
                    key: message.key,
                    provider_id: provider_id.clone(),
                    to,
                    subject: message.subject.clone(),
                    text: message.text.clone(),
                    at,
                };
                (FakeEntry::Received(received), provider_id)
            }
        };
        if self.answers_to_lose > 0 {
            let lost = SendOutcome::Unknown("the fake lost its answer".to_owned());
            return (vec![entry, FakeEntry::AnswerLost], lost);
        }
        (vec![entry], SendOutcome::Sent { provider_id })
    }
}

fn refused(reason: &str, permanent: bool) -> SendOutcome {
    SendOutcome::Refused { reason: reason.to_owned(), permanent }
}

/// A fake phone network or mail server.
#[derive(Clone)]
pub struct FakeChannel {
    channel: Channel,
    journal: Arc<Journal<FakeInbox>>,
    ambient: Ambient,
}

impl FakeChannel {
    /// The fake phone, whose journal is `sms.jsonl` in this directory.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn phone(directory: &Path, ambient: Ambient) -> io::Result<Self> {
        Self::open(Channel::Sms, directory, ambient)
    }

    /// The fake mailbox, whose journal is `email.jsonl` in this directory.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn mailbox(directory: &Path, ambient: Ambient) -> io::Result<Self> {
        Self::open(Channel::Email, directory, ambient)
    }

    fn open(channel: Channel, directory: &Path, ambient: Ambient) -> io::Result<Self> {
        let journal = Arc::new(Journal::open(directory, channel.as_str())?);
        Ok(Self { channel, journal, ambient })
    }

    /// Everything that arrived, and how the fake was told to behave.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn snapshot(&self) -> io::Result<FakeInbox> {
        self.journal.look(Clone::clone)
    }

    /// Takes it down, or brings it back.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn set_down(&self, down: bool) -> io::Result<()> {
        self.tell(FakeEntry::Down { down })
    }

    /// Makes it refuse a recipient, given as a phone number in E.164 form or an address.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn refuse(&self, to: &str, permanent: bool) -> io::Result<()> {
        self.tell(FakeEntry::Refuses { to: to.to_owned(), permanent })
    }

    /// Makes it take messages for a recipient again.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn accept(&self, to: &str) -> io::Result<()> {
        self.tell(FakeEntry::Accepts { to: to.to_owned() })
    }

    /// Makes it lose the answers to the next messages, which arrive all the same.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn lose_answers(&self, times: u32) -> io::Result<()> {
        self.tell(FakeEntry::LosesAnswers { times })
    }

    fn tell(&self, entry: FakeEntry) -> io::Result<()> {
        self.journal.act(|_| (vec![entry], ()))
    }
}

impl fmt::Debug for FakeChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FakeChannel({})", self.channel)
    }
}

#[async_trait]
impl MessageChannel for FakeChannel {
    fn name(&self) -> Channel {
        self.channel
    }

    fn idempotent(&self) -> bool {
        true
    }

    async fn send(&self, message: &OutgoingMessage) -> SendOutcome {
        let (fake, message) = (self.clone(), message.clone());
        // Another process may hold the journal's lock, and waiting for a file blocks the thread.
        let sending = tokio::task::spawn_blocking(move || {
            let at = fake.ambient.now();
            fake.journal.act(|inbox| inbox.take(&message, fake.channel, at))
        });
        match sending.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => SendOutcome::Unreachable(format!("the fake's journal: {error}")),
            Err(error) => SendOutcome::Unknown(format!("the fake stopped: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::testing::Surroundings;
    use tempfile::TempDir;

    use super::FakeChannel;
    use crate::{
        ports::{MessageChannel, SendOutcome},
        testing::{channel_contract, outgoing},
    };

    fn phone() -> (TempDir, FakeChannel, Surroundings) {
        let (directory, around) = (tempfile::tempdir().unwrap(), Surroundings::new());
        let phone = FakeChannel::phone(directory.path(), around.ambient()).unwrap();
        (directory, phone, around)
    }

    #[tokio::test]
    async fn the_fakes_keep_the_contract_of_a_channel() {
        let (directory, phone, around) = phone();
        channel_contract(&phone, &around).await;
        let mailbox = FakeChannel::mailbox(directory.path(), around.ambient()).unwrap();
        channel_contract(&mailbox, &around).await;
    }

    #[tokio::test]
    async fn a_repeat_arrives_once() {
        let (_directory, phone, around) = phone();
        let message = outgoing(&phone, &around, "Bonjour");
        for _ in 0..3 {
            assert!(matches!(phone.send(&message).await, SendOutcome::Sent { .. }));
        }
        let inbox = phone.snapshot().unwrap();
        assert_eq!((inbox.received.len(), inbox.repeats), (1, 2));
        assert_eq!(inbox.received[0].text, "Bonjour");
    }

    #[tokio::test]
    async fn a_message_whose_answer_is_lost_has_arrived() {
        let (_directory, phone, around) = phone();
        phone.lose_answers(1).unwrap();
        let message = outgoing(&phone, &around, "Bonjour");
        assert!(matches!(phone.send(&message).await, SendOutcome::Unknown(_)));
        assert_eq!(phone.snapshot().unwrap().received.len(), 1);
        assert!(matches!(phone.send(&message).await, SendOutcome::Sent { .. }));
        assert_eq!(phone.snapshot().unwrap().received.len(), 1);
    }

    #[tokio::test]
    async fn nothing_arrives_while_it_is_down_or_refuses() {
        let (_directory, phone, around) = phone();
        let message = outgoing(&phone, &around, "Bonjour");
        phone.set_down(true).unwrap();
        assert!(matches!(phone.send(&message).await, SendOutcome::Unreachable(_)));
        phone.set_down(false).unwrap();
        phone.refuse("+243812345678", true).unwrap();
        assert!(matches!(phone.send(&message).await, SendOutcome::Refused { permanent: true, .. }));
        assert!(phone.snapshot().unwrap().received.is_empty());
        phone.accept("+243812345678").unwrap();
        assert!(matches!(phone.send(&message).await, SendOutcome::Sent { .. }));
    }

    #[tokio::test]
    async fn another_process_sees_what_arrived() {
        let (directory, phone, around) = phone();
        phone.send(&outgoing(&phone, &around, "Bonjour")).await;
        let other = FakeChannel::phone(directory.path(), around.ambient()).unwrap();
        assert_eq!(other.snapshot().unwrap(), phone.snapshot().unwrap());
    }
}
