//! What billing needs from outside: a place for its rows, a way to read them, and payment gateways.

use async_trait::async_trait;
use kernel::{
    Currency, Money, Msisdn, Page, PageRequest, StoreError, Timestamp, UnitOfWork,
    id::ids::{CallbackId, OrderId, PackageId, PaymentId, SiteId, TaskId, UserId},
};
use std::net::IpAddr;

use crate::{
    callback::{CallbackStatus, StoredCallback},
    guess::{GuessCount, GuessSource, Guessed},
    ledger::{Account, LedgerReport, Posting},
    limits::AmountLimits,
    order::{Order, OrderStatus},
    package::Package,
    payment::{Operator, Payment, PaymentMove},
    queries::{OrderFilter, PaymentFilter, PaymentMoveView, Totals},
    site::Site,
    task::{Task, TaskKind},
    unit::Unit,
};

pub mod agents;
pub mod forgetting;
pub mod gateway;
pub mod gateways;
pub mod graces;
pub mod receipts;
pub mod refunds;
pub mod statements;
pub mod vouchers;

pub use agents::{AgentReads, AgentRows};
pub use forgetting::ForgettingRows;
pub use gateway::PaymentGateway;
pub use gateways::Gateways;
pub use graces::{GraceReads, GraceRows};
pub use receipts::{ReceiptReads, ReceiptRows};
pub use refunds::{RefundReads, RefundRows};
pub use statements::{StatementReads, StatementRows};
pub use vouchers::{VoucherReads, VoucherRows};

/// Where billing's rows are kept.
#[async_trait]
pub trait BillingStore: Send + Sync {
    /// Begins a transaction.
    async fn begin(&self) -> Result<Box<dyn BillingTx>, StoreError>;
}

/// Billing's transaction: everything below, and committing.
pub trait BillingTx:
    UnitOfWork
    + CatalogueRows
    + OrderRows
    + GuessRows
    + GraceRows
    + VoucherRows
    + AgentRows
    + ReceiptRows
    + RefundRows
    + PaymentRows
    + CallbackRows
    + LedgerRows
    + StatementRows
    + ForgettingRows
{
}

impl<T> BillingTx for T where
    T: UnitOfWork
        + CatalogueRows
        + OrderRows
        + GuessRows
        + GraceRows
        + VoucherRows
        + AgentRows
        + ReceiptRows
        + RefundRows
        + RefundRows
        + PaymentRows
        + CallbackRows
        + LedgerRows
        + StatementRows
        + ForgettingRows
{
}

/// Packages, sites and limits.
#[async_trait]
pub trait CatalogueRows: Send {
    /// Adds a package; false when its name is taken.
    async fn insert_package(&mut self, package: &Package) -> Result<bool, StoreError>;
    /// A package, locked until the end.
    async fn lock_package(&mut self, id: PackageId) -> Result<Option<Package>, StoreError>;
    /// Writes a locked package back; false when its new name is taken.
    async fn update_package(&mut self, package: &Package) -> Result<bool, StoreError>;
    /// A site by its code.
    async fn find_site(&mut self, code: &str) -> Result<Option<Site>, StoreError>;
    /// A site.
    async fn site(&mut self, id: SiteId) -> Result<Option<Site>, StoreError>;
    /// Adds a site; false when its code is there.
    async fn ensure_site(&mut self, site: &Site) -> Result<bool, StoreError>;
    /// Adds limits unless there are some for the same gateway, operator and currency.
    async fn ensure_limits(&mut self, limits: &AmountLimits) -> Result<(), StoreError>;
    /// Puts limits in the place of those for the same gateway, operator and currency.
    async fn set_limits(&mut self, limits: &AmountLimits) -> Result<(), StoreError>;
    /// What a gateway takes.
    async fn find_limits(
        &mut self,
        gateway: &str,
        operator: Operator,
        currency: Currency,
    ) -> Result<Option<AmountLimits>, StoreError>;
}

