//! What all domains share: events, jobs, idempotency keys, the audit log, scheduled runs.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big_null, id, index, int, json, moment, moment_null, table, text, text_null, unique, uuid, uuid_null,
};

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        events(manager).await?;
        jobs(manager).await?;
        audit_log(manager).await?;
        manager
            .create_table(
                table("idempotency_keys")
                    .col(text("scope").primary_key())
                    .col(text("body_hash"))
                    .col(uuid("resource_id"))
                    .col(moment("created_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("idempotency_keys", &["created_at"])).await?;
        manager
            .create_table(
                table("schedule_runs")
                    .col(text("name"))
                    .col(moment("tick_at"))
                    .col(moment("started_at"))
                    .col(moment_null("finished_at"))
                    .col(text_null("error"))
                    .col(int("missed"))
                    .primary_key(Index::create().col("name").col("tick_at"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["schedule_runs", "idempotency_keys", "audit_log", "jobs", "consumed_events", "events"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("events")
                .col(id())
                .col(text("kind"))
                .col(int("version"))
                .col(text("aggregate_kind"))
                .col(uuid("aggregate_id"))
                .col(uuid_null("story_id"))
                .col(moment("occurred_at"))
                .col(text_null("request_id"))
                .col(json("payload"))
                .to_owned(),
        )
        .await?;
    manager.create_index(index("events", &["story_id", "occurred_at"])).await?;
    manager.create_index(index("events", &["kind", "occurred_at"])).await?;
    manager
        .create_table(
            table("consumed_events")
                .col(text("consumer"))
                .col(uuid("event_id"))
                .col(moment("consumed_at"))
                .primary_key(Index::create().col("consumer").col("event_id"))
                .to_owned(),
        )
        .await
}

async fn jobs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("jobs")
                .col(id())
                .col(text("kind"))
                .col(text("queue"))
                .col(int("rank"))
                .col(json("payload"))
                .col(text_null("unique_key"))
                .col(text("status"))
                .col(moment("run_at"))
                .col(uuid_null("lease"))
                .col(moment_null("leased_until"))
                .col(int("attempts"))
                .col(int("waits"))
                .col(int("max_attempts"))
                .col(text_null("last_error"))
                .col(text_null("request_id"))
                .col(moment("created_at"))
                .to_owned(),
        )
        .await?;
    let connection = manager.get_connection();
    connection
        .execute_unprepared(
            "CREATE UNIQUE INDEX jobs_unique_key ON jobs (unique_key) WHERE status = 'waiting'",
        )
        .await?;
    connection
        .execute_unprepared("CREATE INDEX jobs_due ON jobs (rank, run_at) WHERE status = 'waiting'")
        .await?;
    Ok(())
}

async fn audit_log(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("audit_log")
                .col(id())
                .col(moment("at"))
                .col(text("event_type"))
                .col(text("actor"))
                .col(text_null("ip"))
                .col(text_null("request_id"))
                .col(text("resource"))
                .col(text("action"))
                .col(text("status"))
                .col(json("details"))
                .col(big_null("sequence"))
                .col(text_null("hash"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("audit_log", &["sequence"])).await?;
    manager.create_index(index("audit_log", &["at", "id"])).await?;
    manager
        .get_connection()
        .execute_unprepared("CREATE INDEX audit_log_unsealed ON audit_log (at, id) WHERE sequence IS NULL")
        .await?;
    Ok(())
}
