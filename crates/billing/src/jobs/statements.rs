//! What statements and days mean is found out in the background.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use kernel::{Job, JobHandler, JobOutcome, JobSpec, Origin, Queue, StoreError, id::ids::StatementId};
use serde::{Deserialize, Serialize};

use crate::use_cases::{Billing, agree_payments::AgreeError};

/// Find out what some lines of a statement mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgeStatementLines {
    /// The statement.
    pub statement_id: StatementId,
    /// The first line of its file.
    pub from: u32,
    /// The last, inclusive.
    pub to: u32,
}

impl JobSpec for JudgeStatementLines {
    const KIND: &'static str = "billing.judge_statement_lines";
    const QUEUE: Queue = Queue::Default;
}

/// Compare the books of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreeDay {
    /// The day.
    pub day: NaiveDate,
}

impl JobSpec for AgreeDay {
    const KIND: &'static str = "billing.agree_day";
    const QUEUE: Queue = Queue::Reporting;
}

/// Does [`JudgeStatementLines`].
pub(super) struct LineJudge(pub(super) Arc<Billing>);

/// Does [`AgreeDay`].
pub(super) struct Accountant(pub(super) Arc<Billing>);

#[async_trait]
impl JobHandler for LineJudge {
    fn kind(&self) -> &'static str {
        JudgeStatementLines::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let origin = Origin::system("statement").within(job.request_id.clone());
        let judged: Result<(), StoreError> = async {
            let spec: JudgeStatementLines = job.spec()?;
            self.0.judge_statement_lines(&origin, spec.statement_id, (spec.from, spec.to)).await
        }
        .await;
        judged.into()
    }
}

#[async_trait]
impl JobHandler for Accountant {
    fn kind(&self) -> &'static str {
        AgreeDay::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let origin = Origin::system("agreement").within(job.request_id.clone());
        let spec: AgreeDay = match job.spec() {
            Ok(spec) => spec,
            Err(error) => return JobOutcome::Failed(error.to_string()),
        };
        match self.0.agree_day(&origin, spec.day).await {
            Ok(_) => JobOutcome::Done,
            Err(AgreeError::NotOver(_)) => JobOutcome::Hopeless("the day is not over".to_owned()),
            Err(AgreeError::Store(error)) => JobOutcome::Failed(error.to_string()),
        }
    }
}
