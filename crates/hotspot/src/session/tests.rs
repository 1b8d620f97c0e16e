//! What is counted, against a router whose every byte is known: random sign-ins and sign-outs, ids used again,
//! reboots, counters set back, lists that leave somebody out, and looks at any time.

use std::{collections::BTreeMap, net::IpAddr};

use chrono::TimeDelta;
use kernel::{Ambient, Clock as _, Id, Timestamp, testing::Surroundings};
use proptest::prelude::*;

use super::{Session, SessionEnding, Traffic, reconcile};
use crate::ports::RouterSession;

const CUSTOMERS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    /// So many seconds pass, in which each session carries so many bytes up and twice as many down.
    Pass(i64, u64),
    /// A customer signs in. The router gives each customer the same id every time, as RouterOS does.
    SignIn(usize),
    SignOut(usize),
    /// Every session ends.
    Reboot,
    /// A customer's counters begin anew.
    Reset(usize),
    /// The portal looks.
    Look,
    /// The portal looks, and the router's list leaves a customer out.
    LookWithout(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1_i64..500, 0_u64..10_000).prop_map(|(seconds, bytes)| Step::Pass(seconds, bytes)),
        3 => (0..CUSTOMERS).prop_map(Step::SignIn),
        1 => (0..CUSTOMERS).prop_map(Step::SignOut),
        1 => Just(Step::Reboot),
        1 => (0..CUSTOMERS).prop_map(Step::Reset),
        4 => Just(Step::Look),
        1 => (0..CUSTOMERS).prop_map(Step::LookWithout),
    ];
    prop::collection::vec(step, 1..60)
}

/// A session as it really is.
#[derive(Debug, Clone)]
struct Real {
    began: Timestamp,
    up: u64,
    down: u64,
    /// What had been seen of it before its counters began anew, and what of them was seen since.
    counted: Traffic,
}

struct World {
    around: Surroundings,
    ambient: Ambient,
    open: BTreeMap<usize, Real>,
    /// What was seen of sessions that are over, per customer: up and down together.
    ended: [u64; CUSTOMERS],
    /// Every byte that ever passed, per customer.
    passed: [u64; CUSTOMERS],
    known: Vec<Session>,
}

impl World {
    fn new() -> Self {
        let around = Surroundings::new();
        let ambient = around.ambient();
        let nothing = [0; CUSTOMERS];
        Self { around, ambient, open: BTreeMap::new(), ended: nothing, passed: nothing, known: Vec::new() }
    }

    fn pass(&mut self, seconds: i64, bytes: u64) {
        self.around.clock.advance(TimeDelta::seconds(seconds));
        for (customer, real) in &mut self.open {
            real.up += bytes;
            real.down += 2 * bytes;
            self.passed[*customer] += 3 * bytes;
        }
    }

    fn sign_out(&mut self, customer: usize) {
        if let Some(real) = self.open.remove(&customer) {
            self.ended[customer] += real.counted.uploaded() + real.counted.downloaded();
        }
    }

    fn look(&mut self, without: Option<usize>) {
        let now = self.around.clock.now();
        let mut listed = Vec::new();
        for (customer, real) in self.open.iter_mut().filter(|(customer, _)| Some(**customer) != without) {
            listed.push(RouterSession {
                id: format!("*{customer}"),
                username: format!("HS{customer}"),
                mac: format!("02:00:00:00:00:{customer:02}"),
                address: IpAddr::from([10, 5, 50, 2]),
                uptime_seconds: u64::try_from((now - real.began).num_seconds()).unwrap(),
                uploaded_bytes: real.up,
                downloaded_bytes: real.down,
            });
            (real.counted.seen_up, real.counted.seen_down) = (real.up, real.down);
        }
        let changes = reconcile(&self.known, &listed, now);
        for session in &mut self.known {
            if changes.closed.contains(&session.id) {
                session.closed_at = Some(now);
                session.ending = Some(SessionEnding::Gone);
            }
            if let Some(now) = changes.continued.iter().find(|continued| continued.id == session.id) {
                *session = now.clone();
            }
        }
        let opened = changes.opened.iter().map(|listed| self.written_down(listed, now)).collect::<Vec<_>>();
        self.known.extend(opened);
        let open = self.known.iter().filter(|session| session.closed_at.is_none()).count();
        assert_eq!(open, listed.len(), "what is listed is open, and nothing else");
    }

    fn written_down(&self, listed: &RouterSession, at: Timestamp) -> Session {
        Session {
            id: Id::generate(&self.ambient),
            router_id: Id::from_uuid(uuid::Uuid::nil()),
            router_session_id: listed.id.clone(),
            username: listed.username.clone(),
            hotspot_user_id: None,
            user_id: None,
            device_id: None,
            mac: listed.mac.clone(),
            address: listed.address,
            started_at: Session::beginning_of(listed, at),
            last_seen_at: at,
            closed_at: None,
            ending: None,
            uptime_seconds: listed.uptime_seconds,
            traffic: Traffic::default().observe(listed.uploaded_bytes, listed.downloaded_bytes),
            termination_asked_at: None,
            limit: None,
        }
    }

