//! What the caller may pay with.

use std::sync::Arc;

use actix_web::{get, web::Data};

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::ApiError,
        money::MoneyView,
        policy::Caller,
    },
};

/// The caller's credit: what was paid twice, and has not been used or given back.
///
/// One amount for each currency in which there ever was something.
#[utoipa::path(
    tag = "Account",
    operation_id = "show_my_credit",
    responses((status = 200, description = "The credit.", body = Envelope<Vec<MoneyView>>))
)]
#[get("/api/v1/me/credit")]
pub async fn show_my_credit(
    services: Data<Arc<Services>>,
    caller: Caller,
) -> Result<Answer<Vec<MoneyView>>, ApiError> {
    let credit = services.billing.credit_of(caller.0.user_id).await?;
    Ok(Answer::ok(credit.into_iter().map(MoneyView::from).collect()))
}
