//! What sites grant while a payment waits, and what was granted.

use sea_orm_migration::prelude::*;

use crate::columns::{index, json, moment, table, text, text_null, uuid};

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
                table("site_graces").col(uuid("site_id").primary_key()).col(json("grace")).to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("payment_graces")
                    .col(uuid("payment_id").primary_key())
                    .col(uuid("order_id").unique_key())
                    .col(text("phone"))
                    .col(text_null("host"))
                    .col(moment("granted_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("payment_graces", &["phone", "granted_at"])).await?;
        manager.create_index(index("payment_graces", &["host", "granted_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["payment_graces", "site_graces"] {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
