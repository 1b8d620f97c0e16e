//! The parts that a pretended gateway plays, chosen by the last four digits of the phone number. One table serves
//! the fake in this process and the simulator on the network.
//!
//! Some parts are about bytes on a wire ([`Script::is_wire_only`]). The fake plays of them what is left without
//! a wire: the outcome that a careful client comes to, and the callbacks that a sender with our secrets makes.

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
    /// It accepts, but its answer cannot be read: a page of HTML.
    Garbage,
    /// It refuses the token once, then accepts.
    UnauthorizedOnce,
    /// It refuses the token twice: nothing was asked of the wallet.
    UnauthorizedTwice,
    /// It refuses for now, with HTTP 429: nothing was asked of the wallet.
    TooManyRequests,
    /// It accepts with `HTTP/1.1 102` and a body, which HTTP clients take for the head of an answer to come.
    Literal102,
    /// It accepts with HTTP 200 and a status of 102 in the body: in process.
    InProcess,
    /// It accepts, but the JSON of its answer stops in the middle.
    Truncated,
    /// It accepts, with ten megabytes of answer.
    Huge,
    /// It accepts, but says HTTP 500.
    ServerError,
    /// It accepts, and cuts the connection.
    Cut,
}

impl Answer {
    /// Whether it takes a wire to tell it from another.
    #[must_use]
    pub const fn is_wire_only(self) -> bool {
        match self {
            Self::Accept | Self::Refuse | Self::LoseAnswer | Self::Garbage | Self::UnauthorizedOnce => false,
            Self::UnauthorizedTwice
            | Self::TooManyRequests
            | Self::Literal102
            | Self::InProcess
            | Self::Truncated
            | Self::Huge
            | Self::ServerError
            | Self::Cut => true,
        }
    }
}

/// What only callbacks on a wire can be: without the signature, with a wrong one, to an address with a wrong
/// token, or ten megabytes long.
pub const WIRE_ONLY_CALLBACKS: [&str; 4] = ["unsigned", "forged", "wrong_token", "huge"];

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
    /// What becomes of a refund of the payment.
    pub refund: RefundPart,
}

/// What becomes of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundPart {
    /// It is paid out at once.
    Pays,
    /// It is paid out after two minutes.
    PaysLate,
    /// It is refused at once.
    Refuses,
    /// It is accepted, and comes to nothing.
    Fails,
    /// It is paid out, but the answer is lost.
    LosesAnswer,
    /// It never arrives, and there is no answer.
    NeverArrives,
    /// It is paid out at once, and whoever asks is not told how much.
    TellsNoAmount,
    /// It is paid out at once, and whoever asks is told another amount.
    TellsAnother,
}

const fn part(
    suffix: &'static str,
    name: &'static str,
    answer: Answer,
    says: &'static [(&'static str, i64)],
) -> Script {
    Script { suffix, name, answer, callback_first: false, says, refund: RefundPart::Pays }
}

/// A payment that succeeds, and of whose refund this becomes.
const fn refunded(suffix: &'static str, name: &'static str, refund: RefundPart) -> Script {
    Script { refund, ..part(suffix, name, Answer::Accept, &[("success", 300)]) }
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
    part("0017", "401 twice", Answer::UnauthorizedTwice, &[]),
    part("0018", "literal HTTP 102", Answer::Literal102, &[("success", 300)]),
    part("0019", "200 with status 102 in the body", Answer::InProcess, &[("success", 300)]),
    part("0020", "truncated answer", Answer::Truncated, &[("success", 300)]),
    part("0021", "10 MB answer", Answer::Huge, &[("success", 300)]),
    part("0022", "500, though accepted", Answer::ServerError, &[("success", 300)]),
    part("0023", "connection cut after acceptance", Answer::Cut, &[("success", 300)]),
    part("0024", "429", Answer::TooManyRequests, &[]),
    part("0025", "callback without a signature", Answer::Accept, &[("unsigned", 300)]),
    part("0026", "callback with a wrong signature", Answer::Accept, &[("forged", 300)]),
    part("0027", "callback with a wrong path token", Answer::Accept, &[("wrong_token", 300)]),
    part("0028", "10 MB callback, then success", Answer::Accept, &[("huge", 300), ("success", 600)]),
    refunded("0029", "refund after two minutes", RefundPart::PaysLate),
    refunded("0030", "refund refused", RefundPart::Refuses),
    refunded("0031", "refund accepted, then failed", RefundPart::Fails),
    refunded("0032", "refund paid, answer lost", RefundPart::LosesAnswer),
    refunded("0033", "refund never arrives", RefundPart::NeverArrives),
    refunded("0034", "refund paid, amount not told", RefundPart::TellsNoAmount),
    refunded("0035", "refund paid, another amount told", RefundPart::TellsAnother),
];

impl Script {
    /// The part that a number chooses.
    #[must_use]
    pub fn of(phone: &Msisdn) -> Self {
        let chosen = SCRIPTS.iter().find(|script| phone.digits().ends_with(script.suffix));
        chosen.or(SCRIPTS.first()).copied().unwrap_or(part("", "silence", Answer::Accept, &[]))
    }

    /// Whether the simulator alone can play it in full.
    #[must_use]
    pub fn is_wire_only(&self) -> bool {
        self.answer.is_wire_only() || self.says.iter().any(|(says, _)| WIRE_ONLY_CALLBACKS.contains(says))
    }

    /// The callbacks that a request at `now` will have.
    #[must_use]
    pub fn callbacks(&self, now: Timestamp) -> Vec<PlannedCallback> {
        let planned = self.says.iter().map(|(says, after)| PlannedCallback {
            says: (*says).to_owned(),
            due_at: now + Duration::milliseconds(*after),
            accepted: false,
            again_at: None,
            attempts: 0,
            given_up: false,
        });
        planned.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::SCRIPTS;

    /// The suffixes in the tables of a document: what stands in back quotes in the first column.
    fn documented(document: &str) -> BTreeSet<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(document);
        let text = fs::read_to_string(path).unwrap();
        let first_columns = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
        let is_suffix = |word: &&str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
        first_columns.flat_map(|column| column.split('`').filter(is_suffix).map(str::to_owned)).collect()
    }

    fn suffixes(wire_only: bool) -> BTreeSet<String> {
        let chosen = SCRIPTS.iter().filter(|script| script.is_wire_only() == wire_only);
        chosen.map(|script| script.suffix.to_owned()).collect()
    }

    #[test]
    fn every_part_is_documented_and_no_other() {
        assert_eq!(documented("README.md"), suffixes(false));
        assert_eq!(documented("docs/OPERATIONS.md"), suffixes(true));
    }

    #[test]
    fn no_suffix_is_taken_twice() {
        assert_eq!(suffixes(false).len() + suffixes(true).len(), SCRIPTS.len());
    }
}
