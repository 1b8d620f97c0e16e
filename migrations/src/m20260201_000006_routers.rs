//! Several routers: how each is reached and protected, whether it is in use, and how it is.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, int, moment, moment_null, table, text, text_null, uuid, uuid_null};

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column with each statement.
        add(manager, "routers", text_null("sealed_password")).await?;
        add(manager, "routers", text("tls_mode").default("off").to_owned()).await?;
        add(manager, "routers", text_null("tls_fingerprint")).await?;
        add(manager, "routers", flag("enabled").default(true).to_owned()).await?;
        add(manager, "routers", flag("configured").default(true).to_owned()).await?;
        add(manager, "routers", moment_null("retired_at")).await?;
        for sql in [
            "UPDATE routers SET tls_mode = 'system' WHERE tls",
            "ALTER TABLE routers DROP COLUMN tls",
            // A router that is out of use gives its name back.
            "DROP INDEX routers_name",
            "CREATE UNIQUE INDEX routers_name ON routers (name) WHERE retired_at IS NULL",
            // Until now the settings were the only ones to describe routers.
            "CREATE UNIQUE INDEX routers_configured ON routers (site_id) WHERE configured",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        router_health(manager).await?;
        add(manager, "packages", uuid_null("site_id")).await?;
        add(manager, "packages", uuid_null("router_id")).await?;
        add(manager, "orders", uuid_null("router_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("orders", "router_id"), ("packages", "router_id"), ("packages", "site_id")] {
            drop_column(manager, table, column).await?;
        }
        manager.drop_table(Table::drop().table(Alias::new("router_health")).to_owned()).await?;
        add(manager, "routers", flag("tls").default(false).to_owned()).await?;
        for sql in [
            "UPDATE routers SET tls = true WHERE tls_mode <> 'off'",
            "DROP INDEX routers_configured",
            "DROP INDEX routers_name",
            "CREATE UNIQUE INDEX routers_name ON routers (name)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        for column in
            ["retired_at", "configured", "enabled", "tls_fingerprint", "tls_mode", "sealed_password"]
        {
            drop_column(manager, "routers", column).await?;
        }
        Ok(())
    }
}

async fn router_health(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("router_health")
                .col(uuid("router_id").primary_key())
                .col(moment("checked_at"))
                .col(moment_null("last_seen_at"))
                .col(moment_null("last_error_at"))
                .col(text_null("last_error"))
                .col(int("failures"))
                .col(text("breaker"))
                .foreign_key(ForeignKey::create().from("router_health", "router_id").to("routers", "id"))
                .to_owned(),
        )
        .await
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(Alias::new(table)).add_column(column).to_owned()).await
}

async fn drop_column(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    manager
        .alter_table(Table::alter().table(Alias::new(table)).drop_column(Alias::new(column)).to_owned())
        .await
}
