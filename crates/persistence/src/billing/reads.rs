//! Billing's lists and details.

use async_trait::async_trait;
use billing::{
    Order, Package, Payment, Unit,
    callback::StoredCallback,
    guess::GuessCount,
    ledger::{Account, LedgerReport},
    limits::AmountLimits,
    package::PackageStatus,
    ports::BillingReads,
    queries::{OrderFilter, PaymentFilter, PaymentMoveView, Totals},
    site::Site,
    task::Task,
};
use kernel::{
    Money, Page, PageRequest, StoreError, Timestamp,
    id::ids::{CallbackId, OrderId, PackageId, PaymentId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::{
    agent_sales, gateway_callbacks, gateway_limits, ledger_balances, orders, packages, payment_moves,
    payments, provisioning_units, review_tasks, sites,
    words::{currency, money},
};
use crate::{Database, error::store_error};

/// A sum in one currency, as the database gives it.
#[derive(FromQueryResult)]
struct SumRow {
    currency: String,
    rows: i64,
    total: i64,
}

/// The sum of a column of 64-bit numbers as such a number: PostgreSQL makes it a decimal otherwise.
pub(super) fn sum_of(column: impl ColumnTrait) -> Expr {
    column.sum().cast_as("bigint")
}

impl TryFrom<SumRow> for Totals {
    type Error = StoreError;

    fn try_from(row: SumRow) -> Result<Self, StoreError> {
        let count = u64::try_from(row.rows).map_err(StoreError::corrupt)?;
        Ok(Self { count, sum: money(row.total, currency(&row.currency)?) })
    }
}

fn filtered_orders(filter: &OrderFilter) -> Select<orders::Entity> {
    let mut find = orders::Entity::find();
    if let Some(user) = filter.user_id {
        find = find.filter(orders::Column::UserId.eq(user.as_uuid()));
    }
    if let Some(status) = filter.status {
        find = find.filter(orders::Column::Status.eq(status.as_str()));
    }
    if let Some(from) = filter.from {
        find = find.filter(orders::Column::CreatedAt.gte(from));
    }
    if let Some(to) = filter.to {
        find = find.filter(orders::Column::CreatedAt.lt(to));
    }
    if let Some(number) = &filter.number {
        find = find.filter(orders::Column::Number.starts_with(number));
    }
    if let Some(agent) = filter.agent_id {
        let sold = Query::select()
            .column(agent_sales::Column::OrderId)
            .from(agent_sales::Entity)
            .and_where(agent_sales::Column::AgentId.eq(agent.as_uuid()))
            .and_where(agent_sales::Column::OrderId.is_not_null())
            .to_owned();
        find = find.filter(orders::Column::Id.in_subquery(sold));
    }
    find
}

fn filtered_payments(filter: &PaymentFilter) -> Select<payments::Entity> {
    let mut find = payments::Entity::find();
    if let Some(user) = filter.user_id {
        find = find.filter(payments::Column::UserId.eq(user.as_uuid()));
    }
    if let Some(order) = filter.order_id {
        find = find.filter(payments::Column::OrderId.eq(order.as_uuid()));
    }
    if let Some(status) = filter.status {
        find = find.filter(payments::Column::Status.eq(status.as_str()));
    }
    if let Some(from) = filter.from {
        find = find.filter(payments::Column::CreatedAt.gte(from));
    }
    if let Some(to) = filter.to {
        find = find.filter(payments::Column::CreatedAt.lt(to));
    }
    find
}

#[async_trait]
impl BillingReads for Database {
    async fn packages(&self, on_sale_only: bool) -> Result<Vec<Package>, StoreError> {
        let mut find = packages::Entity::find()
            .order_by_asc(packages::Column::DisplayOrder)
            .order_by_asc(packages::Column::Name);
        if on_sale_only {
            find = find.filter(packages::Column::Status.eq(PackageStatus::Active.as_str()));
        }
        let rows = find.all(self.reader()).await.map_err(store_error)?;
        rows.into_iter().map(Package::try_from).collect()
    }

    async fn package(&self, id: PackageId) -> Result<Option<Package>, StoreError> {
        let row = packages::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(Package::try_from).transpose()
    }

    async fn limits(&self) -> Result<Vec<AmountLimits>, StoreError> {
        use gateway_limits::Column::{Currency, Gateway, Operator};
        let found = gateway_limits::Entity::find();
        let found = found.order_by_asc(Gateway).order_by_asc(Operator).order_by_asc(Currency);
        let rows = found.all(self.reader()).await.map_err(store_error)?;
        rows.into_iter().map(AmountLimits::try_from).collect()
    }

    async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        let rows = sites::Entity::find().order_by_asc(sites::Column::Code).all(self.reader()).await;
        Ok(rows.map_err(store_error)?.into_iter().map(Site::from).collect())
    }

    async fn orders(&self, filter: &OrderFilter, page: PageRequest) -> Result<Page<Order>, StoreError> {
        let find = filtered_orders(filter);
        let total = find.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = find
            .order_by_desc(orders::Column::CreatedAt)
            .order_by_desc(orders::Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Order::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }

    async fn order_totals(&self, filter: &OrderFilter) -> Result<Vec<Totals>, StoreError> {
        let rows = filtered_orders(filter)
            .select_only()
            .column(orders::Column::Currency)
            .column_as(orders::Column::Id.count(), "rows")
            .column_as(sum_of(orders::Column::Total), "total")
            .group_by(orders::Column::Currency)
            .into_model::<SumRow>()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Totals::try_from).collect()
    }

    async fn order(&self, id_or_number: &str) -> Result<Option<Order>, StoreError> {
        let find = match Uuid::parse_str(id_or_number) {
            Ok(id) => orders::Entity::find_by_id(id),
            Err(_) => orders::Entity::find().filter(orders::Column::Number.eq(id_or_number)),
        };
        find.one(self.reader()).await.map_err(store_error)?.map(Order::try_from).transpose()
    }

    async fn units(&self, order: OrderId) -> Result<Vec<Unit>, StoreError> {
        let rows = provisioning_units::Entity::find()
            .filter(provisioning_units::Column::OrderId.eq(order.as_uuid()))
            .order_by_asc(provisioning_units::Column::Number)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Unit::try_from).collect()
    }

    async fn payments(&self, filter: &PaymentFilter, page: PageRequest) -> Result<Page<Payment>, StoreError> {
        let find = filtered_payments(filter);
        let total = find.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = find
            .order_by_desc(payments::Column::CreatedAt)
            .order_by_desc(payments::Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Payment::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }

    async fn payment_totals(&self, filter: &PaymentFilter) -> Result<Vec<Totals>, StoreError> {
        let rows = filtered_payments(filter)
            .select_only()
            .column(payments::Column::Currency)
            .column_as(payments::Column::Id.count(), "rows")
            .column_as(sum_of(payments::Column::Amount), "total")
            .group_by(payments::Column::Currency)
            .into_model::<SumRow>()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Totals::try_from).collect()
    }

    async fn payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        let row = payments::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(Payment::try_from).transpose()
    }

    async fn payment_moves(&self, id: PaymentId) -> Result<Vec<PaymentMoveView>, StoreError> {
        let rows = payment_moves::Entity::find()
            .filter(payment_moves::Column::PaymentId.eq(id.as_uuid()))
            .order_by_asc(payment_moves::Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(PaymentMoveView::try_from).collect()
    }

    async fn callback(&self, id: CallbackId) -> Result<Option<StoredCallback>, StoreError> {
        let row = gateway_callbacks::Entity::find_by_id(id.as_uuid()).one(self.reader()).await;
        row.map_err(store_error)?.map(StoredCallback::try_from).transpose()
    }

    async fn open_tasks(&self, limit: u64) -> Result<Vec<Task>, StoreError> {
        let rows = review_tasks::Entity::find()
            .filter(review_tasks::Column::ClosedAt.is_null())
            .order_by_asc(review_tasks::Column::OpenedAt)
            .limit(limit)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Task::try_from).collect()
    }

    async fn guesses(&self, since: Timestamp) -> Result<Vec<GuessCount>, StoreError> {
        self.guesses_since(since).await
    }

    async fn available(&self, account: Account) -> Result<Vec<Money>, StoreError> {
        let of_account = ledger_balances::Column::Account.eq(account.to_string());
        let rows = ledger_balances::Entity::find().filter(of_account).all(self.reader()).await;
        let available = |row: ledger_balances::Model| Ok(money(row.available, currency(&row.currency)?));
        rows.map_err(store_error)?.into_iter().map(available).collect()
    }

    async fn examine_ledger(&self) -> Result<LedgerReport, StoreError> {
        self.ledger_report().await
    }
}
