//! A delivery, as a row. The columns `recipient`, `subject_line`, `sealed_text` and `segments` are filled as
//! its channel wants.

use ::notifications::{Channel, Delivery, DeliveryStatus, delivery::Message};
use kernel::{EmailAddress, Id, Msisdn, Sealed, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) notification_id: Uuid,
    pub(super) channel: String,
    pub(super) recipient: Option<String>,
    pub(super) subject_line: Option<String>,
    pub(super) sealed_text: Option<String>,
    pub(super) segments: Option<i64>,
    pub(super) status: String,
    pub(super) attempts: i32,
    pub(super) unanswered: i32,
    pub(super) provider_id: Option<String>,
    pub(super) error: Option<String>,
    pub(super) latency_ms: Option<i64>,
    pub(super) created_at: DateTimeUtc,
    pub(super) sent_at: Option<DateTimeUtc>,
    pub(super) next_check_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Delivery> for ActiveModel {
    fn from(delivery: &Delivery) -> Self {
        let (recipient, subject_line, sealed_text, segments) = match &delivery.message {
            Message::InApp => (None, None, None, None),
            Message::Sms { to, text, segments } => (Some(to.to_string()), None, Some(text), Some(*segments)),
            Message::Email { to, subject, text } => {
                (Some(to.to_string()), Some(subject.clone()), Some(text), None)
            }
        };
        Self {
            id: Set(delivery.id.as_uuid()),
            notification_id: Set(delivery.notification_id.as_uuid()),
            channel: Set(delivery.channel().as_str().to_owned()),
            recipient: Set(recipient),
            subject_line: Set(subject_line),
            sealed_text: Set(sealed_text.map(|text| text.as_str().to_owned())),
            segments: Set(segments.map(i64::from)),
            status: Set(delivery.status.as_str().to_owned()),
            attempts: Set(delivery.attempts.into()),
            unanswered: Set(delivery.unanswered.into()),
            provider_id: Set(delivery.provider_id.clone()),
            error: Set(delivery.error.clone()),
            latency_ms: Set(delivery.latency_ms.map(i64::from)),
            created_at: Set(delivery.created_at),
            sent_at: Set(delivery.sent_at),
            next_check_at: Set(delivery.next_check_at),
        }
    }
}

impl TryFrom<Model> for Delivery {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let latency = row.latency_ms.map(u32::try_from).transpose();
        Ok(Self {
            message: message(&row)?,
            id: Id::from_uuid(row.id),
            notification_id: Id::from_uuid(row.notification_id),
            status: DeliveryStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            attempts: u16::try_from(row.attempts).map_err(StoreError::corrupt)?,
            unanswered: u16::try_from(row.unanswered).map_err(StoreError::corrupt)?,
            provider_id: row.provider_id,
            error: row.error,
            latency_ms: latency.map_err(StoreError::corrupt)?,
            created_at: row.created_at,
            sent_at: row.sent_at,
            next_check_at: row.next_check_at,
        })
    }
}

fn message(row: &Model) -> Result<Message, StoreError> {
    let missing = || StoreError::corrupt(format!("the delivery {} lacks what its channel needs", row.id));
    let recipient = || row.recipient.as_deref().ok_or_else(missing);
    let text = || row.sealed_text.clone().map(Sealed::from_stored).ok_or_else(missing);
    match Channel::parse(&row.channel).ok_or_else(|| StoreError::corrupt(&row.channel))? {
        Channel::InApp => Ok(Message::InApp),
        Channel::Sms => Ok(Message::Sms {
            to: Msisdn::parse(recipient()?).map_err(StoreError::corrupt)?,
            text: text()?,
            segments: u16::try_from(row.segments.ok_or_else(missing)?).map_err(StoreError::corrupt)?,
        }),
        Channel::Email => Ok(Message::Email {
            to: EmailAddress::parse(recipient()?).map_err(StoreError::corrupt)?,
            subject: row.subject_line.clone().ok_or_else(missing)?,
            text: text()?,
        }),
    }
}
