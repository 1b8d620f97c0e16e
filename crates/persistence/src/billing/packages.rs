//! Packages, as rows.

use billing::{
    package::{Offer, Package, PackageStatus},
    site::Place,
};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::words::{currency, from_json, money, start_from, start_word, target_from, target_word, to_json};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "packages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) price: i64,
    pub(super) currency: String,
    pub(super) validity_minutes: i32,
    pub(super) validity_start: String,
    pub(super) target: String,
    pub(super) policy: Json,
    pub(super) mac_binding: bool,
    pub(super) status: String,
    pub(super) display_order: i32,
    pub(super) created_at: DateTimeUtc,
    pub(super) updated_at: DateTimeUtc,
    pub(super) site_id: Option<Uuid>,
    pub(super) router_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Package> for ActiveModel {
    type Error = StoreError;

    fn try_from(package: &Package) -> Result<Self, StoreError> {
        let offer = &package.offer;
        Ok(Self {
            id: Set(package.id.as_uuid()),
            name: Set(offer.name.clone()),
            description: Set(offer.description.clone()),
            price: Set(offer.price.minor()),
            currency: Set(offer.price.currency().code().to_owned()),
            validity_minutes: Set(i32::try_from(offer.validity_minutes).map_err(StoreError::corrupt)?),
            validity_start: Set(start_word(offer.validity_start).to_owned()),
            target: Set(target_word(offer.target).to_owned()),
            policy: Set(to_json(&offer.policy)?),
            mac_binding: Set(offer.mac_binding),
            status: Set(package.status.as_str().to_owned()),
            display_order: Set(offer.display_order),
            created_at: Set(package.created_at),
            updated_at: Set(package.updated_at),
            site_id: Set(offer.place.map(|place| place.site_id.as_uuid())),
            router_id: Set(offer.place.and_then(|place| place.router_id).map(|id| id.as_uuid())),
        })
    }
}

impl TryFrom<Model> for Package {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            offer: Offer {
                name: row.name,
                description: row.description,
                price: money(row.price, currency(&row.currency)?),
                validity_minutes: u32::try_from(row.validity_minutes).map_err(StoreError::corrupt)?,
                validity_start: start_from(&row.validity_start)?,
                target: target_from(&row.target)?,
                policy: from_json(row.policy)?,
                mac_binding: row.mac_binding,
                display_order: row.display_order,
                place: row.site_id.map(|site| Place {
                    site_id: Id::from_uuid(site),
                    router_id: row.router_id.map(Id::from_uuid),
                }),
            },
            status: PackageStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
