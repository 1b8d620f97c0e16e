//! Making vouchers.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::{
    use_cases::issue_vouchers::{IssueVouchers, IssueVouchersError},
    voucher::is_prefix,
};
use chrono::{DateTime, Utc};
use kernel::Id;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::VoucherBatchView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        idempotency::IdempotencyHeader,
        input::Json,
        policy::RequestContext,
        v1::place::{package_not_on_sale, wanted_place},
    },
};

/// What vouchers to make.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueVouchersRequest {
    /// What staff call the batch.
    #[validate(length(min = 1, max = 100))]
    #[schema(example = "Kiosque Gombe, janvier", min_length = 1, max_length = 100)]
    pub name: String,
    /// Which package each voucher is good for.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")]
    pub user_profile_id: Uuid,
    /// How many.
    #[validate(range(min = 1, max = 10_000))]
    #[schema(example = 500, minimum = 1, maximum = 10000)]
    pub count: u32,
    /// What stands before each code: up to four capitals and digits, without 0, 1, I, L and O.
    #[serde(default)]
    #[validate(length(max = 4))]
    #[schema(example = "GMB", max_length = 4)]
    pub prefix: String,
    /// They can be redeemed before this moment; for ever when it is not given.
    #[serde(default)]
    #[schema(example = "2026-12-31T22:59:59Z")]
    pub expires_at: Option<DateTime<Utc>>,
    /// The site that they are for; where the package says, or else any, when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub site_id: Option<Uuid>,
    /// The router that they are for; the site's default one when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub router_id: Option<Uuid>,
}

/// Makes a batch of vouchers.
///
/// Package, price and policy are frozen in them. Their codes are given out by printing alone.
#[utoipa::path(
    tag = "Administration",
    operation_id = "issue_vouchers",
    request_body = IssueVouchersRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key and body is answered with the batch that the first one made.")),
    responses(
        (status = 201, description = "The batch.", body = Envelope<VoucherBatchView>),
        (status = 422, description = "A value is not accepted, or the idempotency key came with another body before."),
    )
)]
#[post("/api/v1/admin/voucher-batches")]
pub async fn issue_vouchers(
    services: Data<Arc<Services>>,
    context: RequestContext,
    idempotency: IdempotencyHeader,
    body: Json<IssueVouchersRequest>,
) -> Result<Answer<VoucherBatchView>, ApiError> {
    let key = idempotency.over(body.bytes());
    let request = body.into_inner();
    if !is_prefix(&request.prefix) {
        let said = (
            "n'a que des majuscules et des chiffres, sans 0, 1, I, L et O",
            "has capitals and digits alone, without 0, 1, I, L and O",
        );
        return Err(ApiError::field("prefix", FieldProblem::Said(said.0.to_owned(), said.1.to_owned())));
    }
    let command = IssueVouchers {
        name: request.name,
        package_id: Id::from_uuid(request.user_profile_id),
        count: request.count,
        prefix: request.prefix,
        expires_at: request.expires_at,
        place: wanted_place(&services, request.site_id, request.router_id).await?,
        idempotency: key,
    };
    let id = services.billing.issue_vouchers(&context.origin, command).await?;
    let issued = services.billing.batch(id).await?;
    let issued = issued.ok_or_else(|| ApiError::internal("a batch is gone as soon as it was made"))?;
    Ok(Answer::created(issued.into(), &format!("/api/v1/admin/voucher-batches/{id}")))
}

impl From<IssueVouchersError> for ApiError {
    fn from(error: IssueVouchersError) -> Self {
        match error {
            IssueVouchersError::PackageNotOnSale => package_not_on_sale(),
            IssueVouchersError::Unserved(unserved) => unserved.into(),
            IssueVouchersError::Expired => {
                let said = FieldProblem::Said("est passé".to_owned(), "is over".to_owned());
                Self::field("expires_at", said)
            }
            IssueVouchersError::KeyReused(_) => ApiErrorCode::IdempotencyKeyReused.into(),
            IssueVouchersError::Seal(error) => Self::internal(error),
            IssueVouchersError::Store(error) => error.into(),
        }
    }
}
