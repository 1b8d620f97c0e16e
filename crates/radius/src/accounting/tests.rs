use chrono::{DateTime, TimeDelta};
use kernel::Timestamp;
use proptest::{prelude::*, sample::select};

use super::{AccountingRow, Change, Described, Moment, SessionReport, apply, unique_id};
use crate::observation::Packets;

fn at(second: i64) -> Timestamp {
    DateTime::from_timestamp(1_768_651_200, 0).unwrap() + TimeDelta::seconds(second)
}

fn session() -> Described {
    Described {
        unique_id: unique_id(None, "80000001", &["ada", "80000001", "10.5.50.1", "", "", ""]),
        session_id: "80000001".to_owned(),
        class: None,
        username: "ada".to_owned(),
        nas_address: [10, 5, 50, 1].into(),
        nas_port_id: None,
        nas_port_type: None,
        called_station: None,
        calling_station: Some("02:00:5E:00:53:01".to_owned()),
        address: None,
        authentic: None,
    }
}

fn said(moment: Moment, second: i64, seconds: u64, bytes: u64) -> SessionReport {
    let (up, down) = (bytes, bytes * 2);
    SessionReport {
        moment,
        at: at(second),
        session: session(),
        seconds: Some(seconds),
        up,
        down,
        packets: Packets { up: Some(bytes / 100), down: None },
        cause: "User-Request".to_owned(),
    }
}

/// The row after some reports, one after the other.
fn row(reports: &[SessionReport]) -> AccountingRow {
    let mut row = None;
    for report in reports {
        if let Change::Write(written) = apply(row.as_ref(), report) {
            row = Some(*written);
        }
    }
    row.unwrap()
}

#[test]
fn a_session_is_one_row_from_start_to_stop() {
    let row = row(&[
        said(Moment::Start, 0, 0, 0),
        said(Moment::Interim, 300, 300, 1_000),
        said(Moment::Stop, 420, 420, 1_500),
    ]);
    assert_eq!((row.started_at, row.updated_at, row.stopped_at), (at(0), at(420), Some(at(420))));
    assert_eq!((row.up, row.down, row.seconds, row.interval), (1_500, 3_000, 420, Some(120)));
    assert_eq!((row.cause.as_str(), row.packets), ("User-Request", Packets { up: Some(15), down: None }));
}

#[test]
fn a_session_whose_start_was_lost_began_when_it_says() {
    let row = row(&[said(Moment::Interim, 300, 300, 1_000)]);
    assert_eq!((row.started_at, row.stopped_at), (at(0), None));
    let row = self::row(&[said(Moment::Stop, 300, 240, 1_000)]);
    assert_eq!((row.started_at, row.stopped_at), (at(60), Some(at(300))));
}

#[test]
fn what_comes_late_or_twice_changes_nothing() {
    let whole = [
        said(Moment::Start, 0, 0, 0),
        said(Moment::Interim, 300, 300, 1_000),
        said(Moment::Interim, 600, 600, 2_000),
        said(Moment::Stop, 700, 700, 2_500),
    ];
    let expected = row(&whole);
    for late in &whole {
        let mut reports = whole.to_vec();
        reports.push(late.clone());
        assert_eq!(row(&reports), expected, "{late:?}");
    }
    // A report that was overtaken by the next.
    let overtaken = [whole[0].clone(), whole[2].clone(), whole[1].clone(), whole[3].clone()];
    assert_eq!(row(&overtaken).up, 2_500);
}

#[test]
fn a_stop_that_tells_less_than_an_earlier_one_changes_nothing_and_one_that_tells_more_does() {
    let stopped = [said(Moment::Start, 0, 0, 0), said(Moment::Stop, 600, 600, 5_000_000_000)];
    let mut with_less = stopped.to_vec();
    with_less.push(said(Moment::Stop, 601, 601, 0));
    assert_eq!(row(&with_less), row(&stopped));
    let mut with_more = stopped.to_vec();
    with_more.push(said(Moment::Stop, 601, 601, 5_000_000_001));
    assert_eq!(row(&with_more).up, 5_000_000_001);
}

#[test]
fn an_id_that_is_given_again_begins_the_row_anew() {
    let first = [said(Moment::Start, 0, 0, 0), said(Moment::Stop, 600, 600, 4_000)];
    for again in [
        said(Moment::Start, 1_000, 0, 0),
        // Its start was lost.
        said(Moment::Interim, 1_300, 300, 7),
        said(Moment::Stop, 1_300, 300, 7),
    ] {
        let mut reports = first.to_vec();
        reports.push(again.clone());
        let row = row(&reports);
        assert_eq!((row.started_at, row.up), (at(1_000), again.up), "{again:?}");
        assert_eq!(row.stopped_at.is_some(), again.moment == Moment::Stop, "{again:?}");
    }
}

#[test]
fn a_start_with_a_known_id_is_a_lost_stop() {
    let open = [said(Moment::Start, 0, 0, 0), said(Moment::Interim, 300, 300, 4_000)];
    let mut reports = open.to_vec();
    reports.push(said(Moment::Start, 320, 0, 0));
    assert_eq!((row(&reports).started_at, row(&reports).up), (at(320), 0));
    // One that is repeated is none, even behind a report.
    let mut reports = open.to_vec();
    reports.push(said(Moment::Start, 0, 0, 0));
    assert_eq!(row(&reports), row(&open));
    let repeated = [said(Moment::Start, 0, 0, 0), said(Moment::Start, 5, 0, 0)];
    assert_eq!(row(&repeated).started_at, at(0));
}

