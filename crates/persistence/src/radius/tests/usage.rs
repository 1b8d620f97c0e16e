//! Accounting on real databases: rows of `radacct`, written as FreeRADIUS writes them, become sessions and a ledger.

use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::{Europe::Paris, Tz};
use kernel::{Clock as _, Id, PageRequest, Sealed, Timestamp, testing::Surroundings};
use radius::{
    Radius, Subscriber,
    access_profile::{Limits, Quota},
    ports::SubscriberReads as _,
    queries::usage::SessionFilter,
    session::{LOST_CARRIER, Session},
    subscriber::{QuotaState, Sold, Source},
    usage::{Calendar, Used},
};

use super::radius_on;
use crate::{Database, on_both_databases, testing::TestDatabase};

mod freeradius;
mod histories;
mod plans;

use freeradius::{FreeRadius, Said};

on_both_databases!(
    what_was_used_is_counted_once_on_its_days,
    silent_sessions_are_closed_and_their_rows_too,
    usage_finds_its_owner_later,
    a_new_access_begins_from_zero,
    two_workers_take_turns,
    a_long_queue_is_taken_in_run_by_run,
    quotas_block_once_and_open_with_the_day,
);

/// Radius on a database, in a zone that changes its clocks.
struct Stage {
    test: TestDatabase,
    database: Database,
    around: Surroundings,
    radius: Arc<Radius>,
}

impl Stage {
    async fn on(test: TestDatabase) -> Self {
        let around = Surroundings::new();
        let database = test.connect(&around).await;
        let radius = Arc::new(radius_on(&database, &test, &around.ambient(), Paris));
        Self { test, database, around, radius }
    }

    fn now(&self) -> Timestamp {
        self.around.clock.now()
    }

    /// A subscriber who may sign in, with what was sold.
    async fn subscriber(&self, username: &str, quota: Quota) -> Subscriber {
        let ambient = self.around.ambient();
        let new = Subscriber::unheard(Id::generate(&ambient), Id::generate(&ambient), self.now());
        let sold = Sold {
            router_id: Id::generate(&ambient),
            marker: username.to_owned(),
            name: username.to_owned(),
            limits: Limits { quota, ..Limits::default() },
        };
        let subscriber = Subscriber {
            source: Source::Sold(Box::new(sold)),
            username: username.to_owned(),
            sealed_secret: Some(Sealed::from_stored("s1.k.n.c".to_owned())),
            account_active: true,
            enabled: true,
            begun_at: Some(self.now()),
            ..new
        };
        self.keep(&subscriber, true).await;
        subscriber
    }

