//! Guests order without an account: where from, and who guesses the tokens of their orders.

use sea_orm_migration::prelude::*;

use crate::columns::{big, index, moment, table, text, text_null};

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
        manager.alter_table(orders.add_column(text_null("ip")).to_owned()).await?;
        manager.create_index(index("orders", &["ip", "created_at"])).await?;
        manager.create_index(index("orders", &["phone", "created_at"])).await?;
        manager
            .create_table(
                table("guesses")
                    .col(text("guessed"))
                    .col(text("source"))
                    .col(moment("hour"))
                    .col(big("guesses"))
                    .primary_key(
                        Index::create()
                            .col(Alias::new("guessed"))
                            .col(Alias::new("source"))
                            .col(Alias::new("hour")),
                    )
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("guesses", &["hour"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Alias::new("guesses")).to_owned()).await?;
        for columns in ["phone_created_at", "ip_created_at"] {
            let name = format!("orders_{columns}");
            manager.drop_index(Index::drop().name(name).table(Alias::new("orders")).to_owned()).await?;
        }
        let mut orders = Table::alter();
        orders.table(Alias::new("orders"));
        manager.alter_table(orders.drop_column(Alias::new("ip")).to_owned()).await
    }
}
