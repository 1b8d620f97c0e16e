//! Vouchers and their batches.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, id, index, int, json, moment, moment_null, rule, table, text, unique, uuid, uuid_null,
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
        manager
            .create_table(
                table("voucher_batches")
                    .col(id())
                    .col(text("name"))
                    .col(uuid("package_id"))
                    .col(json("package"))
                    .col(big("price").check(rule("price > 0")))
                    .col(text("currency"))
                    .col(uuid_null("site_id"))
                    .col(uuid_null("router_id"))
                    .col(text("prefix"))
                    .col(int("count").check(rule("count between 1 and 10000")))
                    .col(text("status"))
                    .col(moment_null("expires_at"))
                    .col(int("prints"))
                    .col(moment("created_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("voucher_batches", &["created_at"])).await?;
        manager
            .create_table(
                table("vouchers")
                    .col(id())
                    .col(uuid("batch_id"))
                    .col(int("number"))
                    .col(text("mark").unique_key())
                    .col(text("sealed_code"))
                    .col(text("status"))
                    .col(uuid_null("order_id").unique_key())
                    .col(moment_null("redeemed_at"))
                    .check(rule("(status = 'redeemed') = (order_id IS NOT NULL)"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("vouchers", &["batch_id", "number"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["vouchers", "voucher_batches"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
