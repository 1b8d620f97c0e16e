//! Payment grace: whether a guest whose wallet is asked gets some, decided with the payment; and what a site grants.

use chrono::Duration;
use kernel::{
    Origin, StoreError, audit::AuditRecord, events::billing::PaymentGraceGranted, id::ids::SiteId,
    ip_networks::host_of,
};

use super::Billing;
use crate::{
    grace::{GrantedGrace, PaymentGrace},
    order::Order,
    payment::Payment,
    ports::BillingTx,
};

/// Over which time limits count.
const WINDOW: Duration = Duration::hours(24);

impl Billing {
    /// Lets a guest be online for a moment while a new payment of their order waits, if the site does so, the order had
    /// none before, and neither the phone nor the address had too many. Whoever gets none may pay all the same.
    pub(super) async fn grant_grace(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        order: &Order,
        payment: &Payment,
    ) -> Result<(), StoreError> {
        let (None, Some(phone)) = (order.contact.user_id, payment.phone()) else {
            return Ok(());
        };
        let grace = tx.grace_at(order.site_id).await?.unwrap_or_default();
        if !grace.enabled() || tx.had_grace(order.id).await? {
            return Ok(());
        }
        let granted = GrantedGrace {
            payment_id: payment.id,
            order_id: order.id,
            phone: phone.clone(),
            host: origin.ip.map(host_of),
            granted_at: payment.created_at,
        };
        if !self.may_be_granted(tx, &granted).await? {
            return Ok(());
        }
        tx.insert_grace(&granted).await?;
        let fact = PaymentGraceGranted {
            payment_id: payment.id,
            order_id: order.id,
            order_number: order.number.clone(),
            site_id: order.site_id,
            router_id: order.router_id,
            target: order.package.target,
            locale: order.contact.locale,
            minutes: grace.minutes(),
            policy: grace.policy(),
        };
        self.tell(tx, origin, &fact).await
    }

    async fn may_be_granted(
        &self,
        tx: &mut dyn BillingTx,
        granted: &GrantedGrace,
    ) -> Result<bool, StoreError> {
        let (limits, since) = (self.settings.grace_limits, granted.granted_at - WINDOW);
        let of_number = tx.count_graces_of(&granted.phone, since).await?;
        let from_host = match granted.host {
            Some(host) => tx.count_graces_from(host, since).await?,
            None => 0,
        };
        Ok(of_number < limits.per_number && from_host < limits.per_ip)
    }

    /// Says what a site grants while a payment waits. It counts for payments that are begun from now on. False when there
    /// is no such site.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_payment_grace(
        &self,
        origin: &Origin,
        site: SiteId,
        grace: &PaymentGrace,
    ) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        if tx.site(site).await?.is_none() {
            return Ok(false);
        }
        tx.set_grace(site, grace).await?;
        let resource = format!("site:{site}");
        let record = AuditRecord::success(&self.ambient, origin, "settings", "payment_grace", resource);
        tx.audit(record.with(serde_json::json!({ "payment_grace": grace }))).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What a site grants while a payment waits: nothing, while nobody has said so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payment_grace(&self, site: SiteId) -> Result<PaymentGrace, StoreError> {
        Ok(self.reads.grace(site).await?.unwrap_or_default())
    }
}
