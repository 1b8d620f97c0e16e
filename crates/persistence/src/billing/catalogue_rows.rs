//! Packages, sites and limits.

use async_trait::async_trait;
use billing::{Operator, Package, limits::AmountLimits, ports::CatalogueRows, site::Site};
use kernel::{
    Currency, StoreError,
    id::ids::{PackageId, SiteId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};

use super::{gateway_limits, packages, sites};
use crate::{Tx, error::store_error};

#[async_trait]
impl CatalogueRows for Tx {
    async fn insert_package(&mut self, package: &Package) -> Result<bool, StoreError> {
        let name_taken = OnConflict::column(packages::Column::Name).do_nothing().to_owned();
        let inserted = packages::Entity::insert(packages::ActiveModel::try_from(package)?)
            .on_conflict(name_taken)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn lock_package(&mut self, id: PackageId) -> Result<Option<Package>, StoreError> {
        let row = packages::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(self.connection()).await;
        row.map_err(store_error)?.map(Package::try_from).transpose()
    }

    async fn update_package(&mut self, package: &Package) -> Result<bool, StoreError> {
        let namesake = packages::Entity::find()
            .filter(packages::Column::Name.eq(&package.offer.name))
            .filter(packages::Column::Id.ne(package.id.as_uuid()))
            .one(self.connection())
            .await
            .map_err(store_error)?;
        if namesake.is_some() {
            return Ok(false);
        }
        let row = packages::ActiveModel::try_from(package)?;
        packages::Entity::update(row).exec(self.connection()).await.map_err(store_error)?;
        Ok(true)
    }

    async fn site(&mut self, id: SiteId) -> Result<Option<Site>, StoreError> {
        let row = sites::Entity::find_by_id(id.as_uuid()).one(self.connection()).await;
        Ok(row.map_err(store_error)?.map(Site::from))
    }

    async fn find_site(&mut self, code: &str) -> Result<Option<Site>, StoreError> {
        let row = sites::Entity::find().filter(sites::Column::Code.eq(code)).one(self.connection()).await;
        Ok(row.map_err(store_error)?.map(Site::from))
    }

    async fn ensure_site(&mut self, site: &Site) -> Result<bool, StoreError> {
        let row = sites::ActiveModel {
            id: Set(site.id.as_uuid()),
            code: Set(site.code.clone()),
            name: Set(site.name.clone()),
        };
        let inserted = sites::Entity::insert(row)
            .on_conflict(OnConflict::column(sites::Column::Code).do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn ensure_limits(&mut self, limits: &AmountLimits) -> Result<(), StoreError> {
        use gateway_limits::Column::{Currency, Gateway, Operator};
        gateway_limits::Entity::insert(gateway_limits::ActiveModel::from(limits))
            .on_conflict(OnConflict::columns([Gateway, Operator, Currency]).do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn set_limits(&mut self, limits: &AmountLimits) -> Result<(), StoreError> {
        use gateway_limits::Column::{Currency, Gateway, Max, Min, Operator, Step};
        let replace =
            OnConflict::columns([Gateway, Operator, Currency]).update_columns([Min, Max, Step]).to_owned();
        gateway_limits::Entity::insert(gateway_limits::ActiveModel::from(limits))
            .on_conflict(replace)
            .exec_without_returning(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn find_limits(
        &mut self,
        gateway: &str,
        operator: Operator,
        currency: Currency,
    ) -> Result<Option<AmountLimits>, StoreError> {
        let key = (gateway.to_owned(), operator.as_str().to_owned(), currency.code().to_owned());
        let row = gateway_limits::Entity::find_by_id(key).one(self.connection()).await;
        row.map_err(store_error)?.map(AmountLimits::try_from).transpose()
    }
}
