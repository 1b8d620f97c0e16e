//! Subscribers: in a transaction, and straight from the pool.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{
    Id, StoreError,
    id::ids::{AccessProfileId, PromotionId, SubscriberId, UserId},
};
use radius::{
    AccessProfile, Subscriber,
    ports::{Access, SubscriberReads, SubscriberRows},
};
use sea_orm::{
    ActiveValue::Unchanged,
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, Select, UpdateMany,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait as _, Func, OnConflict},
};

use super::{
    access_profiles, promotions,
    subscribers::{self, Column},
};
use crate::{Database, Tx, error::store_error, tx::in_chunks};

/// How many have each of these profiles by their promotion, and none of their own: profile and count.
pub(super) fn members_by_profile(ids: Vec<Uuid>) -> Select<subscribers::Entity> {
    let of_promotion = subscribers::Entity::belongs_to(promotions::Entity)
        .from(Column::PromotionId)
        .to(promotions::Column::Id)
        .into();
    subscribers::Entity::find()
        .join(JoinType::InnerJoin, of_promotion)
        .select_only()
        .column(promotions::Column::AccessProfileId)
        .expr_as(Expr::col((subscribers::Entity, Column::Id)).count(), "rows")
        .filter(promotions::Column::AccessProfileId.is_in(ids))
        .filter(Column::OwnProfileId.is_null())
        .filter(Column::ArchivedAt.is_null())
        .group_by(promotions::Column::AccessProfileId)
}

#[async_trait]
impl SubscriberRows for Tx {
    async fn insert_subscriber(&mut self, subscriber: &Subscriber) -> Result<bool, StoreError> {
        let inserted = subscribers::Entity::insert(subscribers::ActiveModel::try_from(subscriber)?)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn lock_subscriber(&mut self, id: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
        let row = subscribers::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(self.connection()).await;
        row.map_err(store_error)?.map(Subscriber::try_from).transpose()
    }

    async fn lock_account(&mut self, user: UserId) -> Result<Option<Subscriber>, StoreError> {
        let row = subscribers::Entity::find()
            .filter(Column::UserId.eq(user.as_uuid()))
            .lock_exclusive()
            .one(self.connection())
            .await
            .map_err(store_error)?;
        row.map(Subscriber::try_from).transpose()
    }

    async fn update_subscriber(&mut self, subscriber: &Subscriber) -> Result<(), StoreError> {
        let mut row = subscribers::ActiveModel::try_from(subscriber)?;
        row.id = Unchanged(subscriber.id.as_uuid());
        subscribers::Entity::update(row).exec(self.connection()).await.map(drop).map_err(store_error)
    }

    async fn lock_members(
        &mut self,
        promotion: PromotionId,
        only: Option<&[UserId]>,
    ) -> Result<Vec<Subscriber>, StoreError> {
        let only = only.map(|users| Column::UserId.is_in(users.iter().map(|user| user.as_uuid())));
        let rows = subscribers::Entity::find()
            .filter(Column::PromotionId.eq(promotion.as_uuid()))
            .filter(Column::ArchivedAt.is_null())
            .filter(Condition::all().add_option(only))
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        read(rows)
    }

    async fn lock_enabled_of_profile(
        &mut self,
        profile: AccessProfileId,
        behind: Option<SubscriberId>,
        limit: u64,
    ) -> Result<Vec<Subscriber>, StoreError> {
        let has_it = Condition::all().add(Column::GrantedProfileId.eq(profile.as_uuid()));
        read(self.lock_enabled(has_it, behind, limit).await?)
    }

    async fn lock_enabled_members(
        &mut self,
        promotion: PromotionId,
        behind: Option<SubscriberId>,
        limit: u64,
    ) -> Result<Vec<Subscriber>, StoreError> {
        let belongs = Condition::all().add(Column::PromotionId.eq(promotion.as_uuid()));
        read(self.lock_enabled(belongs, behind, limit).await?)
    }

    async fn lock_all_enabled(
        &mut self,
        behind: Option<SubscriberId>,
        limit: u64,
    ) -> Result<Vec<Subscriber>, StoreError> {
        read(self.lock_enabled(Condition::all(), behind, limit).await?)
    }

    async fn enabled_with_names(
        &mut self,
        names: &[&str],
    ) -> Result<HashMap<String, SubscriberId>, StoreError> {
        let mut enabled = HashMap::new();
        for some in in_chunks(names.to_vec()) {
            let rows: Vec<(String, Uuid)> = subscribers::Entity::find()
                .select_only()
                .columns([Column::Username, Column::Id])
                .filter(Column::Enabled.eq(true))
                .filter(Column::Username.is_in(some))
                .into_tuple()
                .all(self.connection())
                .await
                .map_err(store_error)?;
            enabled.extend(rows.into_iter().map(|(name, id)| (name, Id::from_uuid(id))));
        }
        Ok(enabled)
    }

    async fn profiles_of_promotions(
        &mut self,
        promotions: &[PromotionId],
    ) -> Result<HashMap<PromotionId, AccessProfileId>, StoreError> {
        let rows: Vec<(Uuid, Uuid)> = promotions::Entity::find()
            .select_only()
            .columns([promotions::Column::Id, promotions::Column::AccessProfileId])
            .filter(promotions::Column::Id.is_in(promotions.iter().map(|id| id.as_uuid())))
            .filter(promotions::Column::AccessProfileId.is_not_null())
            .into_tuple()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(id, profile)| (Id::from_uuid(id), Id::from_uuid(profile))).collect())
    }

    async fn enable_subscribers(&mut self, ids: &[SubscriberId], access: Access) -> Result<(), StoreError> {
        let first = Func::coalesce([Expr::col(Column::ActivatedAt), Expr::value(access.enabled_at)]);
        self.update_subscribers(ids, |update| {
            update
                .col_expr(Column::Enabled, Expr::value(true))
                .col_expr(Column::ComesBack, Expr::value(false))
                .col_expr(Column::ActivatedAt, first.clone().into())
                .col_expr(Column::BegunAt, Expr::value(access.begun_at))
                .col_expr(Column::ExpiresAt, Expr::value(access.expires_at))
                .col_expr(Column::GrantedProfileId, Expr::value(access.profile.map(|id| id.as_uuid())))
        })
        .await
    }

    async fn disable_subscribers(&mut self, ids: &[SubscriberId]) -> Result<(), StoreError> {
        self.update_subscribers(ids, |update| {
            update
                .col_expr(Column::Enabled, Expr::value(false))
                .col_expr(Column::ComesBack, Expr::value(false))
                .col_expr(Column::GrantedProfileId, Expr::value(None::<Uuid>))
        })
        .await
    }
}