/// Orders and their units.
#[async_trait]
pub trait OrderRows: Send {
    /// The next number of a day, from 1.
    async fn next_order_number(&mut self, day: chrono::NaiveDate) -> Result<i64, StoreError>;
    /// Adds an order.
    async fn insert_order(&mut self, order: &Order) -> Result<(), StoreError>;
    /// An order, locked until the end. Always locked before its payments.
    async fn lock_order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError>;
    /// Moves an order on; false when it does not have the status `from`.
    async fn move_order(
        &mut self,
        id: OrderId,
        from: OrderStatus,
        to: OrderStatus,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Unpaid orders past their end without a live payment, oldest first.
    async fn orders_to_expire(&mut self, now: Timestamp, limit: u64) -> Result<Vec<OrderId>, StoreError>;
    /// Adds a unit; false when the order has one of that number.
    async fn insert_unit(&mut self, unit: &Unit) -> Result<bool, StoreError>;
    /// The units of an order by number.
    async fn units_of(&mut self, order: OrderId) -> Result<Vec<Unit>, StoreError>;
    /// Writes back what changed about a unit of a locked order.
    async fn update_unit(&mut self, unit: &Unit) -> Result<(), StoreError>;
    /// How many orders guests have placed with a number since a moment. Until the transaction ends, nobody else gets an
    /// answer for the same number: two at once cannot both be the last within a limit. Likewise below.
    async fn count_guest_orders_of(&mut self, phone: &Msisdn, since: Timestamp) -> Result<u64, StoreError>;
    /// How many orders guests have placed from an address since a moment.
    async fn count_guest_orders_from(&mut self, ip: IpAddr, since: Timestamp) -> Result<u64, StoreError>;
}

/// Guesses, by the hour.
#[async_trait]
pub trait GuessRows: Send {
    /// Counts one more; how many there were in that hour from that source.
    async fn count_guess(
        &mut self,
        guessed: Guessed,
        source: &GuessSource,
        hour: Timestamp,
    ) -> Result<u64, StoreError>;
    /// How many there were in an hour from a source.
    async fn guesses_of(
        &mut self,
        guessed: Guessed,
        source: &GuessSource,
        hour: Timestamp,
    ) -> Result<u64, StoreError>;
    /// Forgets what was counted before a moment; how many hours of sources that were.
    async fn forget_guesses(&mut self, before: Timestamp) -> Result<u64, StoreError>;
}

/// Payments.
#[async_trait]
pub trait PaymentRows: Send {
    /// Adds a payment.
    async fn insert_payment(&mut self, payment: &Payment) -> Result<(), StoreError>;
    /// The order that a payment is for, without a lock.
    async fn order_of(&mut self, payment: PaymentId) -> Result<Option<OrderId>, StoreError>;
    /// A payment, locked until the end.
    async fn lock_payment(&mut self, id: PaymentId) -> Result<Option<Payment>, StoreError>;
    /// Whether an order has a live payment.
    async fn has_live_payment(&mut self, order: OrderId) -> Result<bool, StoreError>;
    /// The payment with our reference.
    async fn by_reference(&mut self, gateway: &str, reference: &str)
    -> Result<Option<PaymentId>, StoreError>;
    /// The payment with a gateway's reference.
    async fn by_provider_ref(
        &mut self,
        gateway: &str,
        provider_ref: &str,
    ) -> Result<Option<PaymentId>, StoreError>;
    /// Moves a payment on and keeps the move; false when it does not have the status it is moved from.
    async fn move_payment(&mut self, change: &PaymentMove, late: bool) -> Result<bool, StoreError>;
    /// Writes down the gateway's reference of a payment that has none; false when another payment has it.
    async fn learn_provider_ref(
        &mut self,
        id: PaymentId,
        gateway: &str,
        provider_ref: &str,
    ) -> Result<bool, StoreError>;
    /// Open payments whose next check is due, longest due first, locked; those that another holds are left out,
    /// and those that cannot be read are put off.
    async fn lock_due_checks(&mut self, now: Timestamp, limit: u64) -> Result<Vec<Payment>, StoreError>;
    /// Says when a payment is looked at next.
    async fn plan_check(
        &mut self,
        id: PaymentId,
        next: Option<Timestamp>,
        checks: u32,
    ) -> Result<(), StoreError>;
    /// How many payments were asked of a number since a moment. Until the transaction ends, nobody else gets an
    /// answer for the same number: two at once cannot both be the last within a limit. Likewise below.
    async fn count_pushes_to(&mut self, phone: &Msisdn, since: Timestamp) -> Result<u64, StoreError>;
    /// How many payments an account has asked for since a moment.
    async fn count_pushes_by(&mut self, user: UserId, since: Timestamp) -> Result<u64, StoreError>;
    /// How many payments were asked for from an address since a moment.
    async fn count_pushes_from(&mut self, ip: IpAddr, since: Timestamp) -> Result<u64, StoreError>;
}

/// What gateways sent.
#[async_trait]
pub trait CallbackRows: Send {
    /// Keeps a callback; false when an equal one is kept already.
    async fn insert_callback(&mut self, callback: &StoredCallback) -> Result<bool, StoreError>;
    /// Says what was made of a callback that was received or unmatched so far.
    async fn update_callback(
        &mut self,
        id: CallbackId,
        status: CallbackStatus,
        note: Option<&str>,
        references: (Option<&str>, Option<&str>),
    ) -> Result<(), StoreError>;
    /// Unmatched callbacks that name one of these references.
    async fn unmatched_naming(
        &mut self,
        gateway: &str,
        reference: &str,
        provider_ref: Option<&str>,
    ) -> Result<Vec<CallbackId>, StoreError>;
    /// Unmatched callbacks that came before a moment and nobody was alerted to; they count as alerted from now.
    async fn alert_unmatched(&mut self, before: Timestamp, limit: u64)
    -> Result<Vec<CallbackId>, StoreError>;
}

/// The ledger, and what a person has to look at.
#[async_trait]
pub trait LedgerRows: Send {
    /// What is owed on one person's account. Nobody else changes it until the end.
    async fn lock_available(&mut self, account: Account, currency: Currency) -> Result<Money, StoreError>;
    /// Posts; false when the source has posted already. An account of one person that would come to owe less than nothing
    /// is a [`StoreError::Conflict`].
    async fn post(&mut self, posting: &Posting) -> Result<bool, StoreError>;
    /// Opens a task; false when there is one of that kind for the payment.
    async fn open_task(&mut self, task: &Task) -> Result<bool, StoreError>;
    /// Whether a person has something to look at about an order.
    async fn has_open_task(&mut self, order: OrderId) -> Result<bool, StoreError>;
    /// Closes a task; false when there is none open with this id.
    async fn close_task(&mut self, id: TaskId, at: Timestamp) -> Result<bool, StoreError>;
    /// Closes the tasks of some kinds of a payment.
    async fn close_tasks_of(
        &mut self,
        payment: PaymentId,
        kinds: &[TaskKind],
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// Closes every task of a payment.
    async fn close_tasks(&mut self, payment: PaymentId, at: Timestamp) -> Result<(), StoreError>;
}

/// Lists and details, straight from the database.
#[async_trait]
pub trait BillingReads:
    StatementReads + VoucherReads + AgentReads + ReceiptReads + RefundReads + GraceReads + Send + Sync
{
    /// Packages by display order: those on sale, or all.
    async fn packages(&self, on_sale_only: bool) -> Result<Vec<Package>, StoreError>;
    /// One package.
    async fn package(&self, id: PackageId) -> Result<Option<Package>, StoreError>;
    /// What gateways take, by gateway, operator and currency.
    async fn limits(&self) -> Result<Vec<AmountLimits>, StoreError>;
    /// Every site.
    async fn sites(&self) -> Result<Vec<Site>, StoreError>;
    /// Orders, latest first.
    async fn orders(&self, filter: &OrderFilter, page: PageRequest) -> Result<Page<Order>, StoreError>;
    /// The sums of the orders that a filter finds, per currency.
    async fn order_totals(&self, filter: &OrderFilter) -> Result<Vec<Totals>, StoreError>;
    /// One order, by its id or number.
    async fn order(&self, id_or_number: &str) -> Result<Option<Order>, StoreError>;
    /// The units of an order by number.
    async fn units(&self, order: OrderId) -> Result<Vec<Unit>, StoreError>;
    /// Payments, latest first.
    async fn payments(&self, filter: &PaymentFilter, page: PageRequest) -> Result<Page<Payment>, StoreError>;
    /// The sums of the payments that a filter finds, per currency.
    async fn payment_totals(&self, filter: &PaymentFilter) -> Result<Vec<Totals>, StoreError>;
    /// One payment.
    async fn payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError>;
    /// The moves of a payment, oldest first.
    async fn payment_moves(&self, id: PaymentId) -> Result<Vec<PaymentMoveView>, StoreError>;
    /// One callback, as it came.
    async fn callback(&self, id: CallbackId) -> Result<Option<StoredCallback>, StoreError>;
    /// How many guesses there were since an hour.
    async fn guesses(&self, since: Timestamp) -> Result<Vec<GuessCount>, StoreError>;
    /// Open tasks, oldest first.
    async fn open_tasks(&self, limit: u64) -> Result<Vec<Task>, StoreError>;
    /// What is owed on one person's account, in every currency in which there was something.
    async fn available(&self, account: Account) -> Result<Vec<Money>, StoreError>;
    /// Examines the whole ledger.
    async fn examine_ledger(&self) -> Result<LedgerReport, StoreError>;
}
