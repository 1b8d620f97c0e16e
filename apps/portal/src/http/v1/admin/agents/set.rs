//! Making somebody an agent, and changing an agent's terms.

use std::{collections::BTreeSet, sync::Arc};

use actix_web::{put, web::Data};
use billing::{
    agent::{AgentStatus, AgentTerms, SellablePackage},
    basis_points::BasisPoints,
};
use kernel::{Id, Role, id::of};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{AdminAgentView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::{Json, PathId},
        policy::RequestContext,
        v1::agent::{AgentStatusWord, SellablePackageView},
    },
};

/// An agent's terms, whole.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAgentRequest {
    /// Whether they may sell; as before when it is not given, and from now on if they were no agent.
    #[serde(default)]
    pub status: Option<AgentStatusWord>,
    /// Their usual share of a price, in hundredths of a percent.
    #[validate(range(max = 10_000))]
    #[schema(example = 1000, minimum = 0, maximum = 10000)]
    pub commission_basis_points: u16,
    /// The packages that they may sell; any when it is not given.
    #[serde(default)]
    #[validate(length(max = 100))]
    pub packages: Option<Vec<SellablePackageView>>,
    /// The sites that they may sell for; any when it is not given.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(example = json!(null))]
    pub sites: Option<Vec<Uuid>>,
}

/// Makes somebody an agent on these terms, or gives an agent these terms.
///
/// The account has to have the role of an agent. What was sold keeps the share that it was sold with.
#[utoipa::path(
    tag = "Administration",
    operation_id = "set_agent",
    request_body = SetAgentRequest,
    params(("id" = Uuid, Path, description = "The account.")),
    responses(
        (status = 200, description = "The agent.", body = Envelope<AdminAgentView>),
        (status = 404, description = "There is no such account."),
        (status = 409, description = "`account_of_no_agent`: the account does not have the role of an agent."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[put("/api/v1/admin/agents/{id}")]
pub async fn set_agent(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::User>,
    body: Json<SetAgentRequest>,
) -> Result<Answer<AdminAgentView>, ApiError> {
    let request = body.into_inner();
    let user = services.identity.user(id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    if user.role != Role::Agent {
        return Err(ApiErrorCode::AccountOfNoAgent.into());
    }
    let status = request.status.map(AgentStatus::from);
    let terms = terms(&services, request).await?;
    services.billing.set_agent(&context.origin, id.0, status, terms).await?;
    let agent = services.billing.agent(id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::ok(shown(&services, agent).await?))
}

async fn terms(services: &Services, request: SetAgentRequest) -> Result<AgentTerms, ApiError> {
    let commission = share(request.commission_basis_points, "commission_basis_points")?;
    let known: BTreeSet<Uuid> =
        services.billing.packages().await?.iter().map(|package| package.id.as_uuid()).collect();
    let package = |(place, package): (usize, SellablePackageView)| {
        if !known.contains(&package.user_profile_id) {
            let (fr, en) = ("n'est pas un forfait", "is not a package");
            let path = format!("packages.{place}.user_profile_id");
            return Err(ApiError::field(path, FieldProblem::Said(fr.to_owned(), en.to_owned())));
        }
        let path = format!("packages.{place}.commission_basis_points");
        let commission = package.commission_basis_points.map(|points| share(points, &path)).transpose()?;
        Ok(SellablePackage { package_id: Id::from_uuid(package.user_profile_id), commission })
    };
    let packages = request.packages.map(|packages| packages.into_iter().enumerate().map(package).collect());
    let sites = services.billing.reads().sites().await?;
    let site = |(place, id): (usize, Uuid)| {
        let found = sites.iter().find(|site| site.id.as_uuid() == id);
        found.map(|site| site.id).ok_or_else(|| {
            let (fr, en) = ("n'est pas un site", "is not a site");
            ApiError::field(format!("sites.{place}"), FieldProblem::Said(fr.to_owned(), en.to_owned()))
        })
    };
    let sites = request.sites.map(|sites| sites.into_iter().enumerate().map(site).collect());
    Ok(AgentTerms { commission, packages: packages.transpose()?, sites: sites.transpose()? })
}

fn share(points: u16, path: &str) -> Result<BasisPoints, ApiError> {
    let range = || FieldProblem::OutOfRange(Some("0".into()), Some(BasisPoints::MAX.to_string()));
    BasisPoints::new(points).ok_or_else(|| ApiError::field(path, range()))
}
