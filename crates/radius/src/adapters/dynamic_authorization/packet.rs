//! The packets: requests as they are sent, and answers as they are believed.

use radius_tokio::{
    Code, CodecError, PacketBuffer, Reply,
    attributes::first,
    authenticator,
    dict::{mikrotik::attrs as mikrotik, rfc::attrs, wispr::attrs as wispr},
    message_authenticator::{self, Verification},
};
use secrecy::ExposeSecret as _;
use std::net::IpAddr;

use crate::{
    nas_client::Vendor,
    ports::nas::{LiveLimits, LiveRates, NasAnswer, NasTarget, Order, SessionNames},
};

/// Where a packet's authenticator stands (RFC 2865 section 3).
const AUTHENTICATOR: std::ops::Range<usize> = 4..20;

/// A request, ready to be sent.
///
/// # Errors
/// If something does not fit into an attribute.
pub fn request(
    nas: &NasTarget,
    session: &SessionNames,
    order: &Order,
    identifier: u8,
) -> Result<Vec<u8>, CodecError> {
    let code = match order {
        Order::Disconnect => Code::DISCONNECT_REQUEST,
        Order::Change(_) => Code::COA_REQUEST,
    };
    let mut packet = Reply::new(code, identifier);
    match session.nas_address {
        Some(IpAddr::V4(address)) => _ = packet.add(attrs::NAS_IP_ADDRESS, address)?,
        Some(IpAddr::V6(address)) => _ = packet.add(attrs::NAS_IPV6_ADDRESS, address)?,
        None => {}
    }
    if let Some(username) = &session.username {
        packet.add(attrs::USER_NAME, username)?;
    }
    packet.add(attrs::ACCT_SESSION_ID, &session.session_id)?;
    if let Some(address) = session.address {
        packet.add(attrs::FRAMED_IP_ADDRESS, address)?;
    }
    if let Some(mac) = &session.mac {
        packet.add(attrs::CALLING_STATION_ID, mac)?;
    }
    if let Order::Change(limits) = order {
        add_limits(&mut packet, limits, nas.vendor)?;
    }
    // A request is sealed as an answer to sixteen zero bytes would be (RFC 5176 section 2.3).
    Ok(packet.seal_for(&[0; 16], nas.secret.expose_secret().as_bytes()).as_bytes().to_vec())
}

fn add_limits(packet: &mut Reply, limits: &LiveLimits, vendor: Vendor) -> Result<(), CodecError> {
    if let Some(seconds) = limits.session_timeout_seconds {
        packet.add(attrs::SESSION_TIMEOUT, seconds)?;
    }
    let Some(LiveRates { upload_kbps, download_kbps }) = limits.rates else { return Ok(()) };
    match vendor {
        Vendor::Mikrotik => {
            // Receive first, from the router's side: what the device sends. 0 is without limit.
            let kilo = |rate: Option<u32>| rate.map_or_else(|| "0".to_owned(), |rate| format!("{rate}k"));
            let rate = format!("{}/{}", kilo(upload_kbps), kilo(download_kbps));
            packet.add_vsa(mikrotik::MIKROTIK_RATE_LIMIT, &rate)?;
        }
        Vendor::Wispr | Vendor::CoovaChilli | Vendor::PfSense => {
            let bits = |rate: Option<u32>| rate.map_or(0, |rate| rate.saturating_mul(1000));
            packet.add_vsa(wispr::WISPR_BANDWIDTH_MAX_UP, bits(upload_kbps))?;
            packet.add_vsa(wispr::WISPR_BANDWIDTH_MAX_DOWN, bits(download_kbps))?;
        }
    }
    Ok(())
}

/// What a packet says to a request; nothing if it is no answer to it, or not from who knows the secret.
#[must_use]
pub fn read_answer(bytes: &[u8], request: &[u8], secret: &[u8]) -> Option<NasAnswer> {
    let packet = PacketBuffer::from_bytes(bytes).ok()?;
    let header = packet.header();
    let (asked, asked_by) = (Code(*request.first()?), *request.get(1)?);
    let authenticator: [u8; 16] = request.get(AUTHENTICATOR)?.try_into().ok()?;
    if header.identifier != asked_by
        || !authenticator::verify_response(packet.as_bytes(), &authenticator, secret)
        || message_authenticator::verify(packet.as_bytes(), &authenticator, secret) == Verification::Invalid
        || packet.attributes_iter().any(|attribute| attribute.is_err())
    {
        return None;
    }
    let cause = first(packet.attributes(), attrs::ERROR_CAUSE);
    match (asked, header.code) {
        (Code::DISCONNECT_REQUEST, Code::DISCONNECT_ACK) | (Code::COA_REQUEST, Code::COA_ACK) => {
            Some(NasAnswer::Ack)
        }
        (Code::DISCONNECT_REQUEST, Code::DISCONNECT_NAK) | (Code::COA_REQUEST, Code::COA_NAK) => {
            Some(NasAnswer::Nak(cause))
        }
        _ => None,
    }
}
