//! Telling somebody something: the notification, and a delivery for each channel that leads to the person.

use kernel::{
    Id, NewJob, RequestId, StoreError,
    events::Contact,
    id::ids::{DeliveryId, OrderId},
    sealed::{Purpose, SealError},
};
use uuid::Uuid;

use super::Notifications;
use crate::{
    channel::Channel,
    content::Content,
    delivery::{Delivery, DeliveryStatus, Message},
    jobs::SendDelivery,
    notification::{Notification, Priority},
    ports::NotificationTx,
    sms,
    texts::{Part, TextError},
};

/// What is to be told to whom.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// What it is about. Of one type there is one notification per subject.
    pub subject_id: Uuid,
    /// The order it concerns.
    pub order_id: Option<OrderId>,
    /// Whom it is for, and in which language.
    pub contact: Contact,
    /// What it says.
    pub content: Content,
    /// The path, within this service, of what it is about.
    pub link: Option<String>,
    /// The request that caused it.
    pub request_id: Option<RequestId>,
}

/// Why nothing could be announced.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The words could not be made.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The text could not be sealed.
    #[error("the text cannot be sealed: {0}")]
    Seal(#[from] SealError),
}

impl Notifications {
    /// Writes a notification and its deliveries, and one job for each that has to leave the service. If the
    /// same has been announced before, it does nothing.
    ///
    /// # Errors
    /// [`AnnounceError`].
    pub async fn announce(
        &self,
        tx: &mut dyn NotificationTx,
        announcement: &Announcement,
    ) -> Result<(), AnnounceError> {
        let content = &announcement.content;
        let deliveries = self.deliveries(announcement)?;
        if deliveries.is_empty() {
            // A guest who has only a voucher reads what there is to say with the token of their order.
            return Ok(());
        }
        let locale = announcement.contact.locale;
        let notification = Notification {
            id: Id::generate(&self.ambient),
            kind: content.kind(),
            user_id: announcement.contact.user_id,
            subject_id: announcement.subject_id,
            order_id: announcement.order_id,
            title: self.texts.write(content, locale, Part::InAppTitle)?,
            body: self.texts.write(content, locale, Part::InApp)?,
            link: announcement.link.clone(),
            priority: content.kind().priority(),
            locale,
            created_at: self.ambient.now(),
            read_at: None,
        };
        if !tx.add_notification(&notification).await? {
            return Ok(());
        }
        for (id, message) in deliveries {
            let delivery = Delivery::new(id, notification.id, message, notification.created_at);
            tx.add_delivery(&delivery).await?;
            if delivery.status == DeliveryStatus::Queued {
                let job = self.sending_job(id, notification.priority, announcement.request_id.clone())?;
                tx.enqueue(job).await?;
            }
        }
        Ok(())
    }

    /// The job that sends a delivery. There is one at a time.
    pub(super) fn sending_job(
        &self,
        delivery_id: DeliveryId,
        priority: Priority,
        request_id: Option<RequestId>,
    ) -> Result<NewJob, StoreError> {
        let spec = SendDelivery { delivery_id };
        let mut job = NewJob::new(&self.ambient, &spec, request_id)?.unique(spec.unique_key());
        job.queue = priority.queue();
        Ok(job)
    }

    /// One message for each channel that the type takes, that is switched on, and that leads to the person.
    fn deliveries(&self, announcement: &Announcement) -> Result<Vec<(DeliveryId, Message)>, AnnounceError> {
        let contact = &announcement.contact;
        let mut deliveries = Vec::new();
        for channel in announcement.content.kind().channels().iter().copied() {
            if channel != Channel::InApp && self.channel(channel).is_none() {
                continue;
            }
            let id = Id::generate(&self.ambient);
            let message = match channel {
                Channel::InApp => contact.user_id.map(|_| Message::InApp),
                Channel::Sms => self.text_message(id, announcement)?,
                Channel::Email => self.email(id, announcement)?,
            };
            deliveries.extend(message.map(|message| (id, message)));
        }
        Ok(deliveries)
    }

    fn text_message(
        &self,
        id: DeliveryId,
        announcement: &Announcement,
    ) -> Result<Option<Message>, AnnounceError> {
        let contact = &announcement.contact;
        let Some(to) = contact.phone.clone() else {
            return Ok(None);
        };
        let text = self.texts.write(&announcement.content, contact.locale, Part::Sms)?;
        Ok(Some(Message::Sms {
            to,
            segments: sms::measure(&text).segments,
            text: self.sealer.seal(Purpose::MessageText, &id, &text)?,
        }))
    }

    fn email(&self, id: DeliveryId, announcement: &Announcement) -> Result<Option<Message>, AnnounceError> {
        let Contact { email, locale, .. } = &announcement.contact;
        let Some(to) = email.clone() else {
            return Ok(None);
        };
        let content = &announcement.content;
        let text = self.texts.write(content, *locale, Part::Email)?;
        Ok(Some(Message::Email {
            to,
            subject: self.texts.write(content, *locale, Part::EmailSubject)?,
            text: self.sealer.seal(Purpose::MessageText, &id, &text)?,
        }))
    }
}
