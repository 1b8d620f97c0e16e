//! The JSON form of every fact, kept as snapshots: a promise to whoever consumes them.

use chrono::DateTime;
use serde_json::json;
use uuid::Uuid;

use super::{Contact, alert::*, billing::*, hotspot::*, identity::*, notifications::*, radius::*};
use crate::{AccessPolicy, Currency, EventPayload, Id, Locale, Money, Msisdn, sealed::Sealed};

fn id<T>(n: u128) -> Id<T> {
    Id::from_uuid(Uuid::from_u128(n))
}

fn contact() -> Contact {
    Contact {
        user_id: Some(id(9)),
        phone: Msisdn::parse("+243812345678").ok(),
        email: None,
        locale: Locale::Fr,
    }
}

fn sold() -> SoldPackage {
    SoldPackage {
        name: "2H".into(),
        validity_minutes: 120,
        validity_start: ValidityStart::Creation,
        target: Target::Router,
        policy: AccessPolicy { download_kbps: Some(2048), ..AccessPolicy::default() },
    }
}

fn golden<P: EventPayload>(fact: &P) {
    let json =
        json!({ "type": P::TYPE, "version": P::VERSION, "payload": serde_json::to_value(fact).unwrap() });
    insta::assert_json_snapshot!(format!("{}.v{}", P::TYPE, P::VERSION), json);
    let read_back: P = serde_json::from_value(json["payload"].clone()).unwrap();
    assert_eq!(serde_json::to_value(read_back).unwrap(), json["payload"]);
}

fn number() -> String {
    "ORD-20260117-000042".to_owned()
}

#[test]
fn what_billing_tells_keeps_its_form() {
    let amount = Money::from_minor(300, Currency::Cdf);
    golden(&OrderPlaced { order_id: id(1), order_number: number(), total: amount });
    golden(&OrderCancelled { order_id: id(1) });
    golden(&OrderExpired { order_id: id(1) });
    golden(&PaymentInitiated { payment_id: id(2), order_id: id(1), amount });
    golden(&PaymentGraceGranted {
        payment_id: id(2),
        order_id: id(1),
        order_number: number(),
        site_id: id(3),
        router_id: None,
        target: Target::Router,
        locale: Locale::Fr,
        minutes: 5,
        policy: AccessPolicy { download_kbps: Some(256), ..AccessPolicy::default() },
    });
    let paid = PaymentSucceeded {
        payment_id: id(2),
        order_id: id(1),
        order_number: number(),
        site_id: id(3),
        router_id: None,
        amount,
        late: false,
        contact: contact(),
        package: sold(),
        units: vec![OwedUnit { unit_id: id(4), number: 1 }],
    };
    golden(&paid);
    let on_a_router = serde_json::to_value(PaymentSucceeded { router_id: Some(id(6)), ..paid }).unwrap();
    assert_eq!(on_a_router["router_id"], "00000000-0000-0000-0000-000000000006");
    golden(&PaymentFailed { payment_id: id(2), order_id: id(1), reason: "declined".into() });
    golden(&DuplicatePaymentReceived { payment_id: id(2), order_id: id(1), amount });
    let package_name = "2H".to_owned();
    golden(&OrderCompleted {
        order_id: id(1),
        order_number: number(),
        contact: contact(),
        package_name,
        units: 1,
    });
    golden(&OrderForgotten { order_id: id(1) });
    golden(&OrderFulfilmentFailed { order_id: id(1), order_number: number(), delivered: 1, failed: 1 });
}

#[test]
fn what_billing_tells_of_the_shop_keeps_its_form() {
    let amount = Money::from_minor(300, Currency::Cdf);
    golden(&UnitsWithdrawn { order_id: id(1), units: vec![id(4)] });
    golden(&RefundSucceeded {
        refund_id: id(10),
        payment_id: id(2),
        order_id: id(1),
        order_number: number(),
        amount,
        way: "gateway".into(),
        contact: contact(),
    });
    golden(&AgentSold {
        agent_id: id(9),
        order_id: None,
        voucher_batch_id: Some(id(11)),
        price: amount,
        commission: Money::from_minor(30, Currency::Cdf),
    });
}