/// The row of an open session that something else than its stop has ended.
fn ended(cause: &str, second: i64) -> AccountingRow {
    let open = row(&[said(Moment::Start, 0, 0, 0), said(Moment::Interim, 300, 300, 1_000)]);
    AccountingRow { stopped_at: Some(at(second)), cause: cause.to_owned(), ..open }
}

#[test]
fn a_session_that_was_given_up_and_is_counted_on_is_not_over() {
    let given_up = ended("Lost-Carrier", 300);
    let Change::Write(row) = apply(Some(&given_up), &said(Moment::Interim, 1_800, 1_800, 9_000)) else {
        panic!("it counts")
    };
    assert_eq!((row.up, row.seconds, row.stopped_at, row.cause.as_str()), (9_000, 1_800, None, ""));
}

#[test]
fn a_report_that_its_nass_restart_overtakes_counts_and_the_session_stays_over() {
    let restarted = ended("NAS-Reboot", 650);
    let Change::Write(row) = apply(Some(&restarted), &said(Moment::Interim, 600, 600, 2_000)) else {
        panic!("it counts")
    };
    assert_eq!((row.up, row.stopped_at, row.cause.as_str()), (2_000, Some(at(650)), "NAS-Reboot"));
    assert_eq!(apply(Some(&restarted), &said(Moment::Interim, 300, 300, 1_000)), Change::Stay);
}

#[test]
fn a_clock_that_is_put_back_hides_no_report() {
    let put_back = [
        said(Moment::Start, 0, 0, 0),
        said(Moment::Interim, 300, 300, 1_000),
        said(Moment::Interim, -7_200, 600, 2_000),
    ];
    assert_eq!((row(&put_back).up, row(&put_back).started_at), (2_000, at(0)));
}

#[test]
fn what_has_the_class_of_one_login_is_one_session_whatever_clocks_say() {
    let of_one_login = |mut report: SessionReport| {
        report.session.class = Some("ai:0123456789abcdef0123456789abcdef".to_owned());
        report
    };
    // The first was written down by a clock that was two hours slow.
    let reports = [
        said(Moment::Interim, -6_900, 300, 1_000),
        said(Moment::Interim, 600, 600, 2_000),
        said(Moment::Stop, 700, 700, 2_500),
    ];
    let kept = row(&reports.clone().map(of_one_login));
    assert_eq!((kept.started_at, kept.up), (at(-7_200), 2_500));
    // Nothing but the time tells whether it is the same session otherwise.
    assert_eq!(row(&reports).started_at, at(0));
}

#[test]
fn a_nas_that_does_not_say_how_long_a_session_has_lasted_is_heard_by_its_counters() {
    let unsaid = |second, bytes| SessionReport { seconds: None, ..said(Moment::Interim, second, 0, bytes) };
    let reports = [said(Moment::Start, 0, 0, 0), unsaid(300, 1_000), unsaid(600, 2_000), unsaid(500, 1_500)];
    assert_eq!((row(&reports).up, row(&reports).updated_at), (2_000, at(600)));
}

#[test]
fn packets_are_known_by_their_logins_class_or_by_who_and_where() {
    let class = "ai:0123456789abcdef0123456789abcdef.0197f2a4";
    let whoever = ["ada", "80000001", "10.5.50.1", "", "", ""];
    // What FreeRADIUS makes of it: md5 of `0123456789abcdef0123456789abcdef,80000001`.
    let by_class = unique_id(Some(class), "80000001", &whoever);
    assert_eq!(by_class, unique_id(Some(class), "80000001", &["somebody else"]));
    assert_ne!(by_class, unique_id(Some(class), "80000002", &whoever));
    assert_ne!(by_class, unique_id(None, "80000001", &whoever));
    for foreign in ["", "ai:", "ai:0123", "another server's", "ai:0123456789abcdef0123456789abcdeg"] {
        assert_eq!(
            unique_id(Some(foreign), "80000001", &whoever),
            unique_id(None, "80000001", &whoever),
            "{foreign}"
        );
    }
}

proptest! {
    /// However reports are repeated and reordered, within the life of one session its row never loses what was said.
    #[test]
    fn no_order_of_a_sessions_reports_loses_its_last_counters(
        order in prop::collection::vec(0_usize..6, 1..20),
        step in select(vec![1_i64, 60, 300]),
    ) {
        let life: Vec<_> = (0..6_u32)
            .map(|number| {
                let moment = match number { 0 => Moment::Start, 5 => Moment::Stop, _ => Moment::Interim };
                let second = i64::from(number) * step;
                said(moment, second, u64::from(number) * u64::try_from(step).unwrap(), u64::from(number) * 1_000)
            })
            .collect();
        let reports: Vec<_> = order.iter().map(|number| life[*number].clone()).collect();
        let row = row(&reports);
        let furthest = order.iter().max().unwrap();
        // A report that comes behind the stop is late; the stop says it all.
        let heard = if order.contains(&5) { 5 } else { *furthest };
        prop_assert_eq!(row.up, life[heard].up);
        prop_assert_eq!(row.started_at, at(0));
        prop_assert_eq!(row.stopped_at.is_some(), order.contains(&5));
    }
}
