//! Who may ask the RADIUS server: our own table beside FreeRADIUS's `nas`, with what that has no place for; and the servers
//! of the portal's own that run, with what they have counted.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, id, index, int, json, moment, rule, table, text, unique, uuid, uuid_null};

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
                table("nas_clients")
                    .col(id())
                    .col(text("name"))
                    .col(text("address"))
                    .col(text("sealed_secret"))
                    .col(text("vendor"))
                    .col(int("coa_port"))
                    .col(flag("require_message_authenticator"))
                    .col(flag("sends_gigawords"))
                    .col(uuid("site_id"))
                    .col(uuid_null("router_id"))
                    .col(moment("created_at"))
                    .check(rule("coa_port BETWEEN 0 AND 65535"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("nas_clients", &["name"])).await?;
        manager.create_index(unique("nas_clients", &["address"])).await?;
        manager
            .create_table(
                table("radius_servers")
                    .col(id())
                    .col(text("auth_address"))
                    .col(text("acct_address"))
                    .col(moment("started_at"))
                    .col(moment("seen_at"))
                    .col(json("counts"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("radius_servers", &["seen_at"])).await?;
        // What went through in the last hour is looked for among the sessions that have ended since.
        manager.create_index(index("radacct", &["acctstoptime"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX radacct_acctstoptime").await?;
        manager.drop_table(Table::drop().table(Alias::new("radius_servers")).to_owned()).await?;
        manager.drop_table(Table::drop().table(Alias::new("nas_clients")).to_owned()).await
    }
}
