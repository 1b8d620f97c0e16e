//! Who sells at a site, and the tax that prices there include.

use std::sync::Arc;

use actix_web::{get, put, web::Data};
use billing::{
    basis_points::BasisPoints,
    receipt::{Seller, SiteSeller},
};
use kernel::id::of;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::{Json, PathId},
        policy::RequestContext,
        v1::orders::receipt::SellerView,
    },
};

/// Who sells at a site.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SellerRequest {
    /// The seller's name.
    #[validate(length(min = 1, max = 100))]
    #[schema(example = "Campus Wi-Fi SARL", min_length = 1, max_length = 100)]
    pub name: String,
    /// Where the seller is, in at most 6 lines.
    #[serde(default)]
    #[validate(length(max = 300))]
    #[schema(example = "12, avenue de la Paix, Kinshasa", max_length = 300)]
    pub address: String,
    /// The seller's number at the tax office.
    #[serde(default)]
    #[validate(length(min = 1, max = 40))]
    #[schema(example = "A1234567B", min_length = 1, max_length = 40)]
    pub tax_id: Option<String>,
    /// The rate of the tax that prices include, in hundredths of a percent: 1600 is 16 %.
    #[serde(default)]
    #[validate(range(max = 10_000))]
    #[schema(example = 1600, minimum = 0, maximum = 10000, default = 0)]
    pub tax_basis_points: u16,
}

/// Who sells at a site, and the tax that prices there include.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteSeller)]
pub struct SiteSellerView {
    /// Who sells.
    #[serde(flatten)]
    seller: SellerView,
    /// The rate of the tax that prices include, in hundredths of a percent.
    #[schema(example = 1600, minimum = 0, maximum = 10000)]
    tax_basis_points: u16,
}

/// Who sells at a site, as it stands on receipts; an empty name while nobody has said so.
#[utoipa::path(
    tag = "Administration",
    operation_id = "show_seller",
    params(("id" = Uuid, Path, description = "The site.")),
    responses(
        (status = 200, description = "The seller.", body = Envelope<SiteSellerView>),
        (status = 404, description = "There is no such site."),
    )
)]
#[get("/api/v1/admin/sites/{id}/seller")]
pub async fn show_seller(
    services: Data<Arc<Services>>,
    id: PathId<of::Site>,
) -> Result<Answer<SiteSellerView>, ApiError> {
    let sites = services.billing.reads().sites().await?;
    if !sites.iter().any(|site| site.id == id.0) {
        return Err(ApiErrorCode::NotFound.into());
    }
    Ok(Answer::ok(services.billing.seller(id.0).await?.into()))
}

/// Says who sells at a site, and which tax prices there include.
///
/// It counts for orders that are placed from now on: those that were placed keep their rate, and receipts what stands on
/// them.
#[utoipa::path(
    tag = "Administration",
    operation_id = "set_seller",
    request_body = SellerRequest,
    params(("id" = Uuid, Path, description = "The site.")),
    responses(
        (status = 200, description = "The seller.", body = Envelope<SiteSellerView>),
        (status = 404, description = "There is no such site."),
        (status = 422, description = "A value is not accepted."),
    )
)]
#[put("/api/v1/admin/sites/{id}/seller")]
pub async fn set_seller(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::Site>,
    body: Json<SellerRequest>,
) -> Result<Answer<SiteSellerView>, ApiError> {
    let SellerRequest { name, address, tax_id, tax_basis_points } = body.into_inner();
    let range = || FieldProblem::OutOfRange(Some("0".into()), Some(BasisPoints::MAX.to_string()));
    let tax_rate = BasisPoints::new(tax_basis_points);
    let tax_rate = tax_rate.ok_or_else(|| ApiError::field("tax_basis_points", range()))?;
    let seller = Seller { name, address, tax_id };
    if seller.address_lines().count() > Seller::MOST_ADDRESS_LINES {
        return Err(ApiError::field("address", too_many_lines()));
    }
    let seller = SiteSeller { seller, tax_rate };
    if !services.billing.set_seller(&context.origin, id.0, &seller).await? {
        return Err(ApiErrorCode::NotFound.into());
    }
    Ok(Answer::ok(seller.into()))
}

fn too_many_lines() -> FieldProblem {
    let most = Seller::MOST_ADDRESS_LINES;
    FieldProblem::Said(format!("doit avoir au plus {most} lignes"), format!("must have at most {most} lines"))
}

impl From<SiteSeller> for SiteSellerView {
    fn from(SiteSeller { seller, tax_rate }: SiteSeller) -> Self {
        Self { seller: seller.into(), tax_basis_points: tax_rate.get() }
    }
}
