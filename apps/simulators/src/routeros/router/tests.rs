//! Sessions and what becomes of them, without a wire and with the time in hand.

use std::net::Ipv4Addr;

use chrono::TimeDelta;
use kernel::Timestamp;
use routeros_api::Sentence;

use super::{Router, SignIn};
use crate::meter::Rates;
use crate::routeros::execution::Answer;
use crate::routeros::menu::Menu;
use crate::routeros::version::Version;
use crate::routeros::view::View;

struct Bench(Router);

impl Bench {
    /// A router with users `amina` (profile `default`) and `joel` (profile `gold`), both with the password `p`.
    fn new() -> Self {
        let mut bench = Self(Router::new(Version::V7_18, "MikroTik", at(0)));
        bench.run(&[
            "/ip/hotspot/user/profile/add",
            "=name=gold",
            "=rate-limit=128k/1M",
            "=shared-users=2",
            "=session-timeout=1h",
        ]);
        bench.run(&["/ip/hotspot/user/add", "=name=amina", "=password=p"]);
        bench.run(&["/ip/hotspot/user/add", "=name=joel", "=password=p", "=profile=gold"]);
        bench
    }

    fn run(&mut self, words: &[&str]) -> Vec<Sentence> {
        let sentence = words.iter().fold(Sentence::new(), Sentence::word);
        match self.0.execute(&sentence).unwrap() {
            Answer::Said(said) => said,
            other => panic!("{other:?}"),
        }
    }

    fn sign_in(&mut self, user: &str) -> Result<Ipv4Addr, String> {
        let demand = Rates { upload_kbps: 800, download_kbps: 8_000 };
        let sign_in = SignIn { user: user.to_owned(), password: "p".to_owned(), demand, ..SignIn::default() };
        self.0.sign_in(sign_in)
    }

