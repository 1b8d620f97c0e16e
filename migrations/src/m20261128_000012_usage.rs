//! The tables of what RADIUS subscribers use: their sessions, how many bytes went through each on which local day, and
//! of what they were told.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, date, flag, id, index, int, json, moment, moment_null, rule, table, text, text_null, unique, uuid,
    uuid_null,
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
        radius_sessions(manager).await?;
        usage_ledger(manager).await?;
        usage_warnings(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["usage_warnings", "usage_ledger", "radius_sessions"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn radius_sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("radius_sessions")
                .col(id())
                .col(text("unique_id"))
                .col(int("generation"))
                .col(text("session_id"))
                .col(text_null("class"))
                .col(text("username"))
                .col(uuid_null("subscriber_id"))
                .col(uuid_null("user_id"))
                .col(text("nas_address"))
                .col(text_null("nas_port_id"))
                .col(text_null("mac"))
                .col(text_null("address"))
                .col(moment("started_at"))
                .col(moment("last_seen_at"))
                .col(moment_null("stopped_at"))
                .col(text_null("cause"))
                .col(big("seconds"))
                .col(big("up"))
                .col(big("down"))
                .col(json("reports"))
                .col(flag("reports_dropped"))
                .col(moment_null("row_started_at"))
                .col(big("row_up"))
                .col(big("row_down"))
                .check(rule("up >= 0 AND down >= 0"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("radius_sessions", &["unique_id", "generation"])).await?;
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE INDEX radius_sessions_open ON radius_sessions (last_seen_at) WHERE stopped_at IS NULL",
        )
        .await?;
    for columns in [
        ["subscriber_id", "started_at"],
        ["user_id", "started_at"],
        ["username", "started_at"],
        ["mac", "started_at"],
        ["nas_address", "started_at"],
        ["started_at", "id"],
    ] {
        manager.create_index(index("radius_sessions", &columns)).await?;
    }
    Ok(())
}

async fn usage_ledger(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let key = Index::create().col(Alias::new("session_id")).col(Alias::new("day")).primary().to_owned();
    manager
        .create_table(
            table("usage_ledger")
                .col(uuid("session_id"))
                .col(date("day"))
                .col(uuid_null("subscriber_id"))
                .col(big("up"))
                .col(big("down"))
                .primary_key(&mut key.clone())
                .foreign_key(
                    ForeignKey::create().from("usage_ledger", "session_id").to("radius_sessions", "id"),
                )
                .check(rule("up >= 0 AND down >= 0"))
                .to_owned(),
        )
        .await?;
    manager.create_index(index("usage_ledger", &["subscriber_id", "day"])).await
}

async fn usage_warnings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let key = Index::create()
        .col(Alias::new("subscriber_id"))
        .col(Alias::new("code"))
        .col(Alias::new("period"))
        .col(Alias::new("once_per"))
        .primary()
        .to_owned();
    manager
        .create_table(
            table("usage_warnings")
                .col(uuid("subscriber_id"))
                .col(text("code"))
                .col(text("period"))
                .col(date("once_per"))
                .col(moment("told_at"))
                .primary_key(&mut key.clone())
                .to_owned(),
        )
        .await
}
