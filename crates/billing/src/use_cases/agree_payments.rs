//! The daily agreement: payments, ledger and statement of a day side by side.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate};
use kernel::{
    Id, Origin, StoreError,
    events::alert::{AlertRaised, Severity},
};

use super::Billing;
use crate::{
    agreement::{Agreement, DayBounds, Disagreement, Item, compare},
    ports::BillingTx,
};

/// For how long orphans are looked at again, in days: as long as a payment may still settle by itself.
const ORPHAN_DAYS: i64 = crate::verdict::LATE_SUCCESS_DAYS;
/// How many orphans are looked at again at once.
const ORPHANS: u64 = 500;

/// Why a day was not compared.
#[derive(Debug, thiserror::Error)]
pub enum AgreeError {
    /// It is not over: its sums would be old before they are read.
    #[error("{0} is not over")]
    NotOver(NaiveDate),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Today, in the portal's zone.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.ambient.now().with_timezone(&self.settings.zone).date_naive()
    }

    /// Compares yesterday's books, once orphans of the last days have been looked at again.
    ///
    /// # Errors
    /// [`AgreeError`].
    pub async fn agree_yesterday(&self) -> Result<Vec<Agreement>, AgreeError> {
        let origin = Origin::system("agreement");
        let now = self.ambient.now();
        let recent = DayBounds { from: now - Duration::days(ORPHAN_DAYS), to: now + Duration::days(1) };
        for line in self.reads.orphans(recent, ORPHANS).await? {
            // One that cannot be judged holds up neither the others nor the report.
            if let Err(error) = self.judge_statement_line(&origin, line).await {
                tracing::warn!(%line, %error, "an orphan could not be judged again");
            }
        }
        let today = self.today();
        self.agree_day(&origin, today.pred_opt().ok_or(AgreeError::NotOver(today))?).await
    }

    /// Compares the books of a day and keeps the reports in the place of earlier ones. What disagrees is alerted
    /// when it is new: computing again what is known tells nobody.
    ///
    /// # Errors
    /// [`AgreeError`].
    pub async fn agree_day(&self, origin: &Origin, day: NaiveDate) -> Result<Vec<Agreement>, AgreeError> {
        let over = DayBounds::of(day, self.settings.zone).filter(|_| day < self.today());
        let bounds = over.ok_or(AgreeError::NotOver(day))?;
        let mut tx = self.store.begin().await?;
        let earlier = tx.lock_agreements(day).await?;
        let books = tx.books(day, bounds).await?;
        // What a report was made for once is looked at again, even when nothing is left of it.
        let also: Vec<_> = earlier.iter().map(|report| (report.gateway.clone(), report.currency)).collect();
        let mut reports = compare(day, bounds, &books, &also, self.ambient.now());
        for report in &mut reports {
            let before = earlier
                .iter()
                .find(|other| other.gateway == report.gateway && other.currency == report.currency);
            report.id = before.map_or_else(|| Id::generate(&self.ambient), |before| before.id);
            tx.put_agreement(report).await?;
            self.tell_of_disagreement(tx.as_mut(), origin, report, before).await?;
        }
        tx.commit().await?;
        Ok(reports)
    }

    async fn tell_of_disagreement(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        report: &Agreement,
        before: Option<&Agreement>,
    ) -> Result<(), StoreError> {
        let Agreement { day, gateway, currency, payments, ledger, statement, .. } = report;
        let is_of_ledger = |item: &&Item| item.kind == Disagreement::Ledger;
        if !report.ledger_agrees()
            && before.is_none_or(|before| {
                before.ledger_agrees()
                    || before.items.iter().filter(is_of_ledger).ne(report.items.iter().filter(is_of_ledger))
            })
        {
            let message = format!(
                "on {day} the payments of gateway {gateway} in {currency} and the ledger disagree: {} payments, {} \
                 postings",
                payments.count, ledger.count
            );
            self.alert(tx, origin, report, ("agreement_ledger", Severity::Critical), message).await?;
        }
        let kinds = |report: &Agreement| {
            let others = report.items.iter().filter(|item| !is_of_ledger(item));
            others.map(|item| (item.kind, item.payment_id, item.line_id)).collect::<BTreeSet<_>>()
        };
        if !report.statement_agrees() && before.is_none_or(|before| kinds(before) != kinds(report)) {
            let message = format!(
                "on {day} the payments of gateway {gateway} in {currency} and its statement disagree in {} places: \
                 {} payments, {} lines",
                kinds(report).len(),
                payments.count,
                statement.count
            );
            self.alert(tx, origin, report, ("agreement_statement", Severity::High), message).await?;
        }
        Ok(())
    }

    async fn alert(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        report: &Agreement,
        (code, severity): (&str, Severity),
        message: String,
    ) -> Result<(), StoreError> {
        tracing::error!(day = %report.day, gateway = %report.gateway, alert = code, "{message}");
        let alert = AlertRaised {
            subject_id: Id::from_uuid(report.id.as_uuid()),
            code: code.to_owned(),
            severity,
            message,
            order_id: None,
        };
        self.tell(tx, origin, &alert).await
    }
}
