//! What is wanted of an open session, and the ladder by which it is enforced: a CoA-Request, a Disconnect-Request, the
//! router's own API, a person.
//!
//! Pure: [`next`] says what is to be done, from what was wanted, what was tried, and what accounting says. Nobody's word
//! is taken for the end of a session but accounting's, or the router's who has looked: a NAS may acknowledge and let the
//! session go on.

use chrono::TimeDelta;
use kernel::{
    Timestamp,
    id::ids::{EnforcementAttemptId, RadiusSessionId},
};

use crate::{
    ports::nas::{LiveLimits, LiveRates, SESSION_CONTEXT_NOT_FOUND},
    session::SILENT_FOR,
};

/// How long after an answer accounting may take to confirm it. A NAS reports an end at once; a few seconds are the
/// server's and ours.
pub const CONFIRMED_WITHIN: TimeDelta = TimeDelta::seconds(30);
/// An attempt whose end was not written down by then has no end: the process died in it.
pub const GIVEN_UP_AFTER: TimeDelta = TimeDelta::seconds(45);
/// How long after a session has gone silent accounting may take to call it over.
pub const CALLED_OVER_WITHIN: TimeDelta = TimeDelta::minutes(5);
/// How often one rung is tried, whether the NAS acknowledged in vain or the process died.
const TRIES: usize = 2;

/// What is wanted of an open session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// That it ends.
    End,
    /// That it goes on under other limits; if that cannot be had, that it ends, since who signs in again has them.
    Change(LiveLimits),
}

/// What is wanted of an open session, and what has come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enforcement {
    /// The session.
    pub session_id: RadiusSessionId,
    /// What is wanted.
    pub wish: Wish,
    /// Why, as a word: `staff`, `quota`, `disabled`, `profile`.
    pub reason: String,
    /// Since when.
    pub asked_at: Timestamp,
    /// Counts what was wanted of this session, from 1. Attempts belong to one of them.
    pub revision: u32,
    /// What has come of it, and when; open until then.
    pub settled: Option<(Timestamp, Settled)>,
}

/// What has come of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Accounting says that the session is over.
    Closed,
    /// The router has been looked at, and has no such session any more.
    Removed,
    /// The NAS has acknowledged the other limits. Accounting cannot confirm that.
    Acknowledged,
    /// Nothing helped; a person was told.
    Alerted,
}

impl Settled {
    /// Every end of a wish.
    pub const ALL: [Self; 4] = [Self::Closed, Self::Removed, Self::Acknowledged, Self::Alerted];

    /// The word for it, as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Removed => "removed",
            Self::Acknowledged => "acknowledged",
            Self::Alerted => "alerted",
        }
    }

    /// Reads a stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|settled| settled.as_str() == text)
    }
}

/// One way to have a session ended or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rung {
    /// A CoA-Request.
    Change,
    /// The same without the `User-Name`: we know names folded, and a NAS that knows another spelling knows no such
    /// session.
    ChangeUnnamed,
    /// A Disconnect-Request.
    Disconnect,
    /// The same without the `User-Name`.
    DisconnectUnnamed,
    /// The router's own API.
    RouterApi,
}

impl Rung {
    /// Every rung, the gentlest first.
    pub const ALL: [Self; 5] =
        [Self::Change, Self::ChangeUnnamed, Self::Disconnect, Self::DisconnectUnnamed, Self::RouterApi];

    /// The word for it, as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::ChangeUnnamed => "change_unnamed",
            Self::Disconnect => "disconnect",
            Self::DisconnectUnnamed => "disconnect_unnamed",
            Self::RouterApi => "router_api",
        }
    }

    /// Whether the session goes on by it, under other limits.
    #[must_use]
    pub const fn changes(self) -> bool {
        matches!(self, Self::Change | Self::ChangeUnnamed)
    }

    /// Whether the NAS is told the name.
    #[must_use]
    pub const fn names_the_user(self) -> bool {
        !matches!(self, Self::ChangeUnnamed | Self::DisconnectUnnamed)
    }

    /// Reads a stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.as_str() == text)
    }
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Names it.
    pub id: EnforcementAttemptId,
    /// The session.
    pub session_id: RadiusSessionId,
    /// Which wish it served.
    pub revision: u32,
    /// Its place among the tries for that wish, from 1.
    pub number: u32,
    /// How it was tried.
    pub rung: Rung,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it ended, and how.
    pub ended: Option<(Timestamp, Outcome)>,
    /// The packet's identifier, by which a trace at the NAS finds it.
    pub identifier: Option<u8>,
    /// How often the packet was sent.
    pub transmissions: u8,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The NAS acknowledged. No proof.
    Ack,
    /// The NAS refused, with its `Error-Cause` (RFC 5176 section 3.5).
    Nak(Option<u32>),
    /// The NAS said nothing that could be believed.
    Silence,
    /// Nothing was sent, or refused before it could do anything, for this reason.
    NotSent(String),
    /// The router has no such session any more.
    Removed,
    /// The process died in it: it may have been sent or not.
    Unknown,
}

