//! Selling over the counter.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::{
    agent::SiteProblem,
    order::Quantity,
    use_cases::sell::{Sell, SellError},
};
use kernel::Id;
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
            place::{package_not_on_sale, wanted_place},
        },
    },
};

/// What to sell.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SellRequest {
    /// Which package.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    pub user_profile_id: Uuid,
    /// How many sets of credentials.
    #[validate(range(min = 1, max = 100))]
    #[schema(example = 1, minimum = 1, maximum = 100)]
    pub quantity: u32,
    /// The customer's phone, where the credentials are sent; when it is not given, hand them over.
    #[serde(default)]
    #[validate(length(max = 32))]
    #[schema(example = "+243812345678", max_length = 32)]
    pub phone: Option<String>,
    /// The site where the credentials are used. When it is not given: where the package says, or the caller's only site, or
    /// the main one; whoever sells for several sites has to say.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub site_id: Option<Uuid>,
    /// The router that they are put on; the site's default one when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub router_id: Option<Uuid>,
}

/// Sells over the counter, out of the caller's wallet.
///
/// The customer pays the agent in cash; the wallet gives the price less the agent's part. The order is paid at once, and
/// its credentials are ready about a second later: read them with the `order_token`. Make an `Idempotency-Key` for each
/// sale, and repeat it when the answer is lost: then nothing is sold twice.
#[utoipa::path(
    tag = "Agents",
    operation_id = "sell",
    request_body = SellRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key and body is answered with the order that the first one sold.")),
    responses(
        (status = 201, description = "The order, which is paid.", body = Envelope<PlacedOrderView>),
        (status = 403, description = "`not_an_agent`: the caller has no terms as an agent, or is suspended; or `forbidden`."),
        (status = 409, description = "`wallet_too_low`: `errors` says what is there and what is needed."),
        (status = 422, description = "A value is not accepted, or the idempotency key came with another body before."),
    )
)]
#[post("/api/v1/agent/sales")]
pub async fn sell(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    idempotency: IdempotencyHeader,
    body: Json<SellRequest>,
) -> Result<Answer<PlacedOrderView>, ApiError> {
    let key = idempotency.over(body.bytes());
    let SellRequest { user_profile_id, quantity, phone, site_id, router_id } = body.into_inner();
    let command = Sell {
        agent_id: caller.0.user_id,
        package_id: Id::from_uuid(user_profile_id),
        quantity: read_quantity(quantity)?,
        place: wanted_place(&services, site_id, router_id).await?,
        contact: bearer(&services, None, phone.as_deref(), context.locale, Bearer::Voucher).await?,
        idempotency: key,
    };
    let order = services.billing.sell(&context.origin, command).await?;
    placed(&services, order, true).await
}

/// A quantity, or what is wrong with it.
///
/// # Errors
/// 422 names `quantity`.
pub fn read_quantity(quantity: u32) -> Result<Quantity, ApiError> {
    Quantity::new(quantity).ok_or_else(|| {
        ApiError::field("quantity", FieldProblem::OutOfRange(Some("1".into()), Some("100".into())))
    })
}

impl From<SellError> for ApiError {
    fn from(error: SellError) -> Self {
        let said =
            |field, fr: &str, en: &str| Self::field(field, FieldProblem::Said(fr.to_owned(), en.to_owned()));
        match error {
            SellError::NotAnAgent => ApiErrorCode::NotAnAgent.into(),
            SellError::PackageNotOnSale => package_not_on_sale(),
            SellError::PackageNotAllowed => {
                said("user_profile_id", "ne fait pas partie de vos forfaits", "is not among your packages")
            }
            SellError::Site(SiteProblem::NotAllowed) => {
                said("site_id", "ne fait pas partie de vos sites", "is not among your sites")
            }
            SellError::Site(SiteProblem::Which) => Self::field("site_id", FieldProblem::Missing),
            SellError::Unserved(unserved) => unserved.into(),
            SellError::NotEnough { available, needed } => {
                let fr = format!("il y a {available}, et il faut {needed}");
                let en = format!("there is {available}, and {needed} is needed");
                Self::new(ApiErrorCode::WalletTooLow).and_field("wallet", FieldProblem::Said(fr, en))
            }
            SellError::KeyReused(_) => ApiErrorCode::IdempotencyKeyReused.into(),
            SellError::Money(_) => Self::field("quantity", FieldProblem::Invalid),
            SellError::Seal(error) => Self::internal(error),
            SellError::Store(error) => error.into(),
        }
    }
}
