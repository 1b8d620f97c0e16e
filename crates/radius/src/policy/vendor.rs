//! Each vendor's words for a rate and for what is left of a quota.

use crate::{
    attribute::{
        Attribute, CHILLISPOT_BANDWIDTH_MAX_DOWN, CHILLISPOT_BANDWIDTH_MAX_UP,
        CHILLISPOT_MAX_TOTAL_GIGAWORDS, CHILLISPOT_MAX_TOTAL_OCTETS, MIKROTIK_RATE_LIMIT,
        MIKROTIK_TOTAL_LIMIT, MIKROTIK_TOTAL_LIMIT_GIGAWORDS, PFSENSE_BANDWIDTH_MAX_DOWN,
        PFSENSE_BANDWIDTH_MAX_UP, PFSENSE_MAX_TOTAL_OCTETS, WISPR_BANDWIDTH_MAX_DOWN, WISPR_BANDWIDTH_MAX_UP,
    },
    nas_client::Vendor,
    policy::password::octets,
};

/// Rates in kilobits per second, upload and download from the customer's point of view; `None` without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Upload.
    pub up: Option<u32>,
    /// Download.
    pub down: Option<u32>,
}

/// Rates as a vendor says them.
#[must_use]
pub fn rates(vendor: Vendor, rates: Rates) -> Vec<Attribute> {
    let bits = |kbps: u32| u64::from(kbps) * 1000;
    let pair = |up, down, each: &dyn Fn(u32) -> u64| {
        let up = rates.up.map(|kbps| Attribute::new(up, each(kbps)));
        let down = rates.down.map(|kbps| Attribute::new(down, each(kbps)));
        up.into_iter().chain(down).collect()
    };
    match vendor {
        Vendor::Mikrotik => mikrotik(rates).into_iter().collect(),
        Vendor::Wispr => pair(WISPR_BANDWIDTH_MAX_UP, WISPR_BANDWIDTH_MAX_DOWN, &bits),
        Vendor::CoovaChilli => {
            pair(CHILLISPOT_BANDWIDTH_MAX_UP, CHILLISPOT_BANDWIDTH_MAX_DOWN, &|kbps| u64::from(kbps))
        }
        Vendor::PfSense => pair(PFSENSE_BANDWIDTH_MAX_UP, PFSENSE_BANDWIDTH_MAX_DOWN, &bits),
    }
}

/// The names of a vendor's own attributes.
#[must_use]
pub const fn words(vendor: Vendor) -> &'static [&'static str] {
    match vendor {
        Vendor::Mikrotik => &[MIKROTIK_RATE_LIMIT, MIKROTIK_TOTAL_LIMIT, MIKROTIK_TOTAL_LIMIT_GIGAWORDS],
        Vendor::Wispr => &[WISPR_BANDWIDTH_MAX_UP, WISPR_BANDWIDTH_MAX_DOWN],
        Vendor::CoovaChilli => &[
            CHILLISPOT_BANDWIDTH_MAX_UP,
            CHILLISPOT_BANDWIDTH_MAX_DOWN,
            CHILLISPOT_MAX_TOTAL_OCTETS,
            CHILLISPOT_MAX_TOTAL_GIGAWORDS,
        ],
        Vendor::PfSense => &[PFSENSE_BANDWIDTH_MAX_UP, PFSENSE_BANDWIDTH_MAX_DOWN, PFSENSE_MAX_TOTAL_OCTETS],
    }
}

/// `rx/tx` in thousands of bits per second; `0` where there is no limit, as a missing tx would be taken for the rx.
fn mikrotik(rates: Rates) -> Option<Attribute> {
    let rate = |kbps: Option<u32>| kbps.map_or_else(|| "0".to_owned(), |kbps| format!("{kbps}k"));
    match rates {
        Rates { up: None, down: None } => None,
        Rates { up, down } => {
            Some(Attribute::new(MIKROTIK_RATE_LIMIT, format!("{}/{}", rate(up), rate(down))))
        }
    }
}

/// What is left of a quota, in bytes, as a vendor says it. These attributes hold 32 bits, and FreeRADIUS cuts what is
/// more without a word: the upper half goes into an attribute of its own. Where a vendor has none, a session ends at
/// 4 GiB, and the next one gets what is left then. WISPr has no words for a quota: there it is looked at when
/// somebody signs in, and a session is ended from outside.
#[must_use]
pub fn quota(vendor: Vendor, left: u64) -> Vec<Attribute> {
    let (high, low) = (u32::try_from(left >> 32).unwrap_or(u32::MAX), left & u64::from(u32::MAX));
    match vendor {
        Vendor::Mikrotik => {
            let upper = (high > 0).then(|| Attribute::new(MIKROTIK_TOTAL_LIMIT_GIGAWORDS, high));
            [Attribute::new(MIKROTIK_TOTAL_LIMIT, low)].into_iter().chain(upper).collect()
        }
        Vendor::CoovaChilli => {
            let upper = Attribute::new(CHILLISPOT_MAX_TOTAL_GIGAWORDS, octets(&high.to_be_bytes()));
            let upper = (high > 0).then_some(upper);
            [Attribute::new(CHILLISPOT_MAX_TOTAL_OCTETS, low)].into_iter().chain(upper).collect()
        }
        Vendor::PfSense => vec![Attribute::new(PFSENSE_MAX_TOTAL_OCTETS, left.min(u32::MAX.into()))],
        Vendor::Wispr => Vec::new(),
    }
}
