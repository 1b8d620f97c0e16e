//! Sites and addresses that nobody is to reach.

use chrono::{DateTime, Utc};
use hotspot::{
    block::{Block, BlockTarget},
    use_cases::{AddBlockError, LiftBlockError},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::error::{ApiError, ApiErrorCode, FieldProblem};

pub mod add;
pub mod lift;
pub mod list;

/// Something that is blocked.
#[derive(Serialize, ToSchema)]
#[schema(as = Block)]
pub struct BlockView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e97")]
    id: Uuid,
    /// What kind of thing it is.
    kind: BlockKind,
    /// The site's name or the address.
    #[schema(example = "ads.example")]
    value: String,
    /// The routers that it is blocked on; null for all, those of tomorrow too.
    #[schema(example = json!(null))]
    router_ids: Option<Vec<Uuid>>,
    /// Why.
    #[schema(example = "Malware")]
    reason: String,
    /// Who blocked it: `user:<id>` or `system:<part>`.
    #[schema(example = "user:0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e92")]
    created_by: String,
    /// When.
    #[schema(example = "2026-01-17T12:00:00Z")]
    created_at: DateTime<Utc>,
    /// When it was lifted; null while it stands.
    #[schema(example = json!(null))]
    lifted_at: Option<DateTime<Utc>>,
}

impl From<Block> for BlockView {
    fn from(block: Block) -> Self {
        let kind = match block.target {
            BlockTarget::Domain(_) => BlockKind::Domain,
            BlockTarget::Address(_) => BlockKind::Address,
            BlockTarget::Device(_) => BlockKind::Device,
        };
        Self {
            id: block.id.as_uuid(),
            kind,
            value: block.target.parts().1,
            router_ids: block.routers.map(|routers| routers.into_iter().map(|id| id.as_uuid()).collect()),
            reason: block.reason,
            created_by: block.created_by,
            created_at: block.created_at,
            lifted_at: block.lifted_at,
        }
    }
}

/// What kind of thing is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = "domain")]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// A site by its name, with its subdomains.
    Domain,
    /// An address.
    Address,
    /// A device by its MAC.
    Device,
}

impl From<AddBlockError> for ApiError {
    fn from(error: AddBlockError) -> Self {
        match error {
            AddBlockError::NoRouter(_) => Self::field("router_ids", FieldProblem::Invalid),
            AddBlockError::BlockedAlready => ApiErrorCode::BlockedAlready.into(),
            AddBlockError::Store(error) => error.into(),
        }
    }
}

impl From<LiftBlockError> for ApiError {
    fn from(error: LiftBlockError) -> Self {
        match error {
            LiftBlockError::NotFound => ApiErrorCode::NotFound.into(),
            LiftBlockError::Store(error) => error.into(),
        }
    }
}
