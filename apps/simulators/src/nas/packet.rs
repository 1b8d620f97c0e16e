//! The packets that the NAS sends and the answers that it reads, on radius-tokio's codec.

use kernel::Timestamp;
use md5::{Digest as _, Md5};
use radius_tokio::dict::{mikrotik::attrs as mikrotik, rfc::attrs};
use radius_tokio::message_authenticator::{self, Verification};
use radius_tokio::{Code, CodecError, PacketBuffer, Reply, authenticator};

use super::action::Method;
use super::identity::Identity;
use super::session::{Cause, Figures, Station};
use crate::meter::packets;
use crate::routeros::factory;

/// Where a packet's authenticator stands (RFC 2865 section 3).
const AUTHENTICATOR: std::ops::Range<usize> = 4..20;

/// `NAS-Port-Type` of a HotSpot on a bridge.
const ETHERNET: u32 = 15;

/// `Service-Type`: Login.
const LOGIN: u32 = 1;

/// `Acct-Authentic`: by RADIUS.
const BY_RADIUS: u32 = 1;

/// The longest password that PAP carries (RFC 2865 section 5.2).
const LONGEST_PASSWORD: usize = 128;

/// Somebody who signs in.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) station: Station,
    pub(super) password: String,
    pub(super) method: Method,
}

/// What is reported (`Acct-Status-Type`, RFC 2866 section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Report {
    Start(Figures),
    Interim(Figures),
    Stop(Figures, Cause),
    On,
    Off,
}

impl Report {
    fn status(&self) -> u32 {
        match self {
            Self::Start(_) => 1,
            Self::Stop(..) => 2,
            Self::Interim(_) => 3,
            Self::On => 7,
            Self::Off => 8,
        }
    }

    pub(super) fn figures(&self) -> Option<&Figures> {
        match self {
            Self::Start(figures) | Self::Interim(figures) | Self::Stop(figures, _) => Some(figures),
            Self::On | Self::Off => None,
        }
    }
}

/// An Access-Request with the attributes of a RouterOS HotSpot. `random` is its authenticator.
///
/// # Errors
/// If something is too long for an attribute.
pub(super) fn access_request(
    identity: &Identity,
    login: &Login,
    identifier: u8,
    random: &[u8; 16],
) -> Result<Vec<u8>, CodecError> {
    let secret = identity.secret.as_bytes();
    let mut packet = Reply::new(Code::ACCESS_REQUEST, identifier);
    if !identity.message_authenticator {
        packet = packet.without_message_authenticator();
    }
    describe(&mut packet, identity, &login.station)?;
    packet.add(attrs::SERVICE_TYPE, LOGIN)?;
    match login.method {
        Method::Pap => {
            let hidden = hide(login.password.as_bytes(), secret, random)?;
            packet.add_attribute(attrs::USER_PASSWORD.code, &hidden)?;
        }
        Method::Chap => {
            // The challenge has an attribute of its own, as RouterOS sends it.
            packet.add_attribute(attrs::CHAP_CHALLENGE.code, random)?;
            let mut response = vec![identifier];
            let hash = Md5::new().chain_update([identifier]).chain_update(login.password.as_bytes());
            response.extend(hash.chain_update(random).finalize());
            packet.add_attribute(attrs::CHAP_PASSWORD.code, &response)?;
        }
    }
    // The codec seals answers, which hash another packet's authenticator; a request has its own.
    let mut bytes = packet.seal_for(random, secret).as_bytes().to_vec();
    bytes[AUTHENTICATOR].copy_from_slice(random);
    Ok(bytes)
}

/// An Accounting-Request, `delay` seconds after what it tells.
///
/// # Errors
/// If something is too long for an attribute.
pub(super) fn accounting_request(
    identity: &Identity,
    report: &Report,
    identifier: u8,
    (happened, delay): (Timestamp, u32),
) -> Result<Vec<u8>, CodecError> {
    let mut packet = Reply::new(Code::ACCOUNTING_REQUEST, identifier).without_message_authenticator();
    packet.add(attrs::ACCT_STATUS_TYPE, report.status())?;
    match report.figures() {
        Some(figures) => tell(&mut packet, identity, figures)?,
        None => name(&mut packet, identity)?,
    }
    if let Report::Stop(_, cause) = report {
        packet.add(attrs::ACCT_TERMINATE_CAUSE, *cause as u32)?;
    }
    packet.add(attrs::EVENT_TIMESTAMP, u32::try_from(happened.timestamp()).unwrap_or(0))?;
    packet.add(attrs::ACCT_DELAY_TIME, delay)?;
    Ok(packet.seal_for(&[0; 16], identity.secret.as_bytes()).as_bytes().to_vec())
}

