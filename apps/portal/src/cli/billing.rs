//! `portal billing`: payments and the ledger.

use std::process::ExitCode;

use ::billing::ledger::LedgerReport;
use clap::Subcommand;
use serde::Serialize;
use uuid::Uuid;

use super::{output, statements};
use crate::compose::Composition;

/// Look after payments and the ledger.
#[derive(Debug, Subcommand)]
pub(super) enum Billing {
    /// Have a worker look after open payments whose time for it has come, and at callbacks that named none.
    ReconcilePayments {
        /// At most so many payments.
        #[arg(long)]
        batch_size: Option<u32>,
    },
    /// Prove that the ledger balances and agrees with the payments. Exits with 1 when it does not.
    VerifyLedger,
    /// Import a gateway's statement. A worker finds out what its lines mean.
    ImportStatement(statements::Import),
    /// Compare the payments, the ledger and the statement of a day anew. Exits with 1 when they disagree.
    Agreement(statements::ShowAgreement),
}

#[derive(Serialize)]
struct Verified {
    sound: bool,
    postings: u64,
    balances: Vec<AccountBalance>,
    unbalanced_postings: Vec<Uuid>,
    unposted_payments: Vec<Uuid>,
    orphaned_postings: Vec<Uuid>,
    wrong_balances: Vec<String>,
    wrong_refunds: Vec<Uuid>,
}

#[derive(Serialize)]
struct AccountBalance {
    account: &'static str,
    amount: String,
    currency: &'static str,
}

impl From<LedgerReport> for Verified {
    fn from(report: LedgerReport) -> Self {
        Self {
            sound: report.is_sound(),
            postings: report.postings,
            balances: report
                .balances
                .iter()
                .map(|balance| AccountBalance {
                    account: balance.account,
                    amount: balance.amount.amount(),
                    currency: balance.amount.currency().code(),
                })
                .collect(),
            unbalanced_postings: report.unbalanced,
            unposted_payments: report.unposted_payments,
            orphaned_postings: report.orphaned_postings,
            wrong_balances: report.wrong_balances,
            wrong_refunds: report.wrong_refunds,
        }
    }
}

impl Billing {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let billing = &portal.background.billing;
        match self {
            Self::ReconcilePayments { batch_size } => {
                let batch = batch_size.unwrap_or(portal.settings.billing.reconcile_batch);
                let planned = billing.reconcile(batch.into()).await?;
                output::line(format_args!("{planned} payments to look after; a worker does it"))?;
                Ok(ExitCode::SUCCESS)
            }
            Self::ImportStatement(import) => import.run(portal, json).await,
            Self::Agreement(show) => show.run(portal, json).await,
            Self::VerifyLedger => {
                let verified = Verified::from(billing.verify_ledger().await?);
                output::print(json, &verified, |verified| {
                    let mut table = output::table(["account", "balance"]);
                    for balance in &verified.balances {
                        table.add_row([
                            balance.account.to_owned(),
                            format!("{} {}", balance.amount, balance.currency),
                        ]);
                    }
                    table
                })?;
                if verified.sound {
                    eprintln!(
                        "{} postings: the ledger balances and agrees with the payments",
                        verified.postings
                    );
                    return Ok(ExitCode::SUCCESS);
                }
                eprintln!(
                    "the ledger is not sound: {} postings do not balance, {} payments are not posted, {} postings have no payment or refund, {} balances and {} refunds are wrong",
                    verified.unbalanced_postings.len(),
                    verified.unposted_payments.len(),
                    verified.orphaned_postings.len(),
                    verified.wrong_balances.len(),
                    verified.wrong_refunds.len()
                );
                Ok(ExitCode::FAILURE)
            }
        }
    }
}
