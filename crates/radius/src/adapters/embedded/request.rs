//! From a request's attributes to what the domain is asked.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta};
use kernel::Timestamp;

use super::{
    packet::{Packet, text_of},
    proof::RequestProof,
};
use crate::{
    accounting::{Described, Moment, Report, SessionReport, unique_id},
    login::{LoginAttempt, Proof},
    nas_client::Vendor,
    observation::Packets,
    subscriber::fold,
};

const USER_NAME: u8 = 1;
const NAS_IP_ADDRESS: u8 = 4;
const NAS_PORT: u8 = 5;
const FRAMED_IP_ADDRESS: u8 = 8;
const CLASS: u8 = 25;
const CALLED_STATION_ID: u8 = 30;
const CALLING_STATION_ID: u8 = 31;
const NAS_IDENTIFIER: u8 = 32;
const ACCT_STATUS_TYPE: u8 = 40;
const ACCT_DELAY_TIME: u8 = 41;
const ACCT_INPUT_OCTETS: u8 = 42;
const ACCT_OUTPUT_OCTETS: u8 = 43;
const ACCT_SESSION_ID: u8 = 44;
const ACCT_AUTHENTIC: u8 = 45;
const ACCT_SESSION_TIME: u8 = 46;
const ACCT_INPUT_PACKETS: u8 = 47;
const ACCT_OUTPUT_PACKETS: u8 = 48;
const ACCT_TERMINATE_CAUSE: u8 = 49;
const ACCT_INPUT_GIGAWORDS: u8 = 52;
const ACCT_OUTPUT_GIGAWORDS: u8 = 53;
const EVENT_TIMESTAMP: u8 = 55;
const NAS_PORT_TYPE: u8 = 61;
const NAS_PORT_ID: u8 = 87;
const NAS_IPV6_ADDRESS: u8 = 95;

/// A NAS's clock is believed so far ahead of ours, and so far behind.
const BELIEVED_AHEAD: TimeDelta = TimeDelta::minutes(5);
const BELIEVED_BEHIND: TimeDelta = TimeDelta::days(1);
/// Nothing is delayed longer than this, whatever a NAS says.
const LONGEST_DELAY: u32 = 86_400;

/// The causes of RFC 2866 section 5.10 by their numbers, from 1.
const CAUSES: [&str; 18] = [
    "User-Request",
    "Lost-Carrier",
    "Lost-Service",
    "Idle-Timeout",
    "Session-Timeout",
    "Admin-Reset",
    "Admin-Reboot",
    "Port-Error",
    "NAS-Error",
    "NAS-Request",
    "NAS-Reboot",
    "Port-Unneeded",
    "Port-Preempted",
    "Port-Suspended",
    "Service-Unavailable",
    "Callback",
    "User-Error",
    "Host-Request",
];

/// What an accounting request asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Accounting {
    /// To write this down.
    Report(Report),
    /// Nothing that is kept here, such as the accounting of tunnels.
    Nothing,
    /// It lacks what it must have (RFC 2866 section 4.1).
    Unfit,
}

/// The login that a request is.
#[must_use]
pub fn login<'a>(
    packet: &Packet,
    proof: Option<&'a RequestProof>,
    source: IpAddr,
    vendor: Vendor,
) -> LoginAttempt<'a> {
    LoginAttempt {
        username: folded(packet),
        proof: proof.map(|proof| proof as &dyn Proof),
        calling_station: packet.text(CALLING_STATION_ID),
        called_station: packet.text(CALLED_STATION_ID),
        address: packet.address(FRAMED_IP_ADDRESS),
        nas_address: nas_address(packet, source),
        vendor,
    }
}

