//! Statements and agreement reports, in a transaction.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use billing::{
    agreement::{Agreement, Books, DayBounds},
    ports::{StatementRows, statements::LineDecision},
    statement::{LineOutcome, SaidStatus, Statement, StatementLine},
};
use chrono::NaiveDate;
use kernel::{
    Money, StoreError, Timestamp,
    id::ids::{PaymentId, StatementId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    sea_query::{Expr, Query},
};

use super::{
    gateway_statement_lines as lines,
    gateway_statements::{self as statements, count},
    payments,
    reads::sum_of,
    words::{currency, money},
};
use crate::{Tx, error::store_error};

impl Tx {
    /// What is known of the transactions that some lines tell of: each one's fingerprints.
    async fn known(&self, new: &[StatementLine]) -> Result<BTreeMap<String, BTreeSet<String>>, StoreError> {
        let Some(gateway) = new.first().map(|line| line.gateway.as_str()) else {
            return Ok(BTreeMap::new());
        };
        let rows: Vec<(String, String)> = lines::Entity::find()
            .select_only()
            .column(lines::Column::Identity)
            .column(lines::Column::Fingerprint)
            .filter(lines::Column::Gateway.eq(gateway))
            .filter(lines::Column::Identity.is_in(new.iter().map(|line| line.entry.identity())))
            .into_tuple()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let mut known = BTreeMap::<String, BTreeSet<String>>::new();
        for (identity, fingerprint) in rows {
            known.entry(identity).or_default().insert(fingerprint);
        }
        Ok(known)
    }
}

#[async_trait]
impl StatementRows for Tx {
    async fn lock_statements(&mut self, gateway: &str) -> Result<(), StoreError> {
        self.take_turns(format!("statements: {gateway}")).await
    }

    async fn has_payments_of(&mut self, gateway: &str) -> Result<bool, StoreError> {
        let any = payments::Entity::find().filter(payments::Column::Gateway.eq(gateway));
        Ok(any.one(self.connection()).await.map_err(store_error)?.is_some())
    }

    async fn statement_of_file(
        &mut self,
        gateway: &str,
        file_hash: &str,
    ) -> Result<Option<Statement>, StoreError> {
        let row = statements::Entity::find()
            .filter(statements::Column::Gateway.eq(gateway))
            .filter(statements::Column::FileHash.eq(file_hash))
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Statement::try_from).transpose()
    }

    async fn insert_statement(&mut self, statement: &Statement) -> Result<(), StoreError> {
        statements::Entity::insert(statements::ActiveModel::try_from(statement)?)
            .exec_without_returning(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn insert_statement_lines(&mut self, new: &[StatementLine]) -> Result<u32, StoreError> {
        let mut known = self.known(new).await?;
        let (mut rows, mut replaced) = (Vec::new(), BTreeSet::new());
        for line in new {
            let identity = line.entry.identity();
            let told = known.entry(identity.to_owned()).or_default();
            let is_first = told.is_empty();
            if !told.insert(line.entry.fingerprint()) {
                continue;
            }
            if !is_first {
                replaced.insert(identity);
            }
            rows.push(lines::ActiveModel::try_from(line)?);
        }
        let (Some(first), Ok(added)) = (new.first(), u32::try_from(rows.len())) else { return Ok(0) };
        if !replaced.is_empty() {
            lines::Entity::update_many()
                .col_expr(lines::Column::Current, Expr::value(false))
                .filter(lines::Column::Gateway.eq(first.gateway.as_str()))
                .filter(lines::Column::Identity.is_in(replaced))
                .exec(self.connection())
                .await
                .map_err(store_error)?;
        }
        if !rows.is_empty() {
            let insert = lines::Entity::insert_many(rows).exec_without_returning(self.connection());
            insert.await.map_err(store_error)?;
        }
        Ok(added)
    }

    async fn count_statement_lines(
        &mut self,
        id: StatementId,
        lines: u32,
        known: u32,
    ) -> Result<(), StoreError> {
        statements::Entity::update_many()
            .col_expr(statements::Column::Lines, Expr::value(count(lines)?))
            .col_expr(statements::Column::Known, Expr::value(count(known)?))
            .filter(statements::Column::Id.eq(id.as_uuid()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn successes_told_of(&mut self, payment: PaymentId) -> Result<Vec<StatementLine>, StoreError> {
        let rows = lines::Entity::find()
            .filter(lines::Column::PaymentId.eq(payment.as_uuid()))
            .filter(lines::Column::Status.eq(SaidStatus::Succeeded.as_str()))
            .filter(lines::Column::Current.eq(true))
            .all(self.connection())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(StatementLine::try_from).collect()
    }

    async fn decide_line(&mut self, decision: &LineDecision) -> Result<bool, StoreError> {
        let mut change = lines::Entity::update_many()
            .col_expr(lines::Column::Outcome, Expr::value(decision.outcome.as_str()))
            .col_expr(lines::Column::Note, Expr::value(decision.note))
            .col_expr(lines::Column::PaymentId, Expr::value(decision.payment_id.map(|id| id.as_uuid())))
            .col_expr(lines::Column::JudgedAt, Expr::value(decision.at))
            .filter(lines::Column::Id.eq(decision.id.as_uuid()))
            .filter(lines::Column::Outcome.eq(decision.from.as_str()));
        if !decision.current {
            change = change.col_expr(lines::Column::Current, Expr::value(false));
        }
        Ok(change.exec(self.connection()).await.map_err(store_error)?.rows_affected == 1)
    }

    async fn complete_statement(&mut self, id: StatementId, at: Timestamp) -> Result<bool, StoreError> {
        let waiting = Query::select()
            .column(lines::Column::StatementId)
            .from(lines::Entity)
            .and_where(lines::Column::StatementId.eq(id.as_uuid()))
            .and_where(lines::Column::Outcome.eq(LineOutcome::Waiting.as_str()))
            .to_owned();
        let done = statements::Entity::update_many()
            .col_expr(statements::Column::CompletedAt, Expr::value(at))
            .filter(statements::Column::Id.eq(id.as_uuid()))
            .filter(statements::Column::CompletedAt.is_null())
            .filter(statements::Column::Id.not_in_subquery(waiting))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected == 1)
    }

    async fn orphans_of(&mut self, id: StatementId) -> Result<Vec<(u64, Money)>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            currency: String,
            rows: i64,
            total: i64,
        }
        let rows = lines::Entity::find()
            .select_only()
            .column(lines::Column::Currency)
            .column_as(lines::Column::Id.count(), "rows")
            .column_as(sum_of(lines::Column::Amount), "total")
            .filter(lines::Column::StatementId.eq(id.as_uuid()))
            .filter(lines::Column::Outcome.eq(LineOutcome::Orphan.as_str()))
            .group_by(lines::Column::Currency)
            .into_model::<Row>()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let total = |row: Row| {
            let count = u64::try_from(row.rows).map_err(StoreError::corrupt)?;
            Ok((count, money(row.total, currency(&row.currency)?)))
        };
        rows.into_iter().map(total).collect()
    }

    async fn note_received(&mut self, payment: PaymentId, received: Money) -> Result<(), StoreError> {
        payments::Entity::update_many()
            .col_expr(payments::Column::Received, Expr::value(received.minor()))
            .filter(payments::Column::Id.eq(payment.as_uuid()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn received(&mut self, payment: PaymentId) -> Result<Option<Money>, StoreError> {
        let row = payments::Entity::find_by_id(payment.as_uuid()).one(self.connection()).await;
        let Some(row) = row.map_err(store_error)? else { return Ok(None) };
        let currency = currency(&row.currency)?;
        Ok(row.received.map(|received| money(received, currency)))
    }

    async fn lock_agreements(&mut self, day: NaiveDate) -> Result<Vec<Agreement>, StoreError> {
        self.kept_agreements(day).await
    }

    async fn books(&mut self, day: NaiveDate, bounds: DayBounds) -> Result<Books, StoreError> {
        self.read_books(day, bounds).await
    }

    async fn put_agreement(&mut self, report: &Agreement) -> Result<(), StoreError> {
        self.replace_agreement(report).await
    }
}
