//! One name, several sessions: what FreeRADIUS's rows say when a NAS gives an id twice, forgets, or is heard late.

use chrono::{DateTime, TimeDelta};
use kernel::{Id, Timestamp, id::ids::RadiusSessionId, testing::Surroundings};

use super::{REPLACED, SILENT_FOR, Trail};
use crate::{
    meter::{Reading, Width},
    observation::{Counters, Observation, Packets},
};

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_768_651_200 + seconds, 0).unwrap()
}

/// The row of `radacct`, and everything that was ever read from it.
struct Row {
    row: Observation,
    trail: Trail,
    around: Surroundings,
}

impl Row {
    /// A row as an accounting start makes it.
    fn started(start: i64) -> Self {
        let row = Observation {
            id: 1,
            unique_id: "unique".into(),
            session_id: "80000001".into(),
            class: None,
            username: "Q08".into(),
            nas_address: "10.0.0.1".into(),
            nas_port_id: None,
            calling_station: Some("02-00-5e-00-53-01".into()),
            address: None,
            started_at: Some(at(start)),
            updated_at: Some(at(start)),
            stopped_at: None,
            seconds: Some(0),
            counters: Counters::default(),
            packets: Packets::default(),
            cause: None,
            observed_at: at(start),
        };
        let mut this = Self { row, trail: Trail::default(), around: Surroundings::new() };
        this.look();
        this
    }

    fn look(&mut self) -> Reading {
        let id: RadiusSessionId = Id::generate(&self.around.ambient());
        self.row.observed_at = at(1_000_000);
        self.trail.observe(&self.row, Width::Bits64, at(20_000), || id).reading
    }

    fn start(&mut self, start: i64) -> Reading {
        (self.row.started_at, self.row.updated_at) = (Some(at(start)), Some(at(start)));
        self.look()
    }

    fn interim(&mut self, now: i64, age: u64, up: u64) -> Reading {
        (self.row.updated_at, self.row.seconds, self.row.counters.up) = (Some(at(now)), Some(age), up);
        self.look()
    }

    fn stop(&mut self, now: i64, age: u64, up: u64) -> Reading {
        (self.row.stopped_at, self.row.cause) = (Some(at(now)), Some("User-Request".into()));
        self.interim(now, age, up)
    }

    /// What an accounting-on writes into the row of an open session.
    fn closed_by_reboot(&mut self, now: i64) -> Reading {
        let lasted = (at(now) - self.row.started_at.unwrap()).num_seconds().cast_unsigned();
        (self.row.stopped_at, self.row.updated_at, self.row.seconds) =
            (Some(at(now)), Some(at(now)), Some(lasted));
        self.look()
    }

    fn used(&self) -> Vec<u64> {
        self.trail.sessions().iter().map(|session| session.used.up).collect()
    }
}

#[test]
fn an_interim_counts_at_once_and_a_stop_does_not_count_twice() {
    let mut row = Row::started(0);
    assert!(matches!(row.interim(300, 300, 100), Reading::Grown(_)));
    assert_eq!(row.used(), [100]);
    row.stop(500, 500, 130);
    row.stop(500, 500, 130);
    let [session] = row.trail.sessions() else { panic!("one session") };
    assert_eq!((session.used.up, session.seconds, session.stopped_at), (130, 500, Some(at(500))));
    assert_eq!((session.username.as_str(), session.mac.as_deref()), ("q08", Some("02:00:5E:00:53:01")));
    assert_eq!(session.cause.as_deref(), Some("User-Request"));
}

#[test]
fn a_second_stop_that_says_less_takes_nothing_away() {
    let mut row = Row::started(0);
    row.stop(600, 600, 12_884_901_948);
    row.stop(600, 600, 0);
    assert_eq!(row.used(), [12_884_901_948]);
}

#[test]
fn an_id_that_is_given_again_is_another_session() {
    let mut row = Row::started(0);
    row.stop(3_600, 3_600, 8_589_934_798);
    row.start(4_000);
    row.start(4_000);
    assert_eq!(row.used(), [8_589_934_798, 0]);
    assert_eq!(row.trail.sessions()[1].stopped_at, None);
    row.stop(4_100, 100, 7);
    assert_eq!(row.used(), [8_589_934_798, 7]);
    assert_eq!(row.trail.sessions()[1].seconds, 100);
}

