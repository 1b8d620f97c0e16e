//! Reading single cells of a statement. Whatever could mean two things is refused: these are sums of money.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use kernel::{Currency, Money, Timestamp};

use super::{SaidStatus, columns::fold};

/// The largest amount that is read, in minor units: a million million francs. All the lines that a file may have
/// add up to less than 64 bits hold; a larger number is another column's.
const LARGEST: i64 = 100_000_000_000_000;

/// Reads an amount such as `1500`, `1500.00`, `1 500,00` or `1,500.00`. A single mark with three digits behind
/// it (`1,500`) may be a thousands' mark or a decimal one, and is refused.
pub(super) fn amount(text: &str, currency: Currency) -> Option<Money> {
    let packed: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'')).collect();
    let (whole, fraction) = match packed.rfind([',', '.']) {
        None => (packed.as_str(), ""),
        Some(at) => (packed.get(..at)?, packed.get(at + 1..)?),
    };
    let decimal = packed.chars().rev().find(|c| matches!(c, ',' | '.'));
    if decimal.is_some() && !(1..=2).contains(&fraction.len()) {
        return None;
    }
    let digits = without_thousands(whole, decimal)?;
    let plain = if fraction.is_empty() { digits } else { format!("{digits}.{fraction}") };
    Money::parse(&plain, currency).ok().filter(|amount| (0..=LARGEST).contains(&amount.minor()))
}

/// The digits before the decimal mark. Thousands' marks are all the same, not the decimal one, and stand before
/// three digits each.
fn without_thousands(whole: &str, decimal: Option<char>) -> Option<String> {
    let Some(mark) = whole.chars().find(|c| matches!(c, ',' | '.')) else {
        return Some(whole.to_owned());
    };
    if Some(mark) == decimal {
        return None;
    }
    let mut groups = whole.split(mark);
    let first = groups.next()?;
    let fits = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    fits.then(|| whole.replace(mark, ""))
}

/// Reads a moment: ISO 8601 with or without a time and a zone, or `dd/mm/yyyy` with or without a time. Without
/// a zone it is the portal's.
pub(super) fn moment(text: &str, zone: Tz) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return in_range(moment.with_timezone(&Utc));
    }
    let text = text.replacen('T', " ", 1);
    let (day, time) = text.split_once(' ').unwrap_or((text.as_str(), ""));
    let day = ["%Y-%m-%d", "%d/%m/%Y"].iter().find_map(|form| NaiveDate::parse_from_str(day, form).ok())?;
    let time = match time.trim() {
        "" => NaiveTime::MIN,
        time => {
            ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok())?
        }
    };
    in_range(zone.from_local_datetime(&NaiveDateTime::new(day, time)).earliest()?.with_timezone(&Utc))
}

/// A year far away is a slip of the pen, or two digits of a year.
fn in_range(moment: Timestamp) -> Option<Timestamp> {
    use chrono::Datelike as _;
    (2000..=2100).contains(&moment.year()).then(|| kernel::ambient::truncate(moment))
}

/// Reads how a payment ended.
pub(super) fn status(text: &str) -> Option<SaidStatus> {
    match fold(text).as_str() {
        "success" | "successful" | "succeeded" | "succes" | "completed" | "complete" | "paid" | "ok"
        | "200" | "reussi" | "reussie" | "paye" | "payee" | "valide" | "validee" | "effectue"
        | "effectuee" => Some(SaidStatus::Succeeded),
        "failed" | "failure" | "fail" | "declined" | "rejected" | "refused" | "cancelled" | "canceled"
        | "expired" | "error" | "echec" | "echoue" | "echouee" | "refuse" | "refusee" | "annule"
        | "annulee" | "expire" | "expiree" => Some(SaidStatus::Failed),
        "pending" | "processing" | "initiated" | "102" | "enattente" | "encours" => Some(SaidStatus::Pending),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Africa::Kinshasa;
    use kernel::Currency;
    use proptest::prelude::*;

    use super::{amount, moment, status};
    use crate::statement::SaidStatus;

    #[test]
    fn amounts_are_read_in_one_way_or_not_at_all() {
        for (text, minor) in [
            ("1500", 150_000),
            ("1500.5", 150_050),
            ("1500,50", 150_050),
            ("1 500,00", 150_000),
            ("1\u{a0}500\u{202f}000", 150_000_000),
            ("1,500.00", 150_000),
            ("1.234.567,89", 123_456_789),
            ("0", 0),
        ] {
            assert_eq!(amount(text, Currency::Cdf).map(kernel::Money::minor), Some(minor), "{text}");
        }
        for text in [
            "",
            "1,500",
            "1.500",
            "1.5.00",
            "1,50,00",
            "12,34.00",
            ",50",
            "5.",
            "-3",
            "+3",
            "1e3",
            "NaN",
            "1.234.567",
            "0x10",
            "CDF 5",
            "99999999999999999999",
            "1000000000000.01",
            "243812345678901",
            "1,5,00.00",
            "1234,567.00",
        ] {
            assert_eq!(amount(text, Currency::Cdf), None, "{text}");
        }
    }

    #[test]
    fn moments_are_in_the_portals_zone_unless_they_say_otherwise() {
        for (text, utc) in [
            ("2026-01-17", "2026-01-16T23:00:00+00:00"),
            ("2026-01-17 12:30", "2026-01-17T11:30:00+00:00"),
            ("2026-01-17T12:30:45", "2026-01-17T11:30:45+00:00"),
            ("2026-01-17T12:30:45Z", "2026-01-17T12:30:45+00:00"),
            ("2026-01-17T12:30:45+02:00", "2026-01-17T10:30:45+00:00"),
            ("17/01/2026", "2026-01-16T23:00:00+00:00"),
            ("17/01/2026 23:59:59", "2026-01-17T22:59:59+00:00"),
        ] {
            assert_eq!(moment(text, Kinshasa).map(|at| at.to_rfc3339()).as_deref(), Some(utc), "{text}");
        }
        for text in
            ["", "yesterday", "01/17/2026", "31/02/2026", "17/01/26", "2026-13-01", "2026-01-17 25:00"]
        {
            assert_eq!(moment(text, Kinshasa), None, "{text}");
        }
    }

    #[test]
    fn a_word_that_is_not_known_is_no_status() {
        assert_eq!(status(" Réussie "), Some(SaidStatus::Succeeded));
        assert_eq!(status("ÉCHOUÉ"), Some(SaidStatus::Failed));
        assert_eq!(status("En attente"), Some(SaidStatus::Pending));
        assert_eq!(status("reversed"), None);
        assert_eq!(status(""), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text in "\\PC{0,40}", dates in "[0-9/:T. -]{0,24}") {
            let _ = (amount(&text, Currency::Cdf), moment(&text, Kinshasa), status(&text));
            let _ = (amount(&dates, Currency::Usd), moment(&dates, Kinshasa));
        }

        #[test]
        fn every_way_of_writing_an_amount_means_that_amount(minor in 0i64..100_000_000_000) {
            let money = kernel::Money::from_minor(minor, Currency::Cdf);
            let plain = money.amount();
            let (whole, cents) = plain.split_once('.').unwrap();
            let grouped = |mark: &str| {
                let groups: Vec<_> = whole.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
                groups.join(mark)
            };
            for text in [plain.clone(), format!("{whole},{cents}"), format!("{}.{cents}", grouped(",")), format!("{},{cents}", grouped(".")), format!("{},{cents}", grouped(" "))] {
                prop_assert_eq!(amount(&text, Currency::Cdf), Some(money), "{}", text);
            }
        }
    }
}
