//! Vouchers, as rows.

use billing::voucher::{Voucher, VoucherStatus};
use kernel::{Id, Sealed, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vouchers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) batch_id: Uuid,
    pub(super) number: i32,
    pub(super) mark: String,
    pub(super) sealed_code: String,
    pub(super) status: String,
    pub(super) order_id: Option<Uuid>,
    pub(super) redeemed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Voucher> for ActiveModel {
    type Error = StoreError;

    fn try_from(voucher: &Voucher) -> Result<Self, StoreError> {
        Ok(Self {
            id: Set(voucher.id.as_uuid()),
            batch_id: Set(voucher.batch_id.as_uuid()),
            number: Set(i32::try_from(voucher.number).map_err(StoreError::corrupt)?),
            mark: Set(voucher.mark.clone()),
            sealed_code: Set(voucher.sealed_code.as_str().to_owned()),
            status: Set(voucher.status.as_str().to_owned()),
            order_id: Set(voucher.order_id.map(|order| order.as_uuid())),
            redeemed_at: Set(voucher.redeemed_at),
        })
    }
}

impl TryFrom<Model> for Voucher {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            batch_id: Id::from_uuid(row.batch_id),
            number: u32::try_from(row.number).map_err(StoreError::corrupt)?,
            mark: row.mark,
            sealed_code: Sealed::from_stored(row.sealed_code),
            status: VoucherStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            order_id: row.order_id.map(Id::from_uuid),
            redeemed_at: row.redeemed_at,
        })
    }
}
