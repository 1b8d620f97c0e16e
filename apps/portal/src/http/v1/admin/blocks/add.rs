//! Blocking a site or an address.

use std::sync::Arc;

use actix_web::{post, web::Data};
use hotspot::{block::BlockTarget, use_cases::AddBlock};
use kernel::Id;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::BlockView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, FieldProblem},
        input::Json,
        policy::RequestContext,
    },
};

/// What is to be blocked.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddBlockRequest {
    /// A site or an address.
    pub kind: AddBlockKind,
    /// The site's name, such as `ads.example`, or the address, such as `192.0.2.7`.
    #[validate(length(min = 1, max = 253))]
    #[schema(example = "ads.example", min_length = 1, max_length = 253)]
    pub value: String,
    /// The routers that it is blocked on; all, those of tomorrow too, when none are given.
    #[serde(default)]
    #[validate(length(min = 1, max = 100))]
    #[schema(example = json!(["0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94"]), min_items = 1, max_items = 100)]
    pub router_ids: Option<Vec<Uuid>>,
    /// Why, for other staff.
    #[validate(length(min = 3, max = 200))]
    #[schema(example = "Malware", min_length = 3, max_length = 200)]
    pub reason: String,
}

/// What kind of thing staff block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(example = "domain")]
#[serde(rename_all = "snake_case")]
pub enum AddBlockKind {
    /// A site by its name, with its subdomains.
    Domain,
    /// An address.
    Address,
}

/// Blocks a site or an address on all routers or on some.
///
/// Routers are told at once, or when they can be reached again, and told again whenever one is found without it.
#[utoipa::path(
    tag = "Administration",
    operation_id = "add_block",
    request_body = AddBlockRequest,
    responses(
        (status = 201, description = "The block.", body = Envelope<BlockView>),
        (status = 409, description = "`blocked_already`: on these routers or others."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[post("/api/v1/admin/blocks")]
pub async fn add_block(
    services: Data<Arc<Services>>,
    context: RequestContext,
    body: Json<AddBlockRequest>,
) -> Result<Answer<BlockView>, ApiError> {
    let request = body.into_inner();
    let target = match request.kind {
        AddBlockKind::Domain => BlockTarget::domain(&request.value),
        AddBlockKind::Address => request.value.parse().ok().map(BlockTarget::Address),
    };
    let target = target.ok_or_else(|| ApiError::field("value", FieldProblem::Invalid))?;
    let routers = request.router_ids.map(|ids| ids.into_iter().map(Id::from_uuid).collect());
    let command = AddBlock { target, routers, reason: request.reason };
    let id = services.hotspot.add_block(command, &context.origin).await?;
    let block = services.hotspot.find_block(id).await?;
    let block = block.ok_or_else(|| ApiError::internal("a block is gone as soon as it was made"))?;
    Ok(Answer::created(block.into(), &format!("/api/v1/admin/blocks/{id}")))
}
