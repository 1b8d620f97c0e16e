//! Random histories of a site, told by a simulated NAS over UDP and held against what it truly said: users with two devices
//! on one quota, packets that are lost, repeated and overtake each other, devices that fall silent, reboots, ids that
//! are given again, counters over 4 GiB with and without Gigawords, NAS that repeat no Class, and clocks that jump.
//! After every look the usage of each user is what the last reports of their sessions add up to, to the byte; it never
//! goes back, and is never more than what was sent. The days of the ledger sum up to it, the usage lies on the days
//! on which it can have been used, and today, week and month are those of the days.
//!
//! Both servers are asked: the portal's own, and FreeRADIUS as it is configured in `docs/freeradius`. Time is the test's.
//! The NAS and the portal have clocks of their own, which the test moves together, except where it has the portal's
//! jump. What happens is put on its day by the NAS's Event-Timestamp: the portal's server believes it, as it is near
//! its own clock; FreeRADIUS, whose own clock is the machine's, is told to believe every one (`clock_tolerance`), as in
//! all tests with it, and so its histories begin at the real time, which nobody's access is to be over by. The clock of
//! the database is the machine's as well: what it has stamped is stamped anew with the time of the history.
//!
//! Each history comes from a seed, of which the last is another in every run. A failure names its seed: with it in
//! `ACCOUNTING_SEED`, the last history is that one.

use std::{collections::BTreeMap, fmt::Write as _, net::Ipv4Addr, sync::Arc};

use chrono::{Datelike as _, Days, Duration, NaiveDate, Weekday};
use chrono_tz::Tz;
use kernel::{Ambient, Clock as _, Timestamp, testing::Surroundings};
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use radius::usage::beginning_of;
use reqwest::Method as Verb;
use serde_json::json;
use simulators::nas::{Action, ActionError, Effect, Fault, Identity, Method, NasSimulator, Options, Packets};

use crate::{
    accounting_model::{Model, periods},
    accounting_people::{NAS_CLIENTS, Person, make_known, people},
    accounting_steps::{Device, Dice, Kind, Step},
    app::TestApp,
    freeradius::{FreeRadius, SECRET},
};

on_both_databases!(
    what_was_said_was_used_in_kinshasa,
    what_was_said_was_used_in_paris,
    what_was_said_was_used_in_santiago,
);

async fn what_was_said_was_used_in_kinshasa(database: TestDatabase) {
    ask_the_portal(database, Tz::Africa__Kinshasa, [1, 2, 3]).await;
}

async fn what_was_said_was_used_in_paris(database: TestDatabase) {
    ask_the_portal(database, Tz::Europe__Paris, [4, 5, 6]).await;
}

