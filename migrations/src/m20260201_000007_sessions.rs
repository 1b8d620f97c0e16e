//! The tables of what happens on routers: sessions, devices, blocks, users that others have made, and when each
//! router was last looked at.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, big_null, flag, id, index, json, moment, moment_null, table, text, text_null, unique, uuid,
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
        sessions(manager).await?;
        devices(manager).await?;
        blocks(manager).await?;
        unknown_router_users(manager).await?;
        router_syncs(manager).await?;
        manager.create_index(index("hotspot_users", &["marker"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let marker = Index::drop().name("hotspot_users_marker").table(Alias::new("hotspot_users")).to_owned();
        manager.drop_index(marker).await?;
        for name in ["router_syncs", "unknown_router_users", "blocks", "devices", "sessions"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("sessions")
                .col(id())
                .col(uuid("router_id"))
                .col(text("router_session_id"))
                .col(text("username"))
                .col(uuid_null("hotspot_user_id"))
                .col(uuid_null("user_id"))
                .col(uuid_null("device_id"))
                .col(text("mac"))
                .col(text("address"))
                .col(moment("started_at"))
                .col(moment("last_seen_at"))
                .col(moment_null("closed_at"))
                .col(text_null("ending"))
                .col(big("uptime_seconds"))
                .col(big("banked_up"))
                .col(big("banked_down"))
                .col(big("seen_up"))
                .col(big("seen_down"))
                .col(moment_null("termination_asked_at"))
                .col(flag("limited"))
                .col(big_null("limit_up_kbps"))
                .col(big_null("limit_down_kbps"))
                .col(moment_null("limited_at"))
                .to_owned(),
        )
        .await?;
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE UNIQUE INDEX sessions_open ON sessions (router_id, router_session_id) \
             WHERE closed_at IS NULL",
        )
        .await?;
    for columns in [
        ["router_id", "closed_at"],
        ["user_id", "started_at"],
        ["hotspot_user_id", "started_at"],
        ["started_at", "id"],
    ] {
        manager.create_index(index("sessions", &columns)).await?;
    }
    manager.create_index(index("sessions", &["device_id"])).await
}

async fn devices(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("devices")
                .col(id())
                .col(uuid("user_id"))
                .col(text("mac"))
                .col(text("class"))
                .col(text_null("name"))
                .col(flag("active"))
                .col(moment("first_seen_at"))
                .col(moment("last_seen_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("devices", &["user_id", "mac"])).await?;
    manager.create_index(index("devices", &["mac"])).await
}

async fn blocks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("blocks")
                .col(id())
                .col(text("kind"))
                .col(text("value"))
                .col(json("routers"))
                .col(text("reason"))
                .col(text("created_by"))
                .col(moment("created_at"))
                .col(moment_null("lifted_at"))
                .to_owned(),
        )
        .await?;
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE UNIQUE INDEX blocks_standing ON blocks (kind, value) WHERE lifted_at IS NULL",
        )
        .await?;
    manager.create_index(index("blocks", &["created_at", "id"])).await
}

async fn unknown_router_users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("unknown_router_users")
                .col(id())
                .col(uuid("router_id"))
                .col(text("username"))
                .col(text("comment"))
                .col(text("status"))
                .col(uuid_null("user_id"))
                .col(moment("first_seen_at"))
                .col(moment("last_seen_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("unknown_router_users", &["router_id", "username"])).await?;
    manager.create_index(index("unknown_router_users", &["status", "first_seen_at"])).await
}

async fn router_syncs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let router = uuid("router_id").primary_key().to_owned();
    manager
        .create_table(
            table("router_syncs")
                .col(router)
                .col(moment_null("sessions_asked_at"))
                .col(json("interfaces"))
                .col(moment_null("interfaces_seen_at"))
                .to_owned(),
        )
        .await
}
