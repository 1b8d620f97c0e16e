//! Receipts, as rows.

use billing::{basis_points::BasisPoints, receipt::Receipt};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::words::{currency, from_json, money, to_json};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) site_id: Uuid,
    pub(super) number: i64,
    pub(super) text: String,
    pub(super) order_id: Uuid,
    pub(super) payment_id: Uuid,
    pub(super) total: i64,
    pub(super) tax: i64,
    pub(super) currency: String,
    pub(super) tax_rate: i32,
    pub(super) seller: Json,
    pub(super) fiscal: Option<String>,
    pub(super) issued_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Receipt> for ActiveModel {
    type Error = StoreError;

    fn try_from(receipt: &Receipt) -> Result<Self, StoreError> {
        let fiscal = receipt.fiscal.as_ref().map(serde_json::to_string).transpose();
        Ok(Self {
            id: Set(receipt.id.as_uuid()),
            site_id: Set(receipt.site_id.as_uuid()),
            number: Set(receipt.number),
            text: Set(receipt.text.clone()),
            order_id: Set(receipt.order_id.as_uuid()),
            payment_id: Set(receipt.payment_id.as_uuid()),
            total: Set(receipt.total.minor()),
            tax: Set(receipt.tax.minor()),
            currency: Set(receipt.total.currency().code().to_owned()),
            tax_rate: Set(i32::from(receipt.tax_rate.get())),
            seller: Set(to_json(&receipt.seller)?),
            fiscal: Set(fiscal.map_err(StoreError::corrupt)?),
            issued_at: Set(receipt.issued_at),
        })
    }
}

impl TryFrom<Model> for Receipt {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let currency = currency(&row.currency)?;
        let fiscal = row.fiscal.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            id: Id::from_uuid(row.id),
            site_id: Id::from_uuid(row.site_id),
            number: row.number,
            text: row.text,
            order_id: Id::from_uuid(row.order_id),
            payment_id: Id::from_uuid(row.payment_id),
            total: money(row.total, currency),
            tax: money(row.tax, currency),
            tax_rate: rate(row.tax_rate)?,
            seller: from_json(row.seller)?,
            fiscal: fiscal.map_err(StoreError::corrupt)?,
            issued_at: row.issued_at,
        })
    }
}

/// A rate as it is kept with receipts and orders.
pub(super) fn rate(points: i32) -> Result<BasisPoints, StoreError> {
    u16::try_from(points).ok().and_then(BasisPoints::new).ok_or_else(|| StoreError::corrupt(points))
}
