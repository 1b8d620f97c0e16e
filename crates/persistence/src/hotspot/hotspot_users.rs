//! A hotspot user, as a row. The marker follows from order and number; it is kept so that what is on a router can
//! be looked up by it.

use hotspot::{HotspotUser, HotspotUserStatus, hotspot_user::Marker, queries::HotspotUserView};
use kernel::{
    AccessPolicy, EmailAddress, Id, Locale, Msisdn, Sealed, StoreError,
    events::{Contact, billing::ValidityStart},
};
use sea_orm::{ActiveValue::Set, Condition, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hotspot_users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) username: String,
    pub(super) sealed_password: String,
    pub(super) status: String,
    pub(super) order_id: Uuid,
    pub(super) order_number: String,
    pub(super) unit_id: Uuid,
    pub(super) unit_number: i32,
    pub(super) marker: String,
    pub(super) user_id: Option<Uuid>,
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) locale: String,
    pub(super) package_name: String,
    pub(super) policy: Json,
    pub(super) validity_minutes: i32,
    pub(super) validity_start: String,
    pub(super) site_id: Uuid,
    pub(super) router_id: Uuid,
    pub(super) renamed_from: Option<String>,
    pub(super) failure: Option<String>,
    pub(super) created_at: DateTimeUtc,
    pub(super) activated_at: Option<DateTimeUtc>,
    pub(super) expires_at: Option<DateTimeUtc>,
    pub(super) first_used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::routers::Entity",
        from = "Column::RouterId",
        to = "super::routers::Column::Id"
    )]
    Router,
}

impl Related<super::routers::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Router.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// The number of what nobody has bought, [`HotspotUser::GRACE`] as it is stored.
pub(super) const GRACE: i32 = HotspotUser::GRACE.cast_signed();

const CREATION: &str = "creation";
const FIRST_USE: &str = "first_use";

/// Active users whose validity waits for its first use. That they have no end yet says the same as that they were
/// never used, and there is an index on it.
pub(super) fn awaits_first_use() -> Condition {
    Condition::all()
        .add(Column::Status.eq(HotspotUserStatus::Active.as_str()))
        .add(Column::ExpiresAt.is_null())
        .add(Column::ValidityStart.eq(FIRST_USE))
}

fn validity_start(text: &str) -> Result<ValidityStart, StoreError> {
    match text {
        CREATION => Ok(ValidityStart::Creation),
        FIRST_USE => Ok(ValidityStart::FirstUse),
        other => Err(StoreError::corrupt(other)),
    }
}

fn status(text: &str) -> Result<HotspotUserStatus, StoreError> {
    HotspotUserStatus::parse(text).ok_or_else(|| StoreError::corrupt(text))
}

fn policy(json: Json) -> Result<AccessPolicy, StoreError> {
    serde_json::from_value(json).map_err(StoreError::corrupt)
}

fn phone(text: Option<&str>) -> Result<Option<Msisdn>, StoreError> {
    text.map(Msisdn::parse).transpose().map_err(StoreError::corrupt)
}

fn number<T, U: TryFrom<T>>(number: T) -> Result<U, StoreError>
where
    U::Error: std::fmt::Display,
{
    U::try_from(number).map_err(StoreError::corrupt)
}

impl TryFrom<&HotspotUser> for ActiveModel {
    type Error = StoreError;

    fn try_from(user: &HotspotUser) -> Result<Self, StoreError> {
        let contact = &user.contact;
        let starts = match user.validity_start {
            ValidityStart::Creation => CREATION,
            ValidityStart::FirstUse => FIRST_USE,
        };
        Ok(Self {
            id: Set(user.id.as_uuid()),
            username: Set(user.username.clone()),
            sealed_password: Set(user.sealed_password.as_str().to_owned()),
            status: Set(user.status.as_str().to_owned()),
            order_id: Set(user.order_id.as_uuid()),
            order_number: Set(user.order_number.clone()),
            unit_id: Set(user.unit_id.as_uuid()),
            unit_number: Set(number(user.unit_number)?),
            marker: Set(user.marker.as_str().to_owned()),
            user_id: Set(contact.user_id.map(|id| id.as_uuid())),
            phone: Set(contact.phone.as_ref().map(Msisdn::to_string)),
            email: Set(contact.email.as_ref().map(EmailAddress::to_string)),
            locale: Set(contact.locale.tag().to_owned()),
            package_name: Set(user.package_name.clone()),
            policy: Set(serde_json::to_value(&user.policy).map_err(StoreError::corrupt)?),
            validity_minutes: Set(number(user.validity_minutes)?),
            validity_start: Set(starts.to_owned()),
            site_id: Set(user.site_id.as_uuid()),
            router_id: Set(user.router_id.as_uuid()),
            renamed_from: Set(user.renamed_from.clone()),
            failure: Set(user.failure.clone()),
            created_at: Set(user.created_at),
            activated_at: Set(user.activated_at),
            expires_at: Set(user.expires_at),
            first_used_at: Set(user.first_used_at),
        })
    }
}

impl TryFrom<Model> for HotspotUser {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let email = row.email.as_deref().map(EmailAddress::parse).transpose();
        let contact = Contact {
            user_id: row.user_id.map(Id::from_uuid),
            phone: phone(row.phone.as_deref())?,
            email: email.map_err(StoreError::corrupt)?,
            locale: Locale::parse(&row.locale).ok_or_else(|| StoreError::corrupt(&row.locale))?,
        };
        Ok(Self {
            id: Id::from_uuid(row.id),
            username: row.username,
            sealed_password: Sealed::from_stored(row.sealed_password),
            status: status(&row.status)?,
            order_id: Id::from_uuid(row.order_id),
            order_number: row.order_number,
            unit_id: Id::from_uuid(row.unit_id),
            unit_number: number(row.unit_number)?,
            marker: Marker::parse(&row.marker).ok_or_else(|| StoreError::corrupt(&row.marker))?,
            contact,
            package_name: row.package_name,
            policy: policy(row.policy)?,
            validity_minutes: number(row.validity_minutes)?,
            validity_start: validity_start(&row.validity_start)?,
            site_id: Id::from_uuid(row.site_id),
            router_id: Id::from_uuid(row.router_id),
            renamed_from: row.renamed_from,
            failure: row.failure,
            created_at: row.created_at,
            activated_at: row.activated_at,
            expires_at: row.expires_at,
            first_used_at: row.first_used_at,
        })
    }
}

/// The row as it is shown, with the name of its router.
pub(super) fn view(row: Model, router_name: String) -> Result<HotspotUserView, StoreError> {
    Ok(HotspotUserView {
        id: Id::from_uuid(row.id),
        username: row.username,
        status: status(&row.status)?,
        order_id: Id::from_uuid(row.order_id),
        order_number: row.order_number,
        unit_id: Id::from_uuid(row.unit_id),
        unit_number: number(row.unit_number)?,
        owner: row.user_id.map(Id::from_uuid),
        phone: phone(row.phone.as_deref())?,
        package_name: row.package_name,
        policy: policy(row.policy)?,
        validity_minutes: number(row.validity_minutes)?,
        validity_start: validity_start(&row.validity_start)?,
        site_id: Id::from_uuid(row.site_id),
        router_id: Id::from_uuid(row.router_id),
        router_name,
        failure: row.failure,
        created_at: row.created_at,
        activated_at: row.activated_at,
        expires_at: row.expires_at,
        first_used_at: row.first_used_at,
    })
}
