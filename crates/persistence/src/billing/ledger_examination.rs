//! The examination of the whole ledger.

use std::collections::BTreeMap;

use billing::{
    PaymentStatus,
    ledger::{Account, Balance, LedgerReport, Source},
};
use kernel::StoreError;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect,
    Statement,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::{
    ledger_lines, ledger_postings, payments, refunds,
    words::{currency, money},
};
use crate::{Database, error::store_error};

/// What the lines of each account add up to, and what is kept of it. One statement sees one moment: whoever sells meanwhile
/// makes no difference between the two.
const SUMS: &str = "SELECT account, currency, CAST(SUM(amount) AS bigint) AS total, CAST(0 AS bigint) AS available \
    FROM ledger_lines GROUP BY account, currency \
    UNION ALL SELECT account, currency, CAST(0 AS bigint), available FROM ledger_balances";

/// Refunds that lack a posting that their status tells of, or have one too many; and payments of which something else is
/// reserved than their refunds that hold add up to.
const WRONG_REFUNDS: &str = "SELECT id FROM (SELECT refund.id, refund.status, \
    (SELECT COUNT(*) FROM ledger_postings p WHERE p.source_id = refund.id AND p.source_kind = 'refund_approval') AS approved, \
    (SELECT COUNT(*) FROM ledger_postings p WHERE p.source_id = refund.id AND p.source_kind = 'refund_payout') AS paid, \
    (SELECT COUNT(*) FROM ledger_postings p WHERE p.source_id = refund.id AND p.source_kind = 'refund_failure') AS failed \
    FROM refunds refund) AS told WHERE \
    approved <> CASE WHEN status IN ('requested', 'rejected') THEN 0 ELSE 1 END \
    OR paid <> CASE WHEN status = 'success' THEN 1 ELSE 0 END \
    OR failed <> CASE WHEN status = 'failed' THEN 1 ELSE 0 END \
    UNION ALL SELECT refund.id FROM refunds refund \
    JOIN ledger_postings p ON p.source_id = refund.id AND p.source_kind = 'refund_approval' \
    JOIN ledger_lines l ON l.posting_id = p.id AND l.account = 'refunds_owed' WHERE l.amount <> -refund.amount \
    UNION ALL SELECT payment.id FROM payments payment WHERE payment.refunded <> COALESCE((SELECT SUM(refund.amount) \
    FROM refunds refund WHERE refund.payment_id = payment.id AND refund.status NOT IN ('failed', 'rejected')), 0)";

/// What is posted about payments that have succeeded.
const PAYMENTS: [Source; 2] = [Source::PaymentCapture(Uuid::nil()), Source::PaymentFee(Uuid::nil())];
/// What is posted about refunds. Whether each refund has those that its status tells of is another question.
const REFUNDS: [Source; 3] = [
    Source::RefundApproval(Uuid::nil()),
    Source::RefundPayout(Uuid::nil()),
    Source::RefundFailure(Uuid::nil()),
];

#[derive(FromQueryResult)]
struct WrongRefund {
    id: Uuid,
}

/// The sum of one account in one currency, or what is kept of it, as the database gives it.
#[derive(FromQueryResult)]
struct Sum {
    account: String,
    currency: String,
    total: i64,
    available: i64,
}

impl Database {
    /// Whether the ledger balances, and agrees with the payments and with the balances that are kept.
    pub(super) async fn ledger_report(&self) -> Result<LedgerReport, StoreError> {
        let sums = self.sums_of_accounts().await?;
        Ok(LedgerReport {
            postings: ledger_postings::Entity::find().count(self.reader()).await.map_err(store_error)?,
            balances: by_name(&sums)?,
            unbalanced: self.unbalanced_postings().await?,
            unposted_payments: self.unposted_payments().await?,
            orphaned_postings: self.orphaned_postings().await?,
            wrong_balances: wrong_balances(&sums),
            wrong_refunds: self.wrong_refunds().await?,
        })
    }

