//! Refunds, as rows.

use billing::refund::{Refund, RefundStatus, RefundWay};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::words::{currency, from_json, money, to_json};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refunds")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) payment_id: Uuid,
    pub(super) order_id: Uuid,
    pub(super) amount: i64,
    pub(super) tax: i64,
    pub(super) currency: String,
    pub(super) way: String,
    pub(super) units: Json,
    pub(super) even_if_used: bool,
    pub(super) reason: String,
    pub(super) reference: Uuid,
    pub(super) provider_ref: Option<String>,
    pub(super) status: String,
    pub(super) requested_by: String,
    pub(super) created_at: DateTimeUtc,
    pub(super) settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Refund> for ActiveModel {
    type Error = StoreError;

    fn try_from(refund: &Refund) -> Result<Self, StoreError> {
        Ok(Self {
            id: Set(refund.id.as_uuid()),
            payment_id: Set(refund.payment_id.as_uuid()),
            order_id: Set(refund.order_id.as_uuid()),
            amount: Set(refund.amount.minor()),
            tax: Set(refund.tax.minor()),
            currency: Set(refund.amount.currency().code().to_owned()),
            way: Set(refund.way.as_str().to_owned()),
            units: Set(to_json(&refund.units)?),
            even_if_used: Set(refund.even_if_used),
            reason: Set(refund.reason.clone()),
            reference: Set(refund.reference),
            provider_ref: Set(refund.provider_ref.clone()),
            status: Set(refund.status.as_str().to_owned()),
            requested_by: Set(refund.requested_by.clone()),
            created_at: Set(refund.created_at),
            settled_at: Set(refund.settled_at),
        })
    }
}

impl TryFrom<Model> for Refund {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let currency = currency(&row.currency)?;
        Ok(Self {
            id: Id::from_uuid(row.id),
            payment_id: Id::from_uuid(row.payment_id),
            order_id: Id::from_uuid(row.order_id),
            amount: money(row.amount, currency),
            tax: money(row.tax, currency),
            way: RefundWay::parse(&row.way).ok_or_else(|| StoreError::corrupt(&row.way))?,
            units: from_json(row.units)?,
            even_if_used: row.even_if_used,
            reason: row.reason,
            reference: row.reference,
            provider_ref: row.provider_ref,
            status: status(&row.status)?,
            requested_by: row.requested_by,
            created_at: row.created_at,
            settled_at: row.settled_at,
        })
    }
}

/// A status as it is kept with refunds and their moves.
pub(super) fn status(word: &str) -> Result<RefundStatus, StoreError> {
    RefundStatus::parse(word).ok_or_else(|| StoreError::corrupt(word))
}
