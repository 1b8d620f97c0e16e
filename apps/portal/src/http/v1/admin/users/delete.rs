//! Deleting an account for good.

use std::sync::Arc;

use actix_web::{delete, web::Data};
use billing::ledger::Account;
use identity::use_cases::change_user::ChangeUserError;
use kernel::id::{ids::UserId, of};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::keeper;
use crate::{
    compose::Services,
    http::{
        envelope::NoContent,
        error::{ApiError, ApiErrorCode, FieldProblem},
        input::{Json, PathId},
        policy::{Caller, RequestContext},
    },
};

/// That it is really meant.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteUserRequest {
    /// The username of the account.
    #[validate(length(min = 1, max = 254))]
    #[schema(example = "2024-ISC-0017", min_length = 1, max_length = 254)]
    confirm: String,
}

/// Deletes an account for good.
///
/// Its sessions end, its Wi-Fi ends, and its names are free again. Its orders and payments, and what the audit log says,
/// stay; whose they were is forgotten, for each order as soon as nothing about it is under way. What was bought works on.
/// Money in an agent's wallet is theirs: give it back first (`POST /admin/agents/{id}/transfers`).
#[utoipa::path(
    tag = "Administration",
    operation_id = "delete_user",
    request_body = DeleteUserRequest,
    params(("id" = uuid::Uuid, Path, description = "The account", example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
    responses(
        (status = 204, description = "The account is gone."),
        (status = 404, description = "`not_found`: there is no such account."),
        (status = 409, description = "`own_account`: nobody deletes themselves. `last_admin`: there would be no admin. `wallet_not_empty`: an agent's wallet holds money, and `errors` says how much."),
        (status = 422, description = "`confirm` is not the account's username."),
    )
)]
#[delete("/api/v1/admin/users/{id}")]
pub async fn delete_user(
    services: Data<Arc<Services>>,
    caller: Caller,
    context: RequestContext,
    id: PathId<of::User>,
    body: Json<DeleteUserRequest>,
) -> Result<NoContent, ApiError> {
    let confirm = body.into_inner().confirm;
    let by = keeper(&caller);
    let user = services.identity.user(id.0).await?.ok_or(ApiErrorCode::NotFound)?;
    // Who may not delete the account learns nothing of its wallet.
    by.may_lock_out(&user).map_err(ChangeUserError::from)?;
    refuse_full_wallet(&services, id.0).await?;
    services.identity.delete_user(id.0, &confirm, &by, &context.origin).await?;
    Ok(NoContent)
}

/// Asks billing, so that identity need not know of wallets. What somebody puts into the wallet at this very moment may get
/// past; it stays in the books under the agent's id, and staff can still take it out.
async fn refuse_full_wallet(services: &Services, id: UserId) -> Result<(), ApiError> {
    let wallet = services.billing.reads().available(Account::AgentWallet(id)).await?;
    let left = wallet.iter().filter(|money| money.minor() > 0);
    let problems =
        left.map(|money| FieldProblem::Said(format!("contient {money}"), format!("holds {money}")));
    let refusal = ApiError::new(ApiErrorCode::WalletNotEmpty);
    let refusal = problems.fold(refusal, |refusal, problem| refusal.and_field("wallet", problem));
    if refusal.fields.is_empty() { Ok(()) } else { Err(refusal) }
}
