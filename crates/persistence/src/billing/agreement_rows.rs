//! The books of a day, and the reports about it, in a transaction.

use std::collections::BTreeMap;

use billing::{
    PaymentStatus,
    agreement::{Agreement, BookedLine, BookedPayment, Books, Capture, DayBounds},
    ledger::{Account, Source},
    payment::Means,
    statement::{LineOutcome, SaidStatus},
};
use chrono::NaiveDate;
use kernel::{Id, StoreError};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{OnConflict, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    agreement_reports, gateway_statement_lines as lines, gateway_statements as statements, ledger_lines,
    ledger_postings, payments,
    words::{currency, money},
};
use crate::{Tx, error::store_error};

/// Lines that tell of money, were compared, and were not followed by another word about their transaction.
fn tells_of_money() -> Condition {
    Condition::all()
        .add(lines::Column::Current.eq(true))
        .add(lines::Column::Status.eq(SaidStatus::Succeeded.as_str()))
        .add(lines::Column::Outcome.ne(LineOutcome::Waiting.as_str()))
}

fn dated_within(bounds: DayBounds) -> Condition {
    Condition::all().add(lines::Column::At.gte(bounds.from)).add(lines::Column::At.lt(bounds.to))
}

/// The payments that the lines of a day name.
fn named_within(bounds: DayBounds) -> SelectStatement {
    Query::select()
        .column(lines::Column::PaymentId)
        .from(lines::Entity)
        .cond_where(tells_of_money())
        .cond_where(dated_within(bounds))
        .and_where(lines::Column::PaymentId.is_not_null())
        .to_owned()
}

fn succeeded_within(bounds: DayBounds) -> Condition {
    Condition::all()
        .add(payments::Column::Status.eq(PaymentStatus::Success.as_str()))
        .add(payments::Column::SettledAt.gte(bounds.from))
        .add(payments::Column::SettledAt.lt(bounds.to))
}

/// The captures that were posted on a day: the ids of these postings.
fn captures_within(bounds: DayBounds, column: ledger_postings::Column) -> SelectStatement {
    Query::select()
        .column(column)
        .from(ledger_postings::Entity)
        .and_where(ledger_postings::Column::SourceKind.eq(Source::PaymentCapture(Uuid::nil()).kind()))
        .and_where(ledger_postings::Column::At.gte(bounds.from))
        .and_where(ledger_postings::Column::At.lt(bounds.to))
        .to_owned()
}

impl Tx {
    /// The reports of a day, while nobody else computes it.
    pub(super) async fn kept_agreements(&self, day: NaiveDate) -> Result<Vec<Agreement>, StoreError> {
        self.take_turns(format!("agreement: {day}")).await?;
        let of_day = agreement_reports::Column::Day.eq(day.to_string());
        let rows = agreement_reports::Entity::find().filter(of_day).all(self.connection()).await;
        rows.map_err(store_error)?.into_iter().map(Agreement::try_from).collect()
    }

