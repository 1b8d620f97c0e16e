//! The tables of hotspot: routers and hotspot users.

use sea_orm_migration::prelude::*;

use crate::columns::{
    flag, id, index, int, json, moment, moment_null, table, text, text_null, unique, uuid, uuid_null,
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
        routers(manager).await?;
        hotspot_users(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["hotspot_users", "routers"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn routers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("routers")
                .col(id())
                .col(text("name"))
                .col(uuid("site_id"))
                .col(flag("is_default"))
                .col(text("mode"))
                .col(text("host"))
                .col(int("port"))
                .col(text("username"))
                .col(flag("tls"))
                .col(moment("created_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("routers", &["name"])).await?;
    manager
        .get_connection()
        .execute_unprepared("CREATE UNIQUE INDEX routers_default ON routers (site_id) WHERE is_default")
        .await?;
    Ok(())
}

async fn hotspot_users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("hotspot_users")
                .col(id())
                .col(text("username"))
                .col(text("sealed_password"))
                .col(text("status"))
                .col(uuid("order_id"))
                .col(text("order_number"))
                .col(uuid("unit_id"))
                .col(int("unit_number"))
                .col(text("marker"))
                .col(uuid_null("user_id"))
                .col(text_null("phone"))
                .col(text_null("email"))
                .col(text("locale"))
                .col(text("package_name"))
                .col(json("policy"))
                .col(int("validity_minutes"))
                .col(text("validity_start"))
                .col(uuid("site_id"))
                .col(uuid("router_id"))
                .col(text_null("renamed_from"))
                .col(text_null("failure"))
                .col(moment("created_at"))
                .col(moment_null("activated_at"))
                .col(moment_null("expires_at"))
                .col(moment_null("first_used_at"))
                .foreign_key(ForeignKey::create().from("hotspot_users", "router_id").to("routers", "id"))
                .to_owned(),
        )
        .await?;
    for columns in [&["username"], &["unit_id"]] {
        manager.create_index(unique("hotspot_users", columns)).await?;
    }
    for columns in [
        ["user_id", "created_at"],
        ["order_id", "unit_number"],
        ["status", "expires_at"],
        ["created_at", "id"],
    ] {
        manager.create_index(index("hotspot_users", &columns)).await?;
    }
    manager.create_index(index("hotspot_users", &["router_id"])).await
}
