//! Payment grace: a guest whose wallet is asked to pay may be online for a moment, slowly and for little, since the apps of
//! some wallets need it. A site's staff switch it on; at first it is off.

use std::ops::RangeInclusive;

use kernel::{
    AccessPolicy, Msisdn, Timestamp,
    id::ids::{OrderId, PaymentId},
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What a site grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentGrace {
    enabled: bool,
    minutes: u32,
    upload_kbps: u32,
    download_kbps: u32,
    data_cap_bytes: u64,
}

/// A value is out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is not within {min} and {max}")]
pub struct GraceOutOfRange {
    /// The value's name.
    pub field: &'static str,
    /// The least that it may be.
    pub min: u64,
    /// The most that it may be.
    pub max: u64,
}

impl PaymentGrace {
    /// How many minutes it may last.
    pub const MINUTES: RangeInclusive<u32> = 1..=15;
    /// Which rates it may have, in kilobits per second.
    pub const KBPS: RangeInclusive<u32> = 64..=2_048;
    /// How many bytes it may allow, in both directions together.
    pub const BYTES: RangeInclusive<u64> = 1_000_000..=100_000_000;

    /// A grace: whether there is any, for so many minutes, with these rates in kilobits per second, and for so many bytes.
    ///
    /// # Errors
    /// [`GraceOutOfRange`] names the first value that is out of its range.
    pub fn new(
        enabled: bool,
        minutes: u32,
        (upload_kbps, download_kbps): (u32, u32),
        data_cap_bytes: u64,
    ) -> Result<Self, GraceOutOfRange> {
        within("minutes", minutes, Self::MINUTES)?;
        within("upload_kbps", upload_kbps, Self::KBPS)?;
        within("download_kbps", download_kbps, Self::KBPS)?;
        within("data_cap_bytes", data_cap_bytes, Self::BYTES)?;
        Ok(Self { enabled, minutes, upload_kbps, download_kbps, data_cap_bytes })
    }

    /// Whether there is any.
    #[must_use]
    pub const fn enabled(self) -> bool {
        self.enabled
    }

    /// How long it lasts, in minutes.
    #[must_use]
    pub const fn minutes(self) -> u32 {
        self.minutes
    }

    /// Upload and download rate, in kilobits per second.
    #[must_use]
    pub const fn rates(self) -> (u32, u32) {
        (self.upload_kbps, self.download_kbps)
    }

    /// How many bytes it allows, in both directions together.
    #[must_use]
    pub const fn data_cap_bytes(self) -> u64 {
        self.data_cap_bytes
    }

    /// What it allows, on one device.
    #[must_use]
    pub fn policy(self) -> AccessPolicy {
        AccessPolicy {
            upload_kbps: Some(self.upload_kbps),
            download_kbps: Some(self.download_kbps),
            data_cap_bytes: Some(self.data_cap_bytes),
            simultaneous_use: Some(1),
            ..AccessPolicy::default()
        }
    }
}

/// None of it; what it would be is enough for a wallet's app, and for little else.
impl Default for PaymentGrace {
    fn default() -> Self {
        Self { enabled: false, minutes: 5, upload_kbps: 256, download_kbps: 256, data_cap_bytes: 10_000_000 }
    }
}

fn within<T: Copy + PartialOrd + Into<u64>>(
    field: &'static str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<(), GraceOutOfRange> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(GraceOutOfRange { field, min: (*range.start()).into(), max: (*range.end()).into() })
}

/// A grace that was granted: an order gets one at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedGrace {
    /// The payment that waits.
    pub payment_id: PaymentId,
    /// The order that it pays.
    pub order_id: OrderId,
    /// The phone that is asked to pay.
    pub phone: Msisdn,
    /// Where it was asked for: the host's address, as [`kernel::ip_networks::host_of`] has it.
    pub host: Option<IpAddr>,
    /// When it was granted.
    pub granted_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::PaymentGrace;

    #[test]
    fn each_value_has_its_range() {
        let field = |minutes, rates, bytes| {
            PaymentGrace::new(true, minutes, rates, bytes).map_err(|error| error.field).err()
        };
        assert_eq!(field(1, (64, 64), 1_000_000), None);
        assert_eq!(field(15, (2_048, 2_048), 100_000_000), None);
        for (minutes, rates, bytes, wrong) in [
            (0, (64, 64), 1_000_000, "minutes"),
            (16, (64, 64), 1_000_000, "minutes"),
            (1, (63, 64), 1_000_000, "upload_kbps"),
            (1, (64, 2_049), 1_000_000, "download_kbps"),
            (1, (64, 64), 999_999, "data_cap_bytes"),
            (1, (64, 64), 100_000_001, "data_cap_bytes"),
        ] {
            assert_eq!(field(minutes, rates, bytes), Some(wrong));
        }
    }

    #[test]
    fn the_default_is_off_and_within_the_ranges() {
        let grace = PaymentGrace::default();
        assert!(!grace.enabled());
        let same = PaymentGrace::new(false, grace.minutes(), grace.rates(), grace.data_cap_bytes());
        assert_eq!(same, Ok(grace));
    }
}
