//! Agents: lists and details. What is in a wallet, and was, is what the ledger says.

use std::collections::BTreeMap;

use async_trait::async_trait;
use billing::{
    agent::{Agent, AgentStatus},
    ledger::{Account, Source},
    ports::AgentReads,
    queries::agents::{AgentTotals, Turnover, WalletEntry, WalletFilter, WalletReason},
};
use kernel::{
    Currency, Id, Money, Page, PageRequest, StoreError, Timestamp,
    id::ids::{OrderId, UserId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value, prelude::DateTimeUtc, sea_query::Query,
};
use uuid::Uuid;

use super::{
    agent_sales, agents, ledger_lines, ledger_postings,
    reads::sum_of,
    words::{currency, money},
};
use crate::{Database, error::store_error};

/// What went into a wallet and came out of it: the lines of its account, with what each was for.
const ENTRIES: &str = "SELECT posting.at, line.amount, line.currency, posting.source_kind, transfer.note, \
    orders.number, sale.commission AS sale_commission, batch.package, batch.count, \
    taken.commission AS taken_commission, refunded.number AS refunded_number, refund.amount AS refund_amount, \
    returned.vouchers AS returned_count, returned.commission AS returned_commission \
    FROM ledger_lines line \
    JOIN ledger_postings posting ON posting.id = line.posting_id \
    LEFT JOIN agent_transfers transfer ON transfer.id = posting.source_id \
    LEFT JOIN payments payment ON payment.id = posting.source_id \
    LEFT JOIN orders ON orders.id = payment.order_id \
    LEFT JOIN agent_sales sale ON sale.order_id = orders.id \
    LEFT JOIN refunds refund ON refund.id = posting.source_id \
    LEFT JOIN orders refunded ON refunded.id = refund.order_id \
    LEFT JOIN voucher_returns returned ON returned.id = posting.source_id \
    LEFT JOIN voucher_batches batch ON batch.id = COALESCE(returned.batch_id, posting.source_id) \
    LEFT JOIN agent_sales taken ON taken.batch_id = batch.id \
    WHERE line.account = $1 AND posting.at >= $2 AND posting.at < $3 \
    ORDER BY posting.at, posting.id LIMIT $4";

#[derive(FromQueryResult)]
struct EntryRow {
    at: DateTimeUtc,
    amount: i64,
    currency: String,
    source_kind: String,
    note: Option<String>,
    number: Option<String>,
    sale_commission: Option<i64>,
    package: Option<serde_json::Value>,
    count: Option<i32>,
    taken_commission: Option<i64>,
    refunded_number: Option<String>,
    refund_amount: Option<i64>,
    returned_count: Option<i32>,
    returned_commission: Option<i64>,
}

/// What was taken back of what an agent had sold: what went into their wallet again is the price without their part.
const TAKEN_BACK: &str = "SELECT line.currency, COUNT(*) AS times, \
    CAST(SUM(COALESCE(refund.amount, returned.price)) AS bigint) AS price, \
    CAST(SUM(COALESCE(refund.amount, returned.price) + line.amount) AS bigint) AS commission \
    FROM ledger_lines line \
    JOIN ledger_postings posting ON posting.id = line.posting_id \
    LEFT JOIN refunds refund ON refund.id = posting.source_id \
    LEFT JOIN voucher_returns returned ON returned.id = posting.source_id \
    WHERE line.account = $1 AND posting.at >= $2 AND posting.at < $3 \
    AND COALESCE(refund.id, returned.id) IS NOT NULL \
    GROUP BY line.currency";

#[derive(FromQueryResult)]
struct TurnoverRow {
    currency: String,
    times: i64,
    price: i64,
    commission: i64,
}

#[derive(FromQueryResult)]
struct SumRow {
    currency: String,
    total: i64,
}

#[async_trait]
impl AgentReads for Database {
    async fn agents(
        &self,
        status: Option<AgentStatus>,
        page: PageRequest,
    ) -> Result<Page<Agent>, StoreError> {
        let mut find = agents::Entity::find();
        if let Some(status) = status {
            find = find.filter(agents::Column::Status.eq(status.as_str()));
        }
        let total = find.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = find
            .order_by_desc(agents::Column::CreatedAt)
            .order_by_desc(agents::Column::UserId)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Agent::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, total, request: page })
    }

    async fn agent(&self, id: UserId) -> Result<Option<Agent>, StoreError> {
        let row = agents::Entity::find_by_id(id.as_uuid()).one(self.reader()).await;
        row.map_err(store_error)?.map(Agent::try_from).transpose()
    }

    async fn agent_totals(&self, filter: &WalletFilter) -> Result<Vec<AgentTotals>, StoreError> {
        let mut totals = BTreeMap::new();
        for (code, turnover) in self.sold(filter).await? {
            totals.insert(code.code(), AgentTotals { sold: turnover, taken_back: Turnover::none(code) });
        }
        for (code, turnover) in self.taken_back(filter).await? {
            let none = AgentTotals { sold: Turnover::none(code), taken_back: Turnover::none(code) };
            totals.entry(code.code()).or_insert(none).taken_back = turnover;
        }
        Ok(totals.into_values().collect())
    }

    async fn seller_of(&self, order: OrderId) -> Result<Option<UserId>, StoreError> {
        let of_order = agent_sales::Entity::find().filter(agent_sales::Column::OrderId.eq(order.as_uuid()));
        let sale = of_order.one(self.reader()).await.map_err(store_error)?;
        Ok(sale.map(|sale| Id::from_uuid(sale.agent_id)))
    }

    async fn wallet_before(&self, id: UserId, moment: Timestamp) -> Result<Vec<Money>, StoreError> {
        let earlier = Query::select()
            .column(ledger_postings::Column::Id)
            .from(ledger_postings::Entity)
            .and_where(ledger_postings::Column::At.lt(moment))
            .to_owned();
        let rows: Vec<SumRow> = ledger_lines::Entity::find()
            .filter(ledger_lines::Column::Account.eq(Account::AgentWallet(id).to_string()))
            .filter(ledger_lines::Column::PostingId.in_subquery(earlier))
            .select_only()
            .column(ledger_lines::Column::Currency)
            .column_as(sum_of(ledger_lines::Column::Amount), "total")
            .group_by(ledger_lines::Column::Currency)
            .into_model()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(|row| put_in(row.total, &row.currency)).collect()
    }

    async fn wallet_entries(
        &self,
        filter: &WalletFilter,
        limit: u64,
    ) -> Result<Vec<WalletEntry>, StoreError> {
        let reader = self.reader();
        let values = postings_in(filter).into_iter().chain([limit.into()]);
        let statement = Statement::from_sql_and_values(reader.get_database_backend(), ENTRIES, values);
        let rows = EntryRow::find_by_statement(statement).all(reader).await.map_err(store_error)?;
        rows.into_iter().map(entry).collect()
    }
}

