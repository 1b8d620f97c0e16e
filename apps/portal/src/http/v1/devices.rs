//! The caller's devices: whatever has signed in with their credentials.

use chrono::{DateTime, Utc};
use hotspot::{
    device::{Device, DeviceClass},
    use_cases::ChangeDeviceError,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::error::{ApiError, ApiErrorCode};

pub mod change;
pub mod forget;
pub mod list;

/// A device.
#[derive(Serialize, ToSchema)]
#[schema(as = Device)]
pub struct DeviceView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")]
    id: Uuid,
    /// Its address on the wire. Phones may show another one to each network.
    #[schema(example = "02:00:5E:00:53:01")]
    mac: String,
    /// What it is, as far as known.
    class: DeviceClassWord,
    /// What its owner calls it.
    #[schema(example = "My phone")]
    name: Option<String>,
    /// Whether it may sign in.
    #[schema(example = true)]
    active: bool,
    /// When it was first seen online.
    #[schema(example = "2026-01-17T12:00:00Z")]
    first_seen_at: DateTime<Utc>,
    /// When it was last seen online.
    #[schema(example = "2026-01-17T12:30:00Z")]
    last_seen_at: DateTime<Utc>,
}

impl From<Device> for DeviceView {
    fn from(device: Device) -> Self {
        Self {
            id: device.id.as_uuid(),
            mac: device.mac,
            class: device.class.into(),
            name: device.name,
            active: device.active,
            first_seen_at: device.first_seen_at,
            last_seen_at: device.last_seen_at,
        }
    }
}

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DeviceClass, example = "mobile")]
#[serde(rename_all = "snake_case")]
pub enum DeviceClassWord {
    /// A phone.
    Mobile,
    /// A tablet.
    Tablet,
    /// A computer.
    Desktop,
    /// Nobody has told.
    Unknown,
}

impl From<DeviceClass> for DeviceClassWord {
    fn from(class: DeviceClass) -> Self {
        match class {
            DeviceClass::Mobile => Self::Mobile,
            DeviceClass::Tablet => Self::Tablet,
            DeviceClass::Desktop => Self::Desktop,
            DeviceClass::Unknown => Self::Unknown,
        }
    }
}

impl From<ChangeDeviceError> for ApiError {
    fn from(error: ChangeDeviceError) -> Self {
        match error {
            ChangeDeviceError::NotFound => ApiErrorCode::NotFound.into(),
            ChangeDeviceError::Store(error) => error.into(),
        }
    }
}
