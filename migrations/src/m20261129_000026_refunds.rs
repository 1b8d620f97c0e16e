//! Refunds and their moves, how much of each payment has gone back, the units that are not owed any more, and vouchers
//! that were taken back from agents.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, flag, id, index, int, json, moment, moment_null, rule, table, text, text_null, unique, uuid,
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
        let mut payments = Table::alter();
        // However it is tried, no more goes back than came in.
        let within = rule("refunded >= 0 AND refunded <= COALESCE(received, 0)");
        payments.table("payments").add_column(big("refunded").default(0).check(within));
        manager.alter_table(payments).await?;
        refunds(manager).await?;
        manager
            .create_table(
                table("withdrawn_units").col(uuid("unit_id").primary_key()).col(moment("at")).to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("voucher_returns")
                    .col(id())
                    .col(uuid("batch_id"))
                    .col(int("vouchers").check(rule("vouchers > 0")))
                    .col(big("price").check(rule("price > 0")))
                    .col(big("commission").check(rule("commission between 0 and price")))
                    .col(text("currency"))
                    .col(moment("at"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["voucher_returns", "withdrawn_units", "refund_moves", "refunds"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        let mut payments = Table::alter();
        manager.alter_table(payments.table("payments").drop_column("refunded").to_owned()).await
    }
}

async fn refunds(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("refunds")
                .col(id())
                .col(uuid("payment_id"))
                .col(uuid("order_id"))
                .col(big("amount").check(rule("amount > 0")))
                .col(big("tax").check(rule("tax between 0 and amount")))
                .col(text("currency"))
                .col(text("way"))
                .col(json("units"))
                .col(flag("even_if_used"))
                .col(text("reason"))
                .col(uuid("reference"))
                .col(text_null("provider_ref"))
                .col(text("status"))
                .col(text("requested_by"))
                .col(moment("created_at"))
                .col(moment_null("settled_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("refunds", &["reference"])).await?;
    manager.create_index(index("refunds", &["payment_id"])).await?;
    manager.create_index(index("refunds", &["order_id"])).await?;
    manager.create_index(index("refunds", &["status", "created_at"])).await?;
    manager
        .create_table(
            table("refund_moves")
                .col(id())
                .col(uuid("refund_id"))
                .col(text("from_status"))
                .col(text("to_status"))
                .col(text("reason"))
                .col(text("moved_by"))
                .col(text_null("evidence"))
                .col(moment("at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(index("refund_moves", &["refund_id", "at"])).await
}
