//! One router of each site stands for RADIUS, at most.

use sea_orm_migration::prelude::*;

/// This step.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let one = "CREATE UNIQUE INDEX routers_radius ON routers (site_id) WHERE mode = 'radius'";
        manager.get_connection().execute_unprepared(one).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX routers_radius").await.map(drop)
    }
}
