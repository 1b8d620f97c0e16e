//! The directory: the tables of FreeRADIUS 3.2 by their own names, columns and types, so that what the portal activates
//! in a transaction is what FreeRADIUS reads; and the queue in which every change of an accounting row is kept until it
//! has been counted.
//!
//! They stand in SQL, so that they can be laid beside FreeRADIUS's own `schema.sql`.

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
        let sql = match manager.get_database_backend() {
            sea_orm::DatabaseBackend::Postgres => {
                include_str!("m20261128_000010_radius_directory/postgres.sql")
            }
            _ => include_str!("m20261128_000010_radius_directory/sqlite.sql"),
        };
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The triggers go with their tables; on PostgreSQL their functions stay behind.
        for name in TABLES {
            manager.drop_table(Table::drop().table(Alias::new(name)).to_owned()).await?;
        }
        if manager.get_database_backend() == sea_orm::DatabaseBackend::Postgres {
            let functions = "DROP FUNCTION radacct_observed(); DROP FUNCTION radpostauth_withhold();";
            manager.get_connection().execute_unprepared(functions).await?;
        }
        Ok(())
    }
}

const TABLES: [&str; 10] = [
    "radacct",
    "radacct_observations",
    "radcheck",
    "radgroupcheck",
    "radgroupreply",
    "radreply",
    "radusergroup",
    "radpostauth",
    "nas",
    "nasreload",
];
