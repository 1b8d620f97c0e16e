//! What gateways take.

use std::sync::Arc;

use actix_web::{get, web::Data};

use super::GatewayLimitsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
    },
};

/// What every gateway takes, by gateway, operator and currency. Gateways that are not set up any more are there
/// too.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_gateway_limits",
    responses((status = 200, description = "The limits.", body = Envelope<Vec<GatewayLimitsView>>))
)]
#[get("/api/v1/admin/gateway-limits")]
pub async fn list_gateway_limits(
    services: Data<Arc<Services>>,
) -> Result<Answer<Vec<GatewayLimitsView>>, ApiError> {
    let limits = services.billing.reads().limits().await?;
    Ok(Answer::ok(limits.into_iter().map(GatewayLimitsView::from).collect()))
}
