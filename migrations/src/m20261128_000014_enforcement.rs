//! What is wanted of open RADIUS sessions, and every try to have it done.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big_null, flag, id, index, int, moment, moment_null, rule, table, text, text_null, unique, uuid,
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
        manager
            .create_table(
                table("enforcements")
                    .col(uuid("session_id").primary_key())
                    .col(text("wish"))
                    .col(flag("changes_rates"))
                    .col(big_null("upload_kbps"))
                    .col(big_null("download_kbps"))
                    .col(big_null("session_timeout_seconds"))
                    .col(text("reason"))
                    .col(moment("asked_at"))
                    .col(int("revision"))
                    .col(moment_null("settled_at"))
                    .col(text_null("settled"))
                    .check(rule("(settled_at IS NULL) = (settled IS NULL)"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("enforcement_attempts")
                    .col(id())
                    .col(uuid("session_id"))
                    .col(int("revision"))
                    .col(int("number"))
                    .col(text("rung"))
                    .col(moment("begun_at"))
                    .col(moment_null("ended_at"))
                    .col(text_null("outcome"))
                    .col(big_null("error_cause"))
                    .col(text_null("reason"))
                    .col(big_null("identifier"))
                    .col(int("transmissions"))
                    .check(rule("(ended_at IS NULL) = (outcome IS NULL)"))
                    .to_owned(),
            )
            .await?;
        // Two processes that try the same at once: one of them does.
        manager.create_index(unique("enforcement_attempts", &["session_id", "revision", "number"])).await?;
        manager.create_index(index("enforcement_attempts", &["begun_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["enforcement_attempts", "enforcements"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
