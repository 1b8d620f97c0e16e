//! What a new deployment begins with: one site, and what the gateway takes.

use kernel::{Currency, Id, Money, StoreError};

use super::Billing;
use crate::{
    limits::AmountLimits,
    package::{Offer, Package, PackageStatus},
    payment::Operator,
    site::{MAIN_SITE, Site},
};

impl Billing {
    /// Makes sure of the main site and of limits for every operator in Congolese francs: `min`, `max` and
    /// `step`. What is there is left as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seed_catalogue(&self, min: Money, max: Money, step: Money) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let (code, name) = (MAIN_SITE.to_owned(), "Main".to_owned());
        tx.ensure_site(&Site { id: Id::generate(&self.ambient), code, name }).await?;
        for operator in Operator::ALL {
            let gateway = self.gateway.name().to_owned();
            tx.ensure_limits(&AmountLimits { gateway, operator, min, max, step }).await?;
        }
        tx.commit().await
    }

    /// Puts the three packages on sale that every new deployment begins with, unless their names are taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seed_packages(&self) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        for (place, (name, minutes, price)) in (1..).zip(DEMO_PACKAGES) {
            let offer = Offer {
                name: name.to_owned(),
                description: String::new(),
                price: Money::from_minor(price, Currency::Cdf),
                validity_minutes: minutes,
                validity_start: kernel::events::billing::ValidityStart::Creation,
                target: kernel::events::billing::Target::Router,
                policy: kernel::AccessPolicy {
                    upload_kbps: Some(1024),
                    download_kbps: Some(4096),
                    simultaneous_use: Some(1),
                    ..kernel::AccessPolicy::default()
                },
                mac_binding: false,
                display_order: place,
                place: None,
            };
            let now = self.ambient.now();
            let (id, status) = (Id::generate(&self.ambient), PackageStatus::Active);
            tx.insert_package(&Package { id, offer, status, created_at: now, updated_at: now }).await?;
        }
        tx.commit().await
    }
}

/// Name, validity in minutes, price in centimes.
const DEMO_PACKAGES: [(&str, u32, i64); 3] = [("2H", 120, 150), ("1DAY", 1440, 300), ("1WEEK", 10_080, 1200)];