/// What a request tells of a session.
#[must_use]
pub fn accounting(packet: &Packet, source: IpAddr, now: Timestamp) -> Accounting {
    let at = happened_at(packet, now);
    let moment = match packet.number(ACCT_STATUS_TYPE) {
        Some(1) => Moment::Start,
        Some(2) => Moment::Stop,
        Some(3) => Moment::Interim,
        // On and off: whatever was open is not any more.
        Some(7 | 8) => {
            let nas_address = nas_address(packet, source);
            return Accounting::Report(Report::NasRestarted { nas_address, at });
        }
        Some(_) => return Accounting::Nothing,
        None => return Accounting::Unfit,
    };
    let Some(session_id) = packet.text(ACCT_SESSION_ID) else { return Accounting::Unfit };
    let octets = |low, high| {
        let word = |kind| u64::from(packet.number(kind).unwrap_or(0));
        (word(high) << 32) | word(low)
    };
    let packets = |kind| packet.number(kind).map(u64::from);
    Accounting::Report(Report::Session(Box::new(SessionReport {
        moment,
        at,
        session: described(packet, session_id, source),
        seconds: packet.number(ACCT_SESSION_TIME).map(u64::from),
        up: octets(ACCT_INPUT_OCTETS, ACCT_INPUT_GIGAWORDS),
        down: octets(ACCT_OUTPUT_OCTETS, ACCT_OUTPUT_GIGAWORDS),
        packets: Packets { up: packets(ACCT_INPUT_PACKETS), down: packets(ACCT_OUTPUT_PACKETS) },
        cause: cause(packet.number(ACCT_TERMINATE_CAUSE)),
    })))
}

fn described(packet: &Packet, session_id: String, source: IpAddr) -> Described {
    let nas_address = nas_address(packet, source);
    // A NAS may send several Classes back; ours is known by its beginning.
    let classes: Vec<String> = packet.every(CLASS).map(text_of).collect();
    let class = classes.iter().find(|class| class.starts_with("ai:")).or(classes.first()).cloned();
    let username = packet.text(USER_NAME).unwrap_or_default();
    let nas_port_id = packet.text(NAS_PORT_ID);
    let port = packet.number(NAS_PORT).map(|port| port.to_string());
    let (identifier, address) = (packet.text(NAS_IDENTIFIER).unwrap_or_default(), nas_address.to_string());
    let whoever = [
        username.as_str(),
        &session_id,
        &address,
        &identifier,
        nas_port_id.as_deref().unwrap_or_default(),
        port.as_deref().unwrap_or_default(),
    ];
    Described {
        unique_id: unique_id(class.as_deref(), &session_id, &whoever),
        session_id,
        class,
        username: folded(packet),
        nas_address,
        nas_port_id: nas_port_id.or(port),
        nas_port_type: packet.number(NAS_PORT_TYPE).map(port_type),
        called_station: packet.text(CALLED_STATION_ID),
        calling_station: packet.text(CALLING_STATION_ID),
        address: packet.address(FRAMED_IP_ADDRESS),
        authentic: packet.number(ACCT_AUTHENTIC).map(authentic),
    }
}

/// The name without the difference between capitals and small letters: our FreeRADIUS folds names likewise, so that a
/// person is one user however the name was typed.
fn folded(packet: &Packet) -> String {
    fold(&packet.text(USER_NAME).unwrap_or_default())
}

/// When what a packet tells of happened: when the NAS says so, if its clock can be believed, else when it came, less
/// the time for which it was held back.
fn happened_at(packet: &Packet, now: Timestamp) -> Timestamp {
    let told = packet.number(EVENT_TIMESTAMP).and_then(|at| DateTime::from_timestamp(at.into(), 0));
    let near = |at: &Timestamp| *at <= now + BELIEVED_AHEAD && *at >= now - BELIEVED_BEHIND;
    let delay = packet.number(ACCT_DELAY_TIME).unwrap_or(0).min(LONGEST_DELAY);
    told.filter(near).unwrap_or_else(|| now - TimeDelta::seconds(delay.into()))
}

/// Where the NAS says that it is, else where the packet came from.
fn nas_address(packet: &Packet, source: IpAddr) -> IpAddr {
    let told = packet.address(NAS_IP_ADDRESS).or_else(|| packet.address(NAS_IPV6_ADDRESS));
    told.unwrap_or_else(|| source.to_canonical())
}

fn cause(number: Option<u32>) -> String {
    let number = number.unwrap_or(0);
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    match index.and_then(|index| CAUSES.get(index)) {
        Some(cause) => (*cause).to_owned(),
        None if number == 0 => String::new(),
        None => number.to_string(),
    }
}

fn port_type(number: u32) -> String {
    match number {
        5 => "Virtual".to_owned(),
        15 => "Ethernet".to_owned(),
        19 => "Wireless-802.11".to_owned(),
        other => other.to_string(),
    }
}

fn authentic(number: u32) -> String {
    match number {
        1 => "RADIUS".to_owned(),
        2 => "Local".to_owned(),
        3 => "Remote".to_owned(),
        other => other.to_string(),
    }
}
