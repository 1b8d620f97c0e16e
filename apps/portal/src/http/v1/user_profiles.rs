//! Packages on sale. The API calls them user profiles, as its clients always have.

use billing::{Package, package::PackageStatus};
use kernel::events::billing::{Target, ValidityStart};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::money::MoneyView;

pub mod list;
pub mod show;

/// A package.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserProfile)]
pub struct UserProfileView {
    /// Names the package.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")]
    pub id: Uuid,
    /// A short name.
    #[schema(example = "2H")]
    pub name: String,
    /// More about it, for customers.
    #[schema(example = "Two hours of Wi-Fi")]
    pub description: String,
    /// The price of one set of credentials.
    pub price: MoneyView,
    /// How long the credentials are good for, in minutes.
    #[schema(example = 120, minimum = 1)]
    pub validity_minutes: u32,
    /// When that time begins.
    pub validity_start: ValidityStartWord,
    /// What the credentials allow.
    pub policy: AccessPolicyView,
    /// Where the credentials are enforced.
    pub target: TargetWord,
    /// Whether the credentials stick to the first device.
    #[schema(example = false)]
    pub mac_binding: bool,
    /// Whether the package is on sale.
    pub status: UserProfileStatus,
    /// Its place in the list, lowest first.
    #[schema(example = 1)]
    pub display_order: i32,
    /// The site where the credentials are used, unless an order says otherwise; null for the main one.
    #[schema(example = json!(null))]
    pub site_id: Option<Uuid>,
    /// The router that they are put on, unless an order says otherwise; null for the site's default one.
    #[schema(example = json!(null))]
    pub router_id: Option<Uuid>,
}

/// What a set of credentials allows; `null` is without limit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccessPolicy)]
#[serde(deny_unknown_fields)]
pub struct AccessPolicyView {
    /// Upload rate in kilobits per second.
    #[schema(example = 1024)]
    pub upload_kbps: Option<u32>,
    /// Download rate in kilobits per second.
    #[schema(example = 4096)]
    pub download_kbps: Option<u32>,
    /// Bytes in both directions together.
    #[schema(example = json!(null))]
    pub data_cap_bytes: Option<u64>,
    /// Longest single session, in seconds.
    #[schema(example = json!(null))]
    pub session_timeout_seconds: Option<u32>,
    /// A session without traffic ends after this many seconds.
    #[schema(example = 600)]
    pub idle_timeout_seconds: Option<u32>,
    /// How many devices may use the credentials at once.
    #[schema(example = 1)]
    pub simultaneous_use: Option<u16>,
}

/// When a validity begins: when the credentials are ready, or when they are first used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ValidityStart, example = "creation")]
#[serde(rename_all = "snake_case")]
pub enum ValidityStartWord {
    /// When the credentials are ready.
    Creation,
    /// When they are first used.
    FirstUse,
}

/// Where credentials are enforced: on a router's hotspot, or in RADIUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Target, example = "router")]
#[serde(rename_all = "snake_case")]
pub enum TargetWord {
    /// On a router's hotspot.
    Router,
    /// In RADIUS.
    Radius,
}

/// Whether a package is on sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = "active")]
#[serde(rename_all = "snake_case")]
pub enum UserProfileStatus {
    /// On sale.
    Active,
    /// Kept for the record.
    Retired,
}

impl From<Package> for UserProfileView {
    fn from(package: Package) -> Self {
        let offer = package.offer;
        Self {
            id: package.id.as_uuid(),
            name: offer.name,
            description: offer.description,
            price: offer.price.into(),
            validity_minutes: offer.validity_minutes,
            validity_start: offer.validity_start.into(),
            policy: offer.policy.into(),
            target: offer.target.into(),
            mac_binding: offer.mac_binding,
            status: package.status.into(),
            display_order: offer.display_order,
            site_id: offer.place.map(|place| place.site_id.as_uuid()),
            router_id: offer.place.and_then(|place| place.router_id).map(|id| id.as_uuid()),
        }
    }
}

impl From<kernel::AccessPolicy> for AccessPolicyView {
    fn from(policy: kernel::AccessPolicy) -> Self {
        Self {
            upload_kbps: policy.upload_kbps,
            download_kbps: policy.download_kbps,
            data_cap_bytes: policy.data_cap_bytes,
            session_timeout_seconds: policy.session_timeout_seconds,
            idle_timeout_seconds: policy.idle_timeout_seconds,
            simultaneous_use: policy.simultaneous_use,
        }
    }
}

impl From<AccessPolicyView> for kernel::AccessPolicy {
    fn from(view: AccessPolicyView) -> Self {
        Self {
            upload_kbps: view.upload_kbps,
            download_kbps: view.download_kbps,
            data_cap_bytes: view.data_cap_bytes,
            session_timeout_seconds: view.session_timeout_seconds,
            idle_timeout_seconds: view.idle_timeout_seconds,
            simultaneous_use: view.simultaneous_use,
        }
    }
}

impl From<ValidityStart> for ValidityStartWord {
    fn from(start: ValidityStart) -> Self {
        match start {
            ValidityStart::Creation => Self::Creation,
            ValidityStart::FirstUse => Self::FirstUse,
        }
    }
}

impl From<ValidityStartWord> for ValidityStart {
    fn from(word: ValidityStartWord) -> Self {
        match word {
            ValidityStartWord::Creation => Self::Creation,
            ValidityStartWord::FirstUse => Self::FirstUse,
        }
    }
}

impl From<Target> for TargetWord {
    fn from(target: Target) -> Self {
        match target {
            Target::Router => Self::Router,
            Target::Radius => Self::Radius,
        }
    }
}

impl From<TargetWord> for Target {
    fn from(word: TargetWord) -> Self {
        match word {
            TargetWord::Router => Self::Router,
            TargetWord::Radius => Self::Radius,
        }
    }
}

impl From<PackageStatus> for UserProfileStatus {
    fn from(status: PackageStatus) -> Self {
        match status {
            PackageStatus::Active => Self::Active,
            PackageStatus::Retired => Self::Retired,
        }
    }
}

impl From<UserProfileStatus> for PackageStatus {
    fn from(status: UserProfileStatus) -> Self {
        match status {
            UserProfileStatus::Active => Self::Active,
            UserProfileStatus::Retired => Self::Retired,
        }
    }
}
