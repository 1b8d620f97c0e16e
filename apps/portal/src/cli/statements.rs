//! `portal billing import-statement` and `portal billing agreement`: gateways' statements, and whether a day's
//! books agree.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use billing::{
    agreement::{Agreement, Tally},
    statement::{MAX_BYTES, columns::ColumnNames, reader::CellProblem},
    use_cases::import_statement::{ImportStatement, ImportStatementError},
};
use chrono::NaiveDate;
use clap::Args;
use kernel::{Currency, Money, Origin};

use super::output;
use crate::{
    compose::Composition,
    http::v1::admin::{agreements::AgreementDetailsView, statements::ImportedStatementView},
};

/// The file, and how it is to be read.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The file: CSV with a header, at most 5 MiB and 20,000 lines.
    file: PathBuf,
    /// The gateway whose account it is.
    #[arg(long)]
    gateway: String,
    /// Import the lines that can be read and leave the others out.
    #[arg(long)]
    partial: bool,
    /// The currency, where the file has no column for it.
    #[arg(long)]
    currency: Option<Currency>,
    /// The file's own names of columns: `amount:Valeur,date:Jour`.
    #[arg(long, default_value = "", value_parser = ColumnNames::parse)]
    columns: ColumnNames,
    /// The first day that the file covers; the day of its earliest line when it is not given.
    #[arg(long)]
    from: Option<NaiveDate>,
    /// The last, inclusive; likewise.
    #[arg(long)]
    to: Option<NaiveDate>,
}

impl Import {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let name = self.file.display();
        let size = std::fs::metadata(&self.file).with_context(|| format!("cannot read {name}"))?.len();
        anyhow::ensure!(size <= MAX_BYTES as u64, "{name} has more than {MAX_BYTES} bytes");
        let bytes = std::fs::read(&self.file).with_context(|| format!("cannot read {name}"))?;
        let command = ImportStatement {
            gateway: self.gateway.clone(),
            bytes: &bytes,
            partial: self.partial,
            currency: self.currency,
            columns: self.columns.clone(),
            from: self.from,
            to: self.to,
        };
        let origin = Origin::system("command-line");
        match portal.background.billing.import_statement(&origin, command).await {
            Ok(imported) => {
                tell(&imported.problems);
                output::print(json, &ImportedStatementView::from(imported), |imported| {
                    let mut table = output::table(["statement", "covers", "new", "known", "left out"]);
                    let statement = &imported.statement;
                    table.add_row([
                        statement.id.to_string(),
                        format!("{} to {}", statement.covers_from, statement.covers_to),
                        statement.lines.to_string(),
                        statement.known.to_string(),
                        statement.refused.to_string(),
                    ]);
                    table
                })?;
                Ok(ExitCode::SUCCESS)
            }
            Err(ImportStatementError::BadLines(problems, count)) => {
                tell(&problems);
                anyhow::bail!("{count} lines cannot be read; nothing was imported")
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn tell(problems: &[CellProblem]) {
    for CellProblem { line, column, fault } in problems {
        let column = column.map_or("line", |column| column.as_str());
        eprintln!("line {line}, {column}: {fault:?}");
    }
}

/// The day.
#[derive(Debug, Args)]
pub(super) struct ShowAgreement {
    /// A day that is over, in the portal's zone; yesterday when it is not given.
    #[arg(long)]
    date: Option<NaiveDate>,
}

impl ShowAgreement {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let billing = &portal.background.billing;
        let yesterday = || billing.today().pred_opt();
        let day = self.date.or_else(yesterday).context("there is no yesterday")?;
        let reports = billing.agree_day(&Origin::system("command-line"), day).await?;
        let agrees = reports.iter().all(Agreement::agrees);
        let views: Vec<_> = reports.iter().cloned().map(AgreementDetailsView::from).collect();
        output::print(json, &views, |_| {
            let mut table =
                output::table(["gateway", "payments", "ledger", "statement", "expected", "disagree"]);
            for report in &reports {
                let sum = |tally: Tally| {
                    format!("{} / {}", tally.count, Money::from_minor(tally.sum, report.currency))
                };
                table.add_row([
                    report.gateway.clone(),
                    sum(report.payments),
                    sum(report.ledger),
                    if report.covered { sum(report.statement) } else { "none covers the day".to_owned() },
                    sum(report.expected),
                    report.items.len().to_string(),
                ]);
            }
            table
        })?;
        Ok(if agrees { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
