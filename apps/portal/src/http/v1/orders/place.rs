//! Placing an order.

use std::sync::Arc;

use actix_web::{http::header, post, web::Data};
use billing::{
    order::Quantity,
    queries::{OrderDetails, Scope},
    use_cases::place_order::{PlaceOrder, PlaceOrderError},
};
use kernel::{Id, Locale, Msisdn, events::Contact, id::ids::OrderId};
use serde::{Deserialize, Serialize};
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
        v1::place::{package_not_on_sale, wanted_place},
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
    /// Where the credentials are sent, for a guest alone; an account has a phone of its own. International
    /// (`+243812345678`) or national (`0812345678`).
    #[serde(default)]
    #[validate(length(max = 32))]
    #[schema(example = json!(null), max_length = 32)]
    pub phone: Option<String>,
    /// The site where the credentials are used; where the package says, or else the main one, when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub site_id: Option<Uuid>,
    /// The router that they are put on; the site's default one when it is not given.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub router_id: Option<Uuid>,
}

/// An order that was just placed.
#[derive(Serialize, ToSchema)]
#[schema(as = PlacedOrder)]
pub struct PlacedOrderView {
    /// The order itself.
    #[serde(flatten)]
    order: OrderDetailsView,
    /// What opens a guest's order, in the header `Order-Token`: whoever has it may see, pay and cancel this order, and see
    /// its credentials. Null for an account's order.
    #[schema(example = json!(null))]
    order_token: Option<String>,
}

/// Places an order.
///
/// Price, currency, name and policy of the package are frozen in it. It waits for its payment until
/// `expires_at`. Guests order without an account: they give a `phone`, to which the credentials are sent, and are
/// answered with an `order_token`. How often they may is limited by the hour, by phone and address. An
/// `Idempotency-Key` of theirs has at least 16 characters, as nobody else may hit upon it.
#[utoipa::path(
    tag = "Orders",
    operation_id = "place_order",
    request_body = PlaceOrderRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key and body is answered with the order that the first one placed.")),
    responses(
        (status = 201, description = "The order.", body = Envelope<PlacedOrderView>),
        (status = 422, description = "A value is not accepted, or the idempotency key came with another body before."),
        (status = 429, description = "`too_many_guest_orders`: guests with this phone, or at this address, have ordered too often; or `rate_limited`."),
    )
)]
#[post("/api/v1/orders")]
pub async fn place_order(
    services: Data<Arc<Services>>,
    caller: Option<Caller>,
    context: RequestContext,
    idempotency: IdempotencyHeader,
    body: Json<PlaceOrderRequest>,
) -> Result<Answer<PlacedOrderView>, ApiError> {
    let key = idempotency.over(body.bytes());
    let PlaceOrderRequest { user_profile_id, quantity, phone, site_id, router_id } = body.into_inner();
    let contact = bearer(&services, caller.as_ref(), phone.as_deref(), context.locale, Bearer::Phone).await?;
    let is_guest = contact.user_id.is_none();
    let command = PlaceOrder {
        package_id: Id::from_uuid(user_profile_id),
        quantity: Quantity::new(quantity).ok_or_else(|| {
            ApiError::field("quantity", FieldProblem::OutOfRange(Some("1".into()), Some("100".into())))
        })?,
        place: wanted_place(&services, site_id, router_id).await?,
        contact,
        idempotency: key,
    };
    let order = services.billing.place_order(&context.origin, command).await?;
    placed(&services, order, is_guest).await
}

/// The answer about an order that was just placed, with a guest's token.
///
/// # Errors
/// The order is not there, or its token cannot be made.
pub async fn placed(
    services: &Services,
    order: OrderId,
    is_guest: bool,
) -> Result<Answer<PlacedOrderView>, ApiError> {
    let placed = services.billing.order(Scope::Order(order), &order.to_string()).await?;
    let placed = placed.ok_or_else(|| ApiError::internal("an order is gone as soon as it was placed"))?;
    let placed = if is_guest {
        with_token(services, placed)?
    } else {
        PlacedOrderView { order: placed.into(), order_token: None }
    };
    Ok(Answer::created(placed, &format!("/api/v1/orders/{order}"))
        .with_header(header::CACHE_CONTROL, "no-store"))
}

/// An order with the token that opens it.
///
/// # Errors
/// The token cannot be made.
pub fn with_token(services: &Services, details: OrderDetails) -> Result<PlacedOrderView, ApiError> {
    let order_token = services.billing.order_token(details.order.id).map_err(ApiError::internal)?;
    Ok(PlacedOrderView { order: details.into(), order_token: Some(order_token) })
}

/// What a guest shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// Nothing: they give a phone.
    Phone,
    /// A voucher: they need no phone.
    Voucher,
}

/// Who orders: the account as it is, or a guest with their phone, who is written to in the request's language.
///
/// # Errors
/// `phone` is named when it is missing, no number, or given by an account.
pub async fn bearer(
    services: &Services,
    caller: Option<&Caller>,
    phone: Option<&str>,
    locale: Locale,
    shown: Bearer,
) -> Result<Contact, ApiError> {
    match (caller, phone) {
        (Some(caller), None) => {
            let contact = services.identity.find_contact(caller.0.user_id).await?;
            contact.ok_or_else(|| ApiErrorCode::Unauthenticated.into())
        }
        (Some(_), Some(_)) => Err(ApiError::field(
            "phone",
            FieldProblem::Said(
                "ne se donne que sans compte ; celui du compte compte".to_owned(),
                "is for guests alone; the account's own counts".to_owned(),
            ),
        )),
        (None, None) if shown == Bearer::Voucher => {
            Ok(Contact { user_id: None, phone: None, email: None, locale })
        }
        (None, None) => Err(ApiError::field("phone", FieldProblem::Missing)),
        (None, Some(phone)) => {
            let phone = Msisdn::parse(phone).map_err(|_| ApiError::field("phone", FieldProblem::NotPhone))?;
            Ok(Contact { user_id: None, phone: Some(phone), email: None, locale })
        }
    }
}

impl From<PlaceOrderError> for ApiError {
    fn from(error: PlaceOrderError) -> Self {
        match error {
            PlaceOrderError::PackageNotOnSale => package_not_on_sale(),
            PlaceOrderError::Unserved(unserved) => unserved.into(),
            PlaceOrderError::TooManyGuestOrders { retry_after } => {
                Self::new(ApiErrorCode::TooManyGuestOrders).retry_after(retry_after)
            }
            PlaceOrderError::KeyReused(_) => ApiErrorCode::IdempotencyKeyReused.into(),
            PlaceOrderError::Money(_) => Self::field("quantity", FieldProblem::Invalid),
            PlaceOrderError::Store(error) => error.into(),
        }
    }
}
