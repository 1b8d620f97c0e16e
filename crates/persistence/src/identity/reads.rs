//! Identity's reads, straight from the pool.

use async_trait::async_trait;
use identity::{
    IdentityReads, User,
    audit_chain::ChainHead,
    audit_log::{AuditCursor, AuditEntry, AuditFilter},
    login_lock::{FailureHistory, LockKey, LoginLock},
    login_name::LoginName,
    session::AccessGrant,
    token::TokenHash,
};
use kernel::{Page, PageRequest, StoreError, Timestamp, id::ids::UserId};
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};

use super::{
    access_tokens, audit_chain_heads, audit_lines, login_failures, login_sessions, role_permissions, users,
};
use crate::{Database, error::store_error};

#[async_trait]
impl IdentityReads for Database {
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = users::Entity::find_by_id(id.as_uuid()).one(self.reader()).await;
        row.map_err(store_error)?.map(User::try_from).transpose()
    }

    async fn user_by_login(&self, name: &LoginName) -> Result<Option<User>, StoreError> {
        let Some(named) = users::named(name.matricule(), name.email(), name.phone()) else {
            return Ok(None);
        };
        let rows = users::Entity::find().filter(named).all(self.reader()).await.map_err(store_error)?;
        let users = rows.into_iter().map(User::try_from).collect::<Result<Vec<_>, _>>()?;
        let by_matricule =
            |user: &&User| user.identifiers.matricule().is_some_and(|own| Some(own) == name.matricule());
        // An email address never looks like a phone number, so without a matricule there is one row at most.
        Ok(users.iter().find(by_matricule).or(users.first()).cloned())
    }

    async fn access_grant(&self, token: &TokenHash) -> Result<Option<AccessGrant>, StoreError> {
        let rows = access_tokens::Entity::find_by_id(token.as_str())
            .select_only()
            .columns([access_tokens::Column::ExpiresAt, access_tokens::Column::SessionId])
            .columns([
                login_sessions::Column::LastUsedAt,
                login_sessions::Column::RevokedAt,
                login_sessions::Column::UserId,
            ])
            .columns([users::Column::Role, users::Column::Locale, users::Column::IsActive])
            .column(role_permissions::Column::Permission)
            .join(JoinType::InnerJoin, access_tokens::Relation::Session.def())
            .join(JoinType::InnerJoin, login_sessions::Relation::User.def())
            .join(JoinType::LeftJoin, role_permissions::of_user())
            .into_model::<access_tokens::GrantRow>()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        access_tokens::grant(&rows)
    }

    async fn failures(&self, keys: &[LockKey]) -> Result<Vec<FailureHistory>, StoreError> {
        let rows = login_failures::Entity::find()
            .filter(login_failures::Column::Key.is_in(keys.iter().map(LockKey::as_str)))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(FailureHistory::try_from).collect()
    }

    async fn login_locks(&self, now: Timestamp, page: PageRequest) -> Result<Page<LoginLock>, StoreError> {
        let locked = login_failures::Entity::find().filter(login_failures::Column::LockedUntil.gt(now));
        let total = locked.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = locked
            .order_by_desc(login_failures::Column::LockedUntil)
            .order_by_desc(login_failures::Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(LoginLock::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }

    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        after: Option<AuditCursor>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let mut lines = audit_lines::Entity::find().filter(audit_lines::wanted(filter));
        if let Some(cursor) = after {
            lines = lines.filter(audit_lines::behind(cursor));
        }
        let rows = lines
            .order_by_desc(audit_lines::Column::At)
            .order_by_desc(audit_lines::Column::Id)
            .limit(u64::from(limit))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }

    async fn sealed_entries(&self, behind: i64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = audit_lines::Entity::find()
            .filter(audit_lines::Column::Sequence.gt(behind))
            .order_by_asc(audit_lines::Column::Sequence)
            .limit(u64::from(limit))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }

    async fn chain_head(&self) -> Result<ChainHead, StoreError> {
        let row = audit_chain_heads::Entity::find_by_id(audit_chain_heads::ONLY).one(self.reader()).await;
        audit_chain_heads::head(row.map_err(store_error)?)
    }
}
