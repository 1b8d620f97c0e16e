//! Disconnect- and CoA-Requests (RFC 5176), as MikroTik's HotSpot takes them: proved by the shared secret, meant for
//! one session, answered once.

use std::net::SocketAddr;

use radius_tokio::attributes::first;
use radius_tokio::dict::rfc::attrs;
use radius_tokio::message_authenticator::{self, Verification};
use radius_tokio::{Code, PacketBuffer, Reply, authenticator};
use serde::{Deserialize, Serialize};
use tracing::info;

use super::session::{Cause, Grant};
use super::world::World;

/// How many answers are kept to be given again.
const REMEMBERED: usize = 64;

/// The code of Proxy-State, which an answer repeats (RFC 5176 section 3.1).
const PROXY_STATE: u8 = 33;

/// Vendor-Specific, and MikroTik's number.
const VENDOR_SPECIFIC: u8 = 26;
const MIKROTIK: u32 = 14_988;

/// What says whom a request means, and what keeps it safe: these change nothing (RFC 5176 section 3.4).
const NAMES: [u8; 14] = [1, 4, 5, 8, 25, 30, 31, 32, 33, 44, 55, 61, 80, 87];

/// What a CoA-Request may change: Session-Timeout, Idle-Timeout, Filter-Id, Port-Limit (manual, "Change of
/// Authorization").
const CHANGES: [u8; 4] = [27, 28, 11, 62];

/// The same of MikroTik's own: receive and transmit limits with their Gigawords, group, rate limit, mark,
/// advertisements. The limit on the total and the address list are not among them.
const VENDOR_CHANGES: [u8; 9] = [1, 2, 3, 8, 11, 12, 13, 14, 15];

/// An `Error-Cause` (RFC 5176 section 3.5).
mod cause {
    pub(super) const UNSUPPORTED_ATTRIBUTE: u32 = 401;
    pub(super) const NAS_IDENTIFICATION_MISMATCH: u32 = 403;
    pub(super) const SESSION_CONTEXT_NOT_FOUND: u32 = 503;
}

/// What the NAS does of what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "how", deny_unknown_fields)]
pub enum Obedience {
    /// It does what it is told.
    #[default]
    Obey,
    /// It answers nothing, as one does that takes no requests (`/radius incoming` is off by default).
    Ignore,
    /// It says that it did, and lets the session go on.
    Pretend,
    /// It refuses.
    Refuse {
        /// The `Error-Cause`.
        cause: u32,
    },
}

/// How many requests of each kind have come, and how many of all were not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Heard {
    /// Disconnect-Requests, repeated ones included.
    pub disconnects: u64,
    /// CoA-Requests, repeated ones included.
    pub changes: u64,
    /// Packets that were dropped: no RADIUS, no request of these kinds, or not proved by the shared secret.
    pub dropped: u64,
}

/// An answer that was given: to whom, to which packet's head, and what.
pub(super) type Given = (SocketAddr, Vec<u8>, Vec<u8>);

impl World {
    /// Takes a packet that came to the port for incoming requests, and answers it, if it is to be answered.
    pub(super) fn take_request(&mut self, from: SocketAddr, bytes: &[u8]) -> Option<Vec<u8>> {
        let Some(packet) = self.trusted(bytes) else {
            self.heard.dropped += 1;
            return None;
        };
        let header = packet.header();
        let disconnect = header.code == Code::DISCONNECT_REQUEST;
        self.heard.disconnects += u64::from(disconnect);
        self.heard.changes += u64::from(!disconnect);
        if self.obedience == Obedience::Ignore {
            return None;
        }
        // The same packet again: its answer was lost (RFC 5080 section 2.2.2).
        let head = packet.as_bytes().get(..20)?.to_vec();
        if let Some((.., answer)) = self.given.iter().find(|(to, of, _)| *to == from && *of == head) {
            return Some(answer.clone());
        }
        let refusal = self.obey(&packet, disconnect).err();
        info!(disconnect, ?refusal, "told by the server");
        let answer = self.answer(&packet, disconnect, refusal)?;
        self.given.push_back((from, head, answer.clone()));
        while self.given.len() > REMEMBERED {
            self.given.pop_front();
        }
        Some(answer)
    }

