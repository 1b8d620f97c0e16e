//! Would this user get in?

use std::sync::Arc;

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use radius::{nas_client::Vendor, policy::Decision, use_cases::Explanation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, FieldProblem},
        input::{PathText, Query},
    },
};

/// For which NAS.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ExplainQuery {
    /// Whose attributes it understands: `mikrotik`, `wispr`, `coova_chilli` or `pfsense`; the site's when it is not said.
    #[param(example = "mikrotik")]
    vendor: Option<String>,
}

/// The answer that a login would get now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoginExplanation)]
pub struct ExplanationView {
    /// The name as RADIUS compares it.
    #[schema(example = "et-2026-0042")]
    username: String,
    /// Whether it would get in with the right password.
    #[schema(example = true)]
    accepted: bool,
    /// Why not: `unknown_user`, `disabled`, `expired`, `quota_used_up`, `outside_login_time` or
    /// `too_many_sessions`; null if it would.
    #[schema(example = json!(null))]
    reason: Option<&'static str>,
    /// With which replies.
    replies: Vec<ReplyView>,
    /// In which ways the password can be proved: `pap`, `chap`, `ms_chap`. The site's form of passwords
    /// (`RADIUS_PASSWORD_FORM`) rules some out.
    #[schema(example = json!(["pap", "chap", "ms_chap"]))]
    sign_in_by: Vec<&'static str>,
    /// Why it could not be enabled, if something stands in the way.
    #[schema(example = json!(null))]
    hindrance: Option<&'static str>,
    /// The name of the access profile that holds.
    #[schema(example = "Students")]
    access_profile_name: Option<String>,
    /// Bytes used since midnight in the site's zone; null, as the three others, if nobody has the name.
    #[schema(example = 419_430_400)]
    used_today: Option<u64>,
    /// Bytes used since Monday.
    #[schema(example = 1_887_436_800)]
    used_week: Option<u64>,
    /// Bytes used since the first of the month.
    #[schema(example = 2_621_440_000_u64)]
    used_month: Option<u64>,
    /// Bytes used since the access began.
    #[schema(example = 2_621_440_000_u64)]
    used_total: Option<u64>,
    /// How many devices are signed in.
    #[schema(example = 1)]
    open_sessions: u64,
    /// When the access ends.
    #[schema(example = "2026-07-16T12:00:00Z")]
    expires_at: Option<DateTime<Utc>>,
    /// When this was so.
    #[schema(example = "2026-01-17T12:00:00Z")]
    at: DateTime<Utc>,
}

/// An attribute that would be sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RadiusReply)]
pub struct ReplyView {
    /// Its name in FreeRADIUS's dictionaries.
    #[schema(example = "Mikrotik-Rate-Limit")]
    name: &'static str,
    /// Its value.
    #[schema(example = "1024k/4096k")]
    value: String,
}

impl From<Explanation> for ExplanationView {
    fn from(explanation: Explanation) -> Self {
        let Explanation { username, standing, decision, ways, hindrance, at } = explanation;
        let (reason, replies) = match decision {
            Decision::Accept(replies) => (None, replies),
            Decision::Refuse(refusal) => (Some(refusal.code()), Vec::new()),
        };
        let used = standing.as_ref().map(|standing| standing.used);
        let profile = standing.as_ref().and_then(|standing| standing.profile.as_ref());
        Self {
            username,
            accepted: reason.is_none(),
            reason,
            replies: replies
                .into_iter()
                .map(|reply| ReplyView { name: reply.name, value: reply.value })
                .collect(),
            sign_in_by: ways.into_iter().map(radius::login::Way::as_str).collect(),
            hindrance: hindrance.map(radius::use_cases::CannotEnable::code),
            access_profile_name: profile.map(|profile| profile.name.clone()),
            used_today: used.map(|used| used.day),
            used_week: used.map(|used| used.week),
            used_month: used.map(|used| used.month),
            used_total: used.map(|used| used.total),
            open_sessions: standing.as_ref().map_or(0, |standing| standing.open_sessions),
            expires_at: standing.and_then(|standing| standing.subscriber.expires_at),
            at,
        }
    }
}

/// Explains whether a user would get in now with the right password, with which replies, and if not, why.
///
/// The code that answers is the one that answers logins. A name that nobody has is explained too.
#[utoipa::path(
    tag = "Administration",
    operation_id = "explain_login",
    params(("username" = String, Path, description = "The name, in whatever case."), ExplainQuery),
    responses(
        (status = 200, description = "The answer that a login would get.", body = Envelope<ExplanationView>),
        (status = 422, description = "There is no such vendor."),
    )
)]
#[get("/api/v1/admin/radius/explain/{username}")]
pub async fn explain_login(
    services: Data<Arc<Services>>,
    username: PathText,
    query: Query<ExplainQuery>,
) -> Result<Answer<ExplanationView>, ApiError> {
    let vendor = query.0.vendor.as_deref().map(|word| {
        let choices = || Vendor::ALL.map(|vendor| vendor.as_str().to_owned()).to_vec();
        Vendor::parse(word).ok_or_else(|| ApiError::field("vendor", FieldProblem::NotOneOf(choices())))
    });
    let explanation = services.radius.explain(&username.0, vendor.transpose()?).await?;
    Ok(Answer::ok(explanation.into()))
}
