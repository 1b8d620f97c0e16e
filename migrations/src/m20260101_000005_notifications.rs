//! The tables of notifications: what people are told, and each message on its way.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big_null, id, index, int, moment, moment_null, rule, table, text, text_null, unique, uuid, uuid_null,
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
        notifications(manager).await?;
        deliveries(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["deliveries", "notifications"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn notifications(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("notifications")
                .col(id())
                .col(text("type"))
                .col(uuid_null("user_id"))
                .col(uuid("subject_id"))
                .col(uuid_null("order_id"))
                .col(text("title"))
                .col(text("body"))
                .col(text_null("link"))
                .col(text("priority"))
                .col(text("locale"))
                .col(moment("created_at"))
                .col(moment_null("read_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("notifications", &["type", "subject_id"])).await?;
    manager.create_index(index("notifications", &["user_id", "created_at", "id"])).await?;
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE INDEX notifications_unread ON notifications (user_id) WHERE read_at IS NULL",
        )
        .await?;
    Ok(())
}

async fn deliveries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("deliveries")
                .col(id())
                .col(uuid("notification_id"))
                .col(text("channel"))
                .col(text_null("recipient"))
                .col(text_null("subject_line"))
                .col(text_null("sealed_text"))
                .col(big_null("segments"))
                .col(text("status"))
                .col(int("attempts"))
                .col(int("unanswered"))
                .col(text_null("provider_id"))
                .col(text_null("error"))
                .col(big_null("latency_ms"))
                .col(moment("created_at"))
                .col(moment_null("sent_at"))
                .col(moment("next_check_at"))
                .foreign_key(
                    ForeignKey::create().from("deliveries", "notification_id").to("notifications", "id"),
                )
                .check(rule("channel = 'in_app' OR (recipient IS NOT NULL AND sealed_text IS NOT NULL)"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("deliveries", &["notification_id", "channel"])).await?;
    manager.create_index(index("deliveries", &["status", "next_check_at"])).await
}
