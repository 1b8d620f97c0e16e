//! Cash to and from an agent's wallet.

use std::sync::Arc;

use actix_web::{post, web::Data};
use billing::use_cases::manage_agents::{MoveCash, MoveCashError};
use kernel::id::of;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{AdminAgentView, shown};
use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode, FieldProblem},
        idempotency::IdempotencyHeader,
        input::{Json, PathId},
        policy::RequestContext,
        v1::admin::user_profiles::MoneyInput,
    },
};

/// Cash that an agent has handed over, or was given back.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    /// Which way it goes.
    pub kind: TransferKind,
    /// How much.
    #[validate(nested)]
    pub amount: MoneyInput,
    /// What is to be read of it in the statement, such as a receipt's number.
    #[validate(length(min = 1, max = 200))]
    #[schema(example = "receipt 17", min_length = 1, max_length = 200)]
    pub note: String,
}

/// Which way cash goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(example = "top_up")]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// Into the wallet.
    TopUp,
    /// Out of it.
    Withdrawal,
}

/// Writes down that an agent has handed cash over, or was given some back.
///
/// Make an `Idempotency-Key` for each, and repeat it when the answer is lost: then nothing is written down twice.
#[utoipa::path(
    tag = "Administration",
    operation_id = "move_agent_cash",
    request_body = TransferRequest,
    params(
        ("id" = Uuid, Path, description = "The agent's account."),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key and body changes nothing more."),
    ),
    responses(
        (status = 201, description = "The agent, with what is in their wallet now.", body = Envelope<AdminAgentView>),
        (status = 404, description = "There is no such agent."),
        (status = 409, description = "`wallet_too_low`: less is in the wallet than is to come out."),
        (status = 422, description = "A value is not accepted, or the idempotency key came with another body before."),
    )
)]
#[post("/api/v1/admin/agents/{id}/transfers")]
pub async fn move_agent_cash(
    services: Data<Arc<Services>>,
    context: RequestContext,
    id: PathId<of::User>,
    idempotency: IdempotencyHeader,
    body: Json<TransferRequest>,
) -> Result<Answer<AdminAgentView>, ApiError> {
    let key = idempotency.over(body.bytes());
    let TransferRequest { kind, amount, note } = body.into_inner();
    let amount = amount.parse("amount")?;
    let wrong = || ApiError::field("amount.amount", FieldProblem::Invalid);
    if amount.minor() <= 0 {
        return Err(wrong());
    }
    let amount = match kind {
        TransferKind::TopUp => amount,
        TransferKind::Withdrawal => amount.checked_neg().map_err(|_| wrong())?,
    };
    let command = MoveCash { agent_id: id.0, amount, note, idempotency: key };
    services.billing.move_cash(&context.origin, command).await?;
    let agent = services.billing.agent(id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    Ok(Answer::created(shown(&services, agent).await?, &format!("/api/v1/admin/agents/{}", id.0)))
}

impl From<MoveCashError> for ApiError {
    fn from(error: MoveCashError) -> Self {
        match error {
            MoveCashError::NotFound => ApiErrorCode::NotFound.into(),
            MoveCashError::NotEnough(available) => {
                let (fr, en) = (format!("il y a {available}"), format!("there is {available}"));
                Self::new(ApiErrorCode::WalletTooLow).and_field("wallet", FieldProblem::Said(fr, en))
            }
            MoveCashError::Amount => Self::field("amount.amount", FieldProblem::Invalid),
            MoveCashError::KeyReused(_) => ApiErrorCode::IdempotencyKeyReused.into(),
            MoveCashError::Store(error) => error.into(),
        }
    }
}