    /// The request, if whoever sent it knows the secret.
    fn trusted(&self, bytes: &[u8]) -> Option<PacketBuffer> {
        let secret = self.identity.secret.as_bytes();
        let packet = PacketBuffer::from_bytes(bytes).ok()?;
        let code = packet.header().code;
        let known = code == Code::DISCONNECT_REQUEST || code == Code::COA_REQUEST;
        let proved = authenticator::verify_zeroed_request(packet.as_bytes(), secret);
        let signed = message_authenticator::verify(packet.as_bytes(), &[0; 16], secret);
        let whole = packet.attributes_iter().all(|attribute| attribute.is_ok());
        (known && proved && whole && signed != Verification::Invalid).then_some(packet)
    }

    /// Does what a request says, or gives the `Error-Cause`.
    fn obey(&mut self, packet: &PacketBuffer, disconnect: bool) -> Result<(), u32> {
        let all = packet.attributes();
        if first(all, attrs::NAS_IP_ADDRESS).is_some_and(|address| address != self.identity.address)
            || first(all, attrs::NAS_IDENTIFIER).is_some_and(|name| name != self.identity.name)
        {
            return Err(cause::NAS_IDENTIFICATION_MISMATCH);
        }
        if packet
            .attributes_iter()
            .flatten()
            .any(|attribute| !supported(attribute.attribute_type(), attribute.value(), disconnect))
        {
            return Err(cause::UNSUPPORTED_ATTRIBUTE);
        }
        // Whoever names no address means no session of the HotSpot.
        let address = first(all, attrs::FRAMED_IP_ADDRESS).ok_or(cause::SESSION_CONTEXT_NOT_FOUND)?;
        let session = self.sessions.get_mut(&address).ok_or(cause::SESSION_CONTEXT_NOT_FOUND)?;
        let station = &session.station;
        let (user, id, mac) = (&station.user, station.session_id(), &station.mac);
        let meant = first(all, attrs::USER_NAME).is_none_or(|name| name == user)
            && first(all, attrs::ACCT_SESSION_ID).is_none_or(|named| named == id)
            && first(all, attrs::CALLING_STATION_ID).is_none_or(|named| named == mac);
        if !meant {
            return Err(cause::SESSION_CONTEXT_NOT_FOUND);
        }
        match self.obedience {
            Obedience::Refuse { cause } => return Err(cause),
            Obedience::Pretend | Obedience::Ignore => return Ok(()),
            Obedience::Obey => {}
        }
        if disconnect {
            self.end_session(address, Cause::AdminReset);
        } else {
            session.change(&Grant::read(packet, None));
        }
        Ok(())
    }

    fn answer(&self, packet: &PacketBuffer, disconnect: bool, refusal: Option<u32>) -> Option<Vec<u8>> {
        let header = packet.header();
        let code = match (disconnect, refusal) {
            (true, None) => Code::DISCONNECT_ACK,
            (true, Some(_)) => Code::DISCONNECT_NAK,
            (false, None) => Code::COA_ACK,
            (false, Some(_)) => Code::COA_NAK,
        };
        let mut reply = Reply::new(code, header.identifier);
        if !self.identity.signs_answers {
            reply = reply.without_message_authenticator();
        }
        if let Some(cause) = refusal {
            reply.add(attrs::ERROR_CAUSE, cause).ok()?;
        }
        for state in packet.attributes_iter().flatten().filter(|state| state.attribute_type() == PROXY_STATE)
        {
            reply.add_attribute(PROXY_STATE, state.value()).ok()?;
        }
        let sealed = reply.seal_for(&header.authenticator, self.identity.secret.as_bytes());
        Some(sealed.as_bytes().to_vec())
    }
}

/// Whether the NAS can do something about an attribute.
fn supported(code: u8, value: &[u8], disconnect: bool) -> bool {
    if NAMES.contains(&code) {
        return true;
    }
    if disconnect {
        return false;
    }
    match (code, value) {
        (VENDOR_SPECIFIC, [a, b, c, d, kind, ..]) => {
            u32::from_be_bytes([*a, *b, *c, *d]) == MIKROTIK && VENDOR_CHANGES.contains(kind)
        }
        (code, _) => CHANGES.contains(&code),
    }
}
