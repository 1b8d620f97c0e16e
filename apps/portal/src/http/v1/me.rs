//! Who the caller is, and what they change of it.

use std::sync::Arc;

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use kernel::id::ids::UserId;
use persistence::accounts::AccountView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    compose::Services,
    http::{
        envelope::{Answer, Envelope},
        error::{ApiError, ApiErrorCode},
        policy::Caller,
    },
};

pub mod change;
pub mod credit;
pub mod password;
pub mod wifi_secret;

/// A person with an account.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// Names the account.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    id: Uuid,
    /// The first of matricule, email and phone that the account has.
    #[schema(example = "alice@demo.test")]
    username: String,
    /// The given name.
    #[schema(example = "Alice")]
    first_name: String,
    /// The family name.
    #[schema(example = "Mbuyi")]
    last_name: String,
    /// The email address.
    #[schema(example = "alice@demo.test")]
    email: Option<String>,
    /// The phone number in the international form (E.164).
    #[schema(example = "+243812345678")]
    phone: Option<String>,
    /// The student or staff number.
    #[schema(example = "2023-0147")]
    matricule: Option<String>,
    /// The promotion that the account belongs to.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    promotion_id: Option<Uuid>,
    /// The promotion's name.
    #[schema(example = "L2 Informatique")]
    promotion_name: Option<String>,
    /// What kind of account it is.
    role: RoleWord,
    /// The language the person reads.
    locale: LocaleWord,
    /// Whether the person can sign in.
    #[schema(example = true)]
    is_active: bool,
    /// Whether the account was ever given the Wi-Fi of the campus.
    #[schema(example = true)]
    is_radius_activated: bool,
    /// Whether it may use the Wi-Fi of the campus now.
    #[schema(example = true)]
    is_radius_enabled: bool,
    /// When the person last signed in with the password.
    #[schema(example = "2026-01-17T12:00:00Z")]
    last_login_at: Option<DateTime<Utc>>,
    /// When the account was made.
    #[schema(example = "2026-01-01T08:00:00Z")]
    created_at: DateTime<Utc>,
}

/// A kind of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Role, example = "user")]
#[serde(rename_all = "snake_case")]
pub enum RoleWord {
    /// Runs the portal.
    Admin,
    /// Sells access for the operator.
    Agent,
    /// Buys and uses access.
    User,
}

/// A language: French or English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Locale, example = "fr")]
#[serde(rename_all = "snake_case")]
pub enum LocaleWord {
    /// French.
    Fr,
    /// English.
    En,
}

/// The caller.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeView {
    /// The account.
    #[serde(flatten)]
    user: UserView,
    /// What the account may do, as `resource:action`.
    #[schema(example = json!(["orders:own", "hotspot-users:own", "notifications:own"]))]
    permissions: Vec<&'static str>,
}

/// Shows who the caller is, and what they may do.
#[utoipa::path(
    tag = "Account",
    responses((status = 200, description = "The caller's account.", body = Envelope<MeView>))
)]
#[get("/api/v1/me")]
pub async fn show_me(services: Data<Arc<Services>>, caller: Caller) -> Result<Answer<MeView>, ApiError> {
    let found = services.database.find_account(caller.0.user_id).await?;
    // The account went away after the token was looked at.
    let user = found.ok_or(ApiErrorCode::Unauthenticated)?.into();
    let permissions = caller.0.permissions.iter().map(kernel::Permission::as_str).collect();
    Ok(Answer::ok(MeView { user, permissions }))
}

/// An account as its owner sees it, with what others know of it.
pub(crate) async fn user_view(services: &Services, user: UserId) -> Result<UserView, ApiError> {
    let found = services.database.find_account(user).await?;
    Ok(found.ok_or(ApiErrorCode::Unauthenticated)?.into())
}

impl From<AccountView> for UserView {
    fn from(view: AccountView) -> Self {
        let AccountView { user, promotion_name, wifi_activated, wifi_enabled } = view;
        let identifiers = &user.identifiers;
        Self {
            id: user.id.as_uuid(),
            username: identifiers.username().to_owned(),
            first_name: user.first_name.as_str().to_owned(),
            last_name: user.last_name.as_str().to_owned(),
            email: identifiers.email().map(ToString::to_string),
            phone: identifiers.phone().map(|phone| phone.as_str().to_owned()),
            matricule: identifiers.matricule().map(|matricule| matricule.as_str().to_owned()),
            promotion_id: user.promotion_id,
            promotion_name,
            role: user.role.into(),
            locale: user.locale.into(),
            is_active: user.is_active,
            is_radius_activated: wifi_activated,
            is_radius_enabled: wifi_enabled,
            last_login_at: user.last_login_at,
            created_at: user.created_at,
        }
    }
}

impl From<kernel::Role> for RoleWord {
    fn from(role: kernel::Role) -> Self {
        match role {
            kernel::Role::Admin => Self::Admin,
            kernel::Role::Agent => Self::Agent,
            kernel::Role::User => Self::User,
        }
    }
}

impl From<RoleWord> for kernel::Role {
    fn from(role: RoleWord) -> Self {
        match role {
            RoleWord::Admin => Self::Admin,
            RoleWord::Agent => Self::Agent,
            RoleWord::User => Self::User,
        }
    }
}

impl From<LocaleWord> for kernel::Locale {
    fn from(locale: LocaleWord) -> Self {
        match locale {
            LocaleWord::Fr => Self::Fr,
            LocaleWord::En => Self::En,
        }
    }
}

impl From<kernel::Locale> for LocaleWord {
    fn from(locale: kernel::Locale) -> Self {
        match locale {
            kernel::Locale::Fr => Self::Fr,
            kernel::Locale::En => Self::En,
        }
    }
}
