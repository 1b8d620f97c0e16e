//! What can go wrong between a NAS and its server: single faults, and weather that is the same for the same seed.

use serde::{Deserialize, Serialize};

/// Which packets of the NAS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Packets {
    /// All of them.
    #[default]
    Any,
    /// Access-Requests.
    Access,
    /// That a session began.
    Start,
    /// What an open session has used.
    Interim,
    /// That a session ended.
    Stop,
    /// Accounting-On and -Off.
    Restart,
}

/// What happens to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It does not arrive.
    Lose,
    /// It arrives, its answer does not.
    LoseAnswer,
    /// It arrives twice.
    Repeat,
    /// It arrives behind the next one.
    Hold,
}

/// What happens to some packets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which.
    #[serde(default)]
    pub packets: Packets,
    /// Only those about this user.
    #[serde(default)]
    pub user: Option<String>,
    /// What.
    pub effect: Effect,
    /// How often it still happens; without it, always.
    #[serde(default)]
    pub times: Option<u32>,
}

/// How many of a hundred packets each effect befalls. The same seed and packets have the same weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weather {
    /// [`Effect::Lose`].
    pub lose: u8,
    /// [`Effect::LoseAnswer`].
    pub lose_answer: u8,
    /// [`Effect::Repeat`].
    pub repeat: u8,
    /// [`Effect::Hold`].
    pub hold: u8,
    /// Where chance begins.
    pub seed: u64,
}

/// The way between the NAS and its server. By default nothing is wrong with it.
#[derive(Debug, Clone, Default)]
pub(super) struct Network {
    pub(super) faults: Vec<Fault>,
    weather: Weather,
    chance: u64,
}

impl Network {
    /// Changes the weather; chance begins at its seed.
    pub(super) fn set_weather(&mut self, weather: Weather) {
        self.weather = weather;
        self.chance = weather.seed;
    }

    pub(super) fn weather(&self) -> Weather {
        self.weather
    }

    /// What befalls a packet that is sent now. A fault comes before the weather.
    pub(super) fn befall(&mut self, packets: Packets, user: Option<&str>) -> Option<Effect> {
        if let Some(index) = self.faults.iter().position(|fault| fault.fits(packets, user)) {
            let fault = self.faults.get_mut(index)?;
            let effect = fault.effect;
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            if fault.times == Some(0) {
                self.faults.remove(index);
            }
            return Some(effect);
        }
        let Weather { lose, lose_answer, repeat, hold, .. } = self.weather;
        if [lose, lose_answer, repeat, hold] == [0; 4] {
            return None;
        }
        let mut drawn = self.draw();
        for (share, effect) in [
            (lose, Effect::Lose),
            (lose_answer, Effect::LoseAnswer),
            (repeat, Effect::Repeat),
            (hold, Effect::Hold),
        ] {
            match drawn.checked_sub(share.into()) {
                None => return Some(effect),
                Some(rest) => drawn = rest,
            }
        }
        None
    }

    /// A number below a hundred (SplitMix64).
    fn draw(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.chance;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % 100
    }
}

impl Fault {
    fn fits(&self, packets: Packets, user: Option<&str>) -> bool {
        let these = self.packets == Packets::Any || self.packets == packets;
        these && self.times != Some(0) && self.user.as_deref().is_none_or(|wanted| user == Some(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_befalls_whom_it_was_told_and_as_often() {
        let fault = Fault {
            packets: Packets::Stop,
            user: Some("amina".to_owned()),
            effect: Effect::Hold,
            times: Some(1),
        };
        let mut network = Network { faults: vec![fault], ..Network::default() };
        assert_eq!(network.befall(Packets::Start, Some("amina")), None);
        assert_eq!(network.befall(Packets::Stop, Some("joel")), None);
        assert_eq!(network.befall(Packets::Stop, Some("amina")), Some(Effect::Hold));
        assert_eq!(network.befall(Packets::Stop, Some("amina")), None, "once is enough");
    }

    #[test]
    fn the_same_seed_is_the_same_weather() {
        let weather = Weather { lose: 20, lose_answer: 10, repeat: 10, hold: 10, seed: 7 };
        let hour = || {
            let mut network = Network::default();
            network.set_weather(weather);
            (0..1_000).map(|_| network.befall(Packets::Interim, None)).collect::<Vec<_>>()
        };
        let first = hour();
        assert_eq!(first, hour());
        let lost = first.iter().filter(|effect| **effect == Some(Effect::Lose)).count();
        assert!((150..250).contains(&lost), "{lost} of 1000 were lost");
        assert!(first.contains(&Some(Effect::Hold)) && first.contains(&None));
    }
}
