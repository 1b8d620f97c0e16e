//! Where receipts and sellers are kept, and how they are listed.

use async_trait::async_trait;
use kernel::{
    Page, PageRequest, StoreError,
    id::ids::{OrderId, SiteId},
};

use crate::{
    queries::receipts::ReceiptFilter,
    receipt::{Receipt, SiteSeller},
};

/// Receipts, and who sells.
#[async_trait]
pub trait ReceiptRows: Send {
    /// Who sells at a site, if somebody has said so.
    async fn seller_at(&mut self, site: SiteId) -> Result<Option<SiteSeller>, StoreError>;
    /// Says who sells at a site.
    async fn set_seller(&mut self, site: SiteId, seller: &SiteSeller) -> Result<(), StoreError>;
    /// The next number of a site, from 1. Nobody else gets one for the same site until the end; a transaction that comes to
    /// nothing gives it back.
    async fn next_receipt_number(&mut self, site: SiteId) -> Result<i64, StoreError>;
    /// Adds a receipt.
    async fn insert_receipt(&mut self, receipt: &Receipt) -> Result<(), StoreError>;
}

/// Lists and details of receipts, straight from the database.
#[async_trait]
pub trait ReceiptReads: Send + Sync {
    /// The receipt of an order.
    async fn receipt_of(&self, order: OrderId) -> Result<Option<Receipt>, StoreError>;
    /// Receipts, by site and number, the latest first.
    async fn receipts(&self, filter: &ReceiptFilter, page: PageRequest) -> Result<Page<Receipt>, StoreError>;
    /// Who sells at a site, if somebody has said so.
    async fn seller(&self, site: SiteId) -> Result<Option<SiteSeller>, StoreError>;
}
