//! Promotions and who belongs to them: in a transaction, and straight from the pool.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{Id, Page, PageRequest, StoreError, id::ids::PromotionId};
use radius::{
    Promotion,
    ports::{PromotionReads, PromotionRows},
    queries::promotions::{Member, PromotionFilter, PromotionView},
};
use sea_orm::{
    ActiveValue::Unchanged, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, prelude::Uuid, sea_query::OnConflict,
};

use super::{
    access_profiles, count_by, number,
    promotions::{self, Column},
    subscribers,
};
use crate::{Database, Tx, error::store_error};

/// Those who belong to promotions.
fn members(of: impl IntoIterator<Item = Uuid>) -> Select<subscribers::Entity> {
    subscribers::Entity::find()
        .filter(subscribers::Column::PromotionId.is_in(of))
        .filter(subscribers::Column::ArchivedAt.is_null())
}

#[async_trait]
impl PromotionRows for Tx {
    async fn insert_promotion(&mut self, promotion: &Promotion) -> Result<bool, StoreError> {
        let inserted = promotions::Entity::insert(promotions::ActiveModel::from(promotion))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn lock_promotion(&mut self, id: PromotionId) -> Result<Option<Promotion>, StoreError> {
        let row = promotions::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(self.connection()).await;
        Ok(row.map_err(store_error)?.map(Promotion::from))
    }

    async fn update_promotion(&mut self, promotion: &Promotion) -> Result<bool, StoreError> {
        let namesakes = promotions::Entity::find()
            .filter(Column::Name.eq(&promotion.name))
            .filter(Column::Id.ne(promotion.id.as_uuid()))
            .count(self.connection())
            .await
            .map_err(store_error)?;
        if namesakes > 0 {
            return Ok(false);
        }
        let mut row = promotions::ActiveModel::from(promotion);
        row.id = Unchanged(promotion.id.as_uuid());
        promotions::Entity::update(row).exec(self.connection()).await.map_err(store_error)?;
        Ok(true)
    }

    async fn delete_promotion(&mut self, id: PromotionId) -> Result<(), StoreError> {
        let gone = promotions::Entity::delete_by_id(id.as_uuid()).exec(self.connection()).await;
        gone.map(drop).map_err(store_error)
    }

    async fn count_members(&mut self, id: PromotionId) -> Result<u64, StoreError> {
        members([id.as_uuid()]).count(self.connection()).await.map_err(store_error)
    }
}

#[async_trait]
impl PromotionReads for Database {
    async fn list_promotions(
        &self,
        filter: &PromotionFilter,
        page: PageRequest,
    ) -> Result<Page<PromotionView>, StoreError> {
        let profile = filter.access_profile_id.map(|id| Column::AccessProfileId.eq(id.as_uuid()));
        let fits = Condition::all()
            .add_option(filter.active.map(|active| Column::Active.eq(active)))
            .add_option(profile);
        let wanted = promotions::Entity::find().filter(fits);
        let total = wanted.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = wanted
            .order_by_asc(Column::Name)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .find_also_related(access_profiles::Entity)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(Page { items: views(self.reader(), rows).await?, request: page, total })
    }

    async fn find_promotion(&self, id: PromotionId) -> Result<Option<PromotionView>, StoreError> {
        let row = promotions::Entity::find_by_id(id.as_uuid())
            .find_also_related(access_profiles::Entity)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(views(self.reader(), row.into_iter().collect()).await?.pop())
    }

    async fn open_promotions(&self) -> Result<Vec<Promotion>, StoreError> {
        let open = promotions::Entity::find()
            .filter(Column::Active.eq(true))
            .order_by_asc(Column::Name)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(open.into_iter().map(Promotion::from).collect())
    }

    async fn list_members(&self, id: PromotionId, page: PageRequest) -> Result<Page<Member>, StoreError> {
        let total = members([id.as_uuid()]).count(self.reader()).await.map_err(store_error)?;
        let rows = members([id.as_uuid()])
            .order_by_asc(subscribers::Column::Username)
            .order_by_asc(subscribers::Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let promotion =
            promotions::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(store_error)?;
        let shared = promotion.and_then(|promotion| promotion.access_profile_id);
        let ids = rows.iter().filter_map(|row| row.own_profile_id).chain(shared);
        let named: HashMap<Uuid, String> = access_profiles::Entity::find()
            .select_only()
            .column(access_profiles::Column::Id)
            .column(access_profiles::Column::Name)
            .filter(access_profiles::Column::Id.is_in(ids))
            .into_tuple::<(Uuid, String)>()
            .all(self.reader())
            .await
            .map_err(store_error)?
            .into_iter()
            .collect();
        let items = rows.into_iter().map(|row| {
            let id = row.own_profile_id.or(shared);
            let profile = id.and_then(|id| Some((Id::from_uuid(id), named.get(&id)?.clone())));
            Ok(Member { subscriber: row.try_into()?, profile })
        });
        Ok(Page { items: items.collect::<Result<_, StoreError>>()?, request: page, total })
    }
}

/// Promotions as they are shown, with how many belong to them.
async fn views(
    reader: &impl ConnectionTrait,
    rows: Vec<(promotions::Model, Option<access_profiles::Model>)>,
) -> Result<Vec<PromotionView>, StoreError> {
    let by_promotion = || {
        members(rows.iter().map(|(row, _)| row.id))
            .select_only()
            .column(subscribers::Column::PromotionId)
            .column_as(subscribers::Column::Id.count(), "rows")
            .group_by(subscribers::Column::PromotionId)
    };
    let users = count_by(reader, by_promotion()).await?;
    let enabled = count_by(reader, by_promotion().filter(subscribers::Column::Enabled.eq(true))).await?;
    rows.iter()
        .map(|(row, profile)| {
            Ok(PromotionView {
                users: number(users.get(&row.id).copied().unwrap_or(0))?,
                enabled: number(enabled.get(&row.id).copied().unwrap_or(0))?,
                profile_name: profile.as_ref().map(|profile| profile.name.clone()),
                promotion: row.clone().into(),
            })
        })
        .collect()
}
