//! The caller's inbox.

use chrono::{DateTime, Utc};
use notifications::notification::{Notification, NotificationType, Priority};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub mod list;
pub mod mark_read;
pub mod read_all;
pub mod show;
pub mod unread_count;

/// Something the caller is told.
#[derive(Serialize, ToSchema)]
#[schema(as = Notification)]
pub struct NotificationView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    id: Uuid,
    /// What kind it is.
    #[serde(rename = "type")]
    kind: NotificationTypeWord,
    /// Its title, in the caller's language.
    #[schema(example = "Vos identifiants Wi-Fi sont prêts")]
    title: String,
    /// Its text, in the caller's language. It holds no password.
    #[schema(example = "Commande ORD-20260117-000042 : vos identifiants sont prêts.")]
    body: String,
    /// The path of what it is about, within this service.
    #[schema(example = "/api/v1/hotspot-users/0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    link: Option<String>,
    /// The order it concerns.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e91")]
    order_id: Option<Uuid>,
    /// How urgent it is.
    priority: PriorityWord,
    /// When it was written.
    #[schema(example = "2026-01-17T12:00:00Z")]
    created_at: DateTime<Utc>,
    /// When it was first read; null while it is unread.
    #[schema(example = json!(null))]
    read_at: Option<DateTime<Utc>>,
}

/// A kind of notification.
#[derive(Serialize, ToSchema)]
#[schema(as = NotificationType, example = "credentials_issued")]
#[serde(rename_all = "snake_case")]
pub enum NotificationTypeWord {
    /// Wi-Fi credentials for whoever bought them, one notification per set.
    CredentialsIssued,
    /// All that an order owed has been made.
    OrderCompleted,
    /// Money was paid back.
    RefundPaid,
    /// Staff made a new password for the account.
    PasswordReset,
    /// Much of a quota is used.
    QuotaWarning,
    /// Most of a quota is used.
    QuotaCritical,
    /// A quota is used up.
    QuotaExhausted,
    /// The access ends within days.
    ExpiryWarning,
    /// The access is about to end.
    ExpiryImminent,
}

/// How urgent a notification is.
#[derive(Serialize, ToSchema)]
#[schema(as = Priority, example = "high")]
#[serde(rename_all = "snake_case")]
pub enum PriorityWord {
    /// Good to know soon.
    Normal,
    /// The person waits for it.
    High,
}

impl From<Notification> for NotificationView {
    fn from(notification: Notification) -> Self {
        Self {
            id: notification.id.as_uuid(),
            kind: match notification.kind {
                NotificationType::CredentialsIssued => NotificationTypeWord::CredentialsIssued,
                NotificationType::OrderCompleted => NotificationTypeWord::OrderCompleted,
                NotificationType::RefundPaid => NotificationTypeWord::RefundPaid,
                NotificationType::QuotaWarning => NotificationTypeWord::QuotaWarning,
                NotificationType::QuotaCritical => NotificationTypeWord::QuotaCritical,
                NotificationType::QuotaExhausted => NotificationTypeWord::QuotaExhausted,
                NotificationType::ExpiryWarning => NotificationTypeWord::ExpiryWarning,
                NotificationType::ExpiryImminent => NotificationTypeWord::ExpiryImminent,
                NotificationType::PasswordReset => NotificationTypeWord::PasswordReset,
            },
            title: notification.title,
            body: notification.body,
            link: notification.link,
            order_id: notification.order_id.map(|id| id.as_uuid()),
            priority: match notification.priority {
                Priority::Normal => PriorityWord::Normal,
                Priority::High => PriorityWord::High,
            },
            created_at: notification.created_at,
            read_at: notification.read_at,
        }
    }
}