    pub(super) async fn replace_agreement(&self, report: &Agreement) -> Result<(), StoreError> {
        use agreement_reports::Column::{
            Agrees, ComputedAt, Covered, Currency, DatedElsewhenCount, DatedElsewhenSum, Day, ExpectedCount,
            ExpectedSum, Gateway, Items, LedgerCount, LedgerSum, PaymentsCount, PaymentsSum,
            SettledElsewhenCount, SettledElsewhenSum, StatementCount, StatementSum,
        };
        let replace = OnConflict::columns([Day, Gateway, Currency])
            .update_columns([PaymentsCount, PaymentsSum, LedgerCount, LedgerSum])
            .update_columns([StatementCount, StatementSum, ExpectedCount, ExpectedSum])
            .update_columns([SettledElsewhenCount, SettledElsewhenSum, DatedElsewhenCount, DatedElsewhenSum])
            .update_columns([Covered, Agrees, Items, ComputedAt])
            .to_owned();
        agreement_reports::Entity::insert(agreement_reports::ActiveModel::try_from(report)?)
            .on_conflict(replace)
            .exec_without_returning(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    pub(super) async fn read_books(&self, day: NaiveDate, bounds: DayBounds) -> Result<Books, StoreError> {
        let covered: Vec<String> = statements::Entity::find()
            .select_only()
            .column(statements::Column::Gateway)
            .filter(statements::Column::CoversFrom.lte(day.to_string()))
            .filter(statements::Column::CoversTo.gte(day.to_string()))
            // A file of before the day's end cannot have all of it.
            .filter(statements::Column::ImportedAt.gte(bounds.to))
            .filter(statements::Column::CompletedAt.is_not_null())
            .into_tuple()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        Ok(Books {
            payments: self.booked_payments(bounds).await?,
            captures: self.captures(bounds).await?,
            lines: self.booked_lines(bounds).await?,
            covered: covered.into_iter().collect(),
        })
    }

    async fn booked_payments(&self, bounds: DayBounds) -> Result<Vec<BookedPayment>, StoreError> {
        let named = payments::Column::Id.in_subquery(named_within(bounds));
        let relevant = Condition::any().add(succeeded_within(bounds)).add(named);
        // No gateway has a part in what was paid by means of our own.
        let own = Means::OWN.map(Means::as_str);
        let relevant = Condition::all().add(relevant).add(payments::Column::Gateway.is_not_in(own));
        let rows = payments::Entity::find().filter(relevant).all(self.connection()).await;
        let booked = |row: payments::Model| {
            let amount = money(row.received.unwrap_or(row.amount), currency(&row.currency)?);
            let success = row.status == PaymentStatus::Success.as_str();
            Ok(BookedPayment {
                id: Id::from_uuid(row.id),
                gateway: row.gateway,
                amount,
                succeeded_at: row.settled_at.filter(|_| success),
            })
        };
        rows.map_err(store_error)?.into_iter().map(booked).collect()
    }

    async fn captures(&self, bounds: DayBounds) -> Result<Vec<Capture>, StoreError> {
        let postings = ledger_postings::Entity::find()
            .filter(
                ledger_postings::Column::Id.in_subquery(captures_within(bounds, ledger_postings::Column::Id)),
            )
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let payment_of: BTreeMap<_, _> = postings.iter().map(|row| (row.id, row.source_id)).collect();
        let gateways: Vec<(Uuid, String)> = payments::Entity::find()
            .select_only()
            .column(payments::Column::Id)
            .column(payments::Column::Gateway)
            .filter(
                payments::Column::Id.in_subquery(captures_within(bounds, ledger_postings::Column::SourceId)),
            )
            .into_tuple()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let gateways: BTreeMap<_, _> = gateways.into_iter().collect();
        let rows = ledger_lines::Entity::find()
            .filter(ledger_lines::Column::Account.eq(Account::GatewayClearing.name()))
            .filter(
                ledger_lines::Column::PostingId
                    .in_subquery(captures_within(bounds, ledger_postings::Column::Id)),
            )
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let capture = |row: ledger_lines::Model| {
            let payment = payment_of.get(&row.posting_id).copied().unwrap_or(row.posting_id);
            Ok(Capture {
                payment_id: Id::from_uuid(payment),
                gateway: gateways.get(&payment).cloned(),
                amount: money(row.amount, currency(&row.currency)?),
            })
        };
        rows.into_iter().map(capture).collect()
    }

    async fn booked_lines(&self, bounds: DayBounds) -> Result<Vec<BookedLine>, StoreError> {
        let of_day = Query::select()
            .column(payments::Column::Id)
            .from(payments::Entity)
            .cond_where(succeeded_within(bounds))
            .to_owned();
        // A payment that the day's lines name may have one of another day: then theirs is the second.
        let relevant = Condition::any()
            .add(dated_within(bounds))
            .add(lines::Column::PaymentId.in_subquery(of_day))
            .add(lines::Column::PaymentId.in_subquery(named_within(bounds)));
        let rows = lines::Entity::find()
            .filter(tells_of_money())
            .filter(relevant)
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let booked = |row: lines::Model| {
            Ok(BookedLine {
                id: Id::from_uuid(row.id),
                gateway: row.gateway,
                at: row.at,
                amount: money(row.amount, currency(&row.currency)?),
                payment_id: row.payment_id.map(Id::from_uuid),
            })
        };
        rows.into_iter().map(booked).collect()
    }
}