#[test]
fn an_id_that_is_given_again_before_its_end_was_heard_ends_the_first_session() {
    let mut row = Row::started(0);
    row.interim(300, 300, 100);
    row.start(1_000);
    assert_eq!(row.trail.sessions()[0].stopped_at, Some(at(300)));
    assert_eq!(row.trail.sessions()[0].cause.as_deref(), Some(REPLACED));
    row.interim(1_300, 300, 40);
    // The end of the first comes late, and after it the second goes on.
    row.interim(700, 700, 150);
    row.interim(1_600, 600, 90);
    assert_eq!(row.used(), [150, 90]);
}

#[test]
fn an_id_that_is_given_again_unheard_is_another_session_too() {
    let mut row = Row::started(0);
    row.stop(600, 600, 1_000);
    row.stop(2_000, 900, 5_000);
    assert_eq!(row.used(), [1_000, 5_000]);
    assert_eq!(row.trail.sessions()[1].started_at, at(1_100));
    // Its beginning comes late.
    row.start(1_100);
    assert_eq!(row.used(), [1_000, 5_000]);
}

#[test]
fn a_start_that_comes_after_the_first_report_begins_no_other_session() {
    let mut row = Row::started(600);
    row.interim(600, 600, 100);
    row.start(0);
    row.interim(900, 900, 130);
    assert_eq!(row.used(), [130]);
    assert_eq!(row.trail.sessions()[0].started_at, at(0));
}

#[test]
fn what_a_reboot_closes_counts_nothing_and_a_late_end_only_what_it_adds() {
    let mut row = Row::started(0);
    row.interim(600, 600, 10);
    assert_eq!(row.closed_by_reboot(900), Reading::Unchanged);
    row.stop(850, 850, 15);
    assert_eq!(row.used(), [15]);
}

#[test]
fn a_nas_that_forgets_without_a_word_goes_on_counting_from_zero() {
    let mut row = Row::started(0);
    row.interim(600, 600, 1_000);
    row.interim(1_200, 300, 70);
    row.interim(1_500, 600, 1_500);
    assert_eq!(row.used(), [2_500]);
}

#[test]
fn an_overtaken_report_changes_nothing() {
    let mut row = Row::started(0);
    row.interim(600, 600, 100);
    assert_eq!(row.interim(300, 300, 40), Reading::Stale);
    // The row shows the old counters now, and the reboot leaves them there.
    assert_eq!(row.closed_by_reboot(900), Reading::Unchanged);
    assert_eq!(row.used(), [100]);
}

#[test]
fn a_clock_in_1970_until_the_time_server_answers_counts_once() {
    let mut row = Row::started(0);
    row.row.started_at = Some(DateTime::from_timestamp(40, 0).unwrap());
    row.row.updated_at = row.row.started_at;
    row.look();
    (row.row.updated_at, row.row.seconds, row.row.counters.up) =
        (Some(DateTime::from_timestamp(340, 0).unwrap()), Some(300), 60);
    row.look();
    row.interim(18_000, 600, 100);
    assert_eq!(row.used(), [100]);
}

#[test]
fn the_class_of_one_login_is_one_session_whatever_clocks_say() {
    let mut row = Row::started(0);
    row.row.class = Some("ai:0123456789abcdef0123456789abcdef".into());
    row.stop(600, 600, 1_000);
    // The clock was slow until now, and what came late was put behind the end.
    row.row.started_at = Some(at(7_200));
    row.stop(8_000, 800, 1_300);
    assert_eq!(row.used(), [1_300]);
}

#[test]
fn packets_are_those_of_the_furthest_report_that_tells_them() {
    let mut row = Row::started(0);
    assert_eq!(row.trail.sessions()[0].packets, Packets::default());
    row.row.packets = Packets { up: Some(4), down: Some(7) };
    row.interim(600, 600, 100);
    row.row.packets = Packets { up: Some(2), down: Some(3) };
    row.interim(300, 300, 40);
    row.row.packets = Packets::default();
    row.stop(700, 700, 110);
    assert_eq!(row.trail.sessions()[0].packets, Packets { up: Some(4), down: Some(7) });
}

#[test]
fn silence_is_told_by_what_was_heard_last() {
    let mut row = Row::started(0);
    row.interim(300, 300, 1);
    row.interim(600, 600, 1);
    let session = &row.trail.sessions()[0];
    assert_eq!(session.seconds, 600);
    assert!(!session.is_silent(at(600) + SILENT_FOR));
    assert!(session.is_silent(at(601) + SILENT_FOR));
    row.stop(700, 700, 1);
    assert!(!row.trail.sessions()[0].is_silent(at(600) + SILENT_FOR + TimeDelta::days(1)));
}
