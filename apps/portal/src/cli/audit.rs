//! `portal audit`: who did what.

use std::process::ExitCode;

use clap::Subcommand;
use identity::audit_log::{AuditEntry, AuditFilter};
use kernel::Timestamp;
use serde::Serialize;

use super::output;
use crate::compose::Composition;

/// Read the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Show the latest lines.
    Log {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Prove that no sealed line was changed, cut off or slipped in. Exits with 1 when one was.
    Verify,
}

#[derive(Serialize)]
struct Line {
    at: Timestamp,
    event_type: String,
    actor: String,
    action: String,
    resource: String,
    status: String,
    ip: Option<String>,
    request_id: Option<String>,
    details: serde_json::Value,
}

impl From<AuditEntry> for Line {
    fn from(entry: AuditEntry) -> Self {
        Self {
            at: entry.at,
            event_type: entry.event_type,
            actor: entry.actor,
            action: entry.action,
            resource: entry.resource,
            status: entry.status,
            ip: entry.ip,
            request_id: entry.request_id,
            details: entry.details,
        }
    }
}

impl Audit {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let identity = &portal.background.identity;
        match self {
            Self::Log { limit } => {
                let found = identity.audit_log(&AuditFilter::default(), None, limit).await?;
                let lines: Vec<_> = found.entries.into_iter().map(Line::from).collect();
                output::print(json, &lines, |lines| {
                    let mut table = output::table(["at", "what", "who", "to what", "outcome"]);
                    for line in lines {
                        let what = format!("{} {}", line.event_type, line.action);
                        let (who, to) = (line.actor.clone(), line.resource.clone());
                        table.add_row([output::moment(Some(line.at)), what, who, to, line.status.clone()]);
                    }
                    table
                })?;
                Ok(ExitCode::SUCCESS)
            }
            Self::Verify => {
                let report = identity.verify_audit_log().await?;
                match report.broken {
                    None => {
                        output::line(format_args!("{} sealed lines are whole", report.verified))?;
                        Ok(ExitCode::SUCCESS)
                    }
                    Some(broken) => {
                        output::line(format_args!(
                            "the chain is broken at line {}: {}",
                            broken.sequence,
                            broken.fault.as_str()
                        ))?;
                        Ok(ExitCode::FAILURE)
                    }
                }
            }
        }
    }
}
