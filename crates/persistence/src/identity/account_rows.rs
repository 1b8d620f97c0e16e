//! Accounts, within a transaction.

use async_trait::async_trait;
use identity::{
    AccountRows, Identifiers, User, identifiers::IdentifierKind, login_lock::LockKey,
    registration_count::RegistrationHistory,
};
use kernel::{Id, Role, StoreError, Timestamp, id::ids::UserId};
use sea_orm::{
    ActiveValue::NotSet,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict, Query},
};

use super::{access_tokens, login_sessions, refresh_tokens, registration_counts, users};
use crate::{error::store_error, tx::Tx};

#[async_trait]
impl AccountRows for Tx {
    async fn taken(
        &mut self,
        identifiers: &Identifiers,
        own: Option<UserId>,
    ) -> Result<Option<IdentifierKind>, StoreError> {
        let (matricule, email, phone) = (identifiers.matricule(), identifiers.email(), identifiers.phone());
        for (kind, named) in [
            (IdentifierKind::Matricule, users::named(matricule, None, None)),
            (IdentifierKind::Email, users::named(None, email, None)),
            (IdentifierKind::Phone, users::named(None, None, phone)),
        ] {
            let Some(named) = named else { continue };
            let mut twin = users::Entity::find().filter(named);
            if let Some(own) = own {
                twin = twin.filter(users::Column::Id.ne(own.as_uuid()));
            }
            if twin.one(self.connection()).await.map_err(store_error)?.is_some() {
                return Ok(Some(kind));
            }
        }
        Ok(None)
    }

    async fn insert_user(&mut self, user: &User) -> Result<bool, StoreError> {
        let inserted = users::Entity::insert(users::ActiveModel::from(user))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn user_to_change(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = users::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(self.connection()).await;
        row.map_err(store_error)?.map(User::try_from).transpose()
    }

    async fn save_user(&mut self, user: &User) -> Result<bool, StoreError> {
        let mut row = users::ActiveModel::from(user);
        // Neither changes with the account: one is its name, the other is noted by logins, which count no revision.
        (row.id, row.last_login_at) = (NotSet, NotSet);
        let updated = users::Entity::update_many()
            .set(row)
            .filter(users::Column::Id.eq(user.id.as_uuid()))
            .filter(users::Column::Revision.eq(user.revision - 1))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(updated.rows_affected == 1)
    }

    async fn delete_user(&mut self, id: UserId) -> Result<(), StoreError> {
        let sessions = || {
            Query::select()
                .column(login_sessions::Column::Id)
                .from(login_sessions::Entity)
                .and_where(login_sessions::Column::UserId.eq(id.as_uuid()))
                .to_owned()
        };
        access_tokens::Entity::delete_many()
            .filter(access_tokens::Column::SessionId.in_subquery(sessions()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        refresh_tokens::Entity::delete_many()
            .filter(refresh_tokens::Column::SessionId.in_subquery(sessions()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        login_sessions::Entity::delete_many()
            .filter(login_sessions::Column::UserId.eq(id.as_uuid()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        let deleted = users::Entity::delete_by_id(id.as_uuid()).exec(self.connection()).await;
        deleted.map(drop).map_err(store_error)
    }

    async fn admins_to_change(&mut self) -> Result<Vec<UserId>, StoreError> {
        let rows = users::Entity::find()
            .filter(users::Column::Role.eq(Role::Admin.as_str()))
            .filter(users::Column::IsActive.eq(true))
            .order_by_asc(users::Column::Id)
            .lock_exclusive()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| Id::from_uuid(row.id)).collect())
    }

    async fn registrations(&mut self, key: &LockKey) -> Result<RegistrationHistory, StoreError> {
        let counted = OnConflict::column(registration_counts::Column::Key).do_nothing().to_owned();
        registration_counts::Entity::insert(registration_counts::empty(key, self.shared.ambient.now()))
            .on_conflict(counted)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        let row = registration_counts::Entity::find_by_id(key.as_str())
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(RegistrationHistory::try_from).transpose().map(Option::unwrap_or_default)
    }

    async fn save_registrations(
        &mut self,
        key: &LockKey,
        history: &RegistrationHistory,
    ) -> Result<(), StoreError> {
        let recent = serde_json::to_value(&history.recent).map_err(StoreError::corrupt)?;
        registration_counts::Entity::update_many()
            .col_expr(registration_counts::Column::Recent, Expr::value(recent))
            .col_expr(registration_counts::Column::LastAt, Expr::value(self.shared.ambient.now()))
            .filter(registration_counts::Column::Key.eq(key.as_str()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn prune_registrations(&mut self, quiet_since: Timestamp) -> Result<u64, StoreError> {
        let deleted = registration_counts::Entity::delete_many()
            .filter(registration_counts::Column::LastAt.lt(quiet_since))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(deleted.rows_affected)
    }

    async fn unannounced(&mut self, limit: u32) -> Result<Vec<User>, StoreError> {
        let rows = users::Entity::find()
            .filter(users::Column::Announced.eq(false))
            .order_by_asc(users::Column::Id)
            .limit(u64::from(limit))
            .lock_exclusive()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(User::try_from).collect()
    }

    async fn mark_announced(&mut self, user: &User) -> Result<(), StoreError> {
        users::Entity::update_many()
            .col_expr(users::Column::Announced, Expr::value(true))
            .col_expr(users::Column::SearchText, Expr::value(user.search_text()))
            .filter(users::Column::Id.eq(user.id.as_uuid()))
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }
}
