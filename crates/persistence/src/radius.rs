//! Radius, in the database: one file per trait of its ports, and one file per table. The tables that FreeRADIUS knows
//! (`radcheck`, `radreply`, `radgroupcheck`, `radgroupreply`, `radusergroup`, `radacct`, `radpostauth`, `nas`) keep its
//! names and columns.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::StoreError;
use radius::ports::{RadiusReads, RadiusStore, RadiusTx};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Select, prelude::Uuid};

use crate::{Database, Tx, error::store_error};

mod auth_log;
mod directory_rows;
mod enforcement_rows;
mod forgetting_rows;
mod listener;
mod nas_rows;
mod profile_rows;
mod promotion_rows;
mod radacct;
mod sold_rows;
mod subscriber_rows;
mod usage_reads;
mod usage_rows;
mod usage_sums;

pub mod directory_facts;

mod access_profiles;
mod enforcement_attempts;
mod enforcements;
mod nas;
mod nas_clients;
mod profile_changes;
mod promotions;
mod radacct_observations;
mod radius_servers;
mod radius_sessions;
mod subscribers;
mod usage_ledger;
mod usage_warnings;

pub use listener::AccountingListener;

#[async_trait]
impl RadiusStore for Database {
    async fn begin(&self) -> Result<Box<dyn RadiusTx>, StoreError> {
        Ok(Box::new(self.begin_tx().await?))
    }
}

impl RadiusTx for Tx {}

impl RadiusReads for Database {}

/// A number in another width.
fn number<T, U: TryFrom<T>>(number: T) -> Result<U, StoreError>
where
    U::Error: std::fmt::Display,
{
    U::try_from(number).map_err(StoreError::corrupt)
}

/// The rows of a query for ids and their counts.
async fn count_by<E: EntityTrait>(
    reader: &impl ConnectionTrait,
    query: Select<E>,
) -> Result<HashMap<Uuid, i64>, StoreError>
where
    E::Model: FromQueryResult,
{
    let rows = query.into_tuple::<(Uuid, i64)>().all(reader).await.map_err(store_error)?;
    Ok(rows.into_iter().collect())
}

#[cfg(test)]
mod tests;