impl Outcome {
    /// The word for it, as it is stored and sent.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Ack => "ack",
            Self::Nak(_) => "nak",
            Self::Silence => "silence",
            Self::NotSent(_) => "not_sent",
            Self::Removed => "removed",
            Self::Unknown => "unknown",
        }
    }

    /// The `Error-Cause` of a refusal.
    #[must_use]
    pub const fn error_cause(&self) -> Option<u32> {
        match self {
            Self::Nak(cause) => *cause,
            _ => None,
        }
    }

    /// Why nothing was sent.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::NotSent(reason) => Some(reason),
            _ => None,
        }
    }

    /// Reads a stored outcome.
    #[must_use]
    pub fn parse(word: &str, cause: Option<u32>, reason: Option<String>) -> Option<Self> {
        Some(match word {
            "ack" => Self::Ack,
            "nak" => Self::Nak(cause),
            "silence" => Self::Silence,
            "not_sent" => Self::NotSent(reason.unwrap_or_default()),
            "removed" => Self::Removed,
            "unknown" => Self::Unknown,
            _ => return None,
        })
    }
}

/// What accounting says of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether it is over.
    pub over: bool,
    /// When its NAS last said something of it.
    pub last_seen_at: Timestamp,
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is settled.
    Settle(Settled),
    /// It is to be looked again then.
    Wait(Timestamp),
    /// This is to be tried.
    Try(Rung),
}

/// What is to be done about a wish, after these tries in their order.
#[must_use]
pub fn next(wish: Wish, attempts: &[Attempt], look: Look, now: Timestamp) -> Next {
    if look.over {
        return Next::Settle(Settled::Closed);
    }
    let Some(last) = attempts.last() else {
        return Next::Try(match wish {
            Wish::End => Rung::Disconnect,
            Wish::Change(_) => Rung::Change,
        });
    };
    let (ended_at, outcome) = match &last.ended {
        Some((at, outcome)) => (*at, outcome),
        None if now < last.begun_at + GIVEN_UP_AFTER => return Next::Wait(last.begun_at + GIVEN_UP_AFTER),
        None => (now, &Outcome::Unknown),
    };
    let unproved = (now < ended_at + CONFIRMED_WITHIN).then_some(Next::Wait(ended_at + CONFIRMED_WITHIN));
    let tried = attempts.iter().filter(|attempt| attempt.rung == last.rung).count();
    let again = (tried < TRIES).then_some(Next::Try(last.rung));
    match outcome {
        Outcome::Removed => Next::Settle(Settled::Removed),
        Outcome::Ack if last.rung.changes() => Next::Settle(Settled::Acknowledged),
        // In vain, it seems: the NAS is asked once more, and may say by now that it has no such session.
        Outcome::Ack => unproved.or(again).unwrap_or_else(|| above(last.rung, outcome)),
        Outcome::Unknown => again.unwrap_or_else(|| above(last.rung, outcome)),
        Outcome::Silence => unproved.unwrap_or_else(|| above(last.rung, outcome)),
        Outcome::Nak(Some(SESSION_CONTEXT_NOT_FOUND)) if may_have_ended_it(attempts) => {
            // It ended the session and its report of that was lost. Then nothing more is heard of it.
            let silent = ended_at + SILENT_FOR + CALLED_OVER_WITHIN;
            if look.last_seen_at > ended_at {
                above(Rung::DisconnectUnnamed, outcome)
            } else if now < silent {
                Next::Wait(silent)
            } else {
                Next::Settle(Settled::Alerted)
            }
        }
        Outcome::Nak(_) | Outcome::NotSent(_) => above(last.rung, outcome),
    }
}

/// Whether a NAS that knows no such session may have ended it before: it has said so once, or nobody knows what it said and
/// it was asked since under every name.
fn may_have_ended_it(attempts: &[Attempt]) -> bool {
    let by_any_name = attempts.last().is_some_and(|last| last.rung == Rung::DisconnectUnnamed);
    let of_end = attempts.iter().filter(|attempt| !attempt.rung.changes());
    of_end.filter_map(|attempt| attempt.ended.as_ref()).any(|(_, outcome)| match outcome {
        Outcome::Ack => true,
        Outcome::Unknown => by_any_name,
        _ => false,
    })
}

/// The next rung after one that did not help.
fn above(rung: Rung, outcome: &Outcome) -> Next {
    let unknown = *outcome == Outcome::Nak(Some(SESSION_CONTEXT_NOT_FOUND));
    match rung {
        Rung::Change if unknown => Next::Try(Rung::ChangeUnnamed),
        Rung::Change | Rung::ChangeUnnamed => Next::Try(Rung::Disconnect),
        Rung::Disconnect if unknown => Next::Try(Rung::DisconnectUnnamed),
        Rung::Disconnect | Rung::DisconnectUnnamed => Next::Try(Rung::RouterApi),
        Rung::RouterApi => Next::Settle(Settled::Alerted),
    }
}

impl Wish {
    /// The word for it, as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Change(_) => "change",
        }
    }

    /// The limits that are wanted.
    #[must_use]
    pub const fn limits(self) -> LiveLimits {
        match self {
            Self::End => LiveLimits { rates: None, session_timeout_seconds: None },
            Self::Change(limits) => limits,
        }
    }

    /// Other rates, and nothing else.
    #[must_use]
    pub const fn rates(upload_kbps: Option<u32>, download_kbps: Option<u32>) -> Self {
        let rates = Some(LiveRates { upload_kbps, download_kbps });
        Self::Change(LiveLimits { rates, session_timeout_seconds: None })
    }
}

#[cfg(test)]
mod tests;
