//! The log as it is written.

use std::{collections::BTreeSet, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Bytes, Data},
};
use kernel::StoreError;
use radius::auth_log::AuthFilter;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use validator::Validate;

use super::{AuthLogLineView, AuthLogQuery, PeriodQuery};
use crate::{
    compose::Services,
    http::{
        error::{ApiError, FieldProblem},
        event_stream::{Source, Streams, event},
        input::Query,
    },
};

/// So many lines are read at once.
const AT_ONCE: u32 = 1_000;
/// Lines are numbered when they are written and seen when that is committed, so that one with a smaller number may be
/// seen after one with a larger. So far back it is looked for.
const LATE: i64 = 500;
/// A client that has missed more than so many lines is told so, and goes on with these.
const MOST_MISSED: i64 = 10_000;

/// How a stream is opened.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// A ticket of `POST /api/v1/auth/stream-tickets`, for clients that can send no `Authorization`.
    #[validate(length(max = 100))]
    #[param(example = "hpt_3Zf0Jm1qX9bYt6RkVw2uLs8dNc4eGh7iPo5aTrKyQxE")]
    ticket: Option<String>,
    /// The id of the last event that was received, for clients that can send no `Last-Event-ID`: a stream goes on behind
    /// it.
    #[validate(range(min = 0))]
    #[param(minimum = 0, example = 4711)]
    last_event_id: Option<i64>,
}

/// How logins are answered from now on, or from the event on that `Last-Event-ID` names, as Server-Sent Events.
///
/// Each is an event `login` whose id is its place in the log and whose data is a line of the log as JSON. An event `gap`
/// says that so many lines were passed over, since the client was away for too long. Comments keep the connection
/// alive. A stream ends after an hour at most; it is opened again with a new ticket and the last id.
#[utoipa::path(
    tag = "Administration",
    params(
        AuthLogQuery,
        StreamQuery,
        ("Last-Event-ID" = Option<i64>, Header, description = "The id of the last event that was received."),
    ),
    responses((status = 200, description = "Events, for as long as the client listens.", body = String, content_type = "text/event-stream"))
)]
#[get("/api/v1/admin/radius/auth-log/stream")]
pub async fn stream_auth_log(
    request: HttpRequest,
    services: Data<Arc<Services>>,
    streams: Data<Streams>,
    query: Query<AuthLogQuery>,
    stream: Query<StreamQuery>,
) -> Result<HttpResponse, ApiError> {
    let filter = query.0.filter(&PeriodQuery::default())?;
    let header =
        request.headers().get("Last-Event-ID").map(|value| value.to_str().unwrap_or_default().parse());
    let header =
        header.transpose().map_err(|_| ApiError::field("Last-Event-ID", FieldProblem::NotInteger))?;
    let end = services.radius.end_of_auth_log().await?;
    let known = header.or(stream.0.last_event_id).unwrap_or(end).clamp(0, end);
    streams.open(Tail::behind(known, end, filter, services.as_ref().clone()))
}

/// The log behind a place.
struct Tail {
    services: Arc<Services>,
    filter: AuthFilter,
    place: i64,
    told: BTreeSet<i64>,
    missed: i64,
}

impl Tail {
    fn behind(known: i64, end: i64, filter: AuthFilter, services: Arc<Services>) -> Self {
        let place = known.max(end - MOST_MISSED);
        let told = (place - LATE + 1..=place).collect();
        Self { services, filter, place, told, missed: place - known }
    }
}

impl Source for Tail {
    async fn look(&mut self) -> Result<Vec<Bytes>, StoreError> {
        let mut events = Vec::new();
        if self.missed > 0 {
            events.push(event(Some(self.place), "gap", &json!({ "missed": self.missed })));
            self.missed = 0;
        }
        let entries = self.services.radius.auth_log_behind(self.place - LATE, AT_ONCE).await?;
        for entry in entries {
            if !self.told.insert(entry.id) {
                continue;
            }
            // A client that comes again asks for what lies behind this, which is not to go back.
            self.place = self.place.max(entry.id);
            if self.filter.wants(&entry) {
                let line = AuthLogLineView::from(entry);
                let line = serde_json::to_value(&line).map_err(StoreError::corrupt)?;
                events.push(event(Some(self.place), "login", &line));
            }
        }
        self.told = self.told.split_off(&(self.place - LATE + 1));
        Ok(events)
    }
}
