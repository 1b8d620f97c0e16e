//! What every unit of work promises, and the schema's way there and back.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{
    Ambient, Claim, Consumer, ConsumerError, Event, EventPayload as _, Id, IdempotencyKey, Msisdn, Origin,
    UnitOfWork as _,
    audit::AuditRecord,
    events::{
        Contact,
        billing::{OrderCompleted, OrderExpired},
    },
    testing::Surroundings,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{Database, Subscriptions, on_both_databases, testing::TestDatabase};

on_both_databases!(
    an_event_reaches_everybody_who_asked_and_nobody_else,
    what_is_dropped_never_was,
    a_fact_is_consumed_once_by_each,
    a_key_belongs_to_the_first_who_claims_it,
    of_two_claims_at_once_one_is_new,
    the_schema_goes_there_and_back,
    stories_are_told_in_order,
    a_person_is_forgotten_once_everybody_has_heard,
);

/// Somebody who wants to know of expired orders.
struct Listener(&'static str);

#[async_trait]
impl Consumer for Listener {
    fn name(&self) -> &'static str {
        self.0
    }

    fn subscriptions(&self) -> &'static [&'static str] {
        &[OrderExpired::TYPE, OrderCompleted::TYPE]
    }

    async fn consume(&self, _: &Event) -> Result<(), ConsumerError> {
        Ok(())
    }
}

fn expired(ambient: &Ambient, order: u128) -> Event {
    let fact = OrderExpired { order_id: Id::from_uuid(Uuid::from_u128(order)) };
    Event::new(ambient, &Origin::system("test"), &fact).unwrap()
}

async fn append(database: &Database, event: Event) {
    let mut tx = database.begin_tx().await.unwrap();
    tx.append(event).await.unwrap();
    Box::new(tx).commit().await.unwrap();
}

async fn an_event_reaches_everybody_who_asked_and_nobody_else(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    let listeners: [&dyn Consumer; 2] = [&Listener("one"), &Listener("other")];
    database.subscribe(Subscriptions::of(listeners));
    let event = expired(&around.ambient(), 1);
    append(&database, event.clone()).await;
    let jobs = database.unfinished_jobs(10).await.unwrap();
    let mut told: Vec<_> = jobs.iter().map(|job| job.payload["consumer"].as_str().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(told, ["one", "other"]);
    assert_eq!(database.find_event(event.id).await.unwrap(), Some(event));
}

async fn what_is_dropped_never_was(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    let (event, origin) = (expired(&around.ambient(), 1), Origin::system("test"));
    let key = IdempotencyKey::new(&origin.actor, "POST /orders", "key", b"{}");
    let mut tx = database.begin_tx().await.unwrap();
    tx.append(event.clone()).await.unwrap();
    tx.claim(&key, Uuid::nil()).await.unwrap();
    tx.first_time("one", event.id).await.unwrap();
    let record = AuditRecord::success(&around.ambient(), &origin, "order", "expire", "order:1".to_owned());
    tx.audit(record).await.unwrap();
    drop(tx);
    assert_eq!(database.find_event(event.id).await.unwrap(), None);
    let mut tx = database.begin_tx().await.unwrap();
    assert_eq!(tx.claim(&key, Uuid::nil()).await.unwrap(), Claim::New);
    assert!(tx.first_time("one", event.id).await.unwrap());
    drop(tx);
    assert_eq!(on.texts("SELECT action FROM audit_log").await, [""; 0]);
}

async fn a_fact_is_consumed_once_by_each(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    let event = expired(&around.ambient(), 1).id;
    let mut tx = database.begin_tx().await.unwrap();
    assert!(tx.first_time("one", event).await.unwrap());
    assert!(!tx.first_time("one", event).await.unwrap());
    assert!(tx.first_time("other", event).await.unwrap());
    Box::new(tx).commit().await.unwrap();
    let mut tx = database.begin_tx().await.unwrap();
    assert!(!tx.first_time("one", event).await.unwrap());
}

async fn a_key_belongs_to_the_first_who_claims_it(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let key = |body: &[u8]| IdempotencyKey::new(&"user:1", "POST /orders", "key", body);
    let mut tx = database.begin_tx().await.unwrap();
    assert_eq!(tx.claim(&key(b"{}"), first).await.unwrap(), Claim::New);
    Box::new(tx).commit().await.unwrap();
    let mut tx = database.begin_tx().await.unwrap();
    assert_eq!(tx.claim(&key(b"{}"), second).await.unwrap(), Claim::Repeated(first));
    assert_eq!(tx.claim(&key(b"{\"quantity\":2}"), second).await.unwrap(), Claim::OtherBody);
    let of_another = IdempotencyKey::new(&"user:2", "POST /orders", "key", b"{}");
    assert_eq!(tx.claim(&of_another, second).await.unwrap(), Claim::New);
    drop(tx);
    let a_day_later = around.ambient().now() + chrono::Duration::hours(24);
    assert_eq!(database.prune_idempotency_keys(a_day_later).await.unwrap(), 1);
}

async fn of_two_claims_at_once_one_is_new(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    let mut claims = JoinSet::new();
    for number in 1..=8u128 {
        let database = database.clone();
        claims.spawn(async move {
            let key = IdempotencyKey::new(&"user:1", "POST /orders", "key", b"{}");
            let mut tx = database.begin_tx().await.unwrap();
            let claim = tx.claim(&key, Uuid::from_u128(number)).await.unwrap();
            Box::new(tx).commit().await.unwrap();
            claim
        });
    }
    let claims = claims.join_all().await;
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::New).count(), 1);
    assert_eq!(claims.iter().filter(|claim| matches!(claim, Claim::Repeated(_))).count(), 7);
}

