//! What is blocked.

use std::sync::Arc;

use actix_web::{get, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;
use validator::Validate;

use super::BlockView;
use crate::{
    compose::Services,
    http::{
        envelope::{ListAnswer, ListEnvelope},
        error::ApiError,
        input::Query,
        pagination::PageQuery,
    },
};

/// Which blocks are wanted.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct BlockQuery {
    /// Those that were lifted too.
    #[param(example = false)]
    lifted: bool,
}

/// Lists what is blocked, latest first. Devices that their owners have switched off are not in it.
#[utoipa::path(
    tag = "Administration",
    params(PageQuery, BlockQuery),
    responses((status = 200, description = "The blocks.", body = ListEnvelope<BlockView>))
)]
#[get("/api/v1/admin/blocks")]
pub async fn list_blocks(
    services: Data<Arc<Services>>,
    page: Query<PageQuery>,
    query: Query<BlockQuery>,
) -> Result<ListAnswer<BlockView>, ApiError> {
    let blocks = services.hotspot.list_blocks(query.0.lifted, page.0.request()).await?;
    Ok(ListAnswer::of(blocks.map(BlockView::from)))
}
