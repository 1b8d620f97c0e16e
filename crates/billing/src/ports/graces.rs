//! Where it is kept which site grants what while a payment waits, and what was granted.

use std::net::IpAddr;

use async_trait::async_trait;
use kernel::{
    Msisdn, StoreError, Timestamp,
    id::ids::{OrderId, SiteId},
};

use crate::grace::{GrantedGrace, PaymentGrace};

/// What sites grant, and what was granted.
#[async_trait]
pub trait GraceRows: Send {
    /// What a site grants, if somebody has said so.
    async fn grace_at(&mut self, site: SiteId) -> Result<Option<PaymentGrace>, StoreError>;
    /// Says what a site grants.
    async fn set_grace(&mut self, site: SiteId, grace: &PaymentGrace) -> Result<(), StoreError>;
    /// Whether an order was granted one.
    async fn had_grace(&mut self, order: OrderId) -> Result<bool, StoreError>;
    /// How often one was granted while a number was asked, since a moment. Until the transaction ends, nobody else gets an
    /// answer for the same number: two at once cannot both be the last within a limit. Likewise below.
    async fn count_graces_of(&mut self, phone: &Msisdn, since: Timestamp) -> Result<u64, StoreError>;
    /// How often one was granted to an address since a moment.
    async fn count_graces_from(&mut self, host: IpAddr, since: Timestamp) -> Result<u64, StoreError>;
    /// Keeps that one was granted.
    async fn insert_grace(&mut self, granted: &GrantedGrace) -> Result<(), StoreError>;
}

/// What sites grant, straight from the database.
#[async_trait]
pub trait GraceReads: Send + Sync {
    /// What a site grants, if somebody has said so.
    async fn grace(&self, site: SiteId) -> Result<Option<PaymentGrace>, StoreError>;
}
