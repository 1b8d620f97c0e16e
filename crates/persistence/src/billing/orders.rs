//! Orders, as rows.

use billing::{Order, OrderStatus, order::Quantity};
use kernel::{EmailAddress, Id, Locale, Msisdn, StoreError, events::Contact};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    entity::prelude::*,
};

use super::{
    receipts::rate,
    words::{currency, from_json, money, to_json},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) number: String,
    pub(super) user_id: Option<Uuid>,
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) locale: String,
    pub(super) site_id: Uuid,
    pub(super) router_id: Option<Uuid>,
    pub(super) package_id: Uuid,
    pub(super) package: Json,
    pub(super) quantity: i32,
    pub(super) unit_price: i64,
    pub(super) total: i64,
    pub(super) currency: String,
    pub(super) status: String,
    pub(super) created_at: DateTimeUtc,
    pub(super) expires_at: DateTimeUtc,
    pub(super) paid_at: Option<DateTimeUtc>,
    pub(super) completed_at: Option<DateTimeUtc>,
    pub(super) ip: Option<String>,
    pub(super) tax_rate: i32,
    pub(super) forgotten_at: Option<DateTimeUtc>,
    pub(super) forgetting_since: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Order> for ActiveModel {
    type Error = StoreError;

    fn try_from(order: &Order) -> Result<Self, StoreError> {
        let contact = &order.contact;
        Ok(Self {
            id: Set(order.id.as_uuid()),
            number: Set(order.number.clone()),
            user_id: Set(contact.user_id.map(|user| user.as_uuid())),
            phone: Set(contact.phone.as_ref().map(Msisdn::to_string)),
            email: Set(contact.email.as_ref().map(EmailAddress::to_string)),
            locale: Set(contact.locale.tag().to_owned()),
            site_id: Set(order.site_id.as_uuid()),
            router_id: Set(order.router_id.map(|id| id.as_uuid())),
            package_id: Set(order.package_id.as_uuid()),
            package: Set(to_json(&order.package)?),
            quantity: Set(i32::try_from(order.quantity.get()).map_err(StoreError::corrupt)?),
            unit_price: Set(order.unit_price.minor()),
            total: Set(order.total.minor()),
            currency: Set(order.total.currency().code().to_owned()),
            status: Set(order.status.as_str().to_owned()),
            created_at: Set(order.created_at),
            expires_at: Set(order.expires_at),
            paid_at: Set(order.paid_at),
            completed_at: Set(order.completed_at),
            tax_rate: Set(i32::from(order.tax_rate.get())),
            ip: Set(order.ip.map(|ip| ip.to_string())),
            // Written when it is forgotten alone.
            forgotten_at: NotSet,
            forgetting_since: NotSet,
        })
    }
}

impl TryFrom<Model> for Order {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let currency = currency(&row.currency)?;
        let contact = Contact {
            user_id: row.user_id.map(Id::from_uuid),
            phone: row.phone.as_deref().map(Msisdn::parse).transpose().map_err(StoreError::corrupt)?,
            email: row.email.as_deref().map(EmailAddress::parse).transpose().map_err(StoreError::corrupt)?,
            locale: Locale::parse(&row.locale).ok_or_else(|| StoreError::corrupt(&row.locale))?,
        };
        let quantity = u32::try_from(row.quantity).ok().and_then(Quantity::new);
        Ok(Self {
            id: Id::from_uuid(row.id),
            number: row.number,
            contact,
            site_id: Id::from_uuid(row.site_id),
            router_id: row.router_id.map(Id::from_uuid),
            package_id: Id::from_uuid(row.package_id),
            package: from_json(row.package)?,
            quantity: quantity.ok_or_else(|| StoreError::corrupt(row.quantity))?,
            unit_price: money(row.unit_price, currency),
            total: money(row.total, currency),
            status: OrderStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            tax_rate: rate(row.tax_rate)?,
            ip: row.ip.as_deref().map(str::parse).transpose().map_err(StoreError::corrupt)?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            paid_at: row.paid_at,
            completed_at: row.completed_at,
        })
    }
}