/// What a session has used.
fn tell(packet: &mut Reply, identity: &Identity, figures: &Figures) -> Result<(), CodecError> {
    describe(packet, identity, &figures.station)?;
    packet.add(attrs::ACCT_AUTHENTIC, BY_RADIUS)?;
    if let Some(class) = figures.class.as_ref().filter(|_| identity.repeats_class) {
        packet.add_attribute(attrs::CLASS.code, class)?;
    }
    packet.add(attrs::ACCT_SESSION_TIME, u32::try_from(figures.seconds).unwrap_or(u32::MAX))?;
    packet.add(attrs::ACCT_INPUT_OCTETS, low(figures.uploaded))?;
    packet.add(attrs::ACCT_OUTPUT_OCTETS, low(figures.downloaded))?;
    packet.add(attrs::ACCT_INPUT_PACKETS, low(packets(figures.uploaded)))?;
    packet.add(attrs::ACCT_OUTPUT_PACKETS, low(packets(figures.downloaded)))?;
    if identity.gigawords {
        packet.add(attrs::ACCT_INPUT_GIGAWORDS, low(figures.uploaded >> 32))?;
        packet.add(attrs::ACCT_OUTPUT_GIGAWORDS, low(figures.downloaded >> 32))?;
    }
    Ok(())
}

/// Whose session it is, where.
fn describe(packet: &mut Reply, identity: &Identity, station: &Station) -> Result<(), CodecError> {
    packet.add(attrs::NAS_PORT_TYPE, ETHERNET)?;
    packet.add(attrs::CALLING_STATION_ID, &station.mac)?;
    packet.add(attrs::CALLED_STATION_ID, factory::SERVER)?;
    packet.add(attrs::NAS_PORT_ID, factory::HOTSPOT_INTERFACE)?;
    packet.add(attrs::USER_NAME, &station.user)?;
    packet.add(attrs::NAS_PORT, station.port)?;
    packet.add(attrs::ACCT_SESSION_ID, &station.session_id())?;
    packet.add(attrs::FRAMED_IP_ADDRESS, station.address)?;
    packet.add_vsa(mikrotik::MIKROTIK_HOST_IP, station.address)?;
    name(packet, identity)
}

/// Who asks.
fn name(packet: &mut Reply, identity: &Identity) -> Result<(), CodecError> {
    packet.add(attrs::NAS_IDENTIFIER, &identity.name)?;
    packet.add(attrs::NAS_IP_ADDRESS, identity.address)?;
    Ok(())
}

/// The lower 32 bits of a counter.
fn low(count: u64) -> u32 {
    let [_, _, _, _, a, b, c, d] = count.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// Hides a password (RFC 2865 section 5.2).
fn hide(password: &[u8], secret: &[u8], random: &[u8; 16]) -> Result<Vec<u8>, CodecError> {
    if password.len() > LONGEST_PASSWORD {
        return Err(CodecError::AttributeValueTooLong { len: password.len() });
    }
    let mut hidden: Vec<u8> = Vec::new();
    let mut previous = random.to_vec();
    let blocks = password.len().div_ceil(16).max(1);
    for block in 0..blocks {
        let mask = Md5::new().chain_update(secret).chain_update(&previous).finalize();
        let plain = password.iter().skip(block * 16).chain(std::iter::repeat(&0));
        previous = plain.zip(mask).map(|(byte, mask)| byte ^ mask).collect();
        hidden.extend(&previous);
    }
    Ok(hidden)
}

/// An answer to a request, if the server sent it: its authenticator and its Message-Authenticator are right. Answers
/// to Access-Requests must have the latter when the requests do.
pub(super) fn read_answer(identity: &Identity, request: &[u8], answer: &[u8]) -> Option<PacketBuffer> {
    let secret = identity.secret.as_bytes();
    let packet = PacketBuffer::from_bytes(answer).ok()?;
    let asked: [u8; 16] = request.get(AUTHENTICATOR)?.try_into().ok()?;
    if !authenticator::verify_response(packet.as_bytes(), &asked, secret) {
        return None;
    }
    let may_lack = request.first() != Some(&Code::ACCESS_REQUEST.0) || !identity.message_authenticator;
    match message_authenticator::verify(packet.as_bytes(), &asked, secret) {
        Verification::Valid => {}
        Verification::Absent if may_lack => {}
        Verification::Absent | Verification::Invalid => return None,
    }
    packet.attributes_iter().all(|attribute| attribute.is_ok()).then_some(packet)
}
