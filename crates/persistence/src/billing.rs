//! Billing, in the database: the rows of its transaction, its reads, and one file per table.

use async_trait::async_trait;
use billing::ports::{BillingStore, BillingTx};
use kernel::StoreError;

use crate::Database;

mod agent_reads;
mod agent_rows;
mod agreement_rows;
mod callback_rows;
mod catalogue_rows;
mod forgetting_rows;
mod grace_rows;
mod guess_rows;
mod ledger_rows;
mod order_rows;
mod payment_rows;
mod reads;
mod receipt_rows;
mod refund_rows;
mod statement_reads;
mod statement_rows;
mod voucher_reads;
mod voucher_rows;
mod words;

mod agent_sales;
mod agent_transfers;
mod agents;
mod agreement_reports;
mod gateway_callbacks;
mod gateway_limits;
mod gateway_statement_lines;
mod gateway_statements;
mod guesses;
mod ledger_balances;
mod ledger_examination;
mod ledger_lines;
mod ledger_postings;
mod order_days;
mod orders;
mod packages;
mod payment_graces;
mod payment_moves;
mod payments;
mod provisioning_units;
mod receipt_numbers;
mod receipts;
mod refund_moves;
mod refunds;
mod review_tasks;
mod sellers;
mod site_graces;
mod sites;
mod voucher_batches;
mod voucher_returns;
mod vouchers;

#[async_trait]
impl BillingStore for Database {
    async fn begin(&self) -> Result<Box<dyn BillingTx>, StoreError> {
        Ok(Box::new(self.begin_tx().await?))
    }
}

#[cfg(test)]
mod tests;
