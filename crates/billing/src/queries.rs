//! Lists and details, for owners and for staff.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Duration;
use kernel::{
    Money, Page, PageRequest, StoreError, Timestamp,
    id::ids::{OrderId, PackageId, PaymentId, UserId},
};

use crate::{
    guess::{self, GuessCount},
    ledger::{Account, LedgerReport},
    order::{Order, OrderStatus},
    package::Package,
    payment::{Payment, PaymentStatus},
    ports::BillingReads,
    task::Task,
    unit::Unit,
    use_cases::Billing,
};

pub mod agents;
pub mod receipts;
pub mod refunds;
pub mod statements;
pub mod vouchers;

/// Which orders. An empty filter finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Of this account.
    pub user_id: Option<UserId>,
    /// With this status.
    pub status: Option<OrderStatus>,
    /// Placed at this moment or later.
    pub from: Option<Timestamp>,
    /// Placed before this moment.
    pub to: Option<Timestamp>,
    /// Whose number begins with this text.
    pub number: Option<String>,
    /// Sold by this agent.
    pub agent_id: Option<UserId>,
}

/// Which payments. An empty filter finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Asked for by this account.
    pub user_id: Option<UserId>,
    /// For this order.
    pub order_id: Option<OrderId>,
    /// With this status.
    pub status: Option<PaymentStatus>,
    /// Asked for at this moment or later.
    pub from: Option<Timestamp>,
    /// Asked for before this moment.
    pub to: Option<Timestamp>,
}

/// How many rows a filter found, and their sum, in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// How many.
    pub count: u64,
    /// How much together.
    pub sum: Money,
}

/// A kept move of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMoveView {
    /// From this status.
    pub from: PaymentStatus,
    /// To this.
    pub to: PaymentStatus,
    /// Why, as a stable word.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Evidence, as a person gave it.
    pub evidence: Option<String>,
}

/// An order with everything that has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDetails {
    /// The order.
    pub order: Order,
    /// Its payments, latest first.
    pub payments: Vec<Payment>,
    /// Its units by number.
    pub units: Vec<Unit>,
}

/// Whose rows may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This account's own.
    Own(UserId),
    /// This order alone, with its payments: its token was shown.
    Order(OrderId),
    /// Everybody's.
    All,
}

impl Scope {
    pub(crate) fn shows_order(self, order: &Order) -> bool {
        self.shows(order.id, order.contact.user_id)
    }

    fn shows_payment(self, payment: &Payment) -> bool {
        self.shows(payment.order_id, payment.user_id)
    }

    fn shows(self, order: OrderId, owner: Option<UserId>) -> bool {
        match self {
            Self::Own(user) => owner == Some(user),
            Self::Order(opened) => opened == order,
            Self::All => true,
        }
    }
}

/// How long the list of packages on sale is kept: it is what everybody reads and hardly anybody changes.
const ON_SALE_MINUTES: i64 = 5;

/// The packages on sale, as they were read last.
#[derive(Default)]
pub(crate) struct OnSale(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// How often something has changed: a list that was read before a change is not kept after it.
    changes: u64,
    list: Option<(Timestamp, Arc<Vec<Package>>)>,
}

impl OnSale {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The list, if it is fresh; else what to say when one that is read now is kept.
    fn fresh(&self, now: Timestamp) -> Result<Arc<Vec<Package>>, u64> {
        let kept = self.kept();
        match &kept.list {
            Some((read_at, list)) if now - *read_at < Duration::minutes(ON_SALE_MINUTES) => Ok(list.clone()),
            _ => Err(kept.changes),
        }
    }

    fn keep(&self, list: Arc<Vec<Package>>, now: Timestamp, changes: u64) {
        let mut kept = self.kept();
        if kept.changes == changes {
            kept.list = Some((now, list));
        }
    }

