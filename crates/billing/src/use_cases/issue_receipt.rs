//! Issuing receipts, with the settlement of what they are for; and who sells at a site.

use kernel::{Id, Origin, StoreError, Timestamp, audit::AuditRecord, id::ids::SiteId};

use super::Billing;
use crate::{
    order::Order,
    payment::Payment,
    ports::BillingTx,
    receipt::{Receipt, SiteSeller, receipt_number},
};

impl Billing {
    /// Issues the receipt of an order that is being paid. Whoever settles at the same site waits for its number: a
    /// transaction that comes to nothing gives it back.
    pub(super) async fn issue_receipt(
        &self,
        tx: &mut dyn BillingTx,
        order: &Order,
        payment: &Payment,
        issued_at: Timestamp,
    ) -> Result<(), StoreError> {
        let site = tx.site(order.site_id).await?;
        let site = site.ok_or_else(|| StoreError::corrupt(format!("order {} is of no site", order.id)))?;
        let number = tx.next_receipt_number(order.site_id).await?;
        let receipt = Receipt {
            id: Id::generate(&self.ambient),
            site_id: order.site_id,
            number,
            text: receipt_number(&site.code, number),
            order_id: order.id,
            payment_id: payment.id,
            total: order.total,
            tax: order.tax_rate.within(order.total).map_err(StoreError::corrupt)?,
            tax_rate: order.tax_rate,
            seller: tx.seller_at(order.site_id).await?.unwrap_or_default().seller,
            fiscal: None,
            issued_at,
        };
        tx.insert_receipt(&receipt).await
    }

    /// Says who sells at a site, and which tax prices there include. Orders that were placed keep the rate that they were
    /// placed with. False when there is no such site.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_seller(
        &self,
        origin: &Origin,
        site: SiteId,
        seller: &SiteSeller,
    ) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        if tx.site(site).await?.is_none() {
            return Ok(false);
        }
        tx.set_seller(site, seller).await?;
        let record =
            AuditRecord::success(&self.ambient, origin, "settings", "seller", format!("site:{site}"));
        tx.audit(record.with(serde_json::json!({ "seller": seller }))).await?;
        tx.commit().await?;
        Ok(true)
    }
}
