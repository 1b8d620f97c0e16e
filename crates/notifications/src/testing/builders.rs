//! Notifications, deliveries and facts for tests.

use kernel::{
    Ambient, EmailAddress, Event, Id, Locale, Msisdn, Origin, Sealed, Sealer,
    events::{Contact, hotspot::HotspotUserProvisioned},
    id::ids::{NotificationId, UserId},
    sealed::Purpose,
};

use crate::{
    delivery::{Delivery, Message},
    notification::{Notification, NotificationType},
};

/// Credentials for a user, about a subject of their own.
#[must_use]
pub fn notification(ambient: &Ambient, user: Option<UserId>) -> Notification {
    let kind = NotificationType::CredentialsIssued;
    Notification {
        id: Id::generate(ambient),
        kind,
        user_id: user,
        subject_id: ambient.uuid_v4(),
        order_id: Some(Id::generate(ambient)),
        title: "Votre accès Wi-Fi 2H est prêt".to_owned(),
        body: "Suivez le lien.".to_owned(),
        link: Some("/api/v1/hotspot-users".to_owned()),
        priority: kind.priority(),
        locale: Locale::Fr,
        created_at: ambient.now(),
        read_at: None,
    }
}

/// A text message on its way, whose text does not open.
#[must_use]
pub fn sms_delivery(ambient: &Ambient, notification: NotificationId) -> Delivery {
    let message = Message::Sms {
        to: Msisdn::parse("+243812345678").unwrap(),
        text: Sealed::from_stored("s1.00000000.n.c".to_owned()),
        segments: 2,
    };
    Delivery::new(Id::generate(ambient), notification, message, ambient.now())
}

/// An email on its way, whose text does not open.
#[must_use]
pub fn email_delivery(ambient: &Ambient, notification: NotificationId) -> Delivery {
    let message = Message::Email {
        to: EmailAddress::parse("jean@example.cd").unwrap(),
        subject: "Votre accès".to_owned(),
        text: Sealed::from_stored("s1.00000000.n.c".to_owned()),
    };
    Delivery::new(Id::generate(ambient), notification, message, ambient.now())
}

/// An entry in the inbox.
#[must_use]
pub fn in_app_delivery(ambient: &Ambient, notification: NotificationId) -> Delivery {
    Delivery::new(Id::generate(ambient), notification, Message::InApp, ambient.now())
}

/// Somebody with a phone, a mailbox and an account.
#[must_use]
pub fn contact(ambient: &Ambient) -> Contact {
    Contact {
        user_id: Some(Id::generate(ambient)),
        phone: Msisdn::parse("+243812345678").ok(),
        email: EmailAddress::parse("jean@example.cd").ok(),
        locale: Locale::Fr,
    }
}

/// The fact that credentials with the password `aB3dE5fG7h` are ready for somebody.
#[must_use]
pub fn provisioned(ambient: &Ambient, sealer: &Sealer, contact: Contact) -> (HotspotUserProvisioned, Event) {
    let hotspot_user_id = Id::generate(ambient);
    let fact = HotspotUserProvisioned {
        hotspot_user_id,
        order_id: Id::generate(ambient),
        order_number: "ORD-20260117-000042".to_owned(),
        unit_id: Id::generate(ambient),
        router_id: Id::generate(ambient),
        contact,
        package_name: "2H".to_owned(),
        username: "HS2601171200001".to_owned(),
        sealed_password: sealer.seal(Purpose::WifiPassword, &hotspot_user_id, "aB3dE5fG7h").unwrap(),
        validity_minutes: 120,
        expires_at: Some(ambient.now()),
    };
    let event = Event::new(ambient, &Origin::system("test"), &fact).unwrap();
    (fact, event)
}