    /// What the portal has counted for a customer.
    fn counted(&self, customer: usize) -> u64 {
        let name = format!("HS{customer}");
        let own = self.known.iter().filter(|session| session.username == name);
        own.map(|session| session.traffic.uploaded() + session.traffic.downloaded()).sum()
    }

    /// What it should have counted: of each session what was seen last, before and after its counters began anew.
    fn expected(&self, customer: usize) -> u64 {
        let of_open =
            self.open.get(&customer).map_or(0, |real| real.counted.uploaded() + real.counted.downloaded());
        self.ended[customer] + of_open
    }

    /// `looks` after a reset before anything else passes, so that no reset goes unnoticed.
    fn take(&mut self, step: &Step, looks: bool) {
        match *step {
            Step::Pass(seconds, bytes) => self.pass(seconds, bytes),
            Step::SignIn(customer) => {
                self.sign_out(customer);
                self.pass(1, 0);
                let began = self.around.clock.now();
                let real = Real { began, up: 0, down: 0, counted: Traffic::default() };
                self.open.insert(customer, real);
            }
            Step::SignOut(customer) => self.sign_out(customer),
            Step::Reboot => (0..CUSTOMERS).for_each(|customer| self.sign_out(customer)),
            Step::Reset(customer) => {
                if let Some(real) = self.open.get_mut(&customer) {
                    (real.up, real.down) = (0, 0);
                    real.counted.banked_up += std::mem::take(&mut real.counted.seen_up);
                    real.counted.banked_down += std::mem::take(&mut real.counted.seen_down);
                }
                if looks {
                    self.look(None);
                }
            }
            Step::Look => self.look(None),
            Step::LookWithout(customer) => {
                self.look(Some(customer));
                // Back in the list before a session that is left out is taken for another.
                self.pass(60, 5);
                self.look(None);
            }
        }
    }
}

#[test]
fn a_session_that_claims_to_be_older_than_the_calendar_begins_now() {
    let at = Surroundings::new().clock.now();
    for uptime_seconds in [u64::MAX, 300_000_000_000] {
        let listed = RouterSession {
            id: "*1".to_owned(),
            username: "HS1".to_owned(),
            mac: "02:00:5E:00:53:01".to_owned(),
            address: IpAddr::from([10, 5, 50, 2]),
            uptime_seconds,
            uploaded_bytes: 0,
            downloaded_bytes: 0,
        };
        assert_eq!(Session::beginning_of(&listed, at), at);
    }
}

proptest! {
    #[test]
    fn what_is_seen_is_counted_once(steps in steps()) {
        let mut world = World::new();
        let mut before = [0; CUSTOMERS];
        for step in &steps {
            world.take(step, true);
            for (customer, before) in before.iter_mut().enumerate() {
                let counted = world.counted(customer);
                prop_assert_eq!(counted, world.expected(customer), "{:?}", step);
                prop_assert!(counted >= *before);
                *before = counted;
            }
        }
    }

    #[test]
    fn nothing_is_counted_that_did_not_pass_and_no_count_goes_back(steps in steps()) {
        let mut world = World::new();
        let mut before = [0; CUSTOMERS];
        for step in &steps {
            world.take(step, false);
            for (customer, before) in before.iter_mut().enumerate() {
                let counted = world.counted(customer);
                prop_assert!(counted >= *before && counted <= world.passed[customer]);
                *before = counted;
            }
        }
    }
}

#[test]
fn a_session_goes_on_although_the_answer_was_late() {
    let mut world = World::new();
    world.take(&Step::SignIn(0), true);
    world.pass(60, 1000);
    world.look(None);
    // The list is ten seconds old when it is looked at.
    let late = world.open[&0].began + TimeDelta::seconds(10);
    world.open.get_mut(&0).unwrap().began = late;
    world.pass(120, 1000);
    world.look(None);
    assert_eq!(world.known.len(), 1);
    assert_eq!(world.known[0].uptime_seconds, 170);
}

#[test]
fn a_session_with_the_id_of_an_earlier_one_is_another() {
    let mut world = World::new();
    world.take(&Step::SignIn(0), true);
    world.pass(60, 1000);
    world.look(None);
    world.take(&Step::SignIn(0), true);
    world.pass(600, 5000);
    world.look(None);
    let [first, second] = world.known.as_slice() else { panic!("{:?}", world.known) };
    assert_eq!((first.ending, second.ending), (Some(SessionEnding::Gone), None));
    assert_eq!((first.traffic.uploaded(), second.traffic.uploaded()), (1000, 5000));
}
