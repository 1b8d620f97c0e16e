//! Placing an order: everything about it is frozen here.

use std::time::Duration;

use kernel::{
    Id, IdempotencyKey, Money, Origin, StoreError, Timestamp,
    audit::AuditRecord,
    events::{
        Contact,
        billing::{OrderPlaced, SoldPackage},
    },
    id::ids::{OrderId, PackageId},
    ip_networks::host_of,
    money::MoneyError,
};

use super::{Billing, KeyReused, claimed};
use crate::{
    order::{Order, OrderStatus, Quantity, order_number},
    package::PackageStatus,
    ports::BillingTx,
    site::{MAIN_SITE, Place, Unserved, WantedPlace},
};

/// What a customer wants.
#[derive(Debug, Clone)]
pub struct PlaceOrder {
    /// Which package.
    pub package_id: PackageId,
    /// How many sets of credentials.
    pub quantity: Quantity,
    /// Where the credentials are to be used; where the package says, or else at the main site, when it is not
    /// named.
    pub place: WantedPlace,
    /// Who orders, and how to reach them. A guest has no account, but a phone.
    pub contact: Contact,
    /// The client's promise that a repeat is the same order.
    pub idempotency: Option<IdempotencyKey>,
}

/// Why an order was not placed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceOrderError {
    /// There is no such package on sale.
    #[error("there is no such package on sale")]
    PackageNotOnSale,
    /// It would be good for nothing at that place.
    #[error(transparent)]
    Unserved(#[from] Unserved),
    /// Guests with this phone, or at this address, have ordered too often.
    #[error("too many orders by guests")]
    TooManyGuestOrders {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The idempotency key was used for another order.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The total is beyond what can be counted.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An order, but for what follows from when and where it is placed.
pub(super) struct Draft {
    pub(super) id: OrderId,
    pub(super) contact: Contact,
    pub(super) place: Place,
    pub(super) package_id: PackageId,
    pub(super) package: SoldPackage,
    pub(super) quantity: Quantity,
    pub(super) unit_price: Money,
    pub(super) total: Money,
    pub(super) expires_at: Timestamp,
}

impl Billing {
    /// Places an order and gives its id. A repeat under the same idempotency key gives the first order's id.
    ///
    /// # Errors
    /// [`PlaceOrderError`].
    pub async fn place_order(
        &self,
        origin: &Origin,
        command: PlaceOrder,
    ) -> Result<OrderId, PlaceOrderError> {
        let id = Id::generate(&self.ambient);
        let mut tx = self.store.begin().await?;
        if let Some(earlier) =
            claimed::<_, PlaceOrderError>(tx.as_mut(), command.idempotency.as_ref(), id).await?
        {
            return Ok(earlier);
        }
        if command.contact.user_id.is_none() {
            self.check_guest(tx.as_mut(), origin, &command.contact).await?;
        }
        let package = tx.lock_package(command.package_id).await?;
        let package = package.filter(|package| package.status == PackageStatus::Active);
        let offer = package.ok_or(PlaceOrderError::PackageNotOnSale)?.offer;
        let place = self.place_or_main(tx.as_mut(), command.place.named.or(offer.place)).await?;
        place.check(offer.target, &command.place.served)?;
        let now = self.ambient.now();
        let draft = Draft {
            id,
            contact: command.contact,
            place,
            package_id: command.package_id,
            unit_price: offer.price,
            total: offer.price.checked_mul(i64::from(command.quantity.get()))?,
            package: offer.sold(),
            quantity: command.quantity,
            expires_at: now + chrono::Duration::minutes(self.settings.order_ttl_minutes),
        };
        self.write_order(tx.as_mut(), origin, draft).await?;
        tx.audit(AuditRecord::success(&self.ambient, origin, "order", "create", format!("order:{id}")))
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Writes an unpaid order down, with the number of its day and the tax of its site, and the news of it.
    pub(super) async fn write_order(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        draft: Draft,
    ) -> Result<Order, StoreError> {
        let now = self.ambient.now();
        let number = tx.next_order_number(now.date_naive()).await?;
        let seller = tx.seller_at(draft.place.site_id).await?.unwrap_or_default();
        let order = Order {
            id: draft.id,
            number: order_number(now.date_naive(), number),
            contact: draft.contact,
            site_id: draft.place.site_id,
            router_id: draft.place.router_id,
            package_id: draft.package_id,
            package: draft.package,
            quantity: draft.quantity,
            unit_price: draft.unit_price,
            total: draft.total,
            tax_rate: seller.tax_rate,
            status: OrderStatus::Pending,
            ip: origin.ip.map(host_of),
            created_at: now,
            expires_at: draft.expires_at,
            paid_at: None,
            completed_at: None,
        };
        tx.insert_order(&order).await?;
        let placed =
            OrderPlaced { order_id: order.id, order_number: order.number.clone(), total: order.total };
        self.tell(tx, origin, &placed).await?;
        Ok(order)
    }

    /// A guest proves nothing: nobody may fill the books with orders.
    async fn check_guest(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        contact: &Contact,
    ) -> Result<(), PlaceOrderError> {
        let (limits, window) = (self.settings.guest_limits, Duration::from_secs(3600));
        let since = self.ambient.now() - window;
        let of_number = match &contact.phone {
            Some(phone) => tx.count_guest_orders_of(phone, since).await?,
            None => 0,
        };
        let from_address = match origin.ip.map(host_of) {
            Some(ip) => tx.count_guest_orders_from(ip, since).await?,
            None => 0,
        };
        let within = of_number < limits.per_number && from_address < limits.per_ip;
        if within { Ok(()) } else { Err(PlaceOrderError::TooManyGuestOrders { retry_after: window }) }
    }

    /// Where credentials are used: if nobody says, at the site that every deployment has.
    pub(super) async fn place_or_main(
        &self,
        tx: &mut dyn BillingTx,
        named: Option<Place>,
    ) -> Result<Place, StoreError> {
        if let Some(place) = named {
            return Ok(place);
        }
        let site = tx.find_site(MAIN_SITE).await?;
        let site = site.ok_or_else(|| StoreError::corrupt("there is no main site"))?;
        Ok(Place { site_id: site.id, router_id: None })
    }
}
