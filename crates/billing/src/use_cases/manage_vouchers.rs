//! Suspending, resuming and revoking vouchers, and giving their codes out to be printed.

use std::ops::RangeInclusive;

use kernel::{
    Id, Origin, StoreError,
    audit::AuditRecord,
    id::ids::{VoucherBatchId, VoucherId},
    sealed::{Purpose, SealError},
};
use serde_json::json;

use super::Billing;
use crate::{
    agent::{AgentSale, Sold, VoucherReturn},
    ledger::{Account, Line, Posting, Source},
    ports::BillingTx,
    refund::lines::reversed,
    voucher::{BatchStatus, Voucher, VoucherBatch, VoucherCode},
};

/// Why nothing was done with vouchers.
#[derive(Debug, thiserror::Error)]
pub enum ManageVouchersError {
    /// There is no such batch or voucher.
    #[error("there are no such vouchers")]
    NotFound,
    /// Vouchers that are revoked stay so.
    #[error("the vouchers are {}", .0.as_str())]
    State(BatchStatus),
    /// It was redeemed, or revoked before; or all of those that are asked for were.
    #[error("the voucher is not to be redeemed any more")]
    VoucherOver,
    /// The batch has no vouchers with these numbers.
    #[error("there are {0} vouchers")]
    NoSuchNumber(u32),
    /// The codes were given out before, and nobody says why again.
    #[error("no reason is given for printing again")]
    ReasonMissing,
    /// A code does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Codes to be printed.
#[derive(Debug)]
pub struct Printout {
    /// Their batch.
    pub batch: VoucherBatch,
    /// The number and code of each voucher that was not redeemed.
    pub codes: Vec<(u32, VoucherCode)>,
}

impl Billing {
    /// Has vouchers be redeemable again, not for now, or never any more: then the agent who had taken them gets what they
    /// had paid for those that were not redeemed. To do it twice changes nothing.
    ///
    /// # Errors
    /// [`ManageVouchersError`].
    pub async fn set_batch_status(
        &self,
        origin: &Origin,
        id: VoucherBatchId,
        status: BatchStatus,
    ) -> Result<(), ManageVouchersError> {
        let mut tx = self.store.begin().await?;
        let batch = tx.lock_batch(id).await?.ok_or(ManageVouchersError::NotFound)?;
        if batch.status == status {
            return Ok(());
        }
        if !batch.status.may_become(status) {
            return Err(ManageVouchersError::State(batch.status));
        }
        tx.update_batch(&VoucherBatch { status, ..batch.clone() }).await?;
        let mut returned = 0;
        if status == BatchStatus::Revoked && batch.agent_id.is_some() {
            returned = u32::try_from(tx.issued_vouchers(id).await?.len()).unwrap_or(u32::MAX);
            self.take_back(tx.as_mut(), &batch, returned).await?;
        }
        let name = format!("voucher_batch:{id}");
        let record = AuditRecord::success(&self.ambient, origin, "voucher_batch", status.as_str(), name);
        tx.audit(record.with(json!({ "returned": returned }))).await?;
        Ok(tx.commit().await?)
    }

    /// Gives the agent who had taken them what they had paid for vouchers that nobody can redeem any more.
    async fn take_back(
        &self,
        tx: &mut dyn BillingTx,
        batch: &VoucherBatch,
        vouchers: u32,
    ) -> Result<(), StoreError> {
        let Some(sale) = tx.sale_of(Sold::Vouchers(batch.id)).await?.filter(|_| vouchers > 0) else {
            return Ok(());
        };
        let returned =
            VoucherReturn::of(Id::generate(&self.ambient), batch, &sale, vouchers, self.ambient.now());
        tx.insert_return(&returned).await?;
        let (price, commission) = (returned.price, returned.commission);
        let paid = AgentSale::paid_by(sale.agent_id, price, commission).map_err(StoreError::corrupt)?;
        let mut lines = reversed(&paid).map_err(StoreError::corrupt)?;
        lines.push(Line { account: Account::VoucherClearing, amount: price });
        let source = Source::VoucherReturn(returned.id.as_uuid());
        tx.post(&Posting::balanced(source, lines, returned.at)).await.map(drop)
    }

    /// Revokes one voucher that was not redeemed. To do it twice is refused: the first may have come too late.
    ///
    /// # Errors
    /// [`ManageVouchersError`].
    pub async fn revoke_voucher(&self, origin: &Origin, id: VoucherId) -> Result<(), ManageVouchersError> {
        let voucher = self.reads.voucher(id).await?.ok_or(ManageVouchersError::NotFound)?;
        let mut tx = self.store.begin().await?;
        // The voucher before its batch, as when it is redeemed.
        if !tx.revoke_voucher(id).await? {
            return Err(ManageVouchersError::VoucherOver);
        }
        let batch = tx.lock_batch(voucher.batch_id).await?.ok_or(ManageVouchersError::NotFound)?;
        // With its batch it was taken back already.
        if batch.status == BatchStatus::Revoked {
            return Err(ManageVouchersError::VoucherOver);
        }
        self.take_back(tx.as_mut(), &batch, 1).await?;
        let record =
            AuditRecord::success(&self.ambient, origin, "voucher", "revoke", format!("voucher:{id}"));
        tx.audit(record).await?;
        Ok(tx.commit().await?)
    }

    /// Gives out the codes of the vouchers with these numbers that were not redeemed. It is written down by whom, in which
    /// form, and, if codes of the batch were given out before, why.
    ///
    /// # Errors
    /// [`ManageVouchersError`].
    pub async fn print_vouchers(
        &self,
        origin: &Origin,
        id: VoucherBatchId,
        form: &str,
        numbers: RangeInclusive<u32>,
        reason: Option<&str>,
    ) -> Result<Printout, ManageVouchersError> {
        let mut tx = self.store.begin().await?;
        let mut batch = tx.lock_batch(id).await?.ok_or(ManageVouchersError::NotFound)?;
        if batch.status == BatchStatus::Revoked {
            return Err(ManageVouchersError::State(batch.status));
        }
        if batch.prints > 0 && reason.is_none() {
            return Err(ManageVouchersError::ReasonMissing);
        }
        if *numbers.start() > batch.count {
            return Err(ManageVouchersError::NoSuchNumber(batch.count));
        }
        let mut vouchers = tx.issued_vouchers(id).await?;
        vouchers.retain(|voucher| numbers.contains(&voucher.number));
        if vouchers.is_empty() {
            return Err(ManageVouchersError::VoucherOver);
        }
        let open = |voucher: Voucher| {
            let code = self.sealer.open(Purpose::VoucherCode, &voucher.id, &voucher.sealed_code)?;
            let code = VoucherCode::parse(&code).map_err(|_| SealError::DoesNotOpen)?;
            Ok((voucher.number, code))
        };
        let codes = vouchers.into_iter().map(open).collect::<Result<Vec<_>, SealError>>()?;
        batch.prints += 1;
        tx.update_batch(&batch).await?;
        let name = format!("voucher_batch:{id}");
        let action = if batch.prints == 1 { "print" } else { "reprint" };
        let record = AuditRecord::success(&self.ambient, origin, "voucher_batch", action, name);
        tx.audit(record.with(json!({
            "form": form, "vouchers": codes.len(), "first": numbers.start(), "last": numbers.end(), "reason": reason,
        }))).await?;
        tx.commit().await?;
        Ok(Printout { batch, codes })
    }
}
