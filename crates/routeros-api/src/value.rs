//! What RouterOS writes values like: spans of time, dates, sizes and rates.

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Reads a span of time: `1w2d3h4m5s`, `1w2d03:04:05`, `00:10:00`, `500ms`, or a plain number of seconds. `None` for
/// anything else, `none` and `never` included.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, behind) = take_while(rest, |byte| byte.is_ascii_digit());
        if behind.starts_with(':') {
            return total.checked_add(parse_clock(rest)?);
        }
        let (unit, behind) = take_while(behind, |byte| byte.is_ascii_alphabetic());
        let number: u64 = number.parse().ok()?;
        let part = match unit {
            "w" => Duration::from_secs(number.checked_mul(WEEK)?),
            "d" => Duration::from_secs(number.checked_mul(DAY)?),
            "h" => Duration::from_secs(number.checked_mul(HOUR)?),
            "m" => Duration::from_secs(number.checked_mul(MINUTE)?),
            "s" => Duration::from_secs(number),
            "" if behind.is_empty() => Duration::from_secs(number),
            "ms" => Duration::from_millis(number),
            "us" => Duration::from_micros(number),
            _ => return None,
        };
        total = total.checked_add(part)?;
        rest = behind;
    }
    (!text.is_empty()).then_some(total)
}

/// `hours:minutes:seconds`, the last perhaps with a fraction.
fn parse_clock(text: &str) -> Option<Duration> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |text: &str| text.parse::<u64>().ok();
    let (minutes, seconds) = (number(minutes).filter(|it| *it < 60)?, number(seconds).filter(|it| *it < 60)?);
    let whole = number(hours)?.checked_mul(HOUR)?.checked_add(minutes * MINUTE + seconds)?;
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some(Duration::new(whole, nanos.parse().ok()?))
}

/// Writes a span of time in whole seconds, as RouterOS does: `1w2d3h4m5s`.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let mut left = duration.as_secs();
    let mut text = String::new();
    for (unit, seconds) in [("w", WEEK), ("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", 1)] {
        let count = left / seconds;
        left %= seconds;
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Reads a date: `jul/14/2023` up to RouterOS 7.9, `2023-07-14` since 7.10.
#[must_use]
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let Some((month, rest)) = text.split_once('/') else {
        return NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    };
    let (day, year) = rest.split_once('/')?;
    let month = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(month))?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, u32::try_from(month).ok()? + 1, day.parse().ok()?)
}

/// Reads a date and a time of day with a space between them, in either form of the date. RouterOS tells the
/// router's local time, without its zone.
#[must_use]
pub fn parse_date_time(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once(' ')?;
    Some(parse_date(date)?.and_time(NaiveTime::parse_from_str(time.trim(), "%H:%M:%S").ok()?))
}

/// Reads a number of bytes: `1048576`, `5G` (as RouterOS reads it: 1024 × 1024 × 1024), `256.0MiB`.
#[must_use]
pub fn parse_size(text: &str) -> Option<u64> {
    scaled(text, |unit| match unit {
        "" | "B" => Some(1),
        "k" | "K" | "KiB" => Some(1 << 10),
        "M" | "MiB" => Some(1 << 20),
        "G" | "GiB" => Some(1 << 30),
        "T" | "TiB" => Some(1 << 40),
        _ => None,
    })
}

/// Reads a rate in bits per second: `512k` (1000 each), `10M`, `1.5Mbps`. Zero means without limit.
#[must_use]
pub fn parse_rate(text: &str) -> Option<u64> {
    scaled(text, |unit| match unit.strip_suffix("bps").unwrap_or(unit) {
        "" => Some(1),
        "k" | "K" => Some(1_000),
        "M" => Some(1_000_000),
        "G" => Some(1_000_000_000),
        _ => None,
    })
}

/// `true` or `yes`, as RouterOS answers and as it is told.
#[must_use]
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

/// A decimal number and a unit, rounded down.
fn scaled(text: &str, factor: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let (whole, behind) = take_while(text.trim(), |byte| byte.is_ascii_digit());
    let (fraction, unit) = match behind.strip_prefix('.') {
        Some(behind) => take_while(behind, |byte| byte.is_ascii_digit()),
        None => ("", behind),
    };
    let factor = factor(unit.trim_start())?;
    let fraction = fraction.get(..fraction.len().min(6))?;
    let tens = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()? };
    let part = u128::from(part) * u128::from(factor) / u128::from(tens);
    whole.parse::<u64>().ok()?.checked_mul(factor)?.checked_add(u64::try_from(part).ok()?)
}

fn take_while(text: &str, wanted: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|byte| !wanted(byte)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_of_time_are_read_in_every_form() {
        for (text, seconds) in [
            ("1w2d03:04:05", 788_645),
            ("1w2d3h4m5s", 788_645),
            ("2h3m", 7380),
            ("30s", 30),
            ("00:10:00", 600),
            ("100:00:00", 360_000),
            ("45", 45),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse_duration("1s500ms"), Some(Duration::from_millis(1500)));
        assert_eq!(parse_duration("00:00:01.25"), Some(Duration::from_millis(1250)));
        for wrong in
            ["", "none", "never", "h", "1x", "1:2", "00:60:00", "1h 2m", "9".repeat(30).as_str(), "1dé"]
        {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn dates_are_read_as_they_were_before_and_are_since_routeros_7_10() {
        let date = NaiveDate::from_ymd_opt(2023, 7, 14);
        assert_eq!((parse_date("jul/14/2023"), parse_date("2023-07-14")), (date, date));
        let noon = date.and_then(|date| date.and_hms_opt(12, 30, 5));
        assert_eq!(parse_date_time("jul/14/2023 12:30:05"), noon);
        assert_eq!(parse_date_time("2023-07-14 12:30:05"), noon);
        for wrong in ["", "never", "jul/32/2023", "2023-13-01", "foo/14/2023", "jul/14"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_count_in_1024_and_rates_in_1000() {
        assert_eq!(parse_size("1048576"), Some(1_048_576));
        assert_eq!(parse_size("5G"), Some(5 << 30));
        assert_eq!(parse_size("256.5MiB"), Some((256 << 20) + (1 << 19)));
        assert_eq!(parse_rate("512k"), Some(512_000));
        assert_eq!(parse_rate("1.5Mbps"), Some(1_500_000));
        assert_eq!(parse_rate("0"), Some(0));
        for wrong in ["", "k", "1x", "-1", "99999999999999999999", "99999999999G", "1..5M"] {
            assert_eq!((parse_size(wrong), parse_rate(wrong)), (None, None), "{wrong}");
        }
    }

    #[test]
    fn booleans_are_read_as_answered_and_as_told() {
        assert_eq!(
            ["true", "yes", "false", "no", ""].map(parse_bool),
            [Some(true), Some(true), Some(false), Some(false), None]
        );
    }

    proptest! {
        #[test]
        fn a_written_span_of_time_is_read_again(seconds in 0..u64::from(u32::MAX)) {
            let span = Duration::from_secs(seconds);
            prop_assert_eq!(parse_duration(&format_duration(span)), Some(span));
        }

        #[test]
        fn no_text_upsets_them(text in "(?s).{0,40}", numbers in "[0-9wdhms:./a-z -]{0,40}") {
            for text in [text, numbers] {
                let spans = (parse_duration(&text), parse_size(&text), parse_rate(&text));
                let dates = (parse_date(&text), parse_date_time(&text));
                let shown = format!("{spans:?}{dates:?}");
                prop_assert!(shown.is_ascii());
            }
        }
    }
}
