//! Subscribers: in a transaction, and straight from the pool.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{
    StoreError,
    id::ids::{SubscriberId, UserId},
};
use radius::{
    AccessProfile, Subscriber,
    ports::{SubscriberReads, SubscriberRows},
};
use sea_orm::{
    ActiveValue::Unchanged,
    ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, Select,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use super::{
    access_profiles, promotions,
    subscribers::{self, Column},
};
use crate::{Database, Tx, error::store_error};

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
        let own = subscriber.own_profile_id.map(|id| id.as_uuid());
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
