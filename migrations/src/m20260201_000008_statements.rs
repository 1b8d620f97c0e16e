//! The tables of reconciliation: gateways' statements and their lines, the daily agreement reports, and what each
//! payment has brought.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, big_null, flag, id, index, int, json, moment, moment_null, rule, table, text, text_null, unique,
    uuid, uuid_null,
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
        received(manager).await?;
        statements(manager).await?;
        lines(manager).await?;
        agreements(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["agreement_reports", "gateway_statement_lines", "gateway_statements"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        for name in ["payments_gateway_settled_at", "ledger_postings_at"] {
            manager.drop_index(Index::drop().name(name).to_owned()).await?;
        }
        let mut payments = Table::alter();
        manager.alter_table(payments.table("payments").drop_column("received").to_owned()).await
    }
}

/// What the success of a payment has brought, which may differ from what was asked for. For successes of before,
/// the ledger knows.
async fn received(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut payments = Table::alter();
    payments.table("payments").add_column(big_null("received"));
    manager.alter_table(payments).await?;
    let known = "UPDATE payments SET received = ( \
         SELECT l.amount FROM ledger_lines l JOIN ledger_postings p ON p.id = l.posting_id \
         WHERE p.source_kind = 'payment_capture' AND p.source_id = payments.id \
         AND l.account = 'gateway_clearing') \
         WHERE status = 'success'";
    manager.get_connection().execute_unprepared(known).await?;
    manager.create_index(index("payments", &["gateway", "settled_at"])).await?;
    manager.create_index(index("ledger_postings", &["at"])).await
}

async fn statements(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("gateway_statements")
                .col(id())
                .col(text("gateway"))
                .col(text("file_hash"))
                .col(text("covers_from"))
                .col(text("covers_to"))
                .col(int("lines"))
                .col(int("known"))
                .col(int("refused"))
                .col(text("imported_by"))
                .col(moment("imported_at"))
                .col(moment_null("completed_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("gateway_statements", &["gateway", "file_hash"])).await?;
    manager.create_index(index("gateway_statements", &["covers_from", "covers_to"])).await
}

async fn lines(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table("gateway_statement_lines")
                .col(id())
                .col(uuid("statement_id"))
                .col(int("line"))
                .col(text("gateway"))
                .col(text("identity"))
                .col(text("fingerprint"))
                .col(text_null("transaction_id"))
                .col(text_null("session_id"))
                .col(text_null("reference"))
                .col(text_null("phone"))
                .col(moment("at"))
                .col(big("amount").check(rule("amount > 0")))
                .col(text("currency"))
                .col(text("status"))
                .col(big_null("fee"))
                .col(text("outcome"))
                .col(text_null("note"))
                .col(uuid_null("payment_id"))
                .col(flag("current"))
                .col(moment_null("judged_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("gateway_statement_lines", &["gateway", "identity", "fingerprint"])).await?;
    manager.create_index(index("gateway_statement_lines", &["statement_id", "line"])).await?;
    manager.create_index(index("gateway_statement_lines", &["at"])).await?;
    for rule in [
        "CREATE UNIQUE INDEX gateway_statement_lines_current ON gateway_statement_lines (gateway, identity) \
         WHERE \"current\"",
        "CREATE INDEX gateway_statement_lines_payment ON gateway_statement_lines (payment_id) \
         WHERE payment_id IS NOT NULL",
    ] {
        manager.get_connection().execute_unprepared(rule).await?;
    }
    Ok(())
}

async fn agreements(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut reports = table("agreement_reports");
    reports.col(id()).col(text("day")).col(text("gateway")).col(text("currency"));
    for tally in ["payments", "ledger", "statement", "expected", "settled_elsewhen", "dated_elsewhen"] {
        reports.col(big(&format!("{tally}_count"))).col(big(&format!("{tally}_sum")));
    }
    reports.col(flag("covered")).col(flag("agrees")).col(json("items")).col(moment("computed_at"));
    manager.create_table(reports).await?;
    manager.create_index(unique("agreement_reports", &["day", "gateway", "currency"])).await
}
