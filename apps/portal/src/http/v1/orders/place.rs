//! Placing an order.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::{
    order::Quantity,
    queries::Scope,
    use_cases::place_order::{PlaceOrder, PlaceOrderError},
};
use kernel::{Id, events::billing::Target};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::OrderDetailsView;
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        idempotency::IdempotencyHeader,
        input::Json,
        policy::{Caller, RequestContext},
        v1::place::named_place,
    },
};

/// What to order.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrderRequest {
    /// Which package.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    pub user_profile_id: Uuid,
    /// How many sets of credentials.
    #[validate(range(min = 1, max = 100))]
    #[schema(example = 2, minimum = 1, maximum = 100)]
    pub quantity: u32,
    /// The site where the credentials are used; where the package says, or else the main one, when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub site_id: Option<Uuid>,
    /// The router that they are put on; the site's default one when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub router_id: Option<Uuid>,
}

/// Places an order.
///
/// Price, currency, name and policy of the package are frozen in it. It waits for its payment until
/// `expires_at`.
#[utoipa::path(
    tag = "Orders",
    operation_id = "place_order",
    request_body = PlaceOrderRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key and body is answered with the order that the first one placed.")),
    responses(
        (status = 201, description = "The order.", body = Envelope<OrderDetailsView>),
        (status = 422, description = "A value is not accepted, or the idempotency key came with another body before."),
    )
)]
#[post("/api/v1/orders")]
pub async fn place_order(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    idempotency: IdempotencyHeader,
    body: Json<PlaceOrderRequest>,
) -> Result<Answer<OrderDetailsView>, ApiError> {
    let key = idempotency.over(body.bytes());
    let PlaceOrderRequest { user_profile_id, quantity, site_id, router_id } = body.into_inner();
    let package_id = Id::from_uuid(user_profile_id);
    let target =
        services.billing.package(package_id).await?.map_or(Target::Router, |package| package.offer.target);
    let contact =
        services.identity.find_contact(caller.0.user_id).await?.ok_or(ApiErrorCode::Unauthenticated)?;
    let command = PlaceOrder {
        package_id,
        quantity: Quantity::new(quantity).ok_or_else(|| {
            ApiError::field("quantity", FieldProblem::OutOfRange(Some("1".into()), Some("100".into())))
        })?,
        place: named_place(&services, target, site_id, router_id).await?,
        contact,
        idempotency: key,
    };
    let order = services.billing.place_order(&context.origin, command).await?;
    let placed = services.billing.order(Scope::Own(caller.0.user_id), &order.to_string()).await?;
    let placed = placed.ok_or_else(|| ApiError::internal("an order is gone as soon as it was placed"))?;
    Ok(Answer::created(placed.into(), &format!("/api/v1/orders/{order}")))
}

impl From<PlaceOrderError> for ApiError {
    fn from(error: PlaceOrderError) -> Self {
        match error {
            PlaceOrderError::PackageNotOnSale => Self::field(
                "user_profile_id",
                FieldProblem::Said("n'est pas en vente".to_owned(), "is not on sale".to_owned()),
            ),
            PlaceOrderError::RouterForRadius => Self::field(
                "router_id",
                FieldProblem::Said(
                    "ne va pas avec un forfait par RADIUS".to_owned(),
                    "does not go with a package by RADIUS".to_owned(),
                ),
            ),
            PlaceOrderError::KeyReused => ApiErrorCode::IdempotencyKeyReused.into(),
            PlaceOrderError::Money(_) => Self::field("quantity", FieldProblem::Invalid),
            PlaceOrderError::Store(error) => error.into(),
        }
    }
}
