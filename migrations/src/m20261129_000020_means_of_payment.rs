//! Payments by other means than a gateway's: no wallet is asked. And what is owed to single persons.

use sea_orm_migration::prelude::*;

use crate::columns::{big, index, rule, table, text, text_null};

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(phones()).await?;
        for name in ["phone", "operator"] {
            // What was nothing on the way back is nothing again.
            rebuild(manager, text_null(name), "nullif").await?;
        }
        manager.create_index(index("payments", &["phone", "created_at"])).await?;
        manager
            .create_table(
                table("ledger_balances")
                    .col(text("account"))
                    .col(text("currency"))
                    .col(big("available").check(rule("available >= 0")))
                    .primary_key(Index::create().col(Alias::new("account")).col(Alias::new("currency")))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Alias::new("ledger_balances")).to_owned()).await?;
        manager.drop_index(phones()).await?;
        for name in ["phone", "operator"] {
            rebuild(manager, text(name).default("").to_owned(), "coalesce").await?;
        }
        manager.create_index(index("payments", &["phone", "created_at"])).await
    }
}

fn phones() -> IndexDropStatement {
    Index::drop().name("payments_phone_created_at").table(Alias::new("payments")).to_owned()
}

/// Gives a column of payments another form, in the one way that both databases have: a new column takes its place.
async fn rebuild(manager: &SchemaManager<'_>, column: ColumnDef, copied: &str) -> Result<(), DbErr> {
    let (name, former) = (column.get_column_name(), format!("{}_former", column.get_column_name()));
    let payments = || Table::alter().table(Alias::new("payments")).to_owned();
    let (from, to) = (Alias::new(&name), Alias::new(&former));
    manager.alter_table(payments().rename_column(from, to).to_owned()).await?;
    manager.alter_table(payments().add_column(column).to_owned()).await?;
    let copy = format!("UPDATE payments SET {name} = {copied}({former}, '')");
    manager.get_connection().execute_unprepared(&copy).await?;
    manager.alter_table(payments().drop_column(Alias::new(&former)).to_owned()).await
}
