//! What the NAS has asked and not been answered: identifiers, repetitions, and giving up.

use std::collections::{BTreeMap, VecDeque};

use chrono::TimeDelta;
use kernel::{Ambient, Timestamp};
use radius_tokio::PacketBuffer;
use tracing::warn;

use super::identity::Identity;
use super::network::{Effect, Network, Packets};
use super::packet::{self, Login, Report};
use crate::meter::Rates;

/// RouterOS waits so long for an answer, by default (manual: `/radius timeout`).
const PATIENCE: TimeDelta = TimeDelta::milliseconds(1_100);

/// How often it sends a request before it gives up.
const TRIES: u8 = 3;

/// How many requests it waits for at once. An identifier is a byte, so that there can never be more than 256.
const WINDOW: usize = 64;

/// Why something is asked.
#[derive(Clone)]
pub(super) enum Purpose {
    /// Somebody signs in and would use so much; the number names the attempt.
    Login(u64, Login, Rates),
    /// The server is told what happened at a moment.
    Report(Report, Timestamp),
}

impl Purpose {
    fn packets(&self) -> Packets {
        match self {
            Self::Login(..) => Packets::Access,
            Self::Report(Report::Start(_), _) => Packets::Start,
            Self::Report(Report::Interim(_), _) => Packets::Interim,
            Self::Report(Report::Stop(..), _) => Packets::Stop,
            Self::Report(Report::On | Report::Off, _) => Packets::Restart,
        }
    }

    fn user(&self) -> Option<&str> {
        match self {
            Self::Login(_, login, _) => Some(&login.station.user),
            Self::Report(report, _) => report.figures().map(|figures| figures.station.user.as_str()),
        }
    }
}

/// What an exchange needs to send: who speaks, over what, and where packets and news of them go.
pub(super) struct Line<'w> {
    pub(super) identity: &'w Identity,
    pub(super) ambient: &'w Ambient,
    pub(super) network: &'w mut Network,
    /// What leaves the NAS now.
    pub(super) out: &'w mut Vec<Vec<u8>>,
    /// Which reports leave the NAS now, and when what they tell happened.
    pub(super) reported: &'w mut Vec<(Report, Timestamp)>,
}

/// The requests to one port of the server.
#[derive(Default)]
pub(super) struct Exchange {
    next: u8,
    outstanding: BTreeMap<u8, Outstanding>,
    waiting: VecDeque<Purpose>,
    held: Vec<(u8, Vec<u8>, Purpose)>,
    /// What came out of the network when it was not waited for any more, with the looks since.
    strays: Vec<(u8, Vec<u8>, u32)>,
}

struct Outstanding {
    purpose: Purpose,
    bytes: Vec<u8>,
    tries: u8,
    due: Timestamp,
    /// Whether an answer can come: the request was not lost, and the server has not kept silent for too long. It is
    /// not sent again meanwhile, since time may pass for the NAS in one leap, and for the server not at all.
    expected: bool,
    /// For how many looks it has been expected.
    looks: u32,
    /// Whether the next answer is lost on its way.
    answer_lost: bool,
}

impl Exchange {
    /// Has something asked as soon as there is room.
    pub(super) fn ask(&mut self, purpose: Purpose) {
        self.waiting.push_back(purpose);
    }

    /// Whether an answer can come.
    pub(super) fn expects(&self) -> bool {
        self.outstanding.values().any(|asked| asked.expected) || !self.strays.is_empty()
    }

    /// Counts a look, and expects no answer any more that did not come within so many.
    pub(super) fn look(&mut self, patience: u32) {
        for asked in self.outstanding.values_mut() {
            asked.looks = asked.looks.saturating_add(1);
            asked.expected &= asked.looks <= patience;
        }
        self.strays.retain_mut(|(.., looks)| {
            *looks = looks.saturating_add(1);
            *looks <= patience
        });
    }

    /// Does not expect answers to what has been sent so far: the server keeps silent.
    pub(super) fn stop_expecting(&mut self) {
        for asked in self.outstanding.values_mut() {
            asked.expected = false;
        }
        self.strays.clear();
    }

    /// When something is to be sent again or given up.
    pub(super) fn next_moment(&self) -> Option<Timestamp> {
        self.outstanding.values().filter(|asked| !asked.expected).map(|asked| asked.due).min()
    }

    /// Sends what waits, as far as there is room.
    pub(super) fn pump(&mut self, line: &mut Line<'_>, now: Timestamp) {
        while self.outstanding.len() < WINDOW
            && let Some(purpose) = self.waiting.pop_front()
        {
            self.begin(line, purpose, 0, now);
        }
    }

