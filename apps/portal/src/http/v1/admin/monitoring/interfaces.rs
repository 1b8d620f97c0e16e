//! The routers' interfaces.

use std::sync::Arc;

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use hotspot::queries;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
    },
};

/// Every interface, as its router last told of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Interfaces)]
pub struct InterfacesView {
    /// The interfaces, by the names of their routers.
    interfaces: Vec<InterfaceView>,
    /// When this was put together.
    #[schema(example = "2026-01-17T12:01:00Z")]
    timestamp: DateTime<Utc>,
}

/// An interface, as its router last told of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Interface)]
pub struct InterfaceView {
    /// The router.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    router_id: Uuid,
    /// The router's name.
    #[schema(example = "main")]
    router: String,
    /// The interface's name on the router.
    #[schema(example = "bridge-hotspot")]
    interface: String,
    /// How many devices were online through it.
    #[schema(example = 42)]
    connected_users: u32,
    /// Bits per second that it received.
    #[schema(example = 1_200_000)]
    receive_bps: u64,
    /// Bits per second that it transmitted.
    #[schema(example = 24_000_000)]
    transmit_bps: u64,
    /// When the router said so.
    #[schema(example = "2026-01-17T12:00:00Z")]
    last_sync_at: DateTime<Utc>,
}

impl From<queries::sessions::InterfaceView> for InterfaceView {
    fn from(view: queries::sessions::InterfaceView) -> Self {
        Self {
            router_id: view.router_id.as_uuid(),
            router: view.router_name,
            interface: view.load.interface,
            connected_users: view.load.connected_users,
            receive_bps: view.load.receive_bps,
            transmit_bps: view.load.transmit_bps,
            last_sync_at: view.seen_at,
        }
    }
}

/// Shows the routers' interfaces, as the last look at each router found them.
#[utoipa::path(
    tag = "Administration",
    operation_id = "list_interfaces",
    responses((status = 200, description = "The interfaces.", body = Envelope<InterfacesView>))
)]
#[get("/api/v1/admin/monitoring/interfaces")]
pub async fn list_interfaces(services: Data<Arc<Services>>) -> Result<Answer<InterfacesView>, ApiError> {
    let seen = services.hotspot.interfaces().await?;
    let interfaces = seen.interfaces.into_iter().map(Into::into).collect();
    Ok(Answer::ok(InterfacesView { interfaces, timestamp: seen.at }))
}
