//! The router and everything around it that connections need to know: conditions, cuts, the steps of a scenario.

use std::collections::{BTreeMap, VecDeque};

use kernel::Timestamp;
use routeros_api::Sentence;
use tokio::sync::watch;
use tracing::{info, warn};

use super::action::Action;
use super::conditions::{Conditions, Effect, Fault};
use super::execution::Answer;
use super::router::Router;
use crate::scenario::Step;

/// What every connection watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wire {
    pub(super) down: bool,
    pub(super) mute: bool,
    /// Counted up whenever all connections are cut.
    pub(super) cuts: u64,
}

/// What becomes of a command.
#[derive(Debug)]
pub(super) enum Outcome {
    Answer(Vec<Sentence>),
    /// Rows until it is cancelled.
    Watching(Vec<String>),
    /// An answer that something happens to on its way.
    Spoiled(Effect, Vec<Sentence>),
    /// `!fatal` with this text, then the end of the connection.
    Fatal(String),
    Cut,
    Silence,
}

/// The simulated world. One lock is around it; nothing in it waits.
pub(super) struct World {
    pub(super) router: Router,
    conditions: Conditions,
    wire: watch::Sender<Wire>,
    steps: VecDeque<(Timestamp, Step<Action>)>,
    executed: BTreeMap<String, u64>,
}

impl World {
    /// A world whose scenario begins now.
    pub(super) fn new(router: Router, scenario: Vec<Step<Action>>) -> Self {
        let began = router.now;
        let mut steps: Vec<_> = scenario.into_iter().map(|step| (began + step.after, step)).collect();
        steps.sort_by_key(|(moment, _)| *moment);
        Self {
            router,
            conditions: Conditions::default(),
            wire: watch::Sender::default(),
            steps: steps.into(),
            executed: BTreeMap::new(),
        }
    }

    pub(super) fn watch(&self) -> watch::Receiver<Wire> {
        self.wire.subscribe()
    }

    pub(super) fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    pub(super) fn steps_to_come(&self) -> usize {
        self.steps.len()
    }

    /// How often a command was done.
    pub(super) fn times_executed(&self, command: &str) -> u64 {
        self.executed.get(command).copied().unwrap_or(0)
    }

    /// Lets the time pass, and the scenario's steps happen at their moments.
    pub(super) fn advance(&mut self, now: Timestamp) {
        while let Some((moment, step)) = self.steps.pop_front_if(|(moment, _)| *moment <= now) {
            self.router.advance(moment);
            if let Err(error) = self.apply(step.action) {
                warn!(line = step.line, %error, "a step of the scenario failed");
            }
        }
        self.router.advance(now);
    }

    /// Changes the conditions; connections hear of it.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Conditions)) {
        change(&mut self.conditions);
        let Conditions { down, mute, room, .. } = self.conditions;
        self.router.room = room;
        self.wire.send_modify(|wire| {
            wire.cuts += u64::from(down && !wire.down);
            (wire.down, wire.mute) = (down, mute);
        });
        info!(conditions = ?self.conditions, "conditions are changed");
    }

    /// Cuts all connections.
    pub(super) fn cut(&mut self) {
        self.wire.send_modify(|wire| wire.cuts += 1);
    }

    /// Whether a command is begun, and what is to happen to it. `None`: it is never answered.
    pub(super) fn meet(&mut self, sentence: &Sentence) -> Option<Option<Fault>> {
        (!self.conditions.mute).then(|| self.conditions.meet(sentence))
    }

    /// Does a command, with what happens to it. It came over a connection that began after so many `cuts`; what
    /// arrives after the next one is not done.
    pub(super) fn perform(&mut self, sentence: &Sentence, now: Timestamp, cuts: u64) -> Outcome {
        self.advance(now);
        if self.wire.borrow().cuts != cuts {
            return Outcome::Cut;
        }
        let Some(fault) = self.meet(sentence) else {
            return Outcome::Silence;
        };
        if let Some(fault) = fault.as_ref().filter(|fault| !fault.effect.comes_after()) {
            return prevented(fault);
        }
        let command = String::from_utf8_lossy(sentence.command().unwrap_or_default()).into_owned();
        let said = match self.router.execute(sentence) {
            Ok(Answer::Said(said)) => {
                *self.executed.entry(command).or_default() += 1;
                said
            }
            Ok(Answer::Watching(interfaces)) => return Outcome::Watching(interfaces),
            Ok(Answer::Reboot) => {
                self.router.reboot();
                self.cut();
                return Outcome::Cut;
            }
            Err(trap) => {
                let message = trap.message(self.router.version);
                info!(?sentence, message, "refused");
                refusal(&message, trap.category())
            }
        };
        spoiled(fault.map(|fault| fault.effect), said)
    }
}

/// What a fault leads to that keeps a command from being done.
pub(super) fn prevented(fault: &Fault) -> Outcome {
    let text = fault.text.clone();
    match fault.effect {
        Effect::Refuse => Outcome::Answer(refusal(
            &text.unwrap_or_else(|| "failure: refused by the simulator".to_owned()),
            None,
        )),
        Effect::Fatal => Outcome::Fatal(text.unwrap_or_else(|| "too many commands".to_owned())),
        _ => Outcome::Cut,
    }
}

/// What an effect makes of an answer.
pub(super) fn spoiled(effect: Option<Effect>, said: Vec<Sentence>) -> Outcome {
    match effect {
        None => Outcome::Answer(said),
        Some(Effect::LoseAnswer) => Outcome::Cut,
        Some(Effect::NeverAnswer) => Outcome::Silence,
        Some(effect) => Outcome::Spoiled(effect, said),
    }
}

/// `!trap`, then `!done`.
pub(super) fn refusal(message: &str, category: Option<&str>) -> Vec<Sentence> {
    let trap = Sentence::of("!trap");
    let trap = category.map_or_else(|| trap.clone(), |category| trap.clone().with("category", category));
    vec![trap.with("message", message), Sentence::of("!done")]
}
