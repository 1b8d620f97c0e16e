//! Changing what a gateway is asked for.

use std::sync::Arc;

use actix_web::{put, web::Data};
use billing::limits::AmountLimits;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::GatewayLimitsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Json,
        policy::RequestContext,
        v1::{admin::user_profiles::MoneyInput, payments::OperatorWord},
    },
};

/// What a gateway takes through an operator, in the currency of the amounts.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetGatewayLimitsRequest {
    /// A gateway that is set up.
    #[validate(length(min = 1, max = 20))]
    #[schema(example = "serdipay", min_length = 1, max_length = 20)]
    pub gateway: String,
    /// An operator that it serves.
    pub operator: OperatorWord,
    /// The smallest amount.
    #[validate(nested)]
    pub min: MoneyInput,
    /// The largest amount.
    #[validate(nested)]
    pub max: MoneyInput,
    /// Every amount must be a multiple of this.
    #[validate(nested)]
    pub step: MoneyInput,
}

/// Writes down what a gateway takes, in place of what was there. Payments under way are not looked at again.
#[utoipa::path(
    tag = "Administration",
    operation_id = "set_gateway_limits",
    request_body = SetGatewayLimitsRequest,
    responses(
        (status = 200, description = "The limits, as they are now.", body = Envelope<GatewayLimitsView>),
        (status = 422, description = "A value is not accepted, or the gateway does not serve the operator."),
    )
)]
#[put("/api/v1/admin/gateway-limits")]
pub async fn set_gateway_limits(
    services: Data<Arc<Services>>,
    context: RequestContext,
    body: Json<SetGatewayLimitsRequest>,
) -> Result<Answer<GatewayLimitsView>, ApiError> {
    let SetGatewayLimitsRequest { gateway, operator, min, max, step } = body.into_inner();
    let limits = AmountLimits {
        gateway,
        operator: operator.into(),
        min: min.parse("min")?,
        max: max.parse("max")?,
        step: step.parse("step")?,
    };
    services.billing.set_limits(&context.origin, limits.clone()).await?;
    Ok(Answer::ok(limits.into()))
}
