//! Agents, what they sell, and cash to and from their wallets.

use sea_orm_migration::prelude::*;

use crate::columns::{big, id, index, int, json, moment, rule, table, text, uuid, uuid_null};

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
                table("agents")
                    .col(uuid("user_id").primary_key())
                    .col(text("status"))
                    .col(json("terms"))
                    .col(moment("created_at"))
                    .col(moment("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("agent_sales")
                    .col(id())
                    .col(uuid("agent_id"))
                    .col(uuid_null("order_id").unique_key())
                    .col(uuid_null("batch_id").unique_key())
                    .col(big("price").check(rule("price > 0")))
                    .col(big("commission").check(rule("commission between 0 and price")))
                    .col(text("currency"))
                    .col(int("share"))
                    .col(moment("at"))
                    .check(rule("(order_id IS NULL) <> (batch_id IS NULL)"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("agent_sales", &["agent_id", "at"])).await?;
        manager
            .create_table(
                table("agent_transfers")
                    .col(id())
                    .col(uuid("agent_id"))
                    .col(big("amount").check(rule("amount <> 0")))
                    .col(text("currency"))
                    .col(text("note"))
                    .col(moment("at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("agent_transfers", &["agent_id", "at"])).await?;
        let mut batches = Table::alter();
        batches.table(Alias::new("voucher_batches"));
        manager.alter_table(batches.add_column(uuid_null("agent_id")).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut batches = Table::alter();
        batches.table(Alias::new("voucher_batches"));
        manager.alter_table(batches.drop_column(Alias::new("agent_id")).to_owned()).await?;
        for name in ["agent_transfers", "agent_sales", "agents"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
