//! What nobody is to reach, and what is not to sign in: a site, an address, a device. The staff's list is stored
//! here and kept on the routers; the devices on it are those that their owners have deactivated.

use std::{collections::BTreeSet, net::IpAddr};

use kernel::{
    Timestamp,
    id::ids::{BlockId, RouterId},
};

/// Something that is blocked on a router.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockTarget {
    /// A site by its name, in lower case; it stands for its subdomains too.
    Domain(String),
    /// An address that nobody is to reach.
    Address(IpAddr),
    /// A device that is not to sign in, by its MAC as upper-case hexadecimal with colons.
    Device(String),
}

impl BlockTarget {
    const DOMAIN: &'static str = "domain";
    const ADDRESS: &'static str = "address";
    const DEVICE: &'static str = "device";

    /// Its kind and its value, as they are stored.
    #[must_use]
    pub fn parts(&self) -> (&'static str, String) {
        match self {
            Self::Domain(domain) => (Self::DOMAIN, domain.clone()),
            Self::Address(address) => (Self::ADDRESS, address.to_string()),
            Self::Device(mac) => (Self::DEVICE, mac.clone()),
        }
    }

    /// Reads what [`parts`](Self::parts) gave.
    #[must_use]
    pub fn from_parts(kind: &str, value: &str) -> Option<Self> {
        match kind {
            Self::DOMAIN => Self::domain(value),
            Self::ADDRESS => value.parse().ok().map(Self::Address),
            Self::DEVICE => Some(Self::Device(value.to_owned())),
            _ => None,
        }
    }

    /// A site: a host name of two labels or more (RFC 1123, section 2.1), at most 253 characters, in lower case. A
    /// pattern is refused: a router would read it as a regular expression.
    #[must_use]
    pub fn domain(text: &str) -> Option<Self> {
        let name = text.trim_end_matches('.').to_ascii_lowercase();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(plain)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let fits = name.len() <= 253 && name.split('.').count() >= 2 && name.split('.').all(label);
        (fits && name.parse::<IpAddr>().is_err()).then_some(Self::Domain(name))
    }
}

/// Something that staff have blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Names it.
    pub id: BlockId,
    /// What is blocked.
    pub target: BlockTarget,
    /// The routers that it is blocked on; `None` for all, those of tomorrow too.
    pub routers: Option<BTreeSet<RouterId>>,
    /// Why, for other staff.
    pub reason: String,
    /// Who blocked it, as the audit log names them.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
}

impl Block {
    /// Whether a router is to have it.
    #[must_use]
    pub fn is_for(&self, router: RouterId) -> bool {
        self.lifted_at.is_none() && self.routers.as_ref().is_none_or(|routers| routers.contains(&router))
    }
}

/// What is to be done about the blocks of a router.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlockChanges {
    /// To be put there.
    pub missing: Vec<BlockTarget>,
    /// To be lifted there.
    pub lifted: Vec<BlockTarget>,
}

/// Compares what is to be blocked on a router with what the portal has blocked there.
#[must_use]
pub fn reconcile(wanted: &BTreeSet<BlockTarget>, listed: &BTreeSet<BlockTarget>) -> BlockChanges {
    BlockChanges {
        missing: wanted.difference(listed).cloned().collect(),
        lifted: listed.difference(wanted).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{BlockTarget, reconcile};

    #[test]
    fn a_site_is_a_host_name() {
        for (text, site) in [
            ("Example.COM", Some("example.com")),
            ("example.com.", Some("example.com")),
            ("xn--caf-dma.example", Some("xn--caf-dma.example")),
            ("localhost", None),
            ("10.0.0.1", None),
            ("*.example.com", None),
            ("-a.example", None),
            ("a..example", None),
            ("https://example.com", None),
            ("", None),
        ] {
            let expected = site.map(|site| BlockTarget::Domain(site.to_owned()));
            assert_eq!(BlockTarget::domain(text), expected, "{text}");
        }
    }

    #[test]
    fn stored_targets_read_back() {
        for target in [
            BlockTarget::Domain("example.com".to_owned()),
            BlockTarget::Address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))),
            BlockTarget::Device("02:00:5E:00:53:07".to_owned()),
        ] {
            let (kind, value) = target.parts();
            assert_eq!(BlockTarget::from_parts(kind, &value), Some(target));
        }
    }

    #[test]
    fn what_is_missing_is_put_and_what_is_not_wanted_is_lifted() {
        let site = |name: &str| BlockTarget::Domain(name.to_owned());
        let wanted = [site("a.example"), site("b.example")].into();
        let listed = [site("b.example"), site("c.example")].into();
        let changes = reconcile(&wanted, &listed);
        assert_eq!((changes.missing, changes.lifted), (vec![site("a.example")], vec![site("c.example")]));
    }
}