/// Clocks change at midnight there, so that a day in September begins at one.
async fn what_was_said_was_used_in_santiago(database: TestDatabase) {
    ask_the_portal(database, Tz::America__Santiago, [7, 8, 9]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_to_freeradius_was_used_in_kinshasa() {
    ask_freeradius(Tz::Africa__Kinshasa, [11, 12, 13]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_to_freeradius_was_used_in_paris() {
    ask_freeradius(Tz::Europe__Paris, [14, 15, 16]).await;
}

/// How much happens in one history.
const STEPS: usize = 30;
/// So much may wait to be told by a NAS without Gigawords.
const MOST_UNTOLD: u64 = 1 << 30;

struct Site {
    app: TestApp,
    nas: NasSimulator,
    /// The NAS's clock, which is right.
    time: Surroundings,
    zone: Tz,
    kind: Kind,
    people: Vec<Person>,
    model: Model,
    /// The midnight around which a history is played.
    midnight: Timestamp,
    /// How far the portal's clock is off.
    off: Duration,
    /// What is played, for messages.
    story: String,
    freeradius: Option<FreeRadius>,
}

async fn ask_the_portal(database: TestDatabase, zone: Tz, seeds: [u64; 3]) {
    let own = [
        ("APP_TIMEZONE", zone.name()),
        ("RADIUS_MODE", "embedded"),
        ("RADIUS_AUTH_ADDR", "127.0.0.1:0"),
        ("RADIUS_ACCT_ADDR", "127.0.0.1:0"),
    ];
    let app = TestApp::with(database, &own).await;
    let (auth, acct) = app.radius().addresses();
    make_known(&app).await;
    Site::open(app, zone, Options::asking(auth, acct), None).await.play_all(seeds).await;
}

async fn ask_freeradius(zone: Tz, seeds: [u64; 3]) {
    let Some(database) = FreeRadius::database().await else { return };
    let around = Surroundings::new();
    around.clock.advance(Ambient::system().now() - around.clock.now());
    let app = TestApp::on(Arc::new(database), &[("APP_TIMEZONE", zone.name())], around, None).await;
    make_known(&app).await;
    let Some(freeradius) = FreeRadius::on(app.database.clone()).await else { return };
    let asking = Options::asking(freeradius.server.auth, freeradius.server.acct);
    Site::open(app, zone, asking, Some(freeradius)).await.play_all(seeds).await;
}

impl Site {
    async fn open(app: TestApp, zone: Tz, asking: Options, freeradius: Option<FreeRadius>) -> Self {
        let time = Surroundings::new();
        time.clock.advance(app.around.clock.now() - time.clock.now());
        // On a busy machine a server may take its time, and what it was asked is not lost for that.
        let patience = std::time::Duration::from_secs(15);
        let nas = NasSimulator::start(Options { ambient: time.ambient(), patience, ..asking }).await.unwrap();
        let kind = Kind { class: true, gigawords: true, tells_delay: false, jumps: false };
        let people = people(&app).await;
        let (midnight, model) = (time.clock.now(), Model::default());
        let (off, story) = (Duration::zero(), String::new());
        Self { app, nas, time, zone, kind, people, model, midnight, off, story, freeradius }
    }

    /// Plays three known histories and one that nobody has played before: around a Monday, around the first of a month,
    /// around a day that is no 24 hours long, where there is one, and around either of the former.
    async fn play_all(mut self, seeds: [u64; 3]) {
        let asked = std::env::var("ACCOUNTING_SEED").ok().and_then(|seed| seed.parse().ok());
        let mut random = [0; 8];
        Ambient::system().fill(&mut random);
        let seeds = [&seeds[..], &[asked.unwrap_or(u64::from_le_bytes(random))]].concat();
        let monday = |day: NaiveDate| day.weekday() == Weekday::Mon;
        let first = |day: NaiveDate| day.day() == 1;
        let zone = self.zone;
        let odd = move |day: NaiveDate| {
            let next = day + Days::new(1);
            beginning_of(next, zone) - beginning_of(day, zone) != Duration::days(1)
        };
        self.play(seeds[0], monday).await;
        self.play(seeds[1], first).await;
        self.play(seeds[2], |day| odd(day) || odd(day - Days::new(1)) || (!has_odd(zone) && monday(day)))
            .await;
        self.play(seeds[3], |day| monday(day) || first(day)).await;
        self.nas.shut_down().await;
        assert!(self.app.composition.services.radius.prove_usage().await.unwrap().is_sound());
        drop(self.freeradius);
        self.app.end().await;
    }

    /// Plays a history around the next midnight that begins such a day.
    async fn play(&mut self, seed: u64, day: impl Fn(NaiveDate) -> bool) {
        let mut dice = Dice(seed);
        let (class, gigawords) = (dice.percent(60), dice.percent(60));
        let jumps = class && gigawords && self.freeradius.is_none() && dice.percent(30);
        self.kind = Kind { class, gigawords, tells_delay: dice.percent(50), jumps };
        self.story = format!("ACCOUNTING_SEED={seed} in {}, {:?}:", self.zone, self.kind);
        let soon = self.time.clock.now() + Duration::hours(4);
        let days = self.day_of(soon).iter_days();
        let next = days.skip(1).find(|next| day(*next)).unwrap();
        self.midnight = beginning_of(next, self.zone);
        self.forward(self.midnight - dice.minutes(240) - self.time.clock.now());
        self.become_the_kind().await;
        let weather = dice.weather();
        self.act(Action::Weather(weather)).await;
        for _ in 0..STEPS {
            self.pass(Duration::minutes(1) + dice.minutes(12)).await;
            let step = dice.step();
            write!(self.story, "\n  {} {step:?}", self.time.clock.now()).unwrap();
            self.take(step, &mut dice).await;
            if dice.percent(40) {
                let astray = if dice.percent(20) {
                    dice.minutes(6_000) - Duration::minutes(3_000)
                } else {
                    Duration::zero()
                };
                self.look_astray(astray).await;
            }
        }
        self.wind_up().await;
    }

    /// Sets the NAS up for a history, and tells the portal how to read it.
    async fn become_the_kind(&self) {
        let Kind { class, gigawords, tells_delay, .. } = self.kind;
        self.nas.change(|identity| {
            *identity = Identity {
                secret: SECRET.to_owned(),
                gigawords,
                repeats_class: class,
                tells_delay,
                ..Identity::default()
            };
        });
        let admin = self.app.log_in("admin@demo.test").await;
        let clients = self.app.get(NAS_CLIENTS, &admin).await.data(200);
        let path = format!("{NAS_CLIENTS}/{}", clients[0]["id"].as_str().unwrap());
        let body = json!({"name": "hall", "address": "127.0.0.1", "sends_gigawords": gigawords});
        self.app.send(Verb::PUT, &path, Some(&admin), Some(body)).await.data(200);
    }

    async fn take(&mut self, step: Step, dice: &mut Dice) {
        match step {
            Step::SignIn(device) => self.sign_in(device, dice).await,
            Step::SignOut(device) => {
                let (user, address) = self.of(device);
                self.act(Action::SignOut { user, address }).await;
            }
            // What has run over 2^32 twice since it was last told cannot be known.
            Step::Use(..) if !self.kind.gigawords && self.model.untold() > MOST_UNTOLD => {}
            Step::Use(device, up, down) => {
                let (user, address) = self.of(device);
                let share = if self.kind.gigawords { 1 } else { 32 };
                let (upload_bytes, download_bytes) = (up / share, down / share);
                self.act(Action::Transfer { user, address, upload_bytes, download_bytes }).await;
            }
            Step::Report(device) => {
                let (user, address) = self.of(device);
                self.act(Action::Report { user, address }).await;
            }
            Step::Mute(who) if self.kind.gigawords => {
                let user = Some(self.people[who].username.to_uppercase());
                let fault = Fault { packets: Packets::Any, user, effect: Effect::Lose, times: None };
                self.act(Action::Fault(fault)).await;
            }
            Step::Weather(weather) => {
                self.act(Action::Heal).await;
                self.act(Action::Weather(weather)).await;
            }
            Step::Reboot { orderly, silent } => {
                self.act(Action::Reboot { orderly, silent }).await;
                self.pass(Duration::seconds(90)).await;
            }
            Step::ReuseIds if self.kind.class => self.act(Action::ReuseSessionIds).await,
            Step::Leap(time) => self.pass(time).await,
            Step::Jump(off) if self.kind.jumps => self.put_off(off),
            Step::Mute(_) | Step::ReuseIds | Step::Jump(_) => {}
        }
    }

    async fn sign_in(&mut self, device: Device, dice: &mut Dice) {
        let address = device.address();
        if self.nas.online().iter().any(|online| online.address == address) {
            return;
        }
        let person = &self.people[device.who];
        let asked = self.nas.apply(Action::SignIn {
            user: person.username.to_uppercase(),
            password: person.secret.clone(),
            method: if dice.percent(50) { Method::Chap } else { Method::Pap },
            address: Some(address),
            mac: None,
            upload_kbps: u32::try_from(dice.below(100)).unwrap(),
            download_kbps: u32::try_from(dice.below(800)).unwrap(),
        });
        let refused = asked.await.err().filter(|error| *error != ActionError::Unanswered);
        assert_eq!(refused, None, "{}", self.story);
        // Until it has asked three times.
        self.pass(Duration::seconds(10)).await;
    }

    fn of(&self, device: Device) -> (String, Option<Ipv4Addr>) {
        (self.people[device.who].username.to_uppercase(), Some(device.address()))
    }

    /// Does something to the NAS, if the device is there to which it is to be done.
    async fn act(&mut self, action: Action) {
        match self.nas.apply(action).await {
            Ok(_) | Err(ActionError::NotSignedIn(_)) => {}
            Err(error) => panic!("{error}: {}", self.story),
        }
        self.model.hear(&self.nas.accounts());
    }

    /// Lets time pass in short parts, since what the NAS says at once may come in any order.
    async fn pass(&mut self, time: Duration) {
        let mut left = time;
        while left > Duration::zero() {
            let part = left.min(Duration::minutes(5));
            self.forward(part);
            self.nas.settle().await;
            self.model.hear(&self.nas.accounts());
            left -= part;
        }
    }

    /// Moves all clocks, the portal's first: the NAS speaks as soon as its own has moved.
    fn forward(&self, time: Duration) {
        self.app.around.clock.advance(time);
        self.time.clock.advance(time);
    }

    fn put_off(&mut self, off: Duration) {
        self.app.around.clock.advance(off - self.off);
        self.off = off;
    }

    /// Has the portal take in what was written down, while its clock is so much further off.
    async fn look_astray(&mut self, astray: Duration) {
        self.app.around.clock.advance(astray);
        let now = self.time.clock.now().format("%Y-%m-%dT%H:%M:%S+00:00");
        self.app.database.execute(&format!("UPDATE radacct_observations SET observed_at = '{now}'")).await;
        self.app.run(Task::IngestAccounting).await;
        for who in 0..self.people.len() {
            self.hold(who).await;
        }
        self.app.around.clock.advance(-astray);
    }

    /// Holds what the portal knows of somebody against what was said.
    async fn hold(&mut self, who: usize) {
        let person = &self.people[who];
        let user = person.username.to_uppercase();
        let usage = self.app.composition.services.radius.usage_of_account(person.id).await.unwrap().unwrap();
        let (used, told) = (usage.used.total, self.model.told(&user));
        assert_eq!(used, told, "{}: {}", person.login, self.story);
        assert!(used >= person.used && used <= self.model.truly(&user), "{}: {}", person.login, self.story);
        self.people[who].used = used;
        let person = &self.people[who];
        let days = self.days(person).await;
        assert_eq!(days.values().sum::<u64>(), used, "{}: {}", person.login, self.story);
        let today = self.day_of(self.app.around.clock.now());
        let shown = (usage.used.day, usage.used.week, usage.used.month);
        assert_eq!(shown, periods(&days, today), "{}, {today}, {days:?}: {}", person.login, self.story);
        if self.kind.jumps {
            return;
        }
        for later in -1..=1 {
            let day = self.day_of(self.midnight) + Duration::days(later);
            let counted: u64 = days.range(..day).map(|(_, used)| used).sum();
            let (least, most) = self.model.before(&user, beginning_of(day, self.zone));
            let fits = least <= counted && counted <= most;
            assert!(fits, "{} before {day}: {least} <= {counted} <= {most}: {}", person.login, self.story);
        }
    }

    /// What the ledger has of somebody, by day.
    async fn days(&self, person: &Person) -> BTreeMap<NaiveDate, u64> {
        let sql = format!(
            "SELECT CAST(day AS text) || ' ' || CAST(SUM(up + down) AS text) FROM usage_ledger \
             WHERE subscriber_id = {} GROUP BY day",
            person.subscriber
        );
        let rows = self.app.database.texts(&sql).await;
        let row = |row: &String| {
            let (day, used) = row.split_once(' ').unwrap();
            (day.parse().unwrap(), used.parse().unwrap())
        };
        rows.iter().map(row).collect()
    }

    fn day_of(&self, at: Timestamp) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// Lets what is under way arrive, holds all of it against what is shown, and switches the NAS off and on.
    async fn wind_up(&mut self) {
        self.put_off(Duration::zero());
        self.act(Action::Heal).await;
        self.pass(Duration::minutes(6)).await;
        self.look_astray(Duration::zero()).await;
        for who in 0..self.people.len() {
            self.hold_shown(who).await;
        }
        self.act(Action::Reboot { orderly: false, silent: false }).await;
        self.pass(Duration::minutes(2)).await;
        self.look_astray(Duration::zero()).await;
    }

    /// Holds what somebody is shown against the ledger.
    async fn hold_shown(&self, who: usize) {
        let person = &self.people[who];
        let token = self.app.log_in(person.login).await;
        let shown = self.app.get("/api/v1/profile-usage/me", &token).await.data(200);
        let days = self.days(person).await;
        let (day, week, month) = periods(&days, self.day_of(self.app.around.clock.now()));
        for (name, used) in
            [("used_today", day), ("used_week", week), ("used_month", month), ("used_total", person.used)]
        {
            assert_eq!(shown[name], json!(used), "{name} of {shown}, {days:?}: {}", self.story);
        }
    }
}

/// Whether clocks are ever changed.
fn has_odd(zone: Tz) -> bool {
    zone != Tz::Africa__Kinshasa
}
