//! What gateways take: data, because it differs by contract and changes without notice.

use billing::{limits::AmountLimits, use_cases::set_limits::SetLimitsError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    error::{ApiError, FieldProblem},
    money::MoneyView,
    v1::payments::OperatorWord,
};

pub mod list;
pub mod set;

/// What a gateway takes through an operator in a currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GatewayLimits)]
pub struct GatewayLimitsView {
    /// The gateway.
    #[schema(example = "serdipay")]
    pub gateway: String,
    /// The operator.
    pub operator: OperatorWord,
    /// The smallest amount.
    pub min: MoneyView,
    /// The largest amount.
    pub max: MoneyView,
    /// Every amount is a multiple of this.
    pub step: MoneyView,
}

impl From<AmountLimits> for GatewayLimitsView {
    fn from(limits: AmountLimits) -> Self {
        Self {
            gateway: limits.gateway,
            operator: limits.operator.into(),
            min: limits.min.into(),
            max: limits.max.into(),
            step: limits.step.into(),
        }
    }
}

impl From<SetLimitsError> for ApiError {
    fn from(error: SetLimitsError) -> Self {
        let said = |fr: &str, en: &str| FieldProblem::Said(fr.to_owned(), en.to_owned());
        match error {
            SetLimitsError::NotServed => Self::field(
                "gateway",
                said("ne sert pas cet opérateur ici", "does not serve this operator here"),
            ),
            SetLimitsError::TwoCurrencies => Self::field(
                "max",
                said("doit être dans la même devise que min", "must be in the same currency as min"),
            ),
            SetLimitsError::Empty => Self::field(
                "min",
                said("doit être positif et pas plus que max", "must be more than zero and not more than max"),
            ),
            SetLimitsError::NoStep => {
                Self::field("step", said("doit être positif", "must be more than zero"))
            }
            SetLimitsError::Store(error) => error.into(),
        }
    }
}
