//! Who may ask the RADIUS server: our own table beside FreeRADIUS's `nas`, with what that has no place for.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, id, int, moment, rule, table, text, unique, uuid, uuid_null};

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
        manager.create_index(unique("nas_clients", &["address"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Alias::new("nas_clients")).to_owned()).await
    }
}