    async fn sums_of_accounts(&self) -> Result<Vec<Sum>, StoreError> {
        let reader = self.reader();
        let statement = Statement::from_string(reader.get_database_backend(), SUMS);
        Sum::find_by_statement(statement).all(reader).await.map_err(store_error)
    }

    async fn wrong_refunds(&self) -> Result<Vec<Uuid>, StoreError> {
        let reader = self.reader();
        let statement = Statement::from_string(reader.get_database_backend(), WRONG_REFUNDS);
        let wrong = WrongRefund::find_by_statement(statement).all(reader).await.map_err(store_error)?;
        Ok(wrong.into_iter().map(|wrong| wrong.id).collect())
    }

    async fn unbalanced_postings(&self) -> Result<Vec<Uuid>, StoreError> {
        ledger_lines::Entity::find()
            .select_only()
            .column(ledger_lines::Column::PostingId)
            .group_by(ledger_lines::Column::PostingId)
            .group_by(ledger_lines::Column::Currency)
            .having(ledger_lines::Column::Amount.sum().ne(0))
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)
    }

    async fn unposted_payments(&self) -> Result<Vec<Uuid>, StoreError> {
        let posted = Query::select()
            .column(ledger_postings::Column::SourceId)
            .from(ledger_postings::Entity)
            .and_where(ledger_postings::Column::SourceKind.eq(Source::PaymentCapture(Uuid::nil()).kind()))
            .to_owned();
        payments::Entity::find()
            .select_only()
            .column(payments::Column::Id)
            .filter(payments::Column::Status.eq(PaymentStatus::Success.as_str()))
            .filter(payments::Column::Id.not_in_subquery(posted))
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)
    }

    async fn orphaned_postings(&self) -> Result<Vec<Uuid>, StoreError> {
        let successful = Query::select()
            .column(payments::Column::Id)
            .from(payments::Entity)
            .and_where(payments::Column::Status.eq(PaymentStatus::Success.as_str()))
            .to_owned();
        let refunds = Query::select().column(refunds::Column::Id).from(refunds::Entity).to_owned();
        ledger_postings::Entity::find()
            .select_only()
            .column(ledger_postings::Column::Id)
            .filter(
                Condition::any()
                    .add(
                        of_kinds(&PAYMENTS)
                            .and(ledger_postings::Column::SourceId.not_in_subquery(successful)),
                    )
                    .add(of_kinds(&REFUNDS).and(ledger_postings::Column::SourceId.not_in_subquery(refunds))),
            )
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)
    }
}

/// The postings about any of these.
fn of_kinds(sources: &[Source]) -> Expr {
    ledger_postings::Column::SourceKind.is_in(sources.iter().map(|source| source.kind()))
}

/// The sums of all accounts of one name.
fn by_name(sums: &[Sum]) -> Result<Vec<Balance>, StoreError> {
    let mut names = BTreeMap::<(&'static str, &str), i64>::new();
    for sum in sums {
        let account = Account::parse(&sum.account).ok_or_else(|| StoreError::corrupt(&sum.account))?;
        let total = names.entry((account.name(), &sum.currency)).or_default();
        *total = total.checked_add(sum.total).ok_or_else(|| StoreError::corrupt("a sum is out of range"))?;
    }
    let balance = |((account, code), total)| Ok(Balance { account, amount: money(total, currency(code)?) });
    names.into_iter().map(balance).collect()
}

/// The accounts of single persons of which something else is kept than their lines add up to.
fn wrong_balances(sums: &[Sum]) -> Vec<String> {
    let mut owed = BTreeMap::<(&str, &str), i64>::new();
    let of_persons =
        |sum: &&Sum| Account::parse(&sum.account).is_some_and(|account| account.holder().is_some());
    for sum in sums.iter().filter(of_persons) {
        // What is credited, and thus below nothing, is owed.
        let difference = owed.entry((&sum.account, &sum.currency)).or_default();
        *difference = difference.saturating_add(sum.total).saturating_add(sum.available);
    }
    owed.into_iter().filter(|(_, left)| *left != 0).map(|((account, _), _)| account.to_owned()).collect()
}
