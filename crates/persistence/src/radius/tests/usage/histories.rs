//! Random histories of a NAS, its network and its server, held against what was truly sent: sessions of two devices on
//! one quota, ids given again, reboots, and packets that are lost, repeated and overtake each other. Counting them
//! misses nothing that reached the server, counts nothing twice, never goes back, and puts everything on its day.

use std::collections::BTreeMap;

use chrono::{TimeDelta, TimeZone as _, Utc};
use chrono_tz::{Africa::Kinshasa, America::Sao_Paulo, Europe::Paris, Tz};
use kernel::{Id, Sealed, Timestamp};
use radius::{
    access_profile::Quota,
    nas_client::{NasClient, Vendor},
    ports::RadiusStore,
    usage::beginning_of,
};
use sea_orm::ConnectionTrait as _;

use super::{Said, Stage};
use crate::{on_both_databases, testing::TestDatabase};

on_both_databases!(
    random_histories_are_counted_as_they_were,
    counters_without_gigawords_are_counted_as_they_were,
);

/// A source of chance that is the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % limit
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    Interim,
    Stop,
    On,
}

/// A packet on its way, and what is true of it.
#[derive(Debug, Clone)]
struct Packet {
    kind: Kind,
    said: Said,
    /// Which real session it is about.
    session: usize,
    /// What had truly gone through it.
    truth: (u64, u64),
    arrives_at: Timestamp,
}

/// What is truly known of a session from the packets that the server took.
#[derive(Debug, Default, Clone)]
struct Known {
    /// By the moment at which it was said.
    points: BTreeMap<Timestamp, u64>,
}

impl Known {
    fn total(&self) -> u64 {
        self.points.values().copied().max().unwrap_or(0)
    }

    /// The least and the most that can have been used before a moment, by what was said.
    fn before(&self, moment: Timestamp) -> (u64, u64) {
        let least = self.points.range(..=moment).next_back().map_or(0, |(_, used)| *used);
        let most = self.points.range(moment..).next().map_or_else(|| self.total(), |(_, used)| *used);
        (least, most)
    }
}

/// One history: what a NAS sends from `from` on, in the order in which it arrives.
fn history(dice: &mut Dice, from: Timestamp, wraps: bool) -> Vec<Packet> {
    let mut packets = Vec::new();
    let mut session = 0;
    let mut rebooted_at = Vec::new();
    for device in 0..3_u64 {
        let mut at = from + TimeDelta::seconds(dice.below(900).cast_signed());
        // Each device has few ids, so that some are given again.
        for _ in 0..=dice.below(4) {
            let unique = format!("device-{device}-{}", dice.below(2));
            let (sent, ended_at, rebooted) = one_session(dice, session, &unique, at, wraps);
            rebooted_at.extend(rebooted);
            packets.extend(sent);
            at = ended_at + TimeDelta::seconds(60 + dice.below(3_600).cast_signed());
            session += 1;
        }
    }
    for at in rebooted_at {
        let said = Said { unique: String::new(), username: String::new(), at, age: 0, up: 0, down: 0 };
        packets.push(Packet { kind: Kind::On, said, session: usize::MAX, truth: (0, 0), arrives_at: at });
    }
    let mut arriving: Vec<Packet> = Vec::new();
    for packet in packets {
        let copies = 1 + usize::from(dice.percent(25)) + usize::from(dice.percent(5));
        for _ in 0..copies {
            let late = if dice.percent(30) { dice.below(900).cast_signed() } else { 0 };
            let mut copy = packet.clone();
            copy.arrives_at += TimeDelta::seconds(late);
            // A beginning must be heard by somebody, or an id that is given again cannot be told from the first.
            let lost = packet.kind != Kind::Start && dice.percent(20);
            if !lost {
                arriving.push(copy);
            }
        }
    }
    arriving.sort_by_key(|packet| packet.arrives_at);
    arriving
}

/// What a NAS says of one session. Gives when it ended, and when the NAS was rebooted if that ended it.
fn one_session(
    dice: &mut Dice,
    session: usize,
    unique: &str,
    began: Timestamp,
    wraps: bool,
) -> (Vec<Packet>, Timestamp, Option<Timestamp>) {
    let most = if wraps { 1 << 29 } else { 3 << 31 };
    let (mut up, mut down, mut age) = (0_u64, 0_u64, 0_i64);
    let shown = |bytes: u64| if wraps { bytes % (1 << 32) } else { bytes };
    let packet = |kind: Kind, age: i64, up: u64, down: u64| {
        let at = began + TimeDelta::seconds(age);
        let said = Said {
            unique: unique.to_owned(),
            username: if session.is_multiple_of(2) { "q08".to_owned() } else { "Q08".to_owned() },
            at,
            age,
            up: shown(up),
            down: shown(down),
        };
        Packet { kind, said, session, truth: (up, down), arrives_at: at }
    };
    let mut packets = vec![packet(Kind::Start, 0, 0, 0)];
    for _ in 0..dice.below(7) {
        age += 300;
        if !dice.percent(20) {
            (up, down) = (up + dice.below(most), down + dice.below(most));
        }
        packets.push(packet(Kind::Interim, age, up, down));
    }
    age += 1 + dice.below(299).cast_signed();
    let ended_at = began + TimeDelta::seconds(age);
    if dice.percent(20) {
        // The power fails: no end is sent, and the NAS says so when it is back.
        return (packets, ended_at, Some(ended_at + TimeDelta::seconds(30)));
    }
    (up, down) = (up + dice.below(most), down + dice.below(most));
    packets.push(packet(Kind::Stop, age, up, down));
    (packets, ended_at, None)
}

