//! Whether the service lives and can do its work, for those who start and watch it.

use std::sync::Arc;

use actix_web::{get, web::Data};
use kernel::Ambient;
use persistence::jobs::Backlog;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    envelope::{Answer, Envelope},
    error::{ApiError, ApiErrorCode, FieldProblem},
    server::Edge,
};
use crate::compose::Services;

/// That the process answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Liveness)]
pub struct LivenessView {
    /// Always `alive`.
    #[schema(example = "alive")]
    pub status: &'static str,
}

/// That the service can do its work.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub struct ReadinessView {
    /// Always `ready`; a service that is not answers 503.
    #[schema(example = "ready")]
    pub status: &'static str,
    /// `up`: the database answers.
    #[schema(example = "up")]
    pub database: &'static str,
    /// The work that waits in the background.
    pub jobs: BacklogView,
}

/// The work that waits in the background.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Backlog)]
pub struct BacklogView {
    /// Jobs that could run now.
    #[schema(example = 3)]
    pub due: u64,
    /// Jobs that wait for their time.
    #[schema(example = 12)]
    pub later: u64,
    /// How long the oldest of those that could run has been waiting, in seconds. It grows when no worker runs.
    #[schema(example = 0, minimum = 0)]
    pub oldest_due_seconds: i64,
}

impl BacklogView {
    fn of(backlog: &[Backlog], ambient: &Ambient) -> Self {
        let oldest = backlog.iter().filter_map(|queue| queue.oldest).min();
        Self {
            due: backlog.iter().map(|queue| queue.due).sum(),
            later: backlog.iter().map(|queue| queue.later).sum(),
            oldest_due_seconds: oldest.map_or(0, |moment| (ambient.now() - moment).num_seconds().max(0)),
        }
    }
}

/// Whether the process answers.
///
/// Looks at nothing else: a service whose database is away must not be restarted for it.
#[utoipa::path(
    tag = "Service",
    responses((status = 200, description = "The process answers.", body = Envelope<LivenessView>))
)]
#[get("/health/live")]
pub(crate) async fn show_liveness() -> Answer<LivenessView> {
    Answer::ok(LivenessView { status: "alive" })
}

/// Whether the service can do its work.
#[utoipa::path(
    tag = "Service",
    responses(
        (status = 200, description = "Everything that the service needs is there.", body = Envelope<ReadinessView>),
        (status = 503, description = "`service_unavailable`: `errors` names what is not there."),
    )
)]
#[get("/health/ready")]
pub(crate) async fn show_readiness(
    edge: Data<Edge>,
    services: Data<Arc<Services>>,
) -> Result<Answer<ReadinessView>, ApiError> {
    let database = &services.database;
    let backlog = match database.ping().await {
        Ok(()) => database.backlog().await,
        Err(error) => Err(error),
    };
    match backlog {
        Ok(backlog) => Ok(Answer::ok(ReadinessView {
            status: "ready",
            database: "up",
            jobs: BacklogView::of(&backlog, &edge.ambient),
        })),
        Err(error) => {
            let away = FieldProblem::Said("est injoignable".to_owned(), "cannot be reached".to_owned());
            let unavailable = ApiError::new(ApiErrorCode::ServiceUnavailable).caused_by(error);
            Err(unavailable.and_field("database", away))
        }
    }
}