    /// A value of a menu's only item whose `key` is `name`.
    fn value(&self, menu: Menu, (key, name): (&str, &str), property: &str) -> Option<String> {
        let view = View::new(&self.0);
        let text = |id, property: &str| {
            view.field(menu, id, property).map(|value| String::from_utf8_lossy(&value).into_owned())
        };
        let id = view.ids(menu).into_iter().find(|id| text(*id, key).as_deref() == Some(name))?;
        text(id, property)
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

#[test]
fn counters_move_on_the_session_its_user_and_the_interfaces() {
    let mut bench = Bench::new();
    bench.sign_in("amina").unwrap();
    bench.0.advance(at(10));
    for (menu, item, sent, received) in [
        (Menu::Active, ("user", "amina"), "bytes-in", "bytes-out"),
        (Menu::Users, ("name", "amina"), "bytes-in", "bytes-out"),
        (Menu::Interfaces, ("name", "bridge-hotspot"), "rx-byte", "tx-byte"),
        (Menu::Interfaces, ("name", "ether1"), "tx-byte", "rx-byte"),
    ] {
        assert_eq!(bench.value(menu, item, sent).as_deref(), Some("1000000"), "{menu:?} {sent}");
        assert_eq!(bench.value(menu, item, received).as_deref(), Some("10000000"), "{menu:?} {received}");
    }
    assert_eq!(bench.value(Menu::Active, ("user", "amina"), "uptime").as_deref(), Some("10s"));
    let row = &bench.run(&["/interface/monitor-traffic", "=interface=ether1", "=once="])[0];
    assert_eq!(row.text("rx-bits-per-second").as_deref(), Some("8000000"));
}

#[test]
fn a_session_is_named_by_its_address_and_comes_back_under_the_same_name() {
    let mut bench = Bench::new();
    let address = bench.sign_in("amina").unwrap();
    let id = bench.value(Menu::Active, ("user", "amina"), ".id").unwrap();
    assert_eq!((address, id.as_str()), (Ipv4Addr::new(10, 5, 48, 2), "*A053002"));
    bench.run(&["/ip/hotspot/active/remove", &format!("=.id={id}")]);
    assert!(bench.0.sessions.is_empty());
    bench.0.advance(at(60));
    bench.sign_in("amina").unwrap();
    assert_eq!(bench.value(Menu::Active, ("user", "amina"), ".id"), Some(id));
    assert_eq!(bench.value(Menu::Active, ("user", "amina"), "uptime").as_deref(), Some("0s"));
}

#[test]
fn a_rate_limit_makes_a_queue_and_an_operators_queue_before_it_counts_more() {
    let mut bench = Bench::new();
    bench.sign_in("joel").unwrap();
    let queue = bench.value(Menu::Queues, ("name", "<hotspot-joel>"), ".id").unwrap();
    assert_eq!(bench.value(Menu::Queues, ("name", "<hotspot-joel>"), "dynamic").as_deref(), Some("true"));
    bench.0.advance(at(8));
    assert_eq!(bench.value(Menu::Active, ("user", "joel"), "bytes-out").as_deref(), Some("1000000"));
    let before = format!("=place-before={queue}");
    bench.run(&["/queue/simple/add", "=name=slow", "=target=10.5.48.2/32", "=max-limit=8k/8k", &before]);
    bench.0.advance(at(16));
    assert_eq!(bench.value(Menu::Active, ("user", "joel"), "bytes-out").as_deref(), Some("1008000"));
    bench.0.end_session(Ipv4Addr::new(10, 5, 48, 2), "signed out");
    let names: Vec<_> =
        bench.0.table(Menu::Queues).unwrap().values().map(|(_, values)| &values["name"]).collect();
    assert_eq!(names, [b"slow"], "the session's own queue goes with it");
}

#[test]
fn limits_end_sessions_and_keep_users_out() {
    let mut bench = Bench::new();
    bench.run(&["/ip/hotspot/user/set", "=.id=amina", "=limit-bytes-total=2200000"]);
    bench.sign_in("amina").unwrap();
    bench.0.advance(at(1));
    bench.0.end_session(Ipv4Addr::new(10, 5, 48, 2), "signed out");
    bench.sign_in("amina").unwrap();
    assert_eq!(
        bench.value(Menu::Active, ("user", "amina"), "limit-bytes-total").as_deref(),
        Some("1100000"),
        "a session may use what is left"
    );
    bench.0.advance(at(3_600));
    assert!(bench.0.sessions.is_empty());
    assert_eq!(bench.value(Menu::Users, ("name", "amina"), "uptime").as_deref(), Some("2s"));
    assert_eq!(bench.sign_in("amina").unwrap_err(), "user amina has reached traffic limit");

    bench.sign_in("joel").unwrap();
    assert_eq!(bench.value(Menu::Active, ("user", "joel"), "session-time-left").as_deref(), Some("1h"));
    bench.0.advance(at(7_200));
    assert!(bench.0.sessions.is_empty(), "the session's time is over");
    bench.run(&["/ip/hotspot/user/set", "=.id=joel", "=limit-uptime=30m"]);
    assert_eq!(bench.sign_in("joel").unwrap_err(), "user joel has reached uptime limit");
}

#[test]
fn a_sign_in_is_refused_in_the_words_of_hotspots_page() {
    let mut bench = Bench::new();
    let mut wrong = SignIn { user: "amina".to_owned(), ..SignIn::default() };
    assert_eq!(bench.0.sign_in(wrong.clone()).unwrap_err(), "invalid username or password");
    "p".clone_into(&mut wrong.password);
    bench.run(&["/ip/hotspot/user/set", "=.id=amina", "=mac-address=02:00:00:00:00:09"]);
    let other_device = bench.0.sign_in(wrong).unwrap_err();
    assert_eq!(other_device, "user amina is not allowed to log in from this MAC address");
    bench.run(&["/ip/hotspot/user/disable", "=.id=amina"]);
    assert_eq!(bench.sign_in("amina").unwrap_err(), "invalid username or password");
    assert_eq!(bench.sign_in("nobody").unwrap_err(), "invalid username or password");
    bench.sign_in("joel").unwrap();
    bench.sign_in("joel").unwrap();
    assert_eq!(bench.sign_in("joel").unwrap_err(), "no more sessions are allowed for user joel");
}

#[test]
fn removing_a_user_leaves_its_session() {
    let mut bench = Bench::new();
    bench.sign_in("amina").unwrap();
    bench.run(&["/ip/hotspot/user/remove", "=.id=amina"]);
    assert_eq!(bench.0.sessions.len(), 1);
}

#[test]
fn a_reboot_ends_sessions_and_counts_from_zero() {
    let mut bench = Bench::new();
    bench.sign_in("joel").unwrap();
    bench.0.advance(at(10));
    bench.0.reboot();
    assert!(bench.0.sessions.is_empty() && bench.0.hosts.is_empty());
    assert_eq!(bench.value(Menu::Users, ("name", "joel"), "bytes-out").as_deref(), Some("0"));
    assert_eq!(bench.value(Menu::Interfaces, ("name", "ether1"), "rx-byte").as_deref(), Some("0"));
    assert_eq!(bench.value(Menu::Queues, ("name", "<hotspot-joel>"), ".id"), None);
    assert_eq!(bench.value(Menu::Resource, ("version", "7.18 (stable)"), "uptime").as_deref(), Some("0s"));
}

#[test]
fn five_thousand_users_and_a_thousand_sessions_fit() {
    let mut bench = Bench::new();
    for number in 0..5_000 {
        bench.run(&["/ip/hotspot/user/add", &format!("=name=u{number}"), "=password=p"]);
    }
    for number in 0..1_000 {
        bench.sign_in(&format!("u{number}")).unwrap();
    }
    bench.0.advance(at(8));
    let users = bench.run(&["/ip/hotspot/user/print", "=.proplist=name,bytes-out", "?>bytes-out=0"]);
    assert_eq!(users.len(), 1_001);
    assert_eq!(bench.run(&["/ip/hotspot/active/print"]).len(), 1_001);
    assert_eq!(bench.value(Menu::Interfaces, ("name", "ether1"), "rx-byte").as_deref(), Some("8000000000"));
}
