//! The fake NASes: what they were told is kept in a journal beside our database, and they can be told to misbehave.
//!
//! ```ignore
//! let nases = FakeNases::open(directory)?;
//! nases.change("127.0.0.1", |conditions| conditions.answer = FakeAnswer::Nak(503))?;
//! nases.orders()?                                                // all that any of them was told
//! ```

use std::{collections::BTreeMap, fmt, io, path::Path, sync::Arc};

use async_trait::async_trait;
use fake_world::{Journal, World};
use serde::{Deserialize, Serialize};

use crate::ports::nas::{LiveRates, NasAnswer, NasControl, NasTarget, Order, SessionNames, Told};

/// How a fake NAS behaves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conditions {
    /// What it answers.
    pub answer: FakeAnswer,
}

/// What a fake NAS answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FakeAnswer {
    /// That it did it.
    #[default]
    Ack,
    /// That it did not, with this `Error-Cause`.
    Nak(u32),
    /// Nothing.
    Silence,
    /// It cannot be reached.
    Away,
}

/// What a fake NAS was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FakeOrder {
    /// Which NAS, by its address.
    pub nas: String,
    /// `disconnect` or `change`.
    pub order: String,
    /// The session's `Acct-Session-Id`.
    pub session_id: String,
    /// The `User-Name`, if it was given.
    pub username: Option<String>,
    /// The new rates from and to the device, if any were given.
    pub rates: Option<(Option<u32>, Option<u32>)>,
    /// The new limit of its time in seconds, if one was given.
    pub session_timeout_seconds: Option<u32>,
}

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    /// A NAS behaves otherwise from now on.
    Changed(String, Conditions),
    /// A NAS was told something.
    Told(FakeOrder),
}

#[derive(Debug, Default)]
struct NasWorld {
    conditions: BTreeMap<String, Conditions>,
    orders: Vec<FakeOrder>,
}

impl World for NasWorld {
    type Entry = Entry;

    fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Changed(nas, conditions) => _ = self.conditions.insert(nas.clone(), conditions.clone()),
            Entry::Told(order) => self.orders.push(order.clone()),
        }
    }
}

/// All fake NASes of one journal. One is known there by its address, and need not have been heard of before.
#[derive(Clone)]
pub struct FakeNases {
    journal: Arc<Journal<NasWorld>>,
}

impl FakeNases {
    /// Opens the journal `nas.jsonl` of a directory, making it when it is missing.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(directory: &Path) -> io::Result<Self> {
        Ok(Self { journal: Arc::new(Journal::open(directory, "nas")?) })
    }

    /// Makes one behave otherwise from now on.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn change(&self, nas: &str, change: impl FnOnce(&mut Conditions)) -> io::Result<()> {
        self.journal.act(|world| {
            let mut conditions = world.conditions.get(nas).cloned().unwrap_or_default();
            change(&mut conditions);
            (vec![Entry::Changed(nas.to_owned(), conditions)], ())
        })
    }

    /// All that any of them was told, in its order.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn orders(&self) -> io::Result<Vec<FakeOrder>> {
        self.journal.look(|world| world.orders.clone())
    }
}

#[async_trait]
impl NasControl for FakeNases {
    async fn tell(&self, nas: &NasTarget, session: &SessionNames, order: &Order) -> Told {
        let name = nas.address.ip().to_string();
        let told = self.journal.act(|world| {
            let answer = world.conditions.get(&name).cloned().unwrap_or_default().answer;
            let heard = (answer != FakeAnswer::Away).then(|| Entry::Told(written(&name, session, order)));
            (heard.into_iter().collect(), (answer, world.orders.len()))
        });
        let (answer, before) = match told {
            Ok((FakeAnswer::Away, _)) => return Told::not_sent("the fake NAS is away"),
            Ok(told) => told,
            Err(error) => return Told::not_sent(error),
        };
        let answer = match answer {
            FakeAnswer::Ack => NasAnswer::Ack,
            FakeAnswer::Nak(cause) => NasAnswer::Nak(Some(cause)),
            FakeAnswer::Silence | FakeAnswer::Away => NasAnswer::Silence,
        };
        Told { answer, identifier: u8::try_from(before % 256).ok(), transmissions: 1 }
    }
}

fn written(nas: &str, session: &SessionNames, order: &Order) -> FakeOrder {
    let (order, limits) = match order {
        Order::Disconnect => ("disconnect", None),
        Order::Change(limits) => ("change", Some(*limits)),
    };
    let pair = |rates: LiveRates| (rates.upload_kbps, rates.download_kbps);
    FakeOrder {
        nas: nas.to_owned(),
        order: order.to_owned(),
        session_id: session.session_id.clone(),
        username: session.username.clone(),
        rates: limits.and_then(|limits| limits.rates).map(pair),
        session_timeout_seconds: limits.and_then(|limits| limits.session_timeout_seconds),
    }
}

impl fmt::Debug for FakeNases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeNases").finish_non_exhaustive()
    }
}
