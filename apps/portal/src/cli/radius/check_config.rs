//! `portal radius check-config`: what is wrong with FreeRADIUS's side of the database and, given its directory, with its
//! configuration.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde::Serialize;

use super::super::output;
use crate::compose::Composition;

mod database;
mod files;
mod sections;

/// What to look at.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckConfig {
    /// FreeRADIUS's configuration directory, such as /etc/freeradius/portal. It must be readable.
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
}

/// Something that is wrong, or may be.
#[derive(Debug, Serialize, PartialEq, Eq)]
struct Finding {
    /// A stable word for it.
    code: &'static str,
    severity: Severity,
    /// What was found.
    message: String,
    /// What to do.
    remedy: &'static str,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Severity {
    /// Somebody gets in who must not, or does not get in, or something is lost.
    Error,
    /// It may be meant so.
    Warning,
}

impl Finding {
    fn error(code: &'static str, message: impl Into<String>, remedy: &'static str) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), remedy }
    }

    fn warning(code: &'static str, message: impl Into<String>, remedy: &'static str) -> Self {
        Self { code, severity: Severity::Warning, message: message.into(), remedy }
    }
}

impl CheckConfig {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let store = &portal.background.database;
        let facts = store.directory_facts(portal.settings.radius.tables).await?;
        let mut findings = database::findings(&facts, store.is_sqlite());
        if let Some(directory) = &self.config {
            findings.extend(files::findings(directory)?);
        }
        let bad = findings.iter().any(|finding| finding.severity == Severity::Error);
        if findings.is_empty() && !json {
            output::line("nothing wrong was found")?;
        } else {
            print(json, &findings)?;
        }
        // For scripts: 2 says that somebody should look.
        Ok(if bad { ExitCode::from(2) } else { ExitCode::SUCCESS })
    }
}

fn print(json: bool, findings: &Vec<Finding>) -> anyhow::Result<()> {
    output::print(json, findings, |findings| {
        let mut table = output::table(["", "what is wrong", "what to do"]);
        for finding in findings {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            table.add_row([severity, &finding.message, finding.remedy]);
        }
        table
    })
}
