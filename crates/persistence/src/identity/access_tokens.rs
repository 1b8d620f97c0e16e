//! An access token, as a row, and what it stands for.

use identity::session::{AccessGrant, StoredToken};
use kernel::{Id, Locale, Permission, StoreError};
use sea_orm::{ActiveValue::Set, FromQueryResult, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) hash: String,
    pub(super) session_id: Uuid,
    pub(super) expires_at: DateTimeUtc,
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
        }
    }
}

/// A token with its session, its user and one of the permissions of the user's role: there is a row for each.
#[derive(Debug, FromQueryResult)]
pub(super) struct GrantRow {
    expires_at: DateTimeUtc,
    session_id: Uuid,
    last_used_at: DateTimeUtc,
    revoked_at: Option<DateTimeUtc>,
    user_id: Uuid,
    role: String,
    locale: String,
    is_active: bool,
    permission: Option<String>,
}

/// Folds the rows of one token into what it stands for. Permissions that this version of the code does not ask
/// for are passed over.
pub(super) fn grant(rows: &[GrantRow]) -> Result<Option<AccessGrant>, StoreError> {
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let permissions = rows.iter().filter_map(|row| row.permission.as_deref());
    Ok(Some(AccessGrant {
        session_id: Id::from_uuid(row.session_id),
        last_used_at: row.last_used_at,
        revoked_at: row.revoked_at,
        expires_at: row.expires_at,
        user_id: Id::from_uuid(row.user_id),
        role: row.role.parse().map_err(StoreError::corrupt)?,
        locale: Locale::parse(&row.locale).ok_or_else(|| StoreError::corrupt(&row.locale))?,
        user_is_active: row.is_active,
        permissions: permissions.filter_map(Permission::parse).collect(),
    }))
}
