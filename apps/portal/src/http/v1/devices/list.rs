//! The caller's devices.

use std::sync::Arc;

use actix_web::{HttpRequest, get, http::header, web::Data};

use super::DeviceView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
        policy::{Caller, RequestContext},
    },
};

/// Lists the caller's devices, the one seen last first.
///
/// When the caller asks through the hotspot itself, the device that asks is known by its address, and what it is by
/// its `User-Agent`.
#[utoipa::path(
    tag = "Devices",
    params(PageQuery),
    responses((status = 200, description = "The caller's devices.", body = ListEnvelope<DeviceView>))
)]
#[get("/api/v1/devices")]
pub async fn list_devices(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    request: HttpRequest,
    page: Query<PageQuery>,
) -> Result<ListAnswer<DeviceView>, ApiError> {
    let owner = caller.0.user_id;
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    if let (Some(user_agent), Some(address)) = (user_agent, context.origin.ip) {
        services.hotspot.note_device_class(owner, address, user_agent).await?;
    }
    let devices = services.hotspot.list_own_devices(owner, page.0.request()).await?;
    Ok(ListAnswer::of(devices.map(DeviceView::from)))
}