#[test]
fn what_hotspot_tells_keeps_its_form() {
    golden(&ProvisioningStarted { order_id: id(1), units: vec![id(4)] });
    golden(&HotspotUserProvisioned {
        hotspot_user_id: id(5),
        order_id: id(1),
        order_number: number(),
        unit_id: id(4),
        router_id: id(6),
        contact: contact(),
        package_name: "2H".into(),
        username: "HS2601171200001".into(),
        sealed_password: Sealed::from_stored("s1.00000000.n.c".into()),
        validity_minutes: 120,
        expires_at: DateTime::from_timestamp(1_768_658_400, 0),
    });
    golden(&HotspotUserFailed {
        hotspot_user_id: id(5),
        order_id: id(1),
        unit_id: id(4),
        reason: "full".into(),
    });
    golden(&HotspotUserExpired { hotspot_user_id: id(5), order_id: id(1) });
}

#[test]
fn what_staff_do_with_hotspot_users_keeps_its_form() {
    let (hotspot_user_id, order_id) = (id(5), id(1));
    golden(&HotspotUserSuspended { hotspot_user_id, order_id });
    golden(&HotspotUserResumed { hotspot_user_id, order_id });
    golden(&HotspotUserRevoked { hotspot_user_id, order_id });
    golden(&HotspotUserExtended {
        hotspot_user_id,
        order_id,
        expires_at: DateTime::from_timestamp(1_768_658_400, 0),
        validity_minutes: 120,
    });
    golden(&HotspotUsersForgotten { order_id, markers: vec!["o:1#1".into()] });
    golden(&HotspotUserMoved { hotspot_user_id, order_id, from_router_id: id(6), to_router_id: id(9) });
}

#[test]
fn what_notifications_and_alerts_tell_keeps_its_form() {
    let (subject_id, order_id) = (Uuid::from_u128(4), Some(Uuid::from_u128(1)));
    let (notification_type, channel) = ("credentials_issued".to_owned(), "sms".to_owned());
    golden(&MessageSent {
        delivery_id: id(7),
        notification_type: notification_type.clone(),
        channel: channel.clone(),
        subject_id,
        order_id,
    });
    let reason = "unknown number".to_owned();
    golden(&MessageUndeliverable {
        delivery_id: id(7),
        notification_type,
        channel,
        subject_id,
        order_id,
        reason,
    });
    golden(&AlertRaised {
        subject_id: id(8),
        code: "payment_held".into(),
        severity: Severity::High,
        message: "A payment is held.".into(),
        order_id: Some(id(1)),
    });
}

#[test]
fn what_identity_tells_keeps_its_form() {
    let account = Account {
        user_id: id(9),
        revision: 3,
        username: "22/isc/017".into(),
        full_name: "Alice Mbuyi".into(),
        promotion_id: Some(Uuid::from_u128(12)),
        is_active: true,
        contact: contact(),
    };
    let sealed = Sealed::from_stored("s1.00000000.nonce.text".into());
    golden(&UserRegistered {
        account: account.clone(),
        sealed_wifi_secret: Some(sealed.clone()),
        activate_wifi: true,
    });
    golden(&UserChanged { account: account.clone() });
    golden(&PasswordReset { account, sealed_password: sealed.clone(), wifi_too: true });
    golden(&WifiSecretChanged { user_id: id(9), revision: 4, sealed_wifi_secret: sealed });
    golden(&UserDeleted { user_id: id(9), revision: 5 });
}

#[test]
fn what_radius_tells_keeps_its_form() {
    let at = DateTime::from_timestamp(1_800_000_000, 0);
    golden(&SubscriberEnabled { subscriber_id: id(13), contact: contact(), expires_at: at });
    golden(&SubscriberDisabled { subscriber_id: id(13) });
    golden(&UsageThresholdReached {
        subscriber_id: id(13),
        contact: contact(),
        sold_as: None,
        code: "quota_warning".into(),
        period: Some("day".into()),
        percent: Some(80),
        expires_in_days: None,
    });
    golden(&RadiusSessionClosed {
        session_id: id(14),
        subscriber_id: Some(id(13)),
        cause: "User-Request".into(),
    });
    golden(&RadiusDeviceSeen {
        session_id: id(14),
        user_id: id(3),
        mac: "02:00:5E:00:53:01".into(),
        seen_at: at.unwrap(),
    });
    golden(&QuotaStateChanged {
        subscriber_id: id(13),
        state: "blocked".into(),
        period: Some("day".into()),
        until: at,
    });
}
