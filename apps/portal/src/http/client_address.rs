//! The address that a request comes from. Behind a proxy that is the proxy's, so `X-Forwarded-For` is believed,
//! but only from the proxies that the operator trusts: anybody else may write into it what they like.

use std::net::IpAddr;

use actix_web::dev::ServiceRequest;

use kernel::IpNetworks;

const FORWARDED: &str = "x-forwarded-for";

/// The address of whoever sent the request; `None` when the connection has none, as in tests.
pub(super) fn of(request: &ServiceRequest, trusted: &IpNetworks) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let forwarded: Vec<&str> = request
        .headers()
        .get_all(FORWARDED)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    Some(behind(peer, &forwarded, trusted))
}

/// Each proxy appends the address it was called from. From the end backwards, the first that is no trusted proxy
/// is the caller; everything before it may be invented.
fn behind(peer: IpAddr, forwarded: &[&str], trusted: &IpNetworks) -> IpAddr {
    let mut caller = peer;
    for hop in forwarded.iter().rev() {
        if !trusted.contain(caller) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => caller = address.to_canonical(),
            Err(_) => break,
        }
    }
    caller
}

#[cfg(test)]
mod tests {
    use super::behind;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = "10.0.0.0/8".parse().unwrap();
        for (peer, forwarded, caller) in [
            ("192.0.2.1", vec!["198.51.100.7"], "192.0.2.1"),
            ("10.0.0.1", vec!["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", vec!["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", vec!["203.0.113.9", " 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", vec!["nonsense"], "10.0.0.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
        ] {
            assert_eq!(behind(peer.parse().unwrap(), &forwarded, &trusted).to_string(), caller);
        }
    }
}
