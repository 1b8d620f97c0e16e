//! A refresh token, as a row. A used one stays until it would have expired, so that a second use is noticed.

use identity::session::{RefreshGrant, StoredToken};
use kernel::Id;
use sea_orm::{ActiveValue::Set, FromQueryResult, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) hash: String,
    pub(super) session_id: Uuid,
    pub(super) expires_at: DateTimeUtc,
    pub(super) used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::login_sessions::Entity",
        from = "Column::SessionId",
        to = "super::login_sessions::Column::Id"
    )]
    Session,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&StoredToken> for ActiveModel {
    fn from(token: &StoredToken) -> Self {
        Self {
            hash: Set(token.hash.as_str().to_owned()),
            session_id: Set(token.session_id.as_uuid()),
            expires_at: Set(token.expires_at),
            used_at: Set(None),
        }
    }
}

/// A token with its session and its user.
#[derive(Debug, FromQueryResult)]
pub(super) struct GrantRow {
    expires_at: DateTimeUtc,
    used_at: Option<DateTimeUtc>,
    session_id: Uuid,
    revoked_at: Option<DateTimeUtc>,
    user_id: Uuid,
    is_active: bool,
}

impl From<GrantRow> for RefreshGrant {
    fn from(row: GrantRow) -> Self {
        Self {
            session_id: Id::from_uuid(row.session_id),
            user_id: Id::from_uuid(row.user_id),
            user_is_active: row.is_active,
            revoked_at: row.revoked_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
        }
    }
}
