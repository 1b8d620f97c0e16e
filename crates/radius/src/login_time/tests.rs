use chrono_tz::{Africa::Kinshasa, Tz, UTC};
use kernel::Timestamp;

use super::{LoginTime, Window};

fn window(times: &str, at: &str, zone: Tz) -> Window {
    let at: Timestamp = at.parse().unwrap();
    times.parse::<LoginTime>().unwrap().window(at, zone)
}

#[test]
fn what_is_left_is_counted_to_the_end_of_the_last_minute() {
    // 2026-01-16 is a Friday.
    for (times, at, expected) in [
        ("Wk0800-2000", "2026-01-16T07:59:59Z", Window::Closed),
        ("Wk0800-2000", "2026-01-16T08:00:00Z", Window::Open((12 * 60 + 1) * 60)),
        ("Wk0800-2000", "2026-01-16T19:59:30Z", Window::Open(120)),
        ("Wk0800-2000", "2026-01-16T20:00:59Z", Window::Open(60)),
        ("Wk0800-2000", "2026-01-16T20:01:00Z", Window::Closed),
        ("Wk0800-2000", "2026-01-17T12:00:00Z", Window::Closed),
        ("wk0800-2000,SA0900-1300", "2026-01-17T12:00:00Z", Window::Open(61 * 60)),
        // Two spans that touch are one; the week has no end.
        ("Fr1800-2359,Sa0000-0559", "2026-01-16T18:00:00Z", Window::Open(12 * 3_600)),
        ("Sa,Su,Mo0000-0759", "2026-01-17T00:00:00Z", Window::Open(56 * 3_600)),
        ("Fr-Mo", "2026-01-16T00:00:00Z", Window::Open(4 * 86_400)),
        ("Fr-Mo", "2026-01-20T00:00:00Z", Window::Closed),
        ("Al", "2026-01-16T00:00:00Z", Window::Always),
        ("Any0000-2359", "2026-01-16T00:00:00Z", Window::Always),
        // Over midnight: both ends of the same day.
        ("Fr2200-0559", "2026-01-16T05:00:00Z", Window::Open(3_600)),
        ("Fr2200-0559", "2026-01-16T23:00:00Z", Window::Open(3_600)),
        ("Fr2200-0559", "2026-01-17T01:00:00Z", Window::Closed),
    ] {
        assert_eq!(window(times, at, UTC), expected, "{times} {at}");
    }
    assert_eq!(window("Wk0800-1959", "2026-01-16T18:59:00Z", Kinshasa), Window::Open(60));
    assert_eq!(window("Wk0800-1959", "2026-01-16T19:00:00Z", Kinshasa), Window::Closed);
}

#[test]
fn what_freeradius_would_read_otherwise_is_refused() {
    let long = ["Mo0800-1200"; 11].join(",");
    for bad in [
        "",
        ",",
        "Wk0800-2000,",
        "0800-2000",
        "Xx",
        "Wk0800",
        "Wk800-2000",
        "Wk0800-2400",
        "Wk0860-0900",
        "Wk 0800-2000",
        "Wk-Fr0800-2000",
        "Mo-Wk",
        "Wk08:00-20:00",
        "All0800-2000",
        "Mo|Tu",
        "Wk0800-2000-2100",
        "Wk+800-2000",
        &long,
    ] {
        assert!(bad.parse::<LoginTime>().is_err(), "{bad:?}");
    }
    let stored: LoginTime = serde_json::from_str("\"Wk0800-2000\"").unwrap();
    assert_eq!(serde_json::to_string(&stored).unwrap(), "\"Wk0800-2000\"");
    serde_json::from_str::<LoginTime>("\"Wk\\n\"").unwrap_err();
}
