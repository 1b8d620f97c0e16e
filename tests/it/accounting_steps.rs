//! What may happen at a site, and the chance that makes a history of it.

use std::net::Ipv4Addr;

use chrono::Duration;
use simulators::nas::Weather;

const GIB: u64 = 1 << 30;

/// A source of chance (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % limit
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub fn minutes(&mut self, limit: u64) -> Duration {
        Duration::minutes(self.below(limit).cast_signed())
    }

    /// One device of one user.
    pub fn device(&mut self) -> Device {
        Device { who: usize::try_from(self.below(3)).unwrap(), which: u8::try_from(self.below(2)).unwrap() }
    }

    pub fn weather(&mut self) -> Weather {
        let mut share = || u8::try_from(self.below(16)).unwrap();
        Weather { lose: share(), lose_answer: share(), repeat: share(), hold: share(), seed: self.0 }
    }

    pub fn step(&mut self) -> Step {
        match self.below(100) {
            0..25 => Step::SignIn(self.device()),
            25..35 => Step::SignOut(self.device()),
            35..60 => Step::Use(self.device(), self.below(6 * GIB), self.below(6 * GIB)),
            60..68 => Step::Report(self.device()),
            68..73 => Step::Mute(self.device().who),
            73..83 => Step::Weather(self.weather()),
            83..90 => Step::Reboot { orderly: self.percent(40), silent: self.percent(30) },
            90..93 => Step::ReuseIds,
            93..96 => Step::Leap(self.minutes(120)),
            _ => Step::Jump(self.minutes(600) - Duration::minutes(300)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    pub who: usize,
    which: u8,
}

impl Device {
    pub fn address(self) -> Ipv4Addr {
        Ipv4Addr::new(10, 5, 50, 10 + u8::try_from(self.who).unwrap() * 2 + self.which)
    }
}

/// Something that happens.
#[derive(Debug, Clone)]
pub enum Step {
    SignIn(Device),
    SignOut(Device),
    /// So many bytes go from a device and to it.
    Use(Device, u64, u64),
    Report(Device),
    /// Nothing that is said of a user gets through until the weather changes.
    Mute(usize),
    Weather(Weather),
    Reboot {
        orderly: bool,
        silent: bool,
    },
    /// The NAS gives out its ids from the first one again.
    ReuseIds,
    Leap(Duration),
    /// The portal's clock is put so far off the true time.
    Jump(Duration),
}

/// What kind of NAS tells a history.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Whether it repeats the Class that each login is given; without, a session that is given the id of an earlier
    /// one can be told from it by nothing but the time.
    pub class: bool,
    pub gigawords: bool,
    pub tells_delay: bool,
    /// Whether the portal's clock jumps while packets come. Who is told apart by time alone is told so by true clocks.
    pub jumps: bool,
}
