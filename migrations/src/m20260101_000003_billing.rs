//! The tables of billing: what is for sale, orders and what they owe, payments, callbacks, the ledger.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, flag, id, index, int, json, moment, moment_null, rule, table, text, text_null, unique, uuid,
    uuid_null,
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
        catalogue(manager).await?;
        orders(manager).await?;
        payments(manager).await?;
        callbacks(manager).await?;
        ledger(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "review_tasks",
            "ledger_lines",
            "ledger_postings",
            "gateway_callbacks",
            "payment_moves",
            "payments",
            "provisioning_units",
            "orders",
            "order_days",
            "gateway_limits",
            "packages",
            "sites",
        ] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn catalogue(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table("sites").col(id()).col(text("code").unique_key()).col(text("name")).to_owned())
        .await?;
    manager
        .create_table(
            table("packages")
                .col(id())
                .col(text("name").unique_key())
                .col(text("description"))
                .col(big("price").check(rule("price > 0")))
                .col(text("currency"))
                .col(int("validity_minutes").check(rule("validity_minutes > 0")))
                .col(text("validity_start"))
                .col(text("target"))
                .col(json("policy"))
                .col(flag("mac_binding"))
                .col(text("status"))
                .col(int("display_order"))
                .col(moment("created_at"))
                .col(moment("updated_at"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            table("gateway_limits")
                .col(text("gateway"))
                .col(text("operator"))
                .col(text("currency"))
                .col(big("min"))
                .col(big("max"))
                .col(big("step"))
                .primary_key(Index::create().col("gateway").col("operator").col("currency"))
                .to_owned(),
        )
        .await
}

async fn orders(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table("order_days").col(text("day").primary_key()).col(big("last")).to_owned())
        .await?;
    manager
        .create_table(
            table("orders")
                .col(id())
                .col(text("number").unique_key())
                .col(uuid_null("user_id"))
                .col(text_null("phone"))
                .col(text_null("email"))
                .col(text("locale"))
                .col(uuid("site_id"))
                .col(uuid("package_id"))
                .col(json("package"))
                .col(int("quantity").check(rule("quantity between 1 and 100")))
                .col(big("unit_price"))
                .col(big("total"))
                .col(text("currency"))
                .col(text("status"))
                .col(moment("created_at"))
                .col(moment("expires_at"))
                .col(moment_null("paid_at"))
                .col(moment_null("completed_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(index("orders", &["user_id", "created_at"])).await?;
    manager.create_index(index("orders", &["status", "created_at"])).await?;
    manager.create_index(index("orders", &["created_at"])).await?;
    manager
        .get_connection()
        .execute_unprepared("CREATE INDEX orders_to_expire ON orders (expires_at) WHERE status = 'pending'")
        .await?;
    manager
        .create_table(
            table("provisioning_units")
                .col(id())
                .col(uuid("order_id"))
                .col(int("number"))
                .col(text("status"))
                .col(text_null("failure"))
                .col(moment_null("activated_at"))
                .col(moment_null("credentials_sent_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("provisioning_units", &["order_id", "number"])).await
}

async fn payments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("payments")
                .col(id())
                .col(uuid("order_id"))
                .col(uuid_null("user_id"))
                .col(text("gateway"))
                .col(uuid("reference").unique_key())
                .col(text_null("provider_ref"))
                .col(text("phone"))
                .col(text("operator"))
                .col(big("amount").check(rule("amount > 0")))
                .col(text("currency"))
                .col(text("status"))
                .col(flag("late"))
                .col(text_null("reason"))
                .col(text_null("ip"))
                .col(moment("created_at"))
                .col(moment("expires_at"))
                .col(moment_null("settled_at"))
                .col(moment_null("next_check_at"))
                .col(int("checks"))
                .to_owned(),
        )
        .await?;
    for columns in [["order_id", "created_at"], ["status", "created_at"], ["phone", "created_at"]] {
        manager.create_index(index("payments", &columns)).await?;
    }
    for columns in [["user_id", "created_at"], ["ip", "created_at"]] {
        manager.create_index(index("payments", &columns)).await?;
    }
    for rule in [
        "CREATE UNIQUE INDEX payments_one_open_per_order ON payments (order_id) \
         WHERE status IN ('created', 'submitting', 'pending', 'unknown')",
        "CREATE UNIQUE INDEX payments_provider_ref ON payments (gateway, provider_ref) \
         WHERE provider_ref IS NOT NULL",
        "CREATE INDEX payments_next_check ON payments (next_check_at) WHERE next_check_at IS NOT NULL",
    ] {
        manager.get_connection().execute_unprepared(rule).await?;
    }
    manager
        .create_table(
            table("payment_moves")
                .col(id())
                .col(uuid("payment_id"))
                .col(text("from_status"))
                .col(text("to_status"))
                .col(text("reason"))
                .col(text("moved_by"))
                .col(text_null("evidence"))
                .col(moment("at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(index("payment_moves", &["payment_id", "id"])).await
}

async fn callbacks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("gateway_callbacks")
                .col(id())
                .col(text("gateway"))
                .col(text("dedupe_key"))
                .col(ColumnDef::new("body").blob().not_null())
                .col(text("status"))
                .col(text_null("reference"))
                .col(text_null("provider_ref"))
                .col(text_null("note"))
                .col(flag("alerted"))
                .col(moment("received_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("gateway_callbacks", &["gateway", "dedupe_key"])).await?;
    manager.create_index(index("gateway_callbacks", &["status", "received_at"])).await
}

async fn ledger(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("ledger_postings")
                .col(id())
                .col(text("source_kind"))
                .col(uuid("source_id"))
                .col(moment("at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("ledger_postings", &["source_kind", "source_id"])).await?;
    manager
        .create_table(
            table("ledger_lines")
                .col(uuid("posting_id"))
                .col(int("line"))
                .col(text("account"))
                .col(big("amount"))
                .col(text("currency"))
                .primary_key(Index::create().col("posting_id").col("line"))
                .to_owned(),
        )
        .await?;
    manager.create_index(index("ledger_lines", &["account", "currency"])).await?;
    manager
        .create_table(
            table("review_tasks")
                .col(id())
                .col(text("kind"))
                .col(uuid("payment_id"))
                .col(uuid("order_id"))
                .col(text("message"))
                .col(moment("opened_at"))
                .col(moment_null("closed_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("review_tasks", &["kind", "payment_id"])).await
}