    /// Something has changed: the next reader reads anew.
    pub(crate) fn forget(&self) {
        let mut kept = self.kept();
        kept.changes += 1;
        kept.list = None;
    }
}

/// More payments of one order than this are not shown with it.
const PAYMENTS_SHOWN: u32 = 100;

impl Billing {
    /// The packages on sale, in display order: as they were at most five minutes ago, and never older than the
    /// last change that was made here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn packages_on_sale(&self) -> Result<Arc<Vec<Package>>, StoreError> {
        match self.on_sale.fresh(self.ambient.now()) {
            Ok(packages) => Ok(packages),
            Err(changes) => {
                let packages = Arc::new(self.reads.packages(true).await?);
                self.on_sale.keep(packages.clone(), self.ambient.now(), changes);
                Ok(packages)
            }
        }
    }

    /// All packages, in display order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn packages(&self) -> Result<Vec<Package>, StoreError> {
        self.reads.packages(false).await
    }

    /// One package.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn package(&self, id: PackageId) -> Result<Option<Package>, StoreError> {
        self.reads.package(id).await
    }

    /// An order by id or number, if the scope shows it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn order(&self, scope: Scope, id_or_number: &str) -> Result<Option<OrderDetails>, StoreError> {
        let order = self.reads.order(id_or_number).await?;
        let Some(order) = order.filter(|order| scope.shows_order(order)) else {
            return Ok(None);
        };
        let of_order = PaymentFilter { order_id: Some(order.id), ..PaymentFilter::default() };
        let payments = self.reads.payments(&of_order, PageRequest::new(1, PAYMENTS_SHOWN)).await?.items;
        let units = self.reads.units(order.id).await?;
        Ok(Some(OrderDetails { order, payments, units }))
    }

    /// Orders, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn orders(&self, filter: &OrderFilter, page: PageRequest) -> Result<Page<Order>, StoreError> {
        self.reads.orders(filter, page).await
    }

    /// The sums of the orders that a filter finds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn order_totals(&self, filter: &OrderFilter) -> Result<Vec<Totals>, StoreError> {
        self.reads.order_totals(filter).await
    }

    /// A payment with its moves, if the scope shows it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payment(
        &self,
        scope: Scope,
        id: PaymentId,
    ) -> Result<Option<(Payment, Vec<PaymentMoveView>)>, StoreError> {
        let payment = self.reads.payment(id).await?;
        let Some(payment) = payment.filter(|payment| scope.shows_payment(payment)) else {
            return Ok(None);
        };
        let moves = self.reads.payment_moves(id).await?;
        Ok(Some((payment, moves)))
    }

    /// Payments, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payments(
        &self,
        filter: &PaymentFilter,
        page: PageRequest,
    ) -> Result<Page<Payment>, StoreError> {
        self.reads.payments(filter, page).await
    }

    /// The sums of the payments that a filter finds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payment_totals(&self, filter: &PaymentFilter) -> Result<Vec<Totals>, StoreError> {
        self.reads.payment_totals(filter).await
    }

    /// How many wrong tokens there were since the hour of a moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn guesses(&self, since: Timestamp) -> Result<Vec<GuessCount>, StoreError> {
        self.reads.guesses(guess::hour_of(since)).await
    }

    /// What a person has to look at, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_tasks(&self, limit: u64) -> Result<Vec<Task>, StoreError> {
        self.reads.open_tasks(limit).await
    }

    /// What a customer may pay with, in every currency in which they had something.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn credit_of(&self, user: UserId) -> Result<Vec<Money>, StoreError> {
        self.reads.available(Account::CreditOf(user)).await
    }

    /// Examines the whole ledger: whether it balances, and agrees with the payments.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify_ledger(&self) -> Result<LedgerReport, StoreError> {
        self.reads.examine_ledger().await
    }

    /// The reads, for views that join more than one of them.
    #[must_use]
    pub fn reads(&self) -> &dyn BillingReads {
        self.reads.as_ref()
    }
}
