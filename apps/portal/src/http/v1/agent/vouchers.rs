//! Taking vouchers, to sell them on.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::use_cases::sell::SellVouchers;
use kernel::Id;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::sell::read_quantity;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        idempotency::IdempotencyHeader,
        input::Json,
        policy::{Caller, RequestContext},
        v1::{admin::voucher_batches::VoucherBatchView, place::wanted_place},
    },
};

/// Which vouchers to take.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeVouchersRequest {
    /// Which package each is good for.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    pub user_profile_id: Uuid,
    /// How many.
    #[validate(range(min = 1, max = 100))]
    #[schema(example = 10, minimum = 1, maximum = 100)]
    pub quantity: u32,
    /// The site where they are good. When it is not given: where the package says, or the caller's only site, or anywhere;
    /// whoever sells for several sites has to say.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub site_id: Option<Uuid>,
}

/// Takes vouchers out of the caller's wallet, to sell them on.
///
/// The wallet gives their price less the agent's part. Print them to read their codes.
#[utoipa::path(
    tag = "Agents",
    operation_id = "take_vouchers",
    request_body = TakeVouchersRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key and body is answered with the vouchers that the first one took.")),
    responses(
        (status = 201, description = "The vouchers.", body = Envelope<VoucherBatchView>),
        (status = 403, description = "`not_an_agent`: the caller has no terms as an agent, or is suspended; or `forbidden`."),
        (status = 409, description = "`wallet_too_low`: `errors` says what is there and what is needed."),
        (status = 422, description = "A value is not accepted, or the idempotency key came with another body before."),
    )
)]
#[post("/api/v1/agent/vouchers")]
pub async fn take_vouchers(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    idempotency: IdempotencyHeader,
    body: Json<TakeVouchersRequest>,
) -> Result<Answer<VoucherBatchView>, ApiError> {
    let key = idempotency.over(body.bytes());
    let TakeVouchersRequest { user_profile_id, quantity, site_id } = body.into_inner();
    let command = SellVouchers {
        agent_id: caller.0.user_id,
        package_id: Id::from_uuid(user_profile_id),
        quantity: read_quantity(quantity)?,
        place: wanted_place(&services, site_id, None).await?,
        idempotency: key,
    };
    let id = services.billing.sell_vouchers(&context.origin, command).await?;
    let taken = services.billing.batch(id).await?;
    let taken = taken.ok_or_else(|| ApiError::internal("a batch is gone as soon as it was made"))?;
    Ok(Answer::created(taken.into(), &format!("/api/v1/agent/vouchers/{id}")))
}