impl Database {
    async fn sold(&self, filter: &WalletFilter) -> Result<Vec<(Currency, Turnover)>, StoreError> {
        use agent_sales::Column::{AgentId, At, Commission, Currency, Id, Price};
        let mut find = agent_sales::Entity::find().filter(AgentId.eq(filter.agent_id.as_uuid()));
        if let Some(from) = filter.from {
            find = find.filter(At.gte(from));
        }
        if let Some(to) = filter.to {
            find = find.filter(At.lt(to));
        }
        let rows: Vec<TurnoverRow> = find
            .select_only()
            .column(Currency)
            .column_as(Id.count(), "times")
            .column_as(sum_of(Price), "price")
            .column_as(sum_of(Commission), "commission")
            .group_by(Currency)
            .into_model()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(turnover).collect()
    }

    async fn taken_back(&self, filter: &WalletFilter) -> Result<Vec<(Currency, Turnover)>, StoreError> {
        let reader = self.reader();
        let backend = reader.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, TAKEN_BACK, postings_in(filter));
        let rows = TurnoverRow::find_by_statement(statement).all(reader).await.map_err(store_error)?;
        rows.into_iter().map(turnover).collect()
    }
}

/// The account and the time of a history, as its statements name them.
fn postings_in(filter: &WalletFilter) -> [Value; 3] {
    [
        Account::AgentWallet(filter.agent_id).to_string().into(),
        filter.from.unwrap_or(DateTimeUtc::UNIX_EPOCH).into(),
        // As late as both databases can write.
        filter.to.unwrap_or(chrono::DateTime::from_timestamp_nanos(i64::MAX)).into(),
    ]
}

fn turnover(row: TurnoverRow) -> Result<(Currency, Turnover), StoreError> {
    let code = currency(&row.currency)?;
    let turnover = Turnover {
        times: u64::try_from(row.times).map_err(StoreError::corrupt)?,
        price: money(row.price, code),
        commission: money(row.commission, code),
    };
    Ok((code, turnover))
}

/// What a debit or credit of a wallet's account means for what is in it.
fn put_in(amount: i64, code: &str) -> Result<Money, StoreError> {
    money(amount, currency(code)?).checked_neg().map_err(StoreError::corrupt)
}

fn entry(row: EntryRow) -> Result<WalletEntry, StoreError> {
    let code = currency(&row.currency)?;
    let missing = || StoreError::corrupt(format!("a {} names nothing that is there", row.source_kind));
    let kind = |source: fn(Uuid) -> Source| row.source_kind == source(Uuid::nil()).kind();
    let package = || row.package.as_ref().and_then(|package| package["name"].as_str()).map(str::to_owned);
    let number = |count: Option<i32>| u32::try_from(count.ok_or_else(missing)?).map_err(StoreError::corrupt);
    let amount = put_in(row.amount, &row.currency)?;
    let reason = if kind(Source::AgentTransfer) {
        WalletReason::Cash(row.note.clone().ok_or_else(missing)?)
    } else if kind(Source::PaymentCapture) {
        let commission = row.sale_commission.ok_or_else(missing)?;
        WalletReason::Sale(row.number.clone().ok_or_else(missing)?, money(commission, code))
    } else if kind(Source::RefundPayout) {
        // What did not go into the wallet was the agent's part.
        let commission = row.refund_amount.ok_or_else(missing)? - amount.minor();
        WalletReason::Refund(row.refunded_number.clone().ok_or_else(missing)?, money(commission, code))
    } else if kind(Source::VoucherReturn) {
        let (count, commission) = (number(row.returned_count)?, row.returned_commission.ok_or_else(missing)?);
        WalletReason::VouchersReturned(package().ok_or_else(missing)?, count, money(commission, code))
    } else {
        let (count, commission) = (number(row.count)?, row.taken_commission.ok_or_else(missing)?);
        WalletReason::Vouchers(package().ok_or_else(missing)?, count, money(commission, code))
    };
    Ok(WalletEntry { at: row.at, reason, amount })
}
