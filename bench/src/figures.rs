//! Sums for people to read.

#![expect(clippy::float_arithmetic, reason = "measurements, not money")]

use std::time::Duration;

/// How many per second, if there were `count` in that time.
pub(crate) fn per_second(count: u32, time: Duration) -> f64 {
    f64::from(count) / time.as_secs_f64()
}

/// In the middle of two.
pub(crate) fn mean(one: f64, other: f64) -> f64 {
    f64::midpoint(one, other)
}

/// How many times `part` goes into `whole`.
pub(crate) fn ratio(whole: f64, part: f64) -> f64 {
    whole / part
}

/// The one in the middle of an odd number of figures.
pub(crate) fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// How the times of many equal things are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spread {
    /// Half took no longer.
    pub(crate) p50: Duration,
    /// Of a hundred, ninety-nine took no longer.
    pub(crate) p99: Duration,
    /// None took longer.
    pub(crate) max: Duration,
}

impl Spread {
    /// By nearest rank: each figure is a time that was measured. `None` without times.
    pub(crate) fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        let rank = |percent: usize| times.get((times.len() * percent).div_ceil(100).checked_sub(1)?).copied();
        Some(Self { p50: rank(50)?, p99: rank(99)?, max: rank(100)? })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Spread;

    #[test]
    fn the_spread_is_by_nearest_rank() {
        let times = |count| (1..=count).rev().map(Duration::from_secs).collect();
        let seconds = |p50, p99, max| {
            let [p50, p99, max] = [p50, p99, max].map(Duration::from_secs);
            Some(Spread { p50, p99, max })
        };
        assert_eq!(Spread::of(times(0)), None);
        assert_eq!(Spread::of(times(1)), seconds(1, 1, 1));
        assert_eq!(Spread::of(times(50)), seconds(25, 50, 50));
        assert_eq!(Spread::of(times(400)), seconds(200, 396, 400));
    }
}
