//! Finding out what the lines of a statement mean, each in a transaction of its own: whoever dies between two
//! lines leaves the rest waiting, and who comes after goes on there.

use kernel::{
    Id, Origin, StoreError,
    audit::AuditRecord,
    events::alert::{AlertRaised, Severity},
    id::ids::{PaymentId, StatementId, StatementLineId},
};

use super::{Billing, settle::Evidence};
use crate::{
    jobs::AgreeDay,
    ledger::Posting,
    order::Order,
    payment::{Payment, PaymentStatus},
    ports::{BillingTx, statements::LineDecision},
    statement::{
        LineOutcome, SaidStatus, Statement, StatementLine,
        matching::{Act, Judgement, is_of_its_time, judge_line},
    },
    task::TaskKind,
};

/// What stands beside a line that has settled its payment.
pub const SETTLED: &str = "settled";
/// What stands beside a line whose transaction another line has told under another name.
pub const TOLD_BEFORE: &str = "told_before";

impl Billing {
    /// Judges the waiting lines between two places of a statement's file, inclusive. One that fails holds up no
    /// other. Whoever judges the last line of all says so, and has the days compared that the statement covers.
    ///
    /// # Errors
    /// [`StoreError`]: the first failure, once all lines were tried.
    pub async fn judge_statement_lines(
        &self,
        origin: &Origin,
        id: StatementId,
        places: (u32, u32),
    ) -> Result<(), StoreError> {
        let mut failed = None;
        for line in self.reads.waiting_lines(id, places).await? {
            if let Err(error) = self.judge_statement_line(origin, line).await {
                tracing::warn!(%line, %error, "a line of a statement could not be judged");
                failed.get_or_insert(error);
            }
        }
        match failed {
            Some(error) => Err(error),
            None => self.complete_statement(origin, id).await,
        }
    }

    /// Judges one line, once. An orphan may be judged again: its payment may have learnt the gateway's name for
    /// it meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn judge_statement_line(&self, origin: &Origin, id: StatementLineId) -> Result<(), StoreError> {
        let Some(line) = self.reads.statement_line(id).await? else {
            return Ok(());
        };
        if !matches!(line.outcome, LineOutcome::Waiting | LineOutcome::Orphan) {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let decision = match self.payment_told_of(tx.as_mut(), &line).await? {
            Some(payment) => self.compare(tx.as_mut(), origin, &line, payment).await?,
            None => self.of_no_payment(&line),
        };
        if !tx.decide_line(&decision).await? {
            // Another has judged it at the same time: what was done here is undone.
            return Ok(());
        }
        if let Some(payment) = decision.payment_id {
            self.forget_again(tx.as_mut(), origin, payment).await?;
        }
        let day = line.entry.at.with_timezone(&self.settings.zone).date_naive();
        if line.outcome == LineOutcome::Orphan && decision.outcome != line.outcome && day < self.today() {
            // The report of its day calls it an orphan still.
            self.enqueue(tx.as_mut(), origin, &AgreeDay { day }).await?;
        }
        tx.commit().await
    }

    fn decision(
        &self,
        line: &StatementLine,
        outcome: LineOutcome,
        payment: Option<PaymentId>,
    ) -> LineDecision {
        LineDecision {
            id: line.id,
            from: line.outcome,
            outcome,
            note: None,
            payment_id: payment,
            current: line.current,
            at: self.ambient.now(),
        }
    }

    /// A line that names no payment of ours.
    fn of_no_payment(&self, line: &StatementLine) -> LineDecision {
        match line.entry.status {
            SaidStatus::Succeeded => self.decision(line, LineOutcome::Orphan, None),
            SaidStatus::Failed | SaidStatus::Pending => self.decision(line, LineOutcome::NotPaid, None),
        }
    }