    async fn keep(&self, subscriber: &Subscriber, new: bool) {
        let mut tx = radius::ports::RadiusStore::begin(&self.database).await.unwrap();
        if new {
            assert!(tx.insert_subscriber(subscriber).await.unwrap());
        } else {
            tx.update_subscriber(subscriber).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    fn freeradius(&self) -> FreeRadius<'_> {
        FreeRadius(&self.database)
    }

    async fn ingest(&self) -> u64 {
        self.radius.ingest_accounting().await.unwrap()
    }

    async fn sessions(&self) -> Vec<Session> {
        let page = PageRequest::new(1, 100);
        let mut found =
            self.radius.list_radius_sessions(&SessionFilter::default(), page).await.unwrap().items;
        found.reverse();
        found
    }

    async fn used(&self, subscriber: &Subscriber) -> Used {
        self.used_in(Paris, subscriber).await
    }

    async fn used_in(&self, zone: Tz, subscriber: &Subscriber) -> Used {
        let calendar = Calendar::at(self.now(), zone);
        radius::ports::UsageReads::usage_of(&self.database, subscriber, &calendar).await.unwrap()
    }

    async fn is_sound(&self) -> bool {
        self.radius.prove_usage().await.unwrap().is_sound()
    }
}

/// What a NAS says of a session of `q08` that began `age` seconds before.
fn said(at: Timestamp, age: i64, up: u64, down: u64) -> Said {
    Said { unique: "u1".into(), username: "q08".into(), at, age, up, down }
}

async fn what_was_used_is_counted_once_on_its_days(on: TestDatabase) {
    let stage = Stage::on(on).await;
    let q08 = stage.subscriber("q08", Quota::default()).await;
    // 23:50 on Saturday the 17th in Paris.
    stage.around.clock.advance(TimeDelta::minutes(10 * 60 + 50));
    let (began, nas) = (stage.now(), stage.freeradius());
    nas.start(&said(began, 0, 0, 0)).await;
    stage.around.clock.advance(TimeDelta::minutes(20));
    nas.interim(&said(stage.now(), 1_200, 100, 200)).await;
    assert_eq!(stage.ingest().await, 2);
    assert_eq!(stage.used(&q08).await, Used { day: 150, week: 300, month: 300, total: 300 });
    nas.stop(&said(stage.now(), 1_200, 100, 200)).await;
    nas.stop(&said(stage.now(), 1_200, 0, 0)).await;
    assert_eq!((stage.ingest().await, stage.ingest().await), (2, 0));
    let used = stage.used(&q08).await;
    assert_eq!(used, Used { day: 150, week: 300, month: 300, total: 300 });
    let [session] = stage.sessions().await.try_into().unwrap();
    assert_eq!((session.started_at, session.stopped_at), (began, Some(stage.now())));
    // What was sold is no account's own, whoever is told of it.
    assert_eq!((session.subscriber_id, session.user_id), (Some(q08.id), None));
    assert_eq!(session.cause.as_deref(), Some("User-Request"));
    // On Monday a week begins, on the 1st a month.
    stage.around.clock.advance(TimeDelta::days(1));
    assert_eq!(stage.used(&q08).await, Used { day: 0, week: 0, month: 300, total: 300 });
    stage.around.clock.advance(TimeDelta::days(13));
    assert_eq!(stage.used(&q08).await, Used { day: 0, week: 0, month: 0, total: 300 });
    assert!(stage.is_sound().await);
    stage.test.execute("UPDATE usage_ledger SET up = up + 1 WHERE day = '2026-01-18'").await;
    let proof = stage.radius.prove_usage().await.unwrap();
    assert_eq!((proof.differing[0].session_id, proof.differing[0].ledger), (session.id, 301));
}

async fn silent_sessions_are_closed_and_their_rows_too(on: TestDatabase) {
    let stage = Stage::on(on).await;
    let nas = stage.freeradius();
    nas.start(&said(stage.now(), 0, 0, 0)).await;
    stage.ingest().await;
    stage.around.clock.advance(TimeDelta::seconds(900));
    assert_eq!(stage.radius.close_silent_sessions(10).await.unwrap(), 0);
    stage.around.clock.advance(TimeDelta::seconds(1));
    // Something waits to be taken in: it is not silent.
    nas.interim(&said(stage.now(), 901, 7, 0)).await;
    assert_eq!(stage.radius.close_silent_sessions(10).await.unwrap(), 0);
    stage.ingest().await;
    assert_eq!(stage.radius.close_silent_sessions(10).await.unwrap(), 0);
    stage.around.clock.advance(TimeDelta::seconds(901));
    assert_eq!(stage.radius.close_silent_sessions(10).await.unwrap(), 1);
    assert_eq!(stage.ingest().await, 1);
    let open = "SELECT acctuniqueid FROM radacct WHERE acctstoptime IS NULL";
    assert!(stage.test.texts(open).await.is_empty());
    let [session] = stage.sessions().await.try_into().unwrap();
    assert_eq!((session.cause.as_deref(), session.used.up), (Some(LOST_CARRIER), 7));
    // Its end comes late, and still counts what it adds.
    nas.stop(&said(stage.now(), 1_802, 9, 0)).await;
    stage.ingest().await;
    let [session] = stage.sessions().await.try_into().unwrap();
    assert_eq!((session.used.up, session.stopped_at), (9, Some(stage.now())));
    assert!(stage.is_sound().await);
}

async fn usage_finds_its_owner_later(on: TestDatabase) {
    let stage = Stage::on(on).await;
    let nas = stage.freeradius();
    nas.interim(&Said { username: "Q08".into(), ..said(stage.now(), 60, 5, 5) }).await;
    stage.ingest().await;
    let q08 = stage.subscriber("q08", Quota::default()).await;
    let other = stage.subscriber("other", Quota::default()).await;
    assert_eq!(stage.used(&q08).await.total, 0);
    stage.around.clock.advance(TimeDelta::seconds(60));
    nas.interim(&Said { username: "Q08".into(), ..said(stage.now(), 120, 6, 6) }).await;
    stage.ingest().await;
    assert_eq!((stage.used(&q08).await.total, stage.used(&other).await.total), (12, 0));
    // A Class says whose a session is, whatever name was typed.
    nas.start(&Said { unique: "u2".into(), ..said(stage.now(), 0, 0, 0) }).await;
    let class = format!("UPDATE radacct SET class = '{}' WHERE acctuniqueid = 'u2'", other.id);
    stage.test.execute("DELETE FROM radacct_observations").await;
    stage.test.execute(&class).await;
    nas.stop(&Said { unique: "u2".into(), ..said(stage.now(), 10, 30, 0) }).await;
    stage.ingest().await;
    assert_eq!((stage.used(&q08).await.total, stage.used(&other).await.total), (12, 30));
}

async fn a_new_access_begins_from_zero(on: TestDatabase) {
    let stage = Stage::on(on).await;
    let mut q08 = stage.subscriber("q08", Quota::default()).await;
    let nas = stage.freeradius();
    nas.stop(&said(stage.now(), 60, 5, 5)).await;
    stage.around.clock.advance(TimeDelta::minutes(1));
    q08.begun_at = Some(stage.now());
    stage.keep(&q08, false).await;
    nas.interim(&Said { unique: "u2".into(), ..said(stage.now(), 30, 1, 1) }).await;
    stage.ingest().await;
    assert_eq!(stage.used(&q08).await, Used { day: 12, week: 12, month: 12, total: 2 });
}

async fn two_workers_take_turns(on: TestDatabase) {
    let stage = Stage::on(on).await;
    let q08 = stage.subscriber("q08", Quota::default()).await;
    let began = stage.now();
    let other =
        radius_on(&stage.test.connect(&stage.around).await, &stage.test, &stage.around.ambient(), Paris);
    stage.around.clock.advance(TimeDelta::seconds(600));
    for age in 1..=600 {
        let up = u64::try_from(age).unwrap();
        stage.freeradius().interim(&said(began + TimeDelta::seconds(age), age, up, 0)).await;
    }
    let (one, two) = tokio::join!(stage.radius.ingest_accounting(), other.ingest_accounting());
    assert_eq!(one.unwrap() + two.unwrap(), 600);
    assert_eq!(stage.used(&q08).await.total, 600);
    assert!(stage.is_sound().await);
}

async fn a_long_queue_is_taken_in_run_by_run(on: TestDatabase) {
    let stage = Stage::on(on).await;
    stage.freeradius().start_many(5_001, stage.now()).await;
    assert_eq!(stage.ingest().await, 5_000);
    let waiting = stage.database.lease_jobs(10, std::time::Duration::from_secs(60)).await.unwrap();
    assert!(waiting.iter().any(|job| job.kind == "radius.ingest_accounting"), "{waiting:?}");
    assert_eq!(stage.ingest().await, 1);
}

async fn quotas_block_once_and_open_with_the_day(on: TestDatabase) {
    let stage = Stage::on(on).await;
    let quota = Quota { day: Some(1_000), total: Some(10_000), ..Quota::default() };
    let q08 = stage.subscriber("q08", quota).await;
    let state = async || stage.database.find_subscriber(q08.id).await.unwrap().unwrap().quota_state;
    let nas = stage.freeradius();
    for (age, up, blocked, told) in [(300, 799, false, 0), (600, 960, false, 1), (900, 1_300, true, 1)] {
        stage.around.clock.advance(TimeDelta::seconds(300));
        nas.interim(&said(stage.now(), age, up, 0)).await;
        stage.ingest().await;
        let checked = stage.radius.check_quotas(&[q08.id]).await.unwrap();
        let again = stage.radius.check_quotas(&[q08.id]).await.unwrap();
        assert_eq!((checked.told, again.told, again.changed), (told, 0, 0), "{up}");
        assert_eq!(matches!(state().await, QuotaState::Blocked { .. }), blocked, "{up}");
    }
    let told =
        stage.test.texts("SELECT payload ->> 'code' FROM events WHERE kind = 'UsageThresholdReached'").await;
    assert_eq!(told, ["quota_critical", "quota_exhausted"]);
    stage.around.clock.advance(TimeDelta::days(1));
    assert_eq!(stage.radius.check_everybody().await.unwrap(), 1);
    assert_eq!(stage.radius.check_quotas(&[q08.id]).await.unwrap().changed, 1);
    assert_eq!(state().await, QuotaState::Open);
}
