//! Accounts count their changes, since others keep copies of them, and say where their secret for the Wi-Fi comes
//! from. They are found by their names however these are spelt. Registrations are counted per address.

use sea_orm_migration::prelude::*;

use crate::columns::{big, flag, json, moment, table, text};

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column with each statement. Of accounts that were made before, nobody has been told, and
        // the secret is not known; the next start tells of them, the next sign-in the secret.
        for column in [
            big("revision").default(1).to_owned(),
            text("wifi_secret").default("unknown").to_owned(),
            text("search_text").default("").to_owned(),
            flag("announced").default(false).to_owned(),
        ] {
            manager
                .alter_table(Table::alter().table(Alias::new("users")).add_column(column).to_owned())
                .await?;
        }
        manager
            .create_table(
                table("registration_counts")
                    .col(text("key").primary_key())
                    .col(json("recent"))
                    .col(moment("last_at"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Alias::new("registration_counts")).to_owned()).await?;
        for column in ["announced", "search_text", "wifi_secret", "revision"] {
            let drop = Table::alter().table(Alias::new("users")).drop_column(Alias::new(column)).to_owned();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}
