//! From what a NAS said of a session, in whatever order it was heard, to the bytes that went through it.
//!
//! A NAS counts from the session's beginning. Its reports are lost, repeated and overtake each other; it forgets and
//! counts anew; one without Gigawords (RFC 2869 section 5.1) begins again at 2^32. So the meter keeps the last few
//! reports in the order in which they were *made*, told by how long the session had lasted, and what was used is the
//! sum of the steps between neighbours. A report that comes late lands between those around it, and adds what the
//! step over it had left out: nothing, or something where the counters began anew in between. Whatever comes, the sum
//! only grows.

use chrono::TimeDelta;
use kernel::Timestamp;

use crate::observation::{Counters, Seen};

/// How many reports are kept: at one in five minutes, a report may come forty minutes late.
const KEPT: usize = 8;
/// How far the seconds of a NAS and the server may be apart.
pub const JITTER: TimeDelta = TimeDelta::seconds(5);
/// Where a 32-bit counter begins again.
const WRAP: u64 = 1 << 32;

/// A report, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// How often the NAS had forgotten the session and counted from zero before.
    pub life: u32,
    /// How long it had counted, in seconds.
    pub age: u64,
    /// When it was made.
    pub at: Timestamp,
    /// What it said.
    pub counters: Counters,
}

/// The reports of one session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meter {
    /// The last of them, by life and age.
    points: Vec<Point>,
    /// Whether there were more.
    dropped: bool,
}

/// How the counters of a NAS are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// With Gigawords: one that has gone back has begun anew.
    Bits64,
    /// Without: one that has gone back has run over 2^32.
    Bits32,
}

/// What a report added, and between which moments it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// How much.
    pub added: Counters,
}

/// What a report means to a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It says what was known.
    Unchanged,
    /// It was overtaken by later ones, and they say all that it says.
    Stale,
    /// Something more was used.
    Grown(Growth),
}

impl Meter {
    /// A meter as it was kept.
    #[must_use]
    pub fn restore(mut points: Vec<Point>, dropped: bool) -> Self {
        points.sort_by_key(|point| (point.life, point.age));
        Self { points, dropped }
    }

    /// The reports that it keeps, in order.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Whether it has let go of earlier ones.
    #[must_use]
    pub const fn dropped(&self) -> bool {
        self.dropped
    }

    /// Takes in a report. `heard_at` is when the NAS last said anything of the session, even nothing new.
    pub fn read(&mut self, seen: &Seen, heard_at: Timestamp, width: Width) -> Reading {
        let Some(life) = self.life_of(seen, heard_at) else { return Reading::Stale };
        let here = self.points.partition_point(|point| (point.life, point.age) < (life, seen.age));
        let known = self.points.get(here).copied().filter(|p| (p.life, p.age) == (life, seen.age));
        let before = here.checked_sub(1).and_then(|at| self.points.get(at)).filter(|p| p.life == life);
        if before.is_none() && self.dropped && self.points.first().is_some_and(|first| first.life >= life) {
            return Reading::Stale;
        }
        let after = self.points.get(here + usize::from(known.is_some())).filter(|p| p.life == life);
        let counters = known.map_or(seen.counters, |known| known.counters.max(seen.counters));
        if known.is_some_and(|known| known.counters == counters) {
            return Reading::Unchanged;
        }
        let from = before.map_or_else(|| seen.began(), |before| before.at);
        let start = before.map_or_else(Counters::default, |before| before.counters);
        let (middle, end) = (known.map(|known| known.counters), after.map(|after| after.counters));
        let without = walk(start, [middle, end], width);
        let added = walk(start, [Some(counters), end], width).less(without);
        let overtaken = after.is_some();
        let point = Point { life, age: seen.age, at: seen.at, counters };
        match known {
            Some(_) => self.points.splice(here..=here, [point]).for_each(drop),
            None => self.points.insert(here, point),
        }
        while self.points.len() > KEPT {
            self.points.remove(0);
            self.dropped = true;
        }
        match (added.is_zero(), overtaken) {
            (true, true) => Reading::Stale,
            (true, false) => Reading::Unchanged,
            (false, _) => Reading::Grown(Growth { from: from.min(seen.at), to: seen.at, added }),
        }
    }

    /// Which time of counting a report belongs to; none if to one whose reports are not kept any more.
    fn life_of(&self, seen: &Seen, heard_at: Timestamp) -> Option<u32> {
        let Some(last) = self.points.last() else { return Some(0) };
        if self.has_begun_anew(last, seen, heard_at) {
            return Some(last.life.saturating_add(1));
        }
        // One that was made before the last time of counting began tells of an earlier one.
        let mut life = last.life;
        while life > 0 {
            let first = self.points.iter().find(|point| point.life == life)?;
            if seen.at + JITTER >= began(first) {
                break;
            }
            life -= 1;
        }
        Some(life)
    }

    /// Whether the NAS has forgotten the session since it was last heard: what it says is less than before, and it
    /// cannot have been counting for longer than the time that has passed. An older report that was overtaken is less
    /// too, but reaches further back.
    fn has_begun_anew(&self, last: &Point, seen: &Seen, heard_at: Timestamp) -> bool {
        let less = seen.age < last.age || !seen.counters.reach(last.counters);
        less && seen.began() + JITTER >= heard_at.max(last.at)
    }
}

fn began(point: &Point) -> Timestamp {
    let Point { age, at, counters, .. } = *point;
    Seen { at, started_at: None, stopped_at: None, age, counters }.began()
}

/// The sum of the steps from `start` over those stops that there are.
fn walk(start: Counters, stops: [Option<Counters>; 2], width: Width) -> Counters {
    let (mut here, mut walked) = (start, Counters::default());
    for stop in stops.into_iter().flatten() {
        walked = walked.plus(step(here, stop, width));
        here = stop;
    }
    walked
}

/// What was used between two reports that follow each other. If either counter has gone back, both have begun anew,
/// unless they are counters that wrap.
fn step(from: Counters, to: Counters, width: Width) -> Counters {
    if to.reach(from) {
        return to.less(from);
    }
    let narrow = [from.up, from.down, to.up, to.down].iter().all(|counter| *counter < WRAP);
    if width == Width::Bits32 && narrow {
        let over = |from: u64, to: u64| (to + WRAP - from) % WRAP;
        return Counters { up: over(from.up, to.up), down: over(from.down, to.down) };
    }
    to
}

#[cfg(test)]
mod tests;
