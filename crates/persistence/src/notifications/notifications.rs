//! A notification, as a row.

use ::notifications::{Channel, Notification, NotificationType, Priority};
use kernel::{Id, Locale, StoreError, id::ids::UserId};
use sea_orm::{
    ActiveValue::Set,
    Condition,
    entity::prelude::*,
    sea_query::{ExprTrait, Query},
};

use super::deliveries;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    #[sea_orm(column_name = "type")]
    pub(super) kind: String,
    pub(super) user_id: Option<Uuid>,
    pub(super) subject_id: Uuid,
    pub(super) order_id: Option<Uuid>,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) link: Option<String>,
    pub(super) priority: String,
    pub(super) locale: String,
    pub(super) created_at: DateTimeUtc,
    pub(super) read_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The rows that are a user's inbox: theirs, and delivered in the portal.
pub(super) fn inbox_of(user: UserId) -> Condition {
    let delivery = deliveries::Column::NotificationId;
    let delivered_in_the_portal = Query::select()
        .expr(Expr::value(1))
        .from(deliveries::Entity)
        .and_where(Expr::col((deliveries::Entity, delivery)).equals((Entity, Column::Id)))
        .and_where(deliveries::Column::Channel.eq(Channel::InApp.as_str()))
        .to_owned();
    Condition::all().add(Column::UserId.eq(user.as_uuid())).add(Expr::exists(delivered_in_the_portal))
}

impl From<&Notification> for ActiveModel {
    fn from(notification: &Notification) -> Self {
        Self {
            id: Set(notification.id.as_uuid()),
            kind: Set(notification.kind.as_str().to_owned()),
            user_id: Set(notification.user_id.map(|user| user.as_uuid())),
            subject_id: Set(notification.subject_id),
            order_id: Set(notification.order_id.map(|order| order.as_uuid())),
            title: Set(notification.title.clone()),
            body: Set(notification.body.clone()),
            link: Set(notification.link.clone()),
            priority: Set(notification.priority.as_str().to_owned()),
            locale: Set(notification.locale.tag().to_owned()),
            created_at: Set(notification.created_at),
            read_at: Set(notification.read_at),
        }
    }
}

impl TryFrom<Model> for Notification {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            kind: NotificationType::parse(&row.kind).ok_or_else(|| StoreError::corrupt(&row.kind))?,
            user_id: row.user_id.map(Id::from_uuid),
            subject_id: row.subject_id,
            order_id: row.order_id.map(Id::from_uuid),
            title: row.title,
            body: row.body,
            link: row.link,
            priority: Priority::parse(&row.priority).ok_or_else(|| StoreError::corrupt(&row.priority))?,
            locale: Locale::parse(&row.locale).ok_or_else(|| StoreError::corrupt(&row.locale))?,
            created_at: row.created_at,
            read_at: row.read_at,
        })
    }
}
