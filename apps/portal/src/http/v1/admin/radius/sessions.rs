//! Everybody's sessions by RADIUS.

use std::{net::IpAddr, sync::Arc};

use actix_web::{get, web::Data};
use radius::{queries::usage::SessionFilter, session::Session};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
        v1::{
            admin::OwnerQuery,
            radius_sessions::{RadiusSessionQuery, RadiusSessionView},
        },
    },
};

/// Where the sessions are, and whose, as staff ask for them.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RadiusPlaceQuery {
    /// Only those on the router or access point with this address.
    #[param(example = "10.0.0.1", value_type = Option<String>)]
    nas_address: Option<IpAddr>,
    /// Only those with this text in their username, in capitals or not.
    #[validate(length(min = 1, max = 64))]
    #[param(example = "22/isc", min_length = 1, max_length = 64)]
    username: Option<String>,
}

/// A session as staff see it.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminRadiusSession)]
pub struct AdminRadiusSessionView {
    /// What its owner sees.
    #[serde(flatten)]
    session: RadiusSessionView,
    /// Whose access was used; null when nobody of ours has the name.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e93")]
    subscriber_id: Option<Uuid>,
    /// The account that it belongs to; null when it has none, or nobody knows.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    user_id: Option<Uuid>,
}

impl From<Session> for AdminRadiusSessionView {
    fn from(session: Session) -> Self {
        Self {
            subscriber_id: session.subscriber_id.map(|id| id.as_uuid()),
            user_id: session.user_id.map(|id| id.as_uuid()),
            session: session.into(),
        }
    }
}

/// Lists everybody's sessions by RADIUS, latest first.
#[utoipa::path(
    tag = "Administration",
    params(PageQuery, RadiusSessionQuery, RadiusPlaceQuery, OwnerQuery),
    responses((status = 200, description = "The sessions.", body = ListEnvelope<AdminRadiusSessionView>))
)]
#[get("/api/v1/admin/radius/sessions")]
pub async fn admin_list_radius_sessions(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<RadiusSessionQuery>,
    place: Query<RadiusPlaceQuery>,
    owner: Query<OwnerQuery>,
) -> Result<ListAnswer<AdminRadiusSessionView>, ApiError> {
    let filter = SessionFilter {
        owner: owner.0.owner(),
        nas_address: place.0.nas_address.map(|address| address.to_string()),
        username: place.0.username,
        ..query.0.into()
    };
    let sessions = services.radius.list_radius_sessions(&filter, page.0.request()).await?;
    Ok(ListAnswer::of(sessions.map(AdminRadiusSessionView::from)))
}
