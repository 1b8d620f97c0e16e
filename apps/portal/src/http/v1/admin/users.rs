//! Everybody's accounts, for those who look after them.

use identity::{
    staff::{Keeper, Refusal},
    use_cases::{change_user::ChangeUserError, keep_users::KeepUserError},
};
use kernel::id::ids::UserId;
use persistence::accounts::{AccountFilter, AccountView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::{
    compose::Services,
    http::{
        error::{ApiError, ApiErrorCode},
        policy::Caller,
        v1::{
            account_fields as fields,
            me::{RoleWord, UserView},
        },
    },
};

pub mod access_profile;
pub mod activate;
pub mod create;
pub mod deactivate;
pub mod delete;
pub mod export;
pub mod list;
pub mod reset_password;
pub mod show;
pub mod update;
pub mod usage;
pub mod wifi;

/// An account as staff see it.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminUser)]
pub struct AdminUserView {
    /// What its owner sees.
    #[serde(flatten)]
    user: UserView,
    /// Where the secret for the Wi-Fi comes from: `shared` (it is the password), `own`, or `unknown` until the next
    /// sign-in of an account that an earlier version of the portal made.
    #[schema(example = "shared")]
    wifi_secret: &'static str,
    /// Counts the account's changes: sent back with a change, it keeps one from undoing another.
    #[schema(example = 1, minimum = 1)]
    revision: i64,
}

impl From<AccountView> for AdminUserView {
    fn from(view: AccountView) -> Self {
        Self { wifi_secret: view.user.wifi_secret.as_str(), revision: view.user.revision, user: view.into() }
    }
}

/// A password that was made, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminUserWithPassword)]
pub struct WithPasswordView {
    /// The account.
    #[serde(flatten)]
    user: AdminUserView,
    /// The password when the portal made it, shown this once; else null.
    #[schema(example = "k7Rm3vXw9QhT")]
    password: Option<String>,
}

/// Which accounts are wanted. Everything that is given must fit.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    /// Words that must all be in the name, the matricule, the email address or the phone number, whatever their case
    /// and accents.
    #[validate(length(max = 100))]
    #[param(example = "mbuyi", max_length = 100)]
    pub search: Option<String>,
    /// Only those of this promotion.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    pub promotion_id: Option<Uuid>,
    /// Only those that are active, or only those that are not.
    #[param(example = true)]
    pub is_active: Option<bool>,
    /// Only those that may use the Wi-Fi now, or only those that may not.
    #[param(example = true)]
    pub is_radius_enabled: Option<bool>,
    /// Only those with this role.
    #[param(inline)]
    pub role: Option<RoleWord>,
}

impl From<UserQuery> for AccountFilter {
    fn from(query: UserQuery) -> Self {
        Self {
            search: query.search,
            promotion_id: query.promotion_id,
            active: query.is_active,
            wifi_enabled: query.is_radius_enabled,
            role: query.role.map(Into::into),
        }
    }
}

/// Who looks after accounts here.
fn keeper(caller: &Caller) -> Keeper {
    Keeper::from(&caller.0)
}

/// An account as it is now.
async fn shown(services: &Services, id: UserId) -> Result<AdminUserView, ApiError> {
    let found = services.database.find_account(id).await?;
    Ok(found.ok_or(ApiErrorCode::NotFound)?.into())
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Own => ApiErrorCode::OwnAccount.into(),
            Refusal::Staff => ApiErrorCode::Forbidden.into(),
            Refusal::LastAdmin => ApiErrorCode::LastAdmin.into(),
        }
    }
}

impl From<ChangeUserError> for ApiError {
    fn from(error: ChangeUserError) -> Self {
        match error {
            ChangeUserError::NotFound => ApiErrorCode::NotFound.into(),
            ChangeUserError::Stale { .. } => ApiErrorCode::UserChanged.into(),
            ChangeUserError::Taken(name) => fields::taken(name),
            ChangeUserError::NoIdentifier(_) => fields::no_identifier(),
            ChangeUserError::Refused(refusal) => refusal.into(),
            ChangeUserError::NotConfirmed => Self::field(
                "confirm",
                fields::said("n'est pas l'identifiant de ce compte", "is not the username of this account"),
            ),
            ChangeUserError::Store(error) => error.into(),
        }
    }
}

impl From<KeepUserError> for ApiError {
    fn from(error: KeepUserError) -> Self {
        match error {
            KeepUserError::NotFound => ApiErrorCode::NotFound.into(),
            KeepUserError::Refused(refusal) => refusal.into(),
            KeepUserError::Create(error) => error.into(),
            KeepUserError::Weak(weak) => fields::weak("password", weak),
            KeepUserError::Password(error) => Self::internal(error),
            KeepUserError::Seal(error) => Self::internal(error),
            KeepUserError::Store(error) => error.into(),
        }
    }
}
