//! What can be wrong with a router and the way to it.

use routeros_api::Sentence;
use serde::{Deserialize, Serialize};

/// How the router is; by default nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// Connections are refused, and those that there were are cut.
    pub down: bool,
    /// Connections are accepted and commands read, but nothing is done and nothing is answered.
    pub mute: bool,
    /// How long every command takes before it is begun, in milliseconds.
    pub delay_ms: u64,
    /// How many HotSpot users there is room for, the router's own trial user included; without it, any number.
    pub room: Option<usize>,
    /// What happens to some commands; the first that fits counts.
    pub faults: Vec<Fault>,
}

/// What happens to some commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// How the commands begin: `/ip/hotspot/user/add`, `/ip/hotspot` or, for all of them and for `/login`, nothing.
    #[serde(default)]
    pub command: String,
    /// Only commands that give or ask for this `name`.
    #[serde(default)]
    pub name: Option<String>,
    /// What happens.
    pub effect: Effect,
    /// The text of [`Effect::Refuse`] and [`Effect::Fatal`].
    #[serde(default)]
    pub text: Option<String>,
    /// How often it still happens; without it, always.
    #[serde(default)]
    pub times: Option<u32>,
}

/// What happens to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It is not done; the answer is `!trap` with the text.
    Refuse,
    /// It is not done; the answer is `!fatal` with the text, and the connection is closed.
    Fatal,
    /// It is not done; the connection is cut.
    Cut,
    /// It is done; the connection is cut instead of an answer.
    LoseAnswer,
    /// It is done and never answered; the connection stays.
    NeverAnswer,
    /// It is done; half of the answer arrives, then the connection is cut.
    HalfAnswer,
    /// It is done; the answer arrives byte by byte.
    Trickle,
    /// It is done; the answer is bytes that are no sentence.
    Garbage,
    /// It is done; the answer announces a word of 2 GiB and goes on sending it.
    HugeWord,
    /// It is done; the answer is one sentence that does not end.
    EndlessSentence,
    /// It is done; the answer is rows that do not end.
    EndlessRows,
}

impl Effect {
    /// Whether the command is done all the same.
    pub(super) fn comes_after(self) -> bool {
        !matches!(self, Self::Refuse | Self::Fatal | Self::Cut)
    }
}

impl Conditions {
    /// The fault that a command meets, counted as met.
    pub(super) fn meet(&mut self, sentence: &Sentence) -> Option<Fault> {
        let index = self.faults.iter().position(|fault| fault.fits(sentence))?;
        let fault = self.faults.get_mut(index)?;
        let met = fault.clone();
        if let Some(times) = &mut fault.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.faults.remove(index);
            }
        }
        Some(met)
    }
}

impl Fault {
    fn fits(&self, sentence: &Sentence) -> bool {
        let begins = sentence.command().is_some_and(|command| command.starts_with(self.command.as_bytes()));
        let about = |name: &String| {
            let words = [format!("=name={name}"), format!("?name={name}"), format!("?=name={name}")];
            sentence.words().any(|word| words.iter().any(|wanted| wanted.as_bytes() == word))
        };
        begins && self.times != Some(0) && self.name.as_ref().is_none_or(about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_happens_as_often_as_it_was_told_and_to_whom() {
        let fault = Fault {
            command: "/ip/hotspot/user/".to_owned(),
            name: Some("amina".to_owned()),
            effect: Effect::LoseAnswer,
            text: None,
            times: Some(2),
        };
        let mut conditions = Conditions { faults: vec![fault], ..Conditions::default() };
        let add = |name: &str| Sentence::of("/ip/hotspot/user/add").with("name", name);
        assert_eq!(conditions.meet(&add("joel")), None);
        assert_eq!(
            conditions.meet(&Sentence::of("/ip/hotspot/active/print").matching("name", "amina")),
            None
        );
        assert!(conditions.meet(&add("amina")).is_some());
        assert!(conditions.meet(&Sentence::of("/ip/hotspot/user/print").matching("name", "amina")).is_some());
        assert_eq!(conditions.meet(&add("amina")), None, "twice is enough");
    }
}
