//! Identity's part of a transaction.

use async_trait::async_trait;
use identity::{
    IdentityTx, User,
    audit_chain::{ChainHead, Seal},
    audit_log::AuditEntry,
    login_lock::{FailureHistory, LockKey, LoginLock},
    session::{LoginSession, RefreshGrant, StoredToken},
    token::TokenHash,
};
use kernel::{
    Id, Permission, Role, StoreError, Timestamp,
    id::ids::{AuditId, SessionId, UserId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait,
    sea_query::{Expr, OnConflict, Query},
};

use super::{
    access_tokens, audit_chain_heads, audit_lines, login_failures, login_sessions, permissions,
    refresh_tokens, role_permissions, users,
};
use crate::{error::store_error, tx::Tx};

#[async_trait]
impl IdentityTx for Tx {
    async fn record_login(&mut self, user: &User, at: Timestamp) -> Result<bool, StoreError> {
        let updated = users::Entity::update_many()
            .col_expr(users::Column::LastLoginAt, Expr::value(at))
            .filter(users::Column::Id.eq(user.id.as_uuid()))
            .filter(users::Column::IsActive.eq(true))
            .filter(users::Column::PasswordHash.eq(user.password_hash.as_str()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn introduce_permission(&mut self, permission: Permission) -> Result<bool, StoreError> {
        let row = permissions::ActiveModel { name: Set(permission.as_str().to_owned()) };
        let known = OnConflict::column(permissions::Column::Name).do_nothing().to_owned();
        let inserted = permissions::Entity::insert(row)
            .on_conflict(known)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn grant(&mut self, role: Role, permission: Permission) -> Result<(), StoreError> {
        let row = role_permissions::ActiveModel {
            role: Set(role.as_str().to_owned()),
            permission: Set(permission.as_str().to_owned()),
        };
        let granted = [role_permissions::Column::Role, role_permissions::Column::Permission];
        role_permissions::Entity::insert(row)
            .on_conflict(OnConflict::columns(granted).do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn insert_session(&mut self, session: &LoginSession) -> Result<(), StoreError> {
        let insert = login_sessions::Entity::insert(login_sessions::ActiveModel::from(session));
        insert.exec_without_returning(self.connection()).await.map(drop).map_err(store_error)
    }

    async fn insert_access_token(&mut self, token: &StoredToken) -> Result<(), StoreError> {
        let insert = access_tokens::Entity::insert(access_tokens::ActiveModel::from(token));
        insert.exec_without_returning(self.connection()).await.map(drop).map_err(store_error)
    }

    async fn take_access_token(&mut self, token: &TokenHash) -> Result<bool, StoreError> {
        let gone = access_tokens::Entity::delete_by_id(token.as_str()).exec(self.connection()).await;
        Ok(gone.map_err(store_error)?.rows_affected == 1)
    }

    async fn insert_refresh_token(&mut self, token: &StoredToken) -> Result<(), StoreError> {
        let insert = refresh_tokens::Entity::insert(refresh_tokens::ActiveModel::from(token));
        insert.exec_without_returning(self.connection()).await.map(drop).map_err(store_error)
    }

    async fn refresh_grant(&mut self, token: &TokenHash) -> Result<Option<RefreshGrant>, StoreError> {
        let row = refresh_tokens::Entity::find_by_id(token.as_str())
            .select_only()
            .columns([
                refresh_tokens::Column::ExpiresAt,
                refresh_tokens::Column::UsedAt,
                refresh_tokens::Column::SessionId,
            ])
            .columns([login_sessions::Column::RevokedAt, login_sessions::Column::UserId])
            .column(users::Column::IsActive)
            .join(JoinType::InnerJoin, refresh_tokens::Relation::Session.def())
            .join(JoinType::InnerJoin, login_sessions::Relation::User.def())
            .into_model::<refresh_tokens::GrantRow>()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        Ok(row.map(RefreshGrant::from))
    }

    async fn use_refresh_token(&mut self, token: &TokenHash, at: Timestamp) -> Result<bool, StoreError> {
        let updated = refresh_tokens::Entity::update_many()
            .col_expr(refresh_tokens::Column::UsedAt, Expr::value(at))
            .filter(refresh_tokens::Column::Hash.eq(token.as_str()))
            .filter(refresh_tokens::Column::UsedAt.is_null())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn touch_session(&mut self, session: SessionId, at: Timestamp) -> Result<(), StoreError> {
        login_sessions::Entity::update_many()
            .col_expr(login_sessions::Column::LastUsedAt, Expr::value(at))
            .filter(login_sessions::Column::Id.eq(session.as_uuid()))
            .filter(login_sessions::Column::LastUsedAt.lt(at))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn revoke_session(&mut self, session: SessionId, at: Timestamp) -> Result<bool, StoreError> {
        let updated = login_sessions::Entity::update_many()
            .col_expr(login_sessions::Column::RevokedAt, Expr::value(at))
            .filter(login_sessions::Column::Id.eq(session.as_uuid()))
            .filter(login_sessions::Column::RevokedAt.is_null())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn revoke_sessions_of(&mut self, user: UserId, at: Timestamp) -> Result<u64, StoreError> {
        let updated = login_sessions::Entity::update_many()
            .col_expr(login_sessions::Column::RevokedAt, Expr::value(at))
            .filter(login_sessions::Column::UserId.eq(user.as_uuid()))
            .filter(login_sessions::Column::RevokedAt.is_null())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected)
    }

    async fn revoke_other_sessions(
        &mut self,
        user: UserId,
        kept: SessionId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let updated = login_sessions::Entity::update_many()
            .col_expr(login_sessions::Column::RevokedAt, Expr::value(at))
            .filter(login_sessions::Column::UserId.eq(user.as_uuid()))
            .filter(login_sessions::Column::Id.ne(kept.as_uuid()))
            .filter(login_sessions::Column::RevokedAt.is_null())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected)
    }

    async fn track_failures(&mut self, id: Id<LoginLock>, key: &LockKey) -> Result<(), StoreError> {
        let empty = FailureHistory::default();
        let row = login_failures::ActiveModel {
            id: Set(id.as_uuid()),
            key: Set(key.to_string()),
            recent: Set(login_failures::recent_to_json(&empty.recent)?),
            locks: Set(empty.locks.into()),
            last_failure_at: Set(empty.last_failure_at),
            locked_until: Set(empty.locked_until),
        };
        let tracked = OnConflict::column(login_failures::Column::Key).do_nothing().to_owned();
        login_failures::Entity::insert(row)
            .on_conflict(tracked)
            .exec_without_returning(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn failures(&mut self, key: &LockKey) -> Result<Option<FailureHistory>, StoreError> {
        let row = login_failures::Entity::find()
            .filter(login_failures::Column::Key.eq(key.as_str()))
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(FailureHistory::try_from).transpose()
    }

    async fn save_failures(&mut self, key: &LockKey, history: &FailureHistory) -> Result<(), StoreError> {
        let recent = login_failures::recent_to_json(&history.recent)?;
        login_failures::Entity::update_many()
            .col_expr(login_failures::Column::Recent, Expr::value(recent))
            .col_expr(login_failures::Column::Locks, Expr::value(i32::from(history.locks)))
            .col_expr(login_failures::Column::LastFailureAt, Expr::value(history.last_failure_at))
            .col_expr(login_failures::Column::LockedUntil, Expr::value(history.locked_until))
            .filter(login_failures::Column::Key.eq(key.as_str()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn forget_failures(&mut self, key: &LockKey) -> Result<(), StoreError> {
        login_failures::Entity::delete_many()
            .filter(login_failures::Column::Key.eq(key.as_str()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn lift_lock(&mut self, id: Id<LoginLock>) -> Result<Option<LockKey>, StoreError> {
        let row = login_failures::Entity::find_by_id(id.as_uuid())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        let Some(row) = row else {
            return Ok(None);
        };
        let delete = login_failures::Entity::delete_by_id(row.id);
        delete.exec(self.connection()).await.map_err(store_error)?;
        Ok(Some(LockKey::from_stored(row.key)))
    }

    async fn chain_head(&mut self) -> Result<ChainHead, StoreError> {
        let row = audit_chain_heads::Entity::find_by_id(audit_chain_heads::ONLY)
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        audit_chain_heads::head(row)
    }

    async fn unsealed(&mut self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = audit_lines::Entity::find()
            .filter(audit_lines::Column::Sequence.is_null())
            .order_by_asc(audit_lines::Column::At)
            .order_by_asc(audit_lines::Column::Id)
            .limit(u64::from(limit))
            .all(self.connection())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }

    async fn seal(&mut self, line: AuditId, seal: &Seal) -> Result<bool, StoreError> {
        let updated = audit_lines::Entity::update_many()
            .col_expr(audit_lines::Column::Sequence, Expr::value(seal.sequence))
            .col_expr(audit_lines::Column::Hash, Expr::value(seal.hash.as_str()))
            .filter(audit_lines::Column::Id.eq(line.as_uuid()))
            .filter(audit_lines::Column::Sequence.is_null())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn move_chain_head(&mut self, head: &ChainHead) -> Result<(), StoreError> {
        audit_chain_heads::Entity::update_many()
            .col_expr(audit_chain_heads::Column::Sequence, Expr::value(head.sequence))
            .col_expr(audit_chain_heads::Column::Hash, Expr::value(head.hash.as_str()))
            .filter(audit_chain_heads::Column::Id.eq(audit_chain_heads::ONLY))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn prune_tokens(&mut self, expired_before: Timestamp) -> Result<u64, StoreError> {
        let access = access_tokens::Entity::delete_many()
            .filter(access_tokens::Column::ExpiresAt.lt(expired_before))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        let refresh = refresh_tokens::Entity::delete_many()
            .filter(refresh_tokens::Column::ExpiresAt.lt(expired_before))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        let continued =
            Query::select().column(refresh_tokens::Column::SessionId).from(refresh_tokens::Entity).to_owned();
        let sessions = login_sessions::Entity::delete_many()
            .filter(login_sessions::Column::LastUsedAt.lt(expired_before))
            .filter(login_sessions::Column::Id.not_in_subquery(continued))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(access.rows_affected + refresh.rows_affected + sessions.rows_affected)
    }

    async fn prune_failures(&mut self, quiet_since: Timestamp) -> Result<u64, StoreError> {
        let deleted = login_failures::Entity::delete_many()
            .filter(login_failures::Column::LastFailureAt.lt(quiet_since))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(deleted.rows_affected)
    }
}
