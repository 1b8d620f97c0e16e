//! Redeeming a voucher.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::{
    use_cases::redeem_voucher::{RedeemVoucher, RedeemVoucherError},
    voucher::{Unusable, VoucherCode},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        idempotency::IdempotencyHeader,
        input::Json,
        policy::{Caller, RequestContext},
        v1::{
            orders::place::{Bearer, PlacedOrderView, bearer, placed},
            place::wanted_place,
        },
    },
};

/// What to redeem.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemVoucherRequest {
    /// The code, as it is printed or typed: in capitals or not, with dashes, blanks or neither.
    #[validate(length(max = 40))]
    #[schema(example = "7XQM-4T9B-W2HCA", max_length = 40)]
    pub code: String,
    /// Where the credentials are sent besides, for a guest alone; an account has a phone of its own.
    #[serde(default)]
    #[validate(length(max = 32))]
    #[schema(example = json!(null), max_length = 32)]
    pub phone: Option<String>,
    /// The site where the credentials are used; where the voucher says, or else the main one, when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub site_id: Option<Uuid>,
    /// The router that they are put on; the site's default one when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub router_id: Option<Uuid>,
}

/// Redeems a voucher.
///
/// The answer is an order that the voucher has paid; its credentials are ready about a second later, as those of any paid
/// order. A guest needs no phone and is answered with an `order_token`, with which the credentials are read. A code that is
/// mistyped is told from a wrong one and may be tried as often as one likes; after too many wrong ones within an hour
/// from one account or address, none is taken from there until the hour is over.
#[utoipa::path(
    tag = "Vouchers",
    operation_id = "redeem_voucher",
    request_body = RedeemVoucherRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key and body is answered with the order that the first one made.")),
    responses(
        (status = 201, description = "The order, which is paid.", body = Envelope<PlacedOrderView>),
        (status = 404, description = "`voucher_unknown`: no voucher has this code."),
        (status = 409, description = "`voucher_redeemed`, `voucher_revoked`, `voucher_suspended` or `voucher_expired`."),
        (status = 422, description = "A value is not accepted, or the idempotency key came with another body before."),
        (status = 429, description = "`too_many_guesses`: too many wrong codes came from there; or `rate_limited`."),
    )
)]
#[post("/api/v1/vouchers/redeem")]
pub async fn redeem_voucher(
    services: Data<Arc<Services>>,
    caller: Option<Caller>,
    context: RequestContext,
    idempotency: IdempotencyHeader,
    body: Json<RedeemVoucherRequest>,
) -> Result<Answer<PlacedOrderView>, ApiError> {
    let key = idempotency.over(body.bytes());
    let RedeemVoucherRequest { code, phone, site_id, router_id } = body.into_inner();
    let code = VoucherCode::parse(&code).map_err(|_| {
        let said = ("n'est pas un code, ou contient une faute de frappe", "is no code, or is mistyped");
        ApiError::field("code", FieldProblem::Said(said.0.to_owned(), said.1.to_owned()))
    })?;
    let contact =
        bearer(&services, caller.as_ref(), phone.as_deref(), context.locale, Bearer::Voucher).await?;
    let is_guest = contact.user_id.is_none();
    let place = wanted_place(&services, site_id, router_id).await?;
    let command = RedeemVoucher { code, contact, place, idempotency: key };
    let order = services.billing.redeem_voucher(&context.origin, command).await?;
    placed(&services, order, is_guest).await
}

impl From<RedeemVoucherError> for ApiError {
    fn from(error: RedeemVoucherError) -> Self {
        match error {
            RedeemVoucherError::Unknown => ApiErrorCode::VoucherUnknown.into(),
            RedeemVoucherError::TooManyGuesses { retry_after } => {
                Self::new(ApiErrorCode::TooManyGuesses).retry_after(retry_after)
            }
            RedeemVoucherError::Unusable(Unusable::Redeemed) => ApiErrorCode::VoucherRedeemed.into(),
            RedeemVoucherError::Unusable(Unusable::Revoked) => ApiErrorCode::VoucherRevoked.into(),
            RedeemVoucherError::Unusable(Unusable::Suspended) => ApiErrorCode::VoucherSuspended.into(),
            RedeemVoucherError::Unusable(Unusable::Expired) => ApiErrorCode::VoucherExpired.into(),
            RedeemVoucherError::OtherPlace => Self::field(
                "site_id",
                FieldProblem::Said(
                    "n'est pas le lieu de ce voucher".to_owned(),
                    "is not where this voucher is for".to_owned(),
                ),
            ),
            RedeemVoucherError::Unserved(unserved) => unserved.into(),
            RedeemVoucherError::KeyReused(_) => ApiErrorCode::IdempotencyKeyReused.into(),
            RedeemVoucherError::Seal(error) => Self::internal(error),
            RedeemVoucherError::Store(error) => error.into(),
        }
    }
}
