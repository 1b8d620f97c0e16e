//! What FreeRADIUS makes of accounting with the shipped queries, whatever a router repeats, reorders, loses or forgets:
//! the row of a session, step by step.

use crate::{
    freeradius::FreeRadius,
    radius_wire::{NAS, RadiusServer, quoted},
};

/// When the tests' sessions begin, in seconds since 1970.
const BEGIN: u64 = 1_700_000_000;

/// What a router says of the session `s`, at a second after [`BEGIN`].
#[derive(Debug, Clone, Copy)]
enum Said {
    Start {
        at: u64,
    },
    /// Without a session time where the router sends none.
    Interim {
        at: u64,
        age: Option<u64>,
        up: u64,
    },
    Stop {
        at: u64,
        age: u64,
        up: u64,
    },
    RouterStarts {
        at: u64,
    },
}

use Said::{Interim, RouterStarts, Start, Stop};

const fn interim(at: u64, age: u64, up: u64) -> Said {
    Interim { at, age: Some(age), up }
}

const fn stop(at: u64, age: u64, up: u64) -> Said {
    Stop { at, age, up }
}

/// More than 32 bits can count, twice.
const GIB8: u64 = 8_589_934_798;

/// Steps, each with the row after it: start, last update, stop, session time, bytes up, cause.
type Story = (&'static str, &'static [(Said, &'static str)]);

const STORIES: &[Story] = &[
    (
        "a session as it should be",
        &[
            (Start { at: 0 }, "0 0 - 0 0 -"),
            (interim(300, 300, 10), "0 300 - 300 10 -"),
            (interim(600, 600, GIB8), "0 600 - 600 8589934798 -"),
            (stop(900, 900, GIB8 + 1), "0 900 900 900 8589934799 User-Request"),
        ],
    ),
    (
        "repeats and packets that were overtaken change nothing",
        &[
            (Start { at: 0 }, "0 0 - 0 0 -"),
            (Start { at: 0 }, "0 0 - 0 0 -"),
            (interim(600, 600, 50), "0 600 - 600 50 -"),
            (interim(300, 300, 10), "0 600 - 600 50 -"),
            (Start { at: 0 }, "0 600 - 600 50 -"),
            (stop(700, 700, 60), "0 700 700 700 60 User-Request"),
            (stop(700, 700, 0), "0 700 700 700 60 User-Request"),
            (interim(650, 650, 55), "0 700 700 700 60 User-Request"),
            (Start { at: 0 }, "0 700 700 700 60 User-Request"),
            (stop(700, 700, 60), "0 700 700 700 60 User-Request"),
        ],
    ),
    (
        "an id that is given again is a session anew",
        &[
            (Start { at: 0 }, "0 0 - 0 0 -"),
            (stop(100, 100, GIB8), "0 100 100 100 8589934798 User-Request"),
            (Start { at: 200 }, "200 200 - 0 0 -"),
            (interim(500, 300, 5), "200 500 - 300 5 -"),
            (stop(600, 400, 7), "200 600 600 400 7 User-Request"),
        ],
    ),
    (
        "an id that is given again, its Start lost",
        &[
            (stop(100, 100, GIB8), "0 100 100 100 8589934798 User-Request"),
            (interim(500, 300, 5), "200 500 - 300 5 -"),
        ],
    ),
    (
        "an id that is given again, the Stop before it lost",
        &[
            (Start { at: 0 }, "0 0 - 0 0 -"),
            (interim(300, 300, 1000), "0 300 - 300 1000 -"),
            (Start { at: 400 }, "400 400 - 0 0 -"),
            (stop(800, 400, 7), "400 800 800 400 7 User-Request"),
        ],
    ),
    (
        "an Interim-Update before its Start",
        &[
            (interim(300, 300, 10), "0 300 - 300 10 -"),
            (Start { at: 0 }, "0 300 - 300 10 -"),
            (stop(400, 400, 20), "0 400 400 400 20 User-Request"),
        ],
    ),
    (
        "a Stop before all else",
        &[
            (stop(400, 400, 20), "0 400 400 400 20 User-Request"),
            (Start { at: 0 }, "0 400 400 400 20 User-Request"),
            (interim(300, 300, 15), "0 400 400 400 20 User-Request"),
        ],
    ),
    (
        "a router that says it has started, and goes on",
        &[
            (Start { at: 0 }, "0 0 - 0 0 -"),
            (interim(300, 300, 10), "0 300 - 300 10 -"),
            (RouterStarts { at: 400 }, "0 300 400 300 10 NAS-Reboot"),
            (interim(600, 600, 30), "0 600 - 600 30 -"),
        ],
    ),
    (
        "the true end after a router's start",
        &[
            (Start { at: 0 }, "0 0 - 0 0 -"),
            (RouterStarts { at: 400 }, "0 0 400 0 0 NAS-Reboot"),
            (stop(390, 390, 99), "0 390 400 390 99 NAS-Reboot"),
        ],
    ),
    (
        "a report that the router's start overtakes counts, and the session stays over",
        &[
            (interim(300, 300, 10), "0 300 - 300 10 -"),
            (RouterStarts { at: 650 }, "0 300 650 300 10 NAS-Reboot"),
            (interim(600, 600, 30), "0 600 650 600 30 NAS-Reboot"),
            (interim(300, 300, 10), "0 600 650 600 30 NAS-Reboot"),
        ],
    ),
    (
        "counters that go back are written as they come, but not within a second",
        &[
            (interim(300, 300, 1000), "0 300 - 300 1000 -"),
            (interim(600, 600, 10), "0 600 - 600 10 -"),
            (interim(600, 600, 12), "0 600 - 600 12 -"),
            (interim(600, 600, 9), "0 600 - 600 12 -"),
        ],
    ),
    (
        "a router that does not say how long a session has lasted",
        &[
            (Start { at: 0 }, "0 0 - 0 0 -"),
            (Interim { at: 300, age: None, up: 5 }, "0 300 - - 5 -"),
            (Interim { at: 600, age: None, up: 9 }, "0 600 - - 9 -"),
            (Interim { at: 500, age: None, up: 7 }, "0 600 - - 9 -"),
        ],
    ),
];

/// The row of the session `s` as a line.
const ROW: &str = "SELECT concat_ws(' ', extract(epoch FROM acctstarttime)::bigint - 1700000000, \
    extract(epoch FROM acctupdatetime)::bigint - 1700000000, \
    coalesce((extract(epoch FROM acctstoptime)::bigint - 1700000000)::text, '-'), \
    coalesce(acctsessiontime::text, '-'), acctinputoctets, coalesce(acctterminatecause, '-')) FROM radacct";

impl Said {
    /// Whether the server takes it.
    fn is_answered(self, server: &RadiusServer, username: &str) -> bool {
        let (status, at, age, up) = match self {
            Start { at } => ("Start", at, None, None),
            Interim { at, age, up } => ("Interim-Update", at, age, Some(up)),
            Stop { at, age, up } => ("Stop", at, Some(age), Some(up)),
            RouterStarts { at } => ("Accounting-On", at, None, None),
        };
        let (at, username) = ((BEGIN + at).to_string(), quoted(username));
        let mut attributes =
            vec![("Acct-Status-Type", status), ("NAS-IP-Address", NAS), ("Event-Timestamp", at.as_str())];
        if status != "Accounting-On" {
            attributes.extend([("User-Name", username.as_str()), ("Acct-Session-Id", "s")]);
        }
        if status == "Stop" {
            attributes.push(("Acct-Terminate-Cause", "User-Request"));
        }
        let age = age.map(|age| age.to_string());
        attributes.extend(age.iter().map(|age| ("Acct-Session-Time", age.as_str())));
        let counter = up.map(|up| ((up & 0xffff_ffff).to_string(), (up >> 32).to_string()));
        if let Some((octets, gigawords)) = &counter {
            attributes.extend([
                ("Acct-Input-Octets", octets.as_str()),
                ("Acct-Input-Gigawords", gigawords.as_str()),
            ]);
        }
        server.account(&attributes).is_some_and(|answer| answer.code == "Accounting-Response")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_counter_is_lost_whatever_a_router_says() {
    let Some(radius) = FreeRadius::start().await else { return };
    for (story, steps) in STORIES {
        radius.database.execute("DELETE FROM radacct; DELETE FROM radacct_observations").await;
        for (number, (said, row)) in steps.iter().enumerate() {
            assert!(said.is_answered(&radius.server, "q08"), "{story}: {said:?} is not answered");
            assert_eq!(radius.database.texts(ROW).await, [*row], "{story}, step {number}: {said:?}");
        }
        // One state of the row for each packet, so that none is lost between two looks.
        let states = radius.database.texts("SELECT acctuniqueid FROM radacct_observations").await;
        assert_eq!(states.len(), steps.len(), "{story}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_with_a_class_of_their_own_are_told_apart_by_it() {
    let Some(radius) = FreeRadius::start().await else { return };
    let classes = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"];
    for class in classes {
        let class = format!("0x{}", hex(&format!("ai:{class}")));
        let attributes = [
            ("Acct-Status-Type", "Stop"),
            ("User-Name", "\"Josué+É\""),
            ("Acct-Session-Id", "s"),
            ("Acct-Session-Time", "10"),
            ("Acct-Input-Octets", "7"),
            ("Acct-Input-Packets", "4294967295"),
            ("NAS-IP-Address", NAS),
            ("Class", class.as_str()),
        ];
        assert_eq!(radius.server.account(&attributes).unwrap().code, "Accounting-Response");
    }
    let kept = radius.database.texts("SELECT username || ' ' || class FROM radacct ORDER BY radacctid").await;
    assert_eq!(kept, classes.map(|class| format!("josué+É ai:{class}")));
    let packets = "SELECT concat_ws(' ', acctinputpackets, acctoutputpackets) FROM radacct";
    assert_eq!(radius.database.texts(packets).await, ["4294967295"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_the_class_of_one_login_is_one_session_whatever_clocks_say() {
    let Some(radius) = FreeRadius::start().await else { return };
    let class = format!("0x{}", hex("ai:0123456789abcdef0123456789abcdef"));
    // The clock by which the first was written down was two hours slow.
    for (at, age, octets) in [("1700000000", "300", "50"), ("1700007500", "600", "80")] {
        let attributes = [
            ("Acct-Status-Type", "Interim-Update"),
            ("Event-Timestamp", at),
            ("User-Name", "q08"),
            ("Acct-Session-Id", "s"),
            ("Acct-Session-Time", age),
            ("Acct-Input-Octets", octets),
            ("NAS-IP-Address", NAS),
            ("Class", class.as_str()),
        ];
        assert_eq!(radius.server.account(&attributes).unwrap().code, "Accounting-Response");
    }
    assert_eq!(radius.database.texts(ROW).await, ["-300 7500 - 600 80 -"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_down_is_not_answered() {
    let Some(radius) = FreeRadius::start().await else { return };
    radius.database.execute("ALTER TABLE radacct ADD CONSTRAINT full_up CHECK (username <> 'q08')").await;
    assert!(!Start { at: 0 }.is_answered(&radius.server, "q08"));
    assert!(Start { at: 0 }.is_answered(&radius.server, "q09"));
    assert!(RouterStarts { at: 1 }.is_answered(&radius.server, "-"));
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
