//! What goes on.

use std::sync::Arc;

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use radius::auth_log::{MinuteOfLogins, Rates, Throughput};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        input::Query,
    },
};

/// How far back.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RatesQuery {
    /// So many minutes, this one too.
    #[validate(range(min = 1, max = 1_440))]
    #[param(minimum = 1, maximum = 1_440, default = 60, example = 60)]
    minutes: Option<u16>,
}

/// What goes on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RadiusRates)]
pub struct RatesView {
    /// Logins by minute, the present one last. Minutes without any are there too.
    minutes: Vec<MinuteView>,
    /// Sessions that are open.
    #[schema(example = 412)]
    active_sessions: u64,
    /// What goes through open sessions of which something was heard in the last 15 minutes.
    now: ThroughputView,
    /// What went through in the last hour, on average.
    last_hour: ThroughputView,
}

/// Logins in a minute.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MinuteOfLogins)]
pub struct MinuteView {
    /// When it began.
    #[schema(example = "2026-01-17T12:00:00Z")]
    at: DateTime<Utc>,
    /// How many were let in.
    #[schema(example = 31)]
    accepted: u64,
    /// How many were turned away.
    #[schema(example = 4)]
    rejected: u64,
}

/// What goes through. A NAS reports what went through a session since it began, so that this is taken to have come evenly.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Throughput)]
pub struct ThroughputView {
    /// From devices, in bits per second.
    #[schema(example = 1_200_000)]
    upload_bps: u64,
    /// To devices, in bits per second.
    #[schema(example = 9_800_000)]
    download_bps: u64,
}

/// Shows logins by minute, open sessions, and what goes through them.
#[utoipa::path(
    tag = "Administration",
    params(RatesQuery),
    responses((status = 200, description = "What goes on.", body = Envelope<RatesView>))
)]
#[get("/api/v1/admin/radius/rates")]
pub async fn show_radius_rates(
    services: Data<Arc<Services>>,
    query: Query<RatesQuery>,
) -> Result<Answer<RatesView>, ApiError> {
    Ok(Answer::ok(services.radius.rates(query.0.minutes.unwrap_or(60)).await?.into()))
}

impl From<Rates> for RatesView {
    fn from(rates: Rates) -> Self {
        Self {
            minutes: rates.minutes.into_iter().map(MinuteView::from).collect(),
            active_sessions: rates.active_sessions,
            now: rates.now.into(),
            last_hour: rates.last_hour.into(),
        }
    }
}

impl From<MinuteOfLogins> for MinuteView {
    fn from(minute: MinuteOfLogins) -> Self {
        Self { at: minute.at, accepted: minute.accepted, rejected: minute.rejected }
    }
}

impl From<Throughput> for ThroughputView {
    fn from(bytes: Throughput) -> Self {
        Self { upload_bps: bytes.up.saturating_mul(8), download_bps: bytes.down.saturating_mul(8) }
    }
}
