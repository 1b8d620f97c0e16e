//! What every store and every router must do, as suites that their implementations run, and samples to do it
//! with. Each suite makes rows of its own, so that several may share a database.

pub mod grace_contract;
pub mod router_contract;
pub mod scenarios;
pub mod staff_scenarios;
pub mod stage;
pub mod store_contract;

use kernel::{
    AccessPolicy, Ambient, Currency, Id, Locale, Money, Msisdn, Sealed,
    events::{
        Contact,
        billing::{OwedUnit, PaymentSucceeded, SoldPackage, Target, ValidityStart},
    },
    id::ids::SiteId,
};

use crate::{
    credentials::CredentialSettings,
    hotspot_user::{HotspotUser, HotspotUserStatus, Marker},
    ports::WantedUser,
    router::{Router, RouterAccess, RouterMode, RouterTls},
};

/// How a suite ends: well, or with whatever went wrong besides its assertions.
pub type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// A policy with every limit in it.
#[must_use]
pub fn sample_policy() -> AccessPolicy {
    AccessPolicy {
        upload_kbps: Some(1024),
        download_kbps: Some(4096),
        data_cap_bytes: Some(5_000_000_000),
        session_timeout_seconds: Some(7200),
        idle_timeout_seconds: Some(600),
        simultaneous_use: Some(1),
    }
}

/// A customer with an account, a phone and an address for email.
#[must_use]
pub fn sample_contact(ambient: &Ambient) -> Contact {
    Contact {
        user_id: Some(Id::generate(ambient)),
        phone: Msisdn::parse("+243812345678").ok(),
        email: None,
        locale: Locale::En,
    }
}

/// The fact that an order of `units` units for a router is paid.
#[must_use]
pub fn sample_fact(ambient: &Ambient, site: SiteId, units: u32) -> PaymentSucceeded {
    let owed = |number| OwedUnit { unit_id: Id::generate(ambient), number };
    PaymentSucceeded {
        payment_id: Id::generate(ambient),
        order_id: Id::generate(ambient),
        order_number: "ORD-20260117-000042".to_owned(),
        site_id: site,
        router_id: None,
        amount: Money::from_minor(150, Currency::Cdf),
        late: false,
        contact: sample_contact(ambient),
        package: SoldPackage {
            name: "2H".to_owned(),
            validity_minutes: 120,
            validity_start: ValidityStart::Creation,
            target: Target::Router,
            policy: sample_policy(),
        },
        units: (1..=units).map(owed).collect(),
    }
}

/// A default router of a site of its own.
#[must_use]
pub fn sample_router(ambient: &Ambient) -> Router {
    let id = Id::generate(ambient);
    Router {
        id,
        name: format!("router {id}"),
        site_id: Id::generate(ambient),
        is_default: true,
        enabled: true,
        configured: false,
        access: sample_access(),
        created_at: ambient.now(),
        retired_at: None,
    }
}

/// The way to a fake router.
#[must_use]
pub fn sample_access() -> RouterAccess {
    RouterAccess {
        mode: RouterMode::Fake,
        host: "demo".to_owned(),
        port: 8728,
        username: "portal".to_owned(),
        sealed_password: None,
        tls: RouterTls::Off,
    }
}

/// A pending hotspot user of an order and a router of its own.
#[must_use]
pub fn sample_user(ambient: &Ambient) -> HotspotUser {
    let id = Id::generate(ambient);
    let order_id = Id::generate(ambient);
    HotspotUser {
        id,
        username: format!("HS{}", id.as_uuid().simple()),
        sealed_password: Sealed::from_stored("s1.key.nonce.text".to_owned()),
        status: HotspotUserStatus::Pending,
        order_id,
        order_number: "ORD-20260117-000042".to_owned(),
        unit_id: Id::generate(ambient),
        unit_number: 1,
        marker: Marker::of(order_id, 1),
        contact: sample_contact(ambient),
        package_name: "2H".to_owned(),
        policy: sample_policy(),
        validity_minutes: 120,
        validity_start: ValidityStart::Creation,
        site_id: Id::generate(ambient),
        router_id: Id::generate(ambient),
        renamed_from: None,
        failure: None,
        created_at: ambient.now(),
        activated_at: None,
        expires_at: None,
        first_used_at: None,
    }
}

/// The same on a given router.
#[must_use]
pub fn sample_user_on(router: &Router, ambient: &Ambient) -> HotspotUser {
    HotspotUser { router_id: router.id, site_id: router.site_id, ..sample_user(ambient) }
}

/// A user for a router.
#[must_use]
pub fn sample_wanted(ambient: &Ambient) -> WantedUser {
    let user = sample_user(ambient);
    WantedUser {
        name: user.username,
        password: CredentialSettings::default().password(ambient),
        marker: user.marker,
        contact: user.contact,
        policy: user.policy,
    }
}
