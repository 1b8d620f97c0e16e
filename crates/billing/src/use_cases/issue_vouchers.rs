//! Making vouchers: a whole batch in one transaction.

use kernel::{
    Id, IdempotencyKey, Origin, StoreError, Timestamp,
    audit::AuditRecord,
    id::ids::{PackageId, VoucherBatchId},
    sealed::{Purpose, SealError},
};
use serde_json::json;

use super::{Billing, KeyReused, claimed};
use crate::{
    package::PackageStatus,
    site::{Unserved, WantedPlace},
    voucher::{BatchStatus, Voucher, VoucherBatch, VoucherCode, VoucherStatus},
};

/// What vouchers to make.
#[derive(Debug, Clone)]
pub struct IssueVouchers {
    /// What staff call the batch.
    pub name: String,
    /// Which package.
    pub package_id: PackageId,
    /// How many, from 1 to [`VoucherBatch::MOST`].
    pub count: u32,
    /// What stands before each code; [`crate::voucher::is_prefix`] holds.
    pub prefix: String,
    /// They can be redeemed before this moment.
    pub expires_at: Option<Timestamp>,
    /// Where the credentials are used; where the package or whoever redeems says, when it is not named.
    pub place: WantedPlace,
    /// The client's promise that a repeat is the same batch.
    pub idempotency: Option<IdempotencyKey>,
}

/// Why no vouchers were made.
#[derive(Debug, thiserror::Error)]
pub enum IssueVouchersError {
    /// There is no such package on sale.
    #[error("there is no such package on sale")]
    PackageNotOnSale,
    /// They would be good for nothing at that place.
    #[error(transparent)]
    Unserved(#[from] Unserved),
    /// They would have expired already.
    #[error("the vouchers would have expired")]
    Expired,
    /// The idempotency key was used for another batch.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The codes cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Makes a batch of vouchers and gives its id. A repeat under the same idempotency key gives the first batch's id.
    ///
    /// # Errors
    /// [`IssueVouchersError`].
    pub async fn issue_vouchers(
        &self,
        origin: &Origin,
        command: IssueVouchers,
    ) -> Result<VoucherBatchId, IssueVouchersError> {
        let (id, now) = (Id::generate(&self.ambient), self.ambient.now());
        let mut tx = self.store.begin().await?;
        if let Some(earlier) =
            claimed::<_, IssueVouchersError>(tx.as_mut(), command.idempotency.as_ref(), id).await?
        {
            return Ok(earlier);
        }
        if command.expires_at.is_some_and(|end| end <= now) {
            return Err(IssueVouchersError::Expired);
        }
        let package = tx.lock_package(command.package_id).await?;
        let package = package.filter(|package| package.status == PackageStatus::Active);
        let offer = package.ok_or(IssueVouchersError::PackageNotOnSale)?.offer;
        let place = command.place.named.or(offer.place);
        if let Some(place) = place {
            place.check(offer.target, &command.place.served)?;
        }
        let batch = VoucherBatch {
            id,
            name: command.name,
            package_id: command.package_id,
            package: offer.sold(),
            price: offer.price,
            place,
            prefix: command.prefix,
            count: command.count,
            agent_id: None,
            status: BatchStatus::Active,
            expires_at: command.expires_at,
            prints: 0,
            created_at: now,
        };
        tx.insert_batch(&batch).await?;
        tx.insert_vouchers(&self.new_vouchers(&batch)?).await?;
        let record = AuditRecord::success(
            &self.ambient,
            origin,
            "voucher_batch",
            "issue",
            format!("voucher_batch:{id}"),
        );
        tx.audit(record.with(json!({ "count": batch.count, "package": batch.package.name }))).await?;
        tx.commit().await?;
        Ok(id)
    }

    pub(super) fn new_vouchers(&self, batch: &VoucherBatch) -> Result<Vec<Voucher>, SealError> {
        let voucher = |number| {
            let (id, code) = (Id::generate(&self.ambient), VoucherCode::generate(&self.ambient));
            let mark = self.sealer.mark(Purpose::VoucherCode, code.reveal().as_bytes())?;
            Ok(Voucher {
                id,
                batch_id: batch.id,
                number,
                mark: hex::encode(mark),
                sealed_code: self.sealer.seal(Purpose::VoucherCode, &id, code.reveal())?,
                status: VoucherStatus::Issued,
                order_id: None,
                redeemed_at: None,
            })
        };
        (1..=batch.count).map(voucher).collect()
    }
}
