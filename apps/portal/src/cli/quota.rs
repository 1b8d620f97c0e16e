//! `portal quota`: what RADIUS subscribers have used of their quotas.

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use radius::{queries::usage::Proof, subscriber::Period};
use serde::Serialize;
use uuid::Uuid;

use super::output;
use crate::compose::Composition;

/// Look after quotas.
#[derive(Debug, Subcommand)]
pub(super) enum Quota {
    /// Have a worker count everybody's quotas anew and open what is not used up. Deletes nothing; safe to repeat.
    Reset {
        /// The period that begins.
        #[arg(long)]
        period: ResetPeriod,
    },
    /// Have a worker look for quotas that are nearly used and access that ends soon, and tell their owners, once each.
    CheckAlerts,
    /// Prove that the ledger of what was used agrees with the sessions. Exits with 1 when it does not.
    Prove,
}

/// A period for which quotas begin anew.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ResetPeriod {
    /// The day.
    Day,
    /// The week.
    Week,
    /// The month.
    Month,
}

#[derive(Serialize)]
struct Proved {
    sound: bool,
    sessions: u64,
    bytes: u64,
    differing: Vec<DifferingSession>,
}

#[derive(Serialize)]
struct DifferingSession {
    session_id: Uuid,
    session_bytes: u64,
    ledger_bytes: u64,
}

impl From<Proof> for Proved {
    fn from(proof: Proof) -> Self {
        let differing = proof.differing.iter().map(|difference| DifferingSession {
            session_id: difference.session_id.as_uuid(),
            session_bytes: difference.session,
            ledger_bytes: difference.ledger,
        });
        Self {
            sound: proof.is_sound(),
            sessions: proof.sessions,
            bytes: proof.bytes,
            differing: differing.collect(),
        }
    }
}

impl Quota {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let radius = &portal.background.radius;
        match self {
            Self::Reset { period } => {
                let period = match period {
                    ResetPeriod::Day => Period::Day,
                    ResetPeriod::Week => Period::Week,
                    ResetPeriod::Month => Period::Month,
                };
                let subscribers = radius.reset_quotas(period).await?;
                output::line(format_args!("{subscribers} subscribers to be looked at; a worker does it"))?;
            }
            Self::CheckAlerts => {
                let subscribers = radius.check_everybody().await?;
                output::line(format_args!("{subscribers} subscribers to be looked at; a worker does it"))?;
            }
            Self::Prove => return prove(&Proved::from(radius.prove_usage().await?), json),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn prove(proved: &Proved, json: bool) -> anyhow::Result<ExitCode> {
    output::print(json, proved, |proved| {
        let mut table = output::table(["session", "bytes", "bytes in the ledger"]);
        for differing in &proved.differing {
            table.add_row([
                differing.session_id.to_string(),
                differing.session_bytes.to_string(),
                differing.ledger_bytes.to_string(),
            ]);
        }
        table
    })?;
    if !proved.sound {
        eprintln!("the ledger does not agree with the sessions");
        return Ok(ExitCode::FAILURE);
    }
    eprintln!("{} sessions with {} bytes: the ledger agrees", proved.sessions, proved.bytes);
    Ok(ExitCode::SUCCESS)
}
