//! Since when it is to be forgotten whose an order was, and when it was; and the facts about one thing are found, so that people
//! can be taken out of them, and whether somebody has a task about an order.

use sea_orm_migration::prelude::*;

use crate::columns::{index, moment_null};

/// When forgetting begins, and is done.
const COLUMNS: [&str; 2] = ["forgetting_since", "forgotten_at"];

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in COLUMNS {
            let mut orders = Table::alter();
            orders.table(Alias::new("orders"));
            manager.alter_table(orders.add_column(moment_null(name)).to_owned()).await?;
        }
        manager.create_index(index("review_tasks", &["order_id"])).await?;
        manager.create_index(index("events", &["aggregate_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [("events_aggregate_id", "events"), ("review_tasks_order_id", "review_tasks")] {
            manager.drop_index(Index::drop().name(name).table(Alias::new(table)).to_owned()).await?;
        }
        for name in COLUMNS {
            let mut orders = Table::alter();
            orders.table(Alias::new("orders"));
            manager.alter_table(orders.drop_column(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
