//! A database per test, and a service that sends through channels on a script.

use std::{sync::Arc, time::Duration};

use ::notifications::{
    Channel, Delivery, MessageChannel, Notifications, consumers,
    jobs::{self, SendDelivery},
    testing::ScriptedChannel,
};
use kernel::{Event, Id, Job, JobOutcome, JobSpec, Sealer, id::ids::DeliveryId, testing::Surroundings};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::super::deliveries;
use crate::{Database, testing::TestDatabase};

/// Runs a test on SQLite, and on PostgreSQL where a server is given.
pub(super) async fn on_each_database(test: impl AsyncFn(&Fixture)) {
    test(&Fixture::on(TestDatabase::sqlite()).await).await;
    if let Some(database) = TestDatabase::postgres().await {
        test(&Fixture::on(database).await).await;
    }
}

pub(super) struct Fixture {
    pub(super) database: Database,
    pub(super) around: Surroundings,
    pub(super) sealer: Arc<Sealer>,
    /// Does not recognise a repeat.
    pub(super) sms: Arc<ScriptedChannel>,
    /// Recognises a repeat.
    pub(super) email: Arc<ScriptedChannel>,
    pub(super) service: Arc<Notifications>,
    _database: TestDatabase,
}

impl Fixture {
    async fn on(test: TestDatabase) -> Self {
        let around = Surroundings::new();
        let database = test.connect(&around).await;
        let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        let sealer = Arc::new(Sealer::new(key, None, around.ambient()).unwrap());
        let sms = Arc::new(ScriptedChannel::new(Channel::Sms, false));
        let email = Arc::new(ScriptedChannel::new(Channel::Email, true));
        let channels: Vec<Arc<dyn MessageChannel>> = vec![sms.clone(), email.clone()];
        let store = Arc::new(database.clone());
        let service = Notifications::new(store.clone(), store, channels, sealer.clone(), around.ambient());
        Self { database, around, sealer, sms, email, service: Arc::new(service.unwrap()), _database: test }
    }

    /// Tells every consumer that wants it of a fact.
    pub(super) async fn tell(&self, event: &Event) {
        for consumer in consumers::all(&self.service) {
            if consumer.subscriptions().contains(&event.kind.as_str()) {
                consumer.consume(event).await.unwrap();
            }
        }
    }

    /// Runs every due job once, and answers as the worker would. Gives back how each ended.
    pub(super) async fn work(&self) -> Vec<JobOutcome> {
        let handlers = jobs::all(&self.service);
        let due = self.database.lease_jobs(100, Duration::from_secs(60)).await.unwrap();
        let mut outcomes = Vec::new();
        for job in due {
            let handler = handlers.iter().find(|handler| handler.kind() == job.kind).unwrap();
            let outcome = handler.run(&job).await;
            self.answer(&job, &outcome).await;
            outcomes.push(outcome);
        }
        outcomes
    }

    async fn answer(&self, job: &Job, outcome: &JobOutcome) {
        let database = &self.database;
        let later = self.around.ambient().now() + chrono::Duration::seconds(1);
        match outcome {
            JobOutcome::Done => database.finish_job(job).await,
            JobOutcome::Again => database.repeat_job(job).await,
            JobOutcome::Failed(error) => database.retry_job(job, later, error).await,
            JobOutcome::Waiting(reason) => database.postpone_job(job, later, reason).await,
            JobOutcome::Hopeless(error) => database.bury_job(job, error).await,
        }
        .unwrap();
        self.around.clock.advance(chrono::Duration::seconds(2));
    }

    /// Loses every job, as if somebody had emptied the table.
    pub(super) async fn lose_jobs(&self) {
        self.database.writer().execute_unprepared("DELETE FROM jobs").await.unwrap();
    }

    /// The deliveries that jobs stand ready to send, sorted.
    pub(super) async fn ready(&self) -> Vec<DeliveryId> {
        let jobs = self.database.unfinished_jobs(1000).await.unwrap();
        let mut ready: Vec<DeliveryId> = jobs
            .into_iter()
            .map(|job| {
                assert_eq!(job.kind, SendDelivery::KIND);
                serde_json::from_value::<SendDelivery>(job.payload).unwrap().delivery_id
            })
            .collect();
        ready.sort();
        ready
    }

    /// Every delivery through a channel, as it is stored.
    pub(super) async fn deliveries(&self, channel: Channel) -> Vec<Delivery> {
        let rows = deliveries::Entity::find()
            .filter(deliveries::Column::Channel.eq(channel.as_str()))
            .all(self.database.reader())
            .await
            .unwrap();
        rows.into_iter().map(|row| Delivery::try_from(row).unwrap()).collect()
    }

    /// The one delivery through a channel.
    pub(super) async fn delivery(&self, channel: Channel) -> Delivery {
        let [delivery]: [Delivery; 1] = self.deliveries(channel).await.try_into().unwrap();
        delivery
    }

    /// How many facts of a kind there are.
    pub(super) async fn facts(&self, kind: &str) -> u64 {
        self.database.count_events(kind, chrono::DateTime::UNIX_EPOCH).await.unwrap()
    }

    /// A copy of a fact under a new name, as if it had been told twice.
    pub(super) fn retold(&self, event: &Event) -> Event {
        Event { id: Id::generate(&self.around.ambient()), ..event.clone() }
    }
}
