//! The parts that the fake gateway plays, chosen by the last four digits of the phone number. The same table
//! serves everyone who pretends to be a gateway.

use chrono::Duration;
use kernel::{Msisdn, Timestamp};

use super::world::PlannedCallback;

/// How the gateway answers a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It accepts.
    Accept,
    /// It refuses: nothing was asked of the wallet.
    Refuse,
    /// It accepts, but its answer is lost.
    LoseAnswer,
    /// It accepts, but its answer cannot be read.
    Garbage,
    /// It refuses the token once, then accepts.
    UnauthorizedOnce,
}

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    /// The last four digits that choose it.
    pub suffix: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// How the request is answered.
    pub answer: Answer,
    /// Whether the first callback comes before the answer.
    pub callback_first: bool,
    /// What the callbacks say, and how many milliseconds after the request.
    pub says: &'static [(&'static str, i64)],
}

const fn part(
    suffix: &'static str,
    name: &'static str,
    answer: Answer,
    says: &'static [(&'static str, i64)],
) -> Script {
    Script { suffix, name, answer, callback_first: false, says }
}

/// Every part. A number that ends otherwise plays the first.
pub const SCRIPTS: &[Script] = &[
    part("0000", "success", Answer::Accept, &[("success", 300)]),
    part("0001", "declined", Answer::Accept, &[("failed", 300)]),
    part("0002", "insufficient funds", Answer::Accept, &[("failed", 300)]),
    part("0003", "no callback", Answer::Accept, &[]),
    Script {
        callback_first: true,
        ..part("0004", "callback before the answer", Answer::Accept, &[("success", 0)])
    },
    part(
        "0005",
        "callback three times",
        Answer::Accept,
        &[("success", 300), ("success", 300), ("success", 300)],
    ),
    part("0006", "failed, then success", Answer::Accept, &[("failed", 300), ("success", 600)]),
    part("0007", "success after two minutes", Answer::Accept, &[("success", 120_000)]),
    part("0008", "wrong amount", Answer::Accept, &[("wrong_amount", 300)]),
    part("0009", "wrong currency", Answer::Accept, &[("wrong_currency", 300)]),
    part("0010", "timeout after acceptance", Answer::LoseAnswer, &[("success", 300)]),
    part("0011", "401 once", Answer::UnauthorizedOnce, &[("success", 300)]),
    part("0012", "garbage answer, then success", Answer::Garbage, &[("success", 300)]),
    part("0013", "refused", Answer::Refuse, &[]),
    part("0014", "success, then failed", Answer::Accept, &[("success", 300), ("failed", 600)]),
    part("0015", "timeout, and nothing more", Answer::LoseAnswer, &[]),
    part("0016", "garbage callback", Answer::Accept, &[("garbage", 300)]),
];

impl Script {
    /// The part that a number chooses.
    #[must_use]
    pub fn of(phone: &Msisdn) -> Self {
        let chosen = SCRIPTS.iter().find(|script| phone.digits().ends_with(script.suffix));
        chosen.or(SCRIPTS.first()).copied().unwrap_or(part("", "silence", Answer::Accept, &[]))
    }

    /// The callbacks that a request at `now` will have.
    #[must_use]
    pub fn callbacks(&self, now: Timestamp) -> Vec<PlannedCallback> {
        let planned = self.says.iter().map(|(says, after)| PlannedCallback {
            says: (*says).to_owned(),
            due_at: now + Duration::milliseconds(*after),
            accepted: false,
        });
        planned.collect()
    }
}