async fn random_histories_are_counted_as_they_were(on: TestDatabase) {
    let stage = Stage::on(on).await;
    for seed in 0..12 {
        play(&stage, seed, false).await;
    }
}

async fn counters_without_gigawords_are_counted_as_they_were(on: TestDatabase) {
    let stage = Stage::on(on).await;
    let ambient = stage.around.ambient();
    let client = NasClient {
        id: Id::generate(&ambient),
        name: "old".into(),
        address: "10.0.0.1".parse().unwrap(),
        sealed_secret: Sealed::from_stored("s1.k.n.c".to_owned()),
        vendor: Vendor::Wispr,
        coa_port: 0,
        require_message_authenticator: true,
        sends_gigawords: false,
        site_id: Id::generate(&ambient),
        router_id: None,
        created_at: stage.now(),
    };
    let mut tx = RadiusStore::begin(&stage.database).await.unwrap();
    tx.insert_nas_client(&client).await.unwrap();
    tx.commit().await.unwrap();
    for seed in 100..106 {
        play(&stage, seed, true).await;
    }
}

/// The moments at which histories begin: shortly before midnights that are Mondays, firsts of a month, or nights on
/// which clocks change.
fn edges() -> [(Tz, Timestamp); 4] {
    let at = |year, month, day, hour| Utc.with_ymd_and_hms(year, month, day, hour, 30, 0).unwrap();
    [
        // 29 March 2026 in Paris: 23 hours; then the week ends.
        (Paris, at(2026, 3, 28, 21)),
        // 25 October in Paris: 25 hours.
        (Paris, at(2025, 10, 25, 20)),
        // Monday, 1 June in Kinshasa.
        (Kinshasa, at(2026, 5, 31, 21)),
        // 4 November 2018 in São Paulo has no midnight.
        (Sao_Paulo, at(2018, 11, 4, 1)),
    ]
}

/// Plays a history out on the stage, all of it for one subscriber of its own.
async fn play(stage: &Stage, seed: u64, wraps: bool) {
    let mut dice = Dice(seed);
    let (zone, from) = edges()[usize::try_from(seed).unwrap() % 4];
    for table in ["usage_ledger", "radius_sessions", "radacct", "radacct_observations", "jobs", "subscribers"]
    {
        stage.database.writer().execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
    }
    stage.around.clock.advance(from - stage.now());
    let radius = super::radius_on(&stage.database, &stage.test, &stage.around.ambient(), zone);
    let q08 = stage.subscriber("q08", Quota::default()).await;
    let mut known: BTreeMap<usize, Known> = BTreeMap::new();
    let (server, mut last) = (stage.freeradius(), 0);
    for packet in history(&mut dice, from, wraps) {
        let taken = match packet.kind {
            Kind::Start => server.start(&packet.said).await,
            Kind::Interim => server.interim(&packet.said).await,
            Kind::Stop => server.stop(&packet.said).await,
            Kind::On => {
                server.on(packet.said.at).await;
                false
            }
        };
        if taken && packet.kind != Kind::Start {
            let (up, down) = packet.truth;
            known.entry(packet.session).or_default().points.insert(packet.said.at, up + down);
        }
        // The database's clock is right; the portal's may be hours off when it looks.
        let arrived = super::freeradius::text(packet.arrives_at);
        let observed = format!("UPDATE radacct_observations SET observed_at = '{arrived}'");
        stage.database.writer().execute_unprepared(&observed).await.unwrap();
        if dice.percent(40) {
            let off = if dice.percent(10) { dice.below(20_000).cast_signed() - 10_000 } else { 0 };
            stage.around.clock.advance(packet.arrives_at + TimeDelta::seconds(off) - stage.now());
            radius.ingest_accounting().await.unwrap();
            if dice.percent(20) {
                radius.close_silent_sessions(100).await.unwrap();
            }
            let total = stage.used_in(zone, &q08).await.total;
            assert!(total >= last, "seed {seed}: usage went back from {last} to {total}");
            last = total;
        }
    }
    radius.ingest_accounting().await.unwrap();
    let truth: u64 = known.values().map(Known::total).sum();
    assert_eq!(stage.used_in(zone, &q08).await.total, truth, "seed {seed}");
    assert!(radius.prove_usage().await.unwrap().is_sound(), "seed {seed}");
    let mut day = radius::usage::day_of(from, zone);
    for _ in 0..3 {
        day = day.succ_opt().unwrap();
        let midnight = beginning_of(day, zone);
        let counted = used_before(stage, day).await;
        let (least, most) = known
            .values()
            .map(|known| known.before(midnight))
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        // A session whose end the server closed, or that began late, is spread over what is known of it.
        assert!(counted >= least && counted <= most, "seed {seed}, {day}: {least} <= {counted} <= {most}");
    }
}

/// What the ledger has on the days before one.
async fn used_before(stage: &Stage, day: chrono::NaiveDate) -> u64 {
    let sql =
        format!("SELECT CAST(COALESCE(SUM(up + down), 0) AS text) FROM usage_ledger WHERE day < '{day}'");
    let query = sea_orm::Statement::from_string(stage.database.reader().get_database_backend(), sql);
    let row = stage.database.reader().query_one_raw(query).await.unwrap().unwrap();
    row.try_get_by_index::<String>(0).unwrap().parse().unwrap()
}
