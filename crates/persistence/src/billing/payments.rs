//! Payments, as rows.

use billing::{Operator, Payment, PaymentStatus, payment::Wallet};
use kernel::{Id, Msisdn, StoreError};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    entity::prelude::*,
};

use super::words::{currency, money};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) order_id: Uuid,
    pub(super) user_id: Option<Uuid>,
    pub(super) gateway: String,
    pub(super) reference: Uuid,
    pub(super) provider_ref: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) operator: Option<String>,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: String,
    pub(super) late: bool,
    pub(super) reason: Option<String>,
    pub(super) ip: Option<String>,
    pub(super) created_at: DateTimeUtc,
    pub(super) expires_at: DateTimeUtc,
    pub(super) settled_at: Option<DateTimeUtc>,
    pub(super) next_check_at: Option<DateTimeUtc>,
    pub(super) checks: i32,
    pub(super) received: Option<i64>,
    pub(super) refunded: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Payment> for ActiveModel {
    type Error = StoreError;

    fn try_from(payment: &Payment) -> Result<Self, StoreError> {
        Ok(Self {
            id: Set(payment.id.as_uuid()),
            order_id: Set(payment.order_id.as_uuid()),
            user_id: Set(payment.user_id.map(|user| user.as_uuid())),
            gateway: Set(payment.gateway.clone()),
            reference: Set(payment.reference),
            provider_ref: Set(payment.provider_ref.clone()),
            phone: Set(payment
                .wallet
                .as_ref()
                .and_then(|wallet| wallet.phone.as_ref())
                .map(Msisdn::to_string)),
            operator: Set(payment.wallet.as_ref().map(|wallet| wallet.operator.as_str().to_owned())),
            amount: Set(payment.amount.minor()),
            currency: Set(payment.amount.currency().code().to_owned()),
            status: Set(payment.status.as_str().to_owned()),
            late: Set(payment.late),
            reason: Set(payment.reason.clone()),
            ip: Set(payment.ip.map(|ip| ip.to_string())),
            created_at: Set(payment.created_at),
            expires_at: Set(payment.expires_at),
            settled_at: Set(payment.settled_at),
            next_check_at: Set(payment.next_check_at),
            checks: Set(i32::try_from(payment.checks).map_err(StoreError::corrupt)?),
            // Written with its success alone.
            received: NotSet,
            // Counted when it is refunded.
            refunded: Set(0),
        })
    }
}

fn wallet(phone: Option<&str>, operator: &str) -> Result<Wallet, StoreError> {
    Ok(Wallet {
        phone: phone.map(Msisdn::parse).transpose().map_err(StoreError::corrupt)?,
        operator: Operator::parse(operator).ok_or_else(|| StoreError::corrupt(operator))?,
    })
}

impl TryFrom<Model> for Payment {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let currency = currency(&row.currency)?;
        let phone = row.phone.as_deref();
        Ok(Self {
            wallet: row.operator.as_deref().map(|operator| wallet(phone, operator)).transpose()?,
            id: Id::from_uuid(row.id),
            order_id: Id::from_uuid(row.order_id),
            user_id: row.user_id.map(Id::from_uuid),
            gateway: row.gateway,
            reference: row.reference,
            provider_ref: row.provider_ref,
            amount: money(row.amount, currency),
            received: row.received.map(|received| money(received, currency)),
            refunded: money(row.refunded, currency),
            status: PaymentStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            late: row.late,
            reason: row.reason,
            ip: row.ip.and_then(|ip| ip.parse().ok()),
            created_at: row.created_at,
            expires_at: row.expires_at,
            settled_at: row.settled_at,
            next_check_at: row.next_check_at,
            checks: u32::try_from(row.checks).map_err(StoreError::corrupt)?,
        })
    }
}
