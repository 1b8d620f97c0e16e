//! What nobody is to reach, and what is not to sign in: a site, an address, a device.

use std::net::IpAddr;

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
