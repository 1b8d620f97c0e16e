//! The database schema, step by step, the same on SQLite and PostgreSQL.
//!
//! One file per step, named by its date and place. A step that has been released is frozen; a change is a new
//! step. Each step has its way back, for development; production goes forward only. Tables of different domains
//! have no foreign keys between them.

use sea_orm_migration::prelude::*;

mod columns;
mod m20260101_000001_platform;
mod m20260101_000002_identity;
mod m20260101_000003_billing;
mod m20260101_000004_hotspot;
mod m20260101_000005_notifications;
mod m20260201_000006_routers;
mod m20260201_000007_sessions;
mod m20260201_000008_statements;
mod m20260201_000009_session_macs;
mod m20261128_000010_radius_directory;
mod m20261128_000011_access;
mod m20261128_000012_usage;
mod m20261128_000013_nas_clients;
mod m20261128_000014_enforcement;
mod m20261128_000015_accounts;
mod m20261128_000016_radius_routers;
mod m20261128_000017_packets;
mod m20261128_000018_login_time;
mod m20261129_000019_guests;
mod m20261129_000020_means_of_payment;
mod m20261129_000021_vouchers;
mod m20261129_000022_agents;
mod m20261129_000023_receipts;
mod m20261129_000025_payment_grace;
mod m20261129_000026_refunds;
mod m20261129_000027_forgetting;

/// All steps in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_platform::Migration),
            Box::new(m20260101_000002_identity::Migration),
            Box::new(m20260101_000003_billing::Migration),
            Box::new(m20260101_000004_hotspot::Migration),
            Box::new(m20260101_000005_notifications::Migration),
            Box::new(m20260201_000006_routers::Migration),
            Box::new(m20260201_000007_sessions::Migration),
            Box::new(m20260201_000008_statements::Migration),
            Box::new(m20260201_000009_session_macs::Migration),
            Box::new(m20261128_000010_radius_directory::Migration),
            Box::new(m20261128_000011_access::Migration),
            Box::new(m20261128_000012_usage::Migration),
            Box::new(m20261128_000013_nas_clients::Migration),
            Box::new(m20261128_000014_enforcement::Migration),
            Box::new(m20261128_000015_accounts::Migration),
            Box::new(m20261128_000016_radius_routers::Migration),
            Box::new(m20261128_000017_packets::Migration),
            Box::new(m20261128_000018_login_time::Migration),
            Box::new(m20261129_000019_guests::Migration),
            Box::new(m20261129_000020_means_of_payment::Migration),
            Box::new(m20261129_000021_vouchers::Migration),
            Box::new(m20261129_000022_agents::Migration),
            Box::new(m20261129_000023_receipts::Migration),
            Box::new(m20261129_000025_payment_grace::Migration),
            Box::new(m20261129_000026_refunds::Migration),
            Box::new(m20261129_000027_forgetting::Migration),
        ]
    }
}
