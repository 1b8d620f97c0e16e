//! Lists and details of receipts.

use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{OrderId, SiteId},
};

use crate::{
    receipt::{Receipt, SiteSeller},
    use_cases::Billing,
};

/// Which receipts. An empty filter finds all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReceiptFilter {
    /// Of this site.
    pub site_id: Option<SiteId>,
    /// Issued at this moment or later.
    pub from: Option<Timestamp>,
    /// Issued before this moment.
    pub to: Option<Timestamp>,
}

impl Billing {
    /// The receipt of an order, if it is paid.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipt_of(&self, order: OrderId) -> Result<Option<Receipt>, StoreError> {
        self.reads.receipt_of(order).await
    }

    /// Receipts, by site and number, the latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipts(
        &self,
        filter: &ReceiptFilter,
        page: PageRequest,
    ) -> Result<Page<Receipt>, StoreError> {
        self.reads.receipts(filter, page).await
    }

    /// Who sells at a site; nobody in particular, without tax, while nobody has said so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seller(&self, site: SiteId) -> Result<SiteSeller, StoreError> {
        Ok(self.reads.seller(site).await?.unwrap_or_default())
    }
}