    /// The payment that a line names. Our own name counts before the gateway's, which may have been used before.
    async fn payment_told_of(
        &self,
        tx: &mut dyn BillingTx,
        line: &StatementLine,
    ) -> Result<Option<PaymentId>, StoreError> {
        let entry = &line.entry;
        if let Some(reference) = &entry.reference
            && let Some(found) = tx.by_reference(&line.gateway, reference).await?
        {
            return Ok(Some(found));
        }
        for name in [&entry.session_id, &entry.transaction_id].into_iter().flatten() {
            if let Some(found) = tx.by_provider_ref(&line.gateway, name).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Compares a line with the payment that it names, and does what follows from it.
    async fn compare(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        line: &StatementLine,
        id: PaymentId,
    ) -> Result<LineDecision, StoreError> {
        let missing = || StoreError::corrupt(format!("payment {id} or its order is gone"));
        let order_id = tx.order_of(id).await?.ok_or_else(missing)?;
        let order = tx.lock_order(order_id).await?.ok_or_else(missing)?;
        let payment = tx.lock_payment(id).await?.ok_or_else(missing)?;
        let named_by_us = line.entry.reference == Some(payment.reference.to_string());
        if !named_by_us && !is_of_its_time(&line.entry, payment.created_at) {
            return Ok(self.of_no_payment(line));
        }
        let told = tx.successes_told_of(id).await?;
        let others = || told.iter().filter(|other| other.id != line.id);
        if others().any(|other| other.entry.is_same_transaction(&line.entry)) {
            let mut decision = self.decision(line, LineOutcome::Matched, Some(id));
            (decision.note, decision.current) = (Some(TOLD_BEFORE), false);
            return Ok(decision);
        }
        let received = tx.received(id).await?;
        let mut judgement = judge_line(&line.entry, &payment, received, others().next().is_some());
        if let Act::Settle { .. } = judgement.act
            && let Some(name) = line.entry.session_id.as_deref().filter(|_| payment.provider_ref.is_none())
            && !self.learn_reference(tx, origin, &payment, name).await?
        {
            judgement = Judgement { outcome: LineOutcome::Held, act: Act::Hold("conflicting_reference") };
        }
        let mut decision = self.decision(line, judgement.outcome, Some(id));
        decision.note = self.act(tx, origin, line, (&order, &payment), &judgement.act).await?;
        if judgement.outcome == LineOutcome::Matched {
            self.post_fee(tx, line, id).await?;
        }
        Ok(decision)
    }

    /// Does what a judgement asks for, and says what to note beside the line.
    async fn act(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        line: &StatementLine,
        (order, payment): (&Order, &Payment),
        act: &Act,
    ) -> Result<Option<&'static str>, StoreError> {
        let entry = &line.entry;
        match act {
            Act::Nothing => Ok(None),
            Act::Settle { late } => {
                let proof = format!("statement {}, line {}", line.statement_id, entry.line);
                let mut change =
                    self.change(origin, payment, PaymentStatus::Success, "confirmed_by_statement");
                change.evidence = Some(proof.clone());
                let evidence = Evidence::of_gateway(change, entry.amount, *late);
                self.settle(tx, origin, order, payment, evidence).await?;
                let resource = format!("payment:{}", payment.id);
                let record = AuditRecord::success(&self.ambient, origin, "payment", "confirm", resource);
                tx.audit(record.with(serde_json::json!({ "evidence": proof }))).await?;
                Ok(Some(SETTLED))
            }
            Act::Hold(reason) => {
                self.hold(tx, origin, payment, reason).await?;
                Ok(Some(reason))
            }
            Act::CallAPerson => {
                let (statement, place) = (line.statement_id, entry.line);
                let (said, amount) = (entry.status.as_str(), entry.amount);
                let message = format!(
                    "statement {statement}, line {place} says that payment {} {said} with {amount}: we say \
                     otherwise",
                    payment.id
                );
                self.call_a_person(tx, origin, payment, TaskKind::StatementMismatch, message).await?;
                Ok(None)
            }
        }
    }

    /// The gateway has kept this much of what it collected; one fee for a payment.
    async fn post_fee(
        &self,
        tx: &mut dyn BillingTx,
        line: &StatementLine,
        payment: PaymentId,
    ) -> Result<(), StoreError> {
        let Some(fee) = line.entry.fee.filter(|fee| fee.minor() > 0) else {
            return Ok(());
        };
        let posting =
            Posting::fee(payment.as_uuid(), fee, self.ambient.now()).map_err(StoreError::corrupt)?;
        tx.post(&posting).await.map(drop)
    }

    /// Says that all lines were judged, once they were: then the days are compared, and somebody is told of
    /// money that nobody has asked for.
    async fn complete_statement(&self, origin: &Origin, id: StatementId) -> Result<(), StoreError> {
        let Some(statement) = self.reads.statement(id).await? else {
            return Ok(());
        };
        let mut tx = self.store.begin().await?;
        if !tx.complete_statement(id, self.ambient.now()).await? {
            return Ok(());
        }
        let today = self.today();
        let days = statement.covers_from.iter_days().take_while(|day| *day <= statement.covers_to);
        for day in days.take_while(|day| *day < today) {
            self.enqueue(tx.as_mut(), origin, &AgreeDay { day }).await?;
        }
        self.tell_of_orphans(tx.as_mut(), origin, &statement).await?;
        tx.commit().await
    }

    /// One alert for a statement, however many orphans it has: a wrong file may have nothing else.
    async fn tell_of_orphans(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        statement: &Statement,
    ) -> Result<(), StoreError> {
        let orphans = tx.orphans_of(statement.id).await?;
        let sums: Vec<_> = orphans.iter().map(|(count, sum)| format!("{count} lines with {sum}")).collect();
        if sums.is_empty() {
            return Ok(());
        }
        let message = format!(
            "statement {} of gateway {} tells of money that no payment of ours has asked for: {}",
            statement.id,
            statement.gateway,
            sums.join(", ")
        );
        tracing::error!(statement = %statement.id, alert = "statement_orphan", "{message}");
        let alert = AlertRaised {
            subject_id: Id::from_uuid(statement.id.as_uuid()),
            code: "statement_orphan".to_owned(),
            severity: Severity::High,
            message,
            order_id: None,
        };
        self.tell(tx, origin, &alert).await
    }
}