async fn the_schema_goes_there_and_back(on: TestDatabase) {
    let database = on.connect(&Surroundings::new()).await;
    let steps = database.migration_status().await.unwrap();
    assert!(steps.len() >= 5 && steps.iter().all(|(_, applied)| *applied), "{steps:?}");
    database.migrate_down(u32::try_from(steps.len()).unwrap()).await.unwrap();
    assert!(database.migration_status().await.unwrap().iter().all(|(_, applied)| !applied));
    database.migrate_up().await.unwrap();
    assert_eq!(database.migration_status().await.unwrap(), steps);
    assert_eq!(database.backlog().await.unwrap().len(), 5);
}

async fn stories_are_told_in_order(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    let ambient = around.ambient();
    let events: Vec<_> = (0..20).map(|_| expired(&ambient, 7)).collect();
    for event in events.iter().rev() {
        append(&database, event.clone()).await;
    }
    append(&database, expired(&around.ambient(), 8)).await;
    assert_eq!(database.story(Uuid::from_u128(7), 100).await.unwrap(), events);
}

async fn a_person_is_forgotten_once_everybody_has_heard(on: TestDatabase) {
    let around = Surroundings::new();
    let database = on.connect(&around).await;
    let listeners: [&dyn Consumer; 1] = [&Listener("one")];
    database.subscribe(Subscriptions::of(listeners));
    let order = Uuid::from_u128(1);
    let contact = Contact { phone: Msisdn::parse("+243812345678").ok(), ..Contact::default() };
    let fact = OrderCompleted {
        order_id: Id::from_uuid(order),
        order_number: "ORD-1".to_owned(),
        contact,
        package_name: "2H".to_owned(),
        units: 1,
    };
    let told = Event::new(&around.ambient(), &Origin::system("test"), &fact).unwrap();
    append(&database, told.clone()).await;
    let forget = async || {
        let mut tx = database.begin_tx().await.unwrap();
        let forgotten = tx.forget_in_events(order).await.unwrap();
        Box::new(tx).commit().await.unwrap();
        let left = database.find_event(told.id).await.unwrap().unwrap();
        (forgotten, left.payload_as::<OrderCompleted>().unwrap().unwrap().contact.phone.is_none())
    };
    assert_eq!(forget().await, (false, false), "somebody is about to act on it");

    let [delivery] = database.lease_jobs(1, Duration::from_secs(60)).await.unwrap().try_into().unwrap();
    assert_eq!(forget().await, (false, false), "somebody acts on it");
    database.finish_job(&delivery).await.unwrap();
    // What nobody has heard of and says nothing of a person holds nothing up.
    append(&database, expired(&around.ambient(), 1)).await;
    assert_eq!(forget().await, (true, true));
    assert_eq!(forget().await, (true, true), "again is harmless");
}
