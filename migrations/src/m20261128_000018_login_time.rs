//! An access profile may say at which times of the week somebody may sign in.

use sea_orm_migration::prelude::*;

use crate::columns::text_null;

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut profiles = Table::alter();
        profiles.table(Alias::new("access_profiles"));
        manager.alter_table(profiles.add_column(text_null("login_time")).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut profiles = Table::alter();
        profiles.table(Alias::new("access_profiles"));
        manager.alter_table(profiles.drop_column(Alias::new("login_time")).to_owned()).await
    }
}