    /// Sends again what was not answered in time; gives those that were sent often enough.
    pub(super) fn retry(&mut self, line: &mut Line<'_>, now: Timestamp) -> Vec<Purpose> {
        let due = self.outstanding.iter().filter(|(_, asked)| !asked.expected && asked.due <= now);
        let late: Vec<u8> = due.map(|(identifier, _)| *identifier).collect();
        let mut given_up = Vec::new();
        for identifier in late {
            let Some(asked) = self.outstanding.remove(&identifier) else {
                continue;
            };
            if asked.tries >= TRIES {
                given_up.push(asked.purpose);
            } else if line.identity.tells_delay && matches!(asked.purpose, Purpose::Report(..)) {
                self.begin(line, asked.purpose, asked.tries, now);
            } else {
                self.send(line, identifier, asked, now);
            }
        }
        given_up
    }

    /// Reads an answer: what was asked, and the packet. Nothing if it answers nothing that was asked, or is lost.
    pub(super) fn take(&mut self, identity: &Identity, answer: &[u8]) -> Option<(Purpose, PacketBuffer)> {
        let identifier = *answer.get(1)?;
        self.strays.retain(|(stray, bytes, _)| {
            *stray != identifier || packet::read_answer(identity, bytes, answer).is_none()
        });
        let asked = self.outstanding.get_mut(&identifier)?;
        let packet = packet::read_answer(identity, &asked.bytes, answer)?;
        if asked.answer_lost {
            (asked.answer_lost, asked.expected) = (false, false);
            return None;
        }
        self.outstanding.remove(&identifier).map(|asked| (asked.purpose, packet))
    }

    /// Sends what was held back.
    pub(super) fn release(&mut self, line: &mut Line<'_>) {
        for (identifier, bytes, purpose) in std::mem::take(&mut self.held) {
            if let Some(asked) = self.outstanding.get_mut(&identifier).filter(|asked| asked.bytes == bytes) {
                (asked.expected, asked.looks) = (true, 0);
            } else {
                self.strays.push((identifier, bytes.clone(), 0));
            }
            line.leave(bytes, &purpose);
        }
    }

    /// Forgets everything, as a restart does. What is under way reaches the server all the same.
    pub(super) fn forget(&mut self) {
        let mut strays = std::mem::take(&mut self.strays);
        let asked = std::mem::take(&mut self.outstanding).into_iter();
        let under_way = asked.filter(|(_, asked)| asked.expected);
        strays.extend(under_way.map(|(identifier, asked)| (identifier, asked.bytes, 0)));
        *self = Self { strays, ..Self::default() };
    }

    /// Makes the packet for a purpose, with an identifier that no other waits under.
    fn begin(&mut self, line: &mut Line<'_>, purpose: Purpose, tries: u8, now: Timestamp) {
        let identifier = self.identifier();
        let made = match &purpose {
            Purpose::Login(_, login, _) => {
                let mut random = [0; 16];
                line.ambient.fill(&mut random);
                packet::access_request(line.identity, login, identifier, &random)
            }
            Purpose::Report(report, happened) => {
                let delay = if line.identity.tells_delay { (now - *happened).num_seconds() } else { 0 };
                let delay = u32::try_from(delay).unwrap_or(0);
                packet::accounting_request(line.identity, report, identifier, (*happened, delay))
            }
        };
        match made {
            Ok(bytes) => {
                let asked = Outstanding {
                    purpose,
                    bytes,
                    tries,
                    due: now,
                    expected: false,
                    looks: 0,
                    answer_lost: false,
                };
                self.send(line, identifier, asked, now);
            }
            Err(error) => warn!(%error, "a packet cannot be made"),
        }
    }

    fn send(&mut self, line: &mut Line<'_>, identifier: u8, mut asked: Outstanding, now: Timestamp) {
        asked.tries += 1;
        asked.due = now + PATIENCE;
        asked.looks = 0;
        let effect = line.network.befall(asked.purpose.packets(), asked.purpose.user());
        asked.expected = !matches!(effect, Some(Effect::Lose | Effect::Hold));
        asked.answer_lost = effect == Some(Effect::LoseAnswer);
        match effect {
            Some(Effect::Lose) => {}
            Some(Effect::Hold) => self.held.push((identifier, asked.bytes.clone(), asked.purpose.clone())),
            None | Some(Effect::LoseAnswer | Effect::Repeat) => {
                line.leave(asked.bytes.clone(), &asked.purpose);
                if effect == Some(Effect::Repeat) {
                    line.leave(asked.bytes.clone(), &asked.purpose);
                }
                self.release(line);
            }
        }
        self.outstanding.insert(identifier, asked);
    }

    fn identifier(&mut self) -> u8 {
        while self.outstanding.contains_key(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        let identifier = self.next;
        self.next = self.next.wrapping_add(1);
        identifier
    }
}

impl Line<'_> {
    fn leave(&mut self, bytes: Vec<u8>, purpose: &Purpose) {
        if let Purpose::Report(report, happened) = purpose {
            self.reported.push((report.clone(), *happened));
        }
        self.out.push(bytes);
    }
}
