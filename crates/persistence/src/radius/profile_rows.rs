//! Access profiles and their history: in a transaction, and straight from the pool.

use async_trait::async_trait;
use kernel::{Page, PageRequest, StoreError, id::ids::AccessProfileId};
use radius::{
    AccessProfile,
    ports::{ProfileReads, ProfileRows},
    profile_change::ProfileChange,
    queries::profiles::{Holders, ProfileFilter, ProfileView},
};
use sea_orm::{
    ActiveValue::Unchanged, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, prelude::Uuid, sea_query::OnConflict,
};

use super::{
    access_profiles::{self, Column, limited},
    count_by, number, profile_changes, promotions, subscribers,
};
use crate::{Database, Tx, error::store_error};

/// Those who have a profile as their own, or are enabled with it.
fn owners(id: AccessProfileId) -> Condition {
    let has = Condition::any()
        .add(subscribers::Column::OwnProfileId.eq(id.as_uuid()))
        .add(subscribers::Column::GrantedProfileId.eq(id.as_uuid()));
    Condition::all().add(has).add(subscribers::Column::ArchivedAt.is_null())
}

#[async_trait]
impl ProfileRows for Tx {
    async fn insert_profile(&mut self, profile: &AccessProfile) -> Result<bool, StoreError> {
        let inserted = access_profiles::Entity::insert(access_profiles::ActiveModel::try_from(profile)?)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn lock_profile(&mut self, id: AccessProfileId) -> Result<Option<AccessProfile>, StoreError> {
        let row =
            access_profiles::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(self.connection()).await;
        row.map_err(store_error)?.map(AccessProfile::try_from).transpose()
    }

    async fn share_profile(&mut self, id: AccessProfileId) -> Result<Option<AccessProfile>, StoreError> {
        let row =
            access_profiles::Entity::find_by_id(id.as_uuid()).lock_shared().one(self.connection()).await;
        row.map_err(store_error)?.map(AccessProfile::try_from).transpose()
    }

    async fn share_profiles(&mut self, ids: &[AccessProfileId]) -> Result<Vec<AccessProfile>, StoreError> {
        let rows = access_profiles::Entity::find()
            .filter(Column::Id.is_in(ids.iter().map(|id| id.as_uuid())))
            .order_by_asc(Column::Id)
            .lock_shared()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(AccessProfile::try_from).collect()
    }

    async fn lock_profiles(&mut self) -> Result<Vec<AccessProfile>, StoreError> {
        let rows = access_profiles::Entity::find()
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .all(self.connection())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(AccessProfile::try_from).collect()
    }

    async fn update_profile(&mut self, profile: &AccessProfile) -> Result<bool, StoreError> {
        let namesakes = access_profiles::Entity::find()
            .filter(Column::Name.eq(&profile.name))
            .filter(Column::Id.ne(profile.id.as_uuid()))
            .count(self.connection())
            .await
            .map_err(store_error)?;
        if namesakes > 0 {
            return Ok(false);
        }
        let mut row = access_profiles::ActiveModel::try_from(profile)?;
        row.id = Unchanged(profile.id.as_uuid());
        access_profiles::Entity::update(row).exec(self.connection()).await.map_err(store_error)?;
        Ok(true)
    }

    async fn delete_profile(&mut self, id: AccessProfileId) -> Result<(), StoreError> {
        let gone = access_profiles::Entity::delete_by_id(id.as_uuid()).exec(self.connection()).await;
        gone.map(drop).map_err(store_error)
    }

    async fn profile_holders(&mut self, id: AccessProfileId) -> Result<Holders, StoreError> {
        let promotions = promotions::Entity::find()
            .filter(promotions::Column::AccessProfileId.eq(id.as_uuid()))
            .count(self.connection())
            .await
            .map_err(store_error)?;
        let subscribers = subscribers::Entity::find().filter(owners(id)).count(self.connection()).await;
        Ok(Holders { promotions, subscribers: subscribers.map_err(store_error)? })
    }

    async fn insert_profile_change(&mut self, change: &ProfileChange) -> Result<(), StoreError> {
        let row = profile_changes::ActiveModel::try_from(change)?;
        let inserted = profile_changes::Entity::insert(row).exec_without_returning(self.connection()).await;
        inserted.map(drop).map_err(store_error)
    }
}

#[async_trait]
impl ProfileReads for Database {
    async fn list_profiles(
        &self,
        filter: &ProfileFilter,
        page: PageRequest,
    ) -> Result<Page<ProfileView>, StoreError> {
        let quota = filter.limited.map(|wanted| if wanted { limited() } else { limited().not() });
        let fits = Condition::all()
            .add_option(quota)
            .add_option(filter.active.map(|active| Column::Active.eq(active)));
        let wanted = access_profiles::Entity::find().filter(fits);
        let total = wanted.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = wanted
            .order_by_asc(Column::Name)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(Page { items: views(self.reader(), rows).await?, request: page, total })
    }

    async fn find_profile(&self, id: AccessProfileId) -> Result<Option<ProfileView>, StoreError> {
        let row = access_profiles::Entity::find_by_id(id.as_uuid()).one(self.reader()).await;
        Ok(views(self.reader(), row.map_err(store_error)?.into_iter().collect()).await?.pop())
    }

    async fn profile_history(
        &self,
        id: AccessProfileId,
        page: PageRequest,
    ) -> Result<Page<ProfileChange>, StoreError> {
        use profile_changes::Column;
        let concerned = Condition::any()
            .add(Column::OldProfileId.eq(id.as_uuid()))
            .add(Column::NewProfileId.eq(id.as_uuid()));
        let wanted = profile_changes::Entity::find().filter(concerned);
        let total = wanted.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = wanted
            .order_by_desc(Column::At)
            .order_by_desc(Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(ProfileChange::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }
}

/// Profiles as they are shown, with who has them.
async fn views(
    reader: &impl ConnectionTrait,
    rows: Vec<access_profiles::Model>,
) -> Result<Vec<ProfileView>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let promotions = promotions::Entity::find()
        .select_only()
        .column(promotions::Column::AccessProfileId)
        .column_as(promotions::Column::Id.count(), "rows")
        .filter(promotions::Column::AccessProfileId.is_in(ids.iter().copied()))
        .group_by(promotions::Column::AccessProfileId);
    let promotions = count_by(reader, promotions).await?;
    let owners = subscribers::Entity::find()
        .select_only()
        .column(subscribers::Column::OwnProfileId)
        .column_as(subscribers::Column::Id.count(), "rows")
        .filter(subscribers::Column::OwnProfileId.is_in(ids.iter().copied()))
        .filter(subscribers::Column::ArchivedAt.is_null())
        .group_by(subscribers::Column::OwnProfileId);
    let owners = count_by(reader, owners).await?;
    let members = super::subscriber_rows::members_by_profile(ids);
    let members = count_by(reader, members).await?;
    let counted = |counts: &std::collections::HashMap<Uuid, i64>, id| counts.get(&id).copied().unwrap_or(0);
    rows.into_iter()
        .map(|row| {
            let id = row.id;
            Ok(ProfileView {
                promotions: number(counted(&promotions, id))?,
                users: number(counted(&owners, id) + counted(&members, id))?,
                profile: row.try_into()?,
            })
        })
        .collect()
}
