//! Naming a device, switching it off and on.

use std::sync::Arc;

use actix_web::{patch, web::Data};
use hotspot::use_cases::ChangeDevice;
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::DeviceView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        input::{Json, PathId},
        policy::{Caller, RequestContext},
    },
};

/// What is to change. What is not given stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeDeviceRequest {
    /// What the device is called from now on; an empty text takes its name away.
    #[serde(default)]
    #[validate(length(max = 60))]
    #[schema(example = "My phone", max_length = 60)]
    pub name: Option<String>,
    /// Whether it may sign in from now on.
    #[serde(default)]
    #[schema(example = false)]
    pub active: Option<bool>,
}

/// Names one of the caller's devices, or switches it off or on.
///
/// One that is switched off is signed out and cannot stay online with the caller's credentials. Where nobody else has
/// used it, it cannot sign in at all.
#[utoipa::path(
    tag = "Devices",
    operation_id = "change_device",
    request_body = ChangeDeviceRequest,
    params(("id" = uuid::Uuid, Path, description = "The device", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")),
    responses(
        (status = 200, description = "The device, changed.", body = Envelope<DeviceView>),
        (status = 404, description = "`not_found`: the caller has no such device."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[patch("/api/v1/devices/{id}")]
pub async fn change_device(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    id: PathId<of::Device>,
    body: Json<ChangeDeviceRequest>,
) -> Result<Answer<DeviceView>, ApiError> {
    let ChangeDeviceRequest { name, active } = body.into_inner();
    let owner = caller.0.user_id;
    let name = name.map(|name| Some(name.trim().to_owned()).filter(|name| !name.is_empty()));
    let command = ChangeDevice { owner, device_id: id.0, name, active };
    services.hotspot.change_device(command, &context.origin).await?;
    let device = services.hotspot.find_own_device(owner, id.0).await?;
    Ok(Answer::ok(device.ok_or(ApiErrorCode::NotFound)?.into()))
}
