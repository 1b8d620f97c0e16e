//! Sessions are found by their device's MAC: a device that others use too is not blocked.

use sea_orm_migration::prelude::*;

use crate::columns::index;

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(index("sessions", &["mac"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("sessions_mac").table(Alias::new("sessions")).to_owned()).await
    }
}
