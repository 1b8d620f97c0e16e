//! How RouterOS writes and reads values: durations, flags, sizes, rates, dates. On the wire everything is text.

use chrono::TimeDelta;
use kernel::ambient::Timestamp;

use super::version::Version;

const UNITS: [(&str, u64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// Upload and download in kilobits per second; `None` is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RateLimits {
    pub(crate) upload_kbps: Option<u32>,
    pub(crate) download_kbps: Option<u32>,
}

/// `1w2d3h4m5s`; nothing at all is `0s`.
pub(crate) fn write_duration(mut seconds: u64) -> String {
    let mut text = String::new();
    for (unit, length) in UNITS {
        if seconds >= length {
            text += &format!("{}{unit}", seconds / length);
            seconds %= length;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Seconds, from `1d2h`, `01:30:00`, `1d 01:30:00` or a bare number of seconds.
pub(crate) fn read_duration(text: &str) -> Option<u64> {
    let mut seconds = 0u64;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at_checked(digits)?;
        if tail.starts_with(':') {
            let clock = rest.split(' ').next()?;
            seconds = seconds.checked_add(read_clock(clock)?)?;
            rest = rest.strip_prefix(clock)?.trim_start();
            continue;
        }
        let unit = UNITS.into_iter().find(|(unit, _)| tail.starts_with(unit));
        let (unit, length) = unit.or_else(|| tail.is_empty().then_some(("", 1)))?;
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(length)?)?;
        rest = tail.strip_prefix(unit)?.trim_start();
    }
    Some(seconds)
}

fn read_clock(text: &str) -> Option<u64> {
    let mut seconds = 0u64;
    for part in text.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    Some(seconds)
}

/// `yes`, `no`, `true`, `false`.
pub(super) fn read_flag(text: &str) -> Option<bool> {
    match text {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

/// A number of bytes, with `k`, `M` or `G` for powers of 1024.
pub(super) fn read_size(text: &str) -> Option<u64> {
    scaled(text, 1024)
}

/// Bits per second, with `k`, `M` or `G` for powers of 1000.
fn read_bps(text: &str) -> Option<u64> {
    scaled(text, 1000)
}

fn scaled(text: &str, step: u64) -> Option<u64> {
    let (digits, factor) = match text.chars().last()? {
        'k' | 'K' => (text.get(..text.len() - 1)?, step),
        'M' => (text.get(..text.len() - 1)?, step.pow(2)),
        'G' => (text.get(..text.len() - 1)?, step.pow(3)),
        _ => (text, 1),
    };
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// The first field of `rx[/tx] [burst …]`, seen from the router: rx is the client's upload. One rate counts for both
/// directions; zero is without limit.
pub(crate) fn read_rates(text: &str) -> Option<RateLimits> {
    let (upload, download) = read_pair(text.split_whitespace().next()?)?;
    let kbps = |bps: u64| (bps > 0).then(|| u32::try_from((bps / 1000).max(1)).unwrap_or(u32::MAX));
    Some(RateLimits { upload_kbps: kbps(upload), download_kbps: kbps(download) })
}

/// A pair of rates in bits per second, as `max-limit` prints it.
pub(super) fn plain_rates(text: &str) -> Option<String> {
    let (upload, download) = read_pair(text)?;
    Some(format!("{upload}/{download}"))
}

fn read_pair(text: &str) -> Option<(u64, u64)> {
    let (upload, download) = text.split_once('/').unwrap_or((text, text));
    Some((read_bps(upload)?, read_bps(download)?))
}

/// A date as this version writes it.
pub(super) fn write_date(moment: Timestamp, version: Version) -> String {
    if version.writes_iso_dates() {
        moment.format("%Y-%m-%d").to_string()
    } else {
        moment.format("%b/%d/%Y").to_string().to_lowercase()
    }
}

/// Six pairs of hexadecimal digits, upper case with colons.
pub(crate) fn read_mac(text: &str) -> Option<String> {
    let pairs: Vec<&str> = text.split(':').collect();
    let fine = pairs.len() == 6
        && pairs.iter().all(|pair| pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
    fine.then(|| text.to_ascii_uppercase())
}

/// Whole seconds of a span, never below zero.
pub(crate) fn seconds(span: TimeDelta) -> u64 {
    u64::try_from(span.num_seconds()).unwrap_or(0)
}

/// Microseconds of a span, never below zero.
pub(crate) fn micros(span: TimeDelta) -> u64 {
    span.num_microseconds().and_then(|micros| u64::try_from(micros).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_in_weeks_days_hours_minutes_seconds() {
        for (seconds, text) in
            [(0, "0s"), (59, "59s"), (3_600, "1h"), (694_861, "1w1d1h1m1s"), (86_405, "1d5s")]
        {
            assert_eq!(write_duration(seconds), text);
            assert_eq!(read_duration(text), Some(seconds));
        }
    }

    #[test]
    fn durations_are_read_in_every_spelling() {
        for (text, seconds) in [
            ("90", 90),
            ("01:30:00", 5_400),
            ("1d 00:00:05", 86_405),
            ("1d00:00:05", 86_405),
            ("1h 5s", 3_605),
        ] {
            assert_eq!(read_duration(text), Some(seconds), "{text}");
        }
        for wrong in ["", "x", "1x", "-5", "1d:", "99999999999999999999w"] {
            assert_eq!(read_duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rates_count_thousands_and_sizes_count_1024() {
        let both = |up, down| Some(RateLimits { upload_kbps: up, download_kbps: down });
        assert_eq!(read_rates("512k/2M"), both(Some(512), Some(2_000)));
        assert_eq!(read_rates("1M/0 2M/2M"), both(Some(1_000), None));
        assert_eq!(read_rates("64k"), both(Some(64), Some(64)));
        assert_eq!(read_rates("fast"), None);
        assert_eq!(plain_rates("512k/2M").as_deref(), Some("512000/2000000"));
        assert_eq!(read_size("1G"), Some(1_073_741_824));
    }

    #[test]
    fn dates_changed_with_7_10() {
        let moment = Timestamp::from_timestamp(1_689_292_800, 0).unwrap();
        assert_eq!(write_date(moment, Version::V7_9), "jul/14/2023");
        assert_eq!(write_date(moment, Version::V7_18), "2023-07-14");
    }

    #[test]
    fn a_mac_address_is_six_pairs() {
        assert_eq!(read_mac("aa:bb:cc:00:11:22").as_deref(), Some("AA:BB:CC:00:11:22"));
        assert_eq!(read_mac("aa-bb"), None);
    }
}
