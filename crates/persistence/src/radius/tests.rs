//! Radius on real databases. Every test runs on SQLite, and on PostgreSQL when `TEST_POSTGRES_URL` names a server on
//! which databases may be created.

mod access;
mod directory;
mod usage;
