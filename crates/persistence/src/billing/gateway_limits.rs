//! What gateways take, as rows.

use billing::{Operator, limits::AmountLimits};
use kernel::StoreError;
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::words::{currency, money};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gateway_limits")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) gateway: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) operator: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) currency: String,
    pub(super) min: i64,
    pub(super) max: i64,
    pub(super) step: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&AmountLimits> for ActiveModel {
    fn from(limits: &AmountLimits) -> Self {
        Self {
            gateway: Set(limits.gateway.clone()),
            operator: Set(limits.operator.as_str().to_owned()),
            currency: Set(limits.min.currency().code().to_owned()),
            min: Set(limits.min.minor()),
            max: Set(limits.max.minor()),
            step: Set(limits.step.minor()),
        }
    }
}

impl TryFrom<Model> for AmountLimits {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let currency = currency(&row.currency)?;
        Ok(Self {
            operator: Operator::parse(&row.operator).ok_or_else(|| StoreError::corrupt(&row.operator))?,
            gateway: row.gateway,
            min: money(row.min, currency),
            max: money(row.max, currency),
            step: money(row.step, currency),
        })
    }
}