/// Subscribers of held rows.
fn read(rows: Vec<subscribers::Model>) -> Result<Vec<Subscriber>, StoreError> {
    rows.into_iter().map(Subscriber::try_from).collect()
}

impl Tx {
    /// The first of those who are enabled and of whom something is true, by id and behind one.
    async fn lock_enabled(
        &mut self,
        who: Condition,
        behind: Option<SubscriberId>,
        limit: u64,
    ) -> Result<Vec<subscribers::Model>, StoreError> {
        let behind = behind.map(|id| Column::Id.gt(id.as_uuid()));
        subscribers::Entity::find()
            .filter(Column::Enabled.eq(true))
            .filter(who.add_option(behind))
            .order_by_asc(Column::Id)
            .limit(limit)
            .lock_exclusive()
            .all(self.connection())
            .await
            .map_err(store_error)
    }

    /// Changes columns of subscribers, many at a time.
    async fn update_subscribers(
        &mut self,
        ids: &[SubscriberId],
        set: impl Fn(UpdateMany<subscribers::Entity>) -> UpdateMany<subscribers::Entity>,
    ) -> Result<(), StoreError> {
        for some in in_chunks(ids.iter().map(|id| id.as_uuid()).collect()) {
            let update = set(subscribers::Entity::update_many()).filter(Column::Id.is_in(some));
            update.exec(self.connection()).await.map_err(store_error)?;
        }
        Ok(())
    }
}

#[async_trait]
impl SubscriberReads for Database {
    async fn find_subscriber(&self, id: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
        let row =
            subscribers::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(Subscriber::try_from).transpose()
    }

    async fn subscriber_of_account(&self, user: UserId) -> Result<Option<Subscriber>, StoreError> {
        let found = subscribers::Entity::find().filter(Column::UserId.eq(user.as_uuid()));
        let row = found.one(self.reader()).await.map_err(store_error)?;
        row.map(Subscriber::try_from).transpose()
    }

    async fn subscribers_named(&self, usernames: &[String]) -> Result<Vec<Subscriber>, StoreError> {
        let rows = subscribers::Entity::find()
            .filter(Column::Username.is_in(usernames))
            .order_by_asc(Column::Enabled)
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        // Of several with one name the last is taken.
        let by_name: HashMap<_, _> = rows.into_iter().map(|row| (row.username.clone(), row)).collect();
        by_name.into_values().map(Subscriber::try_from).collect()
    }

    async fn effective_profile(&self, subscriber: &Subscriber) -> Result<Option<AccessProfile>, StoreError> {
        let own = subscriber.granted_profile_id.or(subscriber.own_profile_id).map(|id| id.as_uuid());
        let id = match (own, subscriber.promotion_id) {
            (None, Some(promotion)) => {
                let found = promotions::Entity::find_by_id(promotion.as_uuid()).one(self.reader()).await;
                found.map_err(store_error)?.and_then(|promotion| promotion.access_profile_id)
            }
            (own, _) => own,
        };
        let Some(id) = id else { return Ok(None) };
        let row = access_profiles::Entity::find_by_id(id).one(self.reader()).await.map_err(store_error)?;
        row.map(AccessProfile::try_from).transpose()
    }
}
