//! Redeeming a voucher: an order that the voucher pays, in one transaction. Of all who redeem the same code at once, one
//! does; the router is called afterwards, as for any paid order.

use std::time::Duration;

use kernel::{
    Id, IdempotencyKey, Origin, StoreError,
    audit::AuditRecord,
    events::Contact,
    id::ids::OrderId,
    sealed::{Purpose, SealError},
};

use super::{Billing, KeyReused, claimed, own_means::OwnPayment, place_order::Draft};
use crate::{
    guess::{GuessSource, Guessed, hour_of},
    ledger::{Account, Line},
    order::{Order, Quantity},
    payment::Means,
    ports::BillingTx,
    site::{Place, Unserved, WantedPlace},
    voucher::{Unusable, Voucher, VoucherBatch, VoucherCode},
};

/// What is redeemed, and for whom.
#[derive(Debug, Clone)]
pub struct RedeemVoucher {
    /// The code.
    pub code: VoucherCode,
    /// Who redeems it. A guest may have no phone: then the credentials are read with the order's token alone.
    pub contact: Contact,
    /// Where the credentials are to be used; where the batch says, or else at the main site, when it is not named.
    pub place: WantedPlace,
    /// The client's promise that a repeat is the same redemption.
    pub idempotency: Option<IdempotencyKey>,
}

/// Why a voucher was not redeemed.
#[derive(Debug, thiserror::Error)]
pub enum RedeemVoucherError {
    /// No voucher has this code.
    #[error("no voucher has this code")]
    Unknown,
    /// Too many wrong codes came from the same source.
    #[error("too many wrong codes")]
    TooManyGuesses {
        /// How long until guesses are counted anew.
        retry_after: Duration,
    },
    /// The voucher cannot be redeemed.
    #[error("the voucher cannot be redeemed: {0:?}")]
    Unusable(Unusable),
    /// The vouchers are for another place.
    #[error("the vouchers are for another place")]
    OtherPlace,
    /// It would be used up for nothing at that place.
    #[error(transparent)]
    Unserved(#[from] Unserved),
    /// The idempotency key was used for another redemption.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The key for marks does not work.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Redeems a voucher and gives the order that it pays. A repeat under the same idempotency key gives the first
    /// order's id. A wrong code is counted against where it comes from.
    ///
    /// # Errors
    /// [`RedeemVoucherError`].
    pub async fn redeem_voucher(
        &self,
        origin: &Origin,
        command: RedeemVoucher,
    ) -> Result<OrderId, RedeemVoucherError> {
        let user = command.contact.user_id;
        let id = Id::generate(&self.ambient);
        let mut tx = self.store.begin().await?;
        if let Some(earlier) =
            claimed::<_, RedeemVoucherError>(tx.as_mut(), command.idempotency.as_ref(), id).await?
        {
            return Ok(earlier);
        }
        let (source, hour) = (GuessSource::of(user, origin.ip), hour_of(self.ambient.now()));
        if tx.guesses_of(Guessed::VoucherCode, &source, hour).await? > self.settings.guesses_per_hour {
            let left = hour + chrono::Duration::hours(1) - self.ambient.now();
            return Err(RedeemVoucherError::TooManyGuesses {
                retry_after: left.to_std().unwrap_or_default(),
            });
        }
        let code = command.code.reveal().as_bytes();
        let marks: Vec<String> =
            self.sealer.marks(Purpose::VoucherCode, code)?.iter().map(hex::encode).collect();
        let Some((voucher, batch)) = tx.hold_voucher(&marks).await? else {
            drop(tx);
            return Err(match self.count_guess(origin, Guessed::VoucherCode, user).await? {
                Some(retry_after) => RedeemVoucherError::TooManyGuesses { retry_after },
                None => RedeemVoucherError::Unknown,
            });
        };
        if let Some(why) = voucher.unusable(&batch, self.ambient.now()) {
            return Err(RedeemVoucherError::Unusable(why));
        }
        let place = self.place_of(tx.as_mut(), &batch, command.place.named).await?;
        place.check(batch.package.target, &command.place.served)?;
        let draft = Draft {
            id,
            contact: command.contact,
            place,
            package_id: batch.package_id,
            package: batch.package,
            quantity: Quantity::ONE,
            unit_price: batch.price,
            total: batch.price,
            expires_at: self.ambient.now(),
        };
        let order = self.write_order(tx.as_mut(), origin, draft).await?;
        // Whoever holds the voucher sees its status as it is; this is what makes two redemptions one whatever they saw.
        if !tx.redeem_voucher(voucher.id, order.id, order.created_at).await? {
            return Err(RedeemVoucherError::Unusable(Unusable::Redeemed));
        }
        self.pay_by_voucher(tx.as_mut(), origin, &order, &voucher).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Where the credentials will be used: vouchers that are for one place are for no other.
    async fn place_of(
        &self,
        tx: &mut dyn BillingTx,
        batch: &VoucherBatch,
        wanted: Option<Place>,
    ) -> Result<Place, RedeemVoucherError> {
        match (batch.place, wanted) {
            (Some(place), Some(wanted)) if place.site_id != wanted.site_id => {
                Err(RedeemVoucherError::OtherPlace)
            }
            (Some(place), Some(wanted)) if place.router_id.is_none() => Ok(wanted),
            (Some(place), Some(wanted)) if wanted.router_id.is_some_and(|id| place.router_id != Some(id)) => {
                Err(RedeemVoucherError::OtherPlace)
            }
            (of_batch, wanted) => Ok(self.place_or_main(tx, of_batch.or(wanted)).await?),
        }
    }

    async fn pay_by_voucher(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        order: &Order,
        voucher: &Voucher,
    ) -> Result<(), StoreError> {
        let id = Id::generate(&self.ambient);
        let from = vec![Line { account: Account::VoucherClearing, amount: order.total }];
        let own = OwnPayment { id, means: Means::Voucher, reason: "paid_by_voucher", from };
        self.pay_by_own_means(tx, origin, order, own).await?;
        let name = format!("voucher:{}", voucher.id);
        let record = AuditRecord::success(&self.ambient, origin, "voucher", "redeem", name);
        tx.audit(record.with(serde_json::json!({ "order": order.id }))).await
    }
}
