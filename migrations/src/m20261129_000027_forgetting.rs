//! When it was forgotten whose an order was; and the facts about one thing are found, so that people can be taken out of
//! them.

use sea_orm_migration::prelude::*;

use crate::columns::{index, moment_null};

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut orders = Table::alter();
        orders.table(Alias::new("orders"));
        manager.alter_table(orders.add_column(moment_null("forgotten_at")).to_owned()).await?;
        manager.create_index(index("events", &["aggregate_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = "events_aggregate_id";
        manager.drop_index(Index::drop().name(name).table(Alias::new("events")).to_owned()).await?;
        let mut orders = Table::alter();
        orders.table(Alias::new("orders"));
        manager.alter_table(orders.drop_column(Alias::new("forgotten_at")).to_owned()).await
    }
}
