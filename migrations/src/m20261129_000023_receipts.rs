//! Receipts, their numbers, and who sells at a site.

use sea_orm_migration::prelude::*;

use crate::columns::{big, id, index, int, json, moment, rule, table, text, text_null, unique, uuid};

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
            .create_table(table("sellers").col(uuid("site_id").primary_key()).col(json("seller")).to_owned())
            .await?;
        manager
            .create_table(
                table("receipt_numbers").col(uuid("site_id").primary_key()).col(big("last")).to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("receipts")
                    .col(id())
                    .col(uuid("site_id"))
                    .col(big("number").check(rule("number > 0")))
                    .col(text("text"))
                    .col(uuid("order_id").unique_key())
                    .col(uuid("payment_id").unique_key())
                    .col(big("total"))
                    .col(big("tax").check(rule("tax between 0 and total")))
                    .col(text("currency"))
                    .col(int("tax_rate"))
                    .col(json("seller"))
                    .col(text_null("fiscal"))
                    .col(moment("issued_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("receipts", &["site_id", "number"])).await?;
        manager.create_index(index("receipts", &["issued_at"])).await?;
        let mut orders = Table::alter();
        orders.table(Alias::new("orders"));
        let rate = int("tax_rate").default(0).to_owned();
        manager.alter_table(orders.add_column(rate).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut orders = Table::alter();
        orders.table(Alias::new("orders"));
        manager.alter_table(orders.drop_column(Alias::new("tax_rate")).to_owned()).await?;
        for name in ["receipts", "receipt_numbers", "sellers"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
