//! Lists of network addresses, as operators write them: proxies that are believed, places that callbacks may come
//! from.

use std::{
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

/// The address by which a host is known again: a host on IPv6 has a whole /64 to itself (RFC 6177), so that any address in
/// it counts as the first.
#[must_use]
pub fn host_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

/// Addresses and networks in CIDR notation (RFC 4632), with commas between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpNetworks(Vec<IpNetwork>);

impl IpNetworks {
    /// Whether an address is in one of them. An IPv4 address may be written as an IPv6 one.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for IpNetworks {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let networks = text.split(',').map(|part| part.trim().parse());
        networks.collect::<Result<_, _>>().map(Self)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct IpNetwork {
    address: IpAddr,
    prefix: u8,
}

impl IpNetwork {
    fn contains(&self, address: IpAddr) -> bool {
        let differing = match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                u128::from(network.to_bits() ^ address.to_bits()) << 96
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => network.to_bits() ^ address.to_bits(),
            _ => return false,
        };
        differing.leading_zeros() >= u32::from(self.prefix)
    }
}

impl FromStr for IpNetwork {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = || format!("`{text}` is not an address or a network such as 10.0.0.0/8");
        let (address, prefix) =
            text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| wanted())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), str::parse).map_err(|_| wanted())?;
        if prefix > longest {
            return Err(wanted());
        }
        Ok(Self { address, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::IpNetworks;

    #[test]
    fn addresses_are_found_by_themselves_and_by_network() {
        let networks: IpNetworks = "127.0.0.1, 10.0.0.0/8,fd00::/8,192.168.7.64/26".parse().unwrap();
        for (address, contained) in [
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("10.255.0.1", true),
            ("11.0.0.1", false),
            ("::ffff:10.1.2.3", true),
            ("fd12::1", true),
            ("fe80::1", false),
            ("192.168.7.127", true),
            ("192.168.7.128", false),
        ] {
            assert_eq!(networks.contain(address.parse().unwrap()), contained, "{address}");
        }
        assert!(!IpNetworks::default().contain("127.0.0.1".parse().unwrap()));
        assert!("0.0.0.0/0".parse::<IpNetworks>().unwrap().contain("8.8.8.8".parse().unwrap()));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "localhost"] {
            assert!(bad.parse::<IpNetworks>().is_err(), "{bad}");
        }
    }
}
