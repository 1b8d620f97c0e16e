//! A subscriber, as a row. The limits of what was sold are JSON; those of an account are its profile's.

use kernel::{EmailAddress, Id, Locale, Msisdn, Sealed, StoreError, events::Contact};
use radius::{
    Subscriber,
    access_profile::Limits,
    subscriber::{Heard, Period, QuotaState, Sold, Source},
};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscribers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) user_id: Option<Uuid>,
    pub(super) router_id: Option<Uuid>,
    pub(super) marker: Option<String>,
    pub(super) issued_name: Option<String>,
    pub(super) limits: Json,
    pub(super) username: String,
    pub(super) full_name: String,
    pub(super) sealed_secret: Option<String>,
    pub(super) contact_user_id: Option<Uuid>,
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) locale: String,
    pub(super) account_active: bool,
    pub(super) promotion_id: Option<Uuid>,
    pub(super) own_profile_id: Option<Uuid>,
    pub(super) granted_profile_id: Option<Uuid>,
    pub(super) enabled: bool,
    pub(super) comes_back: bool,
    pub(super) activated_at: Option<DateTimeUtc>,
    pub(super) begun_at: Option<DateTimeUtc>,
    pub(super) expires_at: Option<DateTimeUtc>,
    pub(super) quota_state: String,
    pub(super) quota_period: Option<String>,
    pub(super) quota_until: Option<DateTimeUtc>,
    pub(super) created_at: DateTimeUtc,
    pub(super) archived_at: Option<DateTimeUtc>,
    pub(super) account_revision: i64,
    pub(super) secret_revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn quota_state(row: &Model) -> Result<QuotaState, StoreError> {
    let period = row.quota_period.as_deref().map(|text| Period::parse(text).ok_or(text)).transpose();
    let (period, until) = (period.map_err(StoreError::corrupt)?, row.quota_until);
    match (row.quota_state.as_str(), period) {
        ("open", None) => Ok(QuotaState::Open),
        ("blocked", Some(period)) => Ok(QuotaState::Blocked { period, until }),
        ("throttled", Some(period)) => Ok(QuotaState::Throttled { period, until }),
        (other, _) => Err(StoreError::corrupt(other)),
    }
}

impl TryFrom<&Subscriber> for ActiveModel {
    type Error = StoreError;

    fn try_from(subscriber: &Subscriber) -> Result<Self, StoreError> {
        let (user, sold) = match &subscriber.source {
            Source::Account(user) => (Some(*user), None),
            Source::Sold(sold) => (None, Some(sold)),
        };
        let limits = sold.map(|sold| &sold.limits);
        let contact = &subscriber.contact;
        let exhausted = subscriber.quota_state.exhausted();
        Ok(Self {
            id: Set(subscriber.id.as_uuid()),
            user_id: Set(user.map(|id| id.as_uuid())),
            router_id: Set(sold.map(|sold| sold.router_id.as_uuid())),
            marker: Set(sold.map(|sold| sold.marker.clone())),
            issued_name: Set(sold.map(|sold| sold.name.clone())),
            limits: Set(serde_json::to_value(limits).map_err(StoreError::corrupt)?),
            username: Set(subscriber.username.clone()),
            full_name: Set(subscriber.full_name.clone()),
            sealed_secret: Set(subscriber.sealed_secret.as_ref().map(|sealed| sealed.as_str().to_owned())),
            contact_user_id: Set(contact.user_id.map(|id| id.as_uuid())),
            phone: Set(contact.phone.as_ref().map(Msisdn::to_string)),
            email: Set(contact.email.as_ref().map(EmailAddress::to_string)),
            locale: Set(contact.locale.tag().to_owned()),
            account_active: Set(subscriber.account_active),
            promotion_id: Set(subscriber.promotion_id.map(|id| id.as_uuid())),
            own_profile_id: Set(subscriber.own_profile_id.map(|id| id.as_uuid())),
            granted_profile_id: Set(subscriber.granted_profile_id.map(|id| id.as_uuid())),
            enabled: Set(subscriber.enabled),
            comes_back: Set(subscriber.comes_back),
            activated_at: Set(subscriber.activated_at),
            begun_at: Set(subscriber.begun_at),
            expires_at: Set(subscriber.expires_at),
            quota_state: Set(subscriber.quota_state.as_str().to_owned()),
            quota_period: Set(exhausted.map(|(period, _)| period.as_str().to_owned())),
            quota_until: Set(exhausted.and_then(|(_, until)| until)),
            created_at: Set(subscriber.created_at),
            archived_at: Set(subscriber.archived_at),
            account_revision: Set(subscriber.heard.account),
            secret_revision: Set(subscriber.heard.secret),
        })
    }
}

impl TryFrom<Model> for Subscriber {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let quota_state = quota_state(&row)?;
        let limits: Option<Limits> = serde_json::from_value(row.limits).map_err(StoreError::corrupt)?;
        let sold = row.router_id.zip(row.marker).zip(row.issued_name).zip(limits);
        let source = match (row.user_id, sold) {
            (Some(user), None) => Source::Account(Id::from_uuid(user)),
            (None, Some((((router, marker), name), limits))) => {
                Source::Sold(Box::new(Sold { router_id: Id::from_uuid(router), marker, name, limits }))
            }
            _ => return Err(StoreError::corrupt("a subscriber that neither has an account nor was sold")),
        };
        let phone = row.phone.as_deref().map(Msisdn::parse).transpose();
        let email = row.email.as_deref().map(EmailAddress::parse).transpose();
        let contact = Contact {
            user_id: row.contact_user_id.map(Id::from_uuid),
            phone: phone.map_err(StoreError::corrupt)?,
            email: email.map_err(StoreError::corrupt)?,
            locale: Locale::parse(&row.locale).ok_or_else(|| StoreError::corrupt(&row.locale))?,
        };
        Ok(Self {
            id: Id::from_uuid(row.id),
            source,
            username: row.username,
            full_name: row.full_name,
            sealed_secret: row.sealed_secret.map(Sealed::from_stored),
            contact,
            account_active: row.account_active,
            promotion_id: row.promotion_id.map(Id::from_uuid),
            own_profile_id: row.own_profile_id.map(Id::from_uuid),
            granted_profile_id: row.granted_profile_id.map(Id::from_uuid),
            enabled: row.enabled,
            comes_back: row.comes_back,
            activated_at: row.activated_at,
            begun_at: row.begun_at,
            expires_at: row.expires_at,
            quota_state,
            created_at: row.created_at,
            archived_at: row.archived_at,
            heard: Heard { account: row.account_revision, secret: row.secret_revision },
        })
    }
}
