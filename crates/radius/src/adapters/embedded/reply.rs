//! From an answer to the bytes that are sent.

use radius_tokio::{Code, CodecError, Reply};

use super::{
    packet::{Packet, Role},
    proof::{MICROSOFT, RequestProof},
};
use crate::{
    attribute::{Attribute, CHILLISPOT_MAX_TOTAL_GIGAWORDS},
    login::LoginAnswer,
};

const VENDOR_SPECIFIC: u8 = 26;
const PROXY_STATE: u8 = 33;
const MS_CHAP_ERROR: u8 = 2;
const MS_CHAP2_SUCCESS: u8 = 26;
const MIKROTIK: u32 = 14_988;
const WISPR: u32 = 14_122;
const CHILLISPOT: u32 = 14_559;
const PFSENSE: u32 = 13_644;
/// The most bytes of a text in an attribute, and in one of a vendor (RFC 2865 sections 5 and 5.26).
const LONGEST_TEXT: usize = 253;
const LONGEST_VENDOR_TEXT: usize = 247;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Number,
    Text,
    Address,
    /// `0x` and hexadecimal digits.
    Octets,
}

/// An attribute that answers may have: its name in FreeRADIUS's dictionaries, its vendor (0: none), number and form.
type Known = (&'static str, u32, u8, Form);

#[rustfmt::skip] // a table, one attribute per row
const KNOWN: &[Known] = &[
    ("Framed-IP-Address", 0, 8, Form::Address),
    ("Filter-Id", 0, 11, Form::Text),
    ("Reply-Message", 0, 18, Form::Text),
    ("Class", 0, 25, Form::Text),
    ("Session-Timeout", 0, 27, Form::Number),
    ("Idle-Timeout", 0, 28, Form::Number),
    ("Port-Limit", 0, 62, Form::Number),
    ("Acct-Interim-Interval", 0, 85, Form::Number),
    ("Framed-Pool", 0, 88, Form::Text),
    ("Mikrotik-Recv-Limit", MIKROTIK, 1, Form::Number),
    ("Mikrotik-Xmit-Limit", MIKROTIK, 2, Form::Number),
    ("Mikrotik-Group", MIKROTIK, 3, Form::Text),
    ("Mikrotik-Rate-Limit", MIKROTIK, 8, Form::Text),
    ("Mikrotik-Recv-Limit-Gigawords", MIKROTIK, 14, Form::Number),
    ("Mikrotik-Xmit-Limit-Gigawords", MIKROTIK, 15, Form::Number),
    ("Mikrotik-Total-Limit", MIKROTIK, 17, Form::Number),
    ("Mikrotik-Total-Limit-Gigawords", MIKROTIK, 18, Form::Number),
    ("Mikrotik-Address-List", MIKROTIK, 19, Form::Text),
    ("WISPr-Redirection-URL", WISPR, 4, Form::Text),
    ("WISPr-Bandwidth-Max-Up", WISPR, 7, Form::Number),
    ("WISPr-Bandwidth-Max-Down", WISPR, 8, Form::Number),
    ("WISPr-Session-Terminate-Time", WISPR, 9, Form::Text),
    ("ChilliSpot-Max-Input-Octets", CHILLISPOT, 1, Form::Number),
    ("ChilliSpot-Max-Output-Octets", CHILLISPOT, 2, Form::Number),
    ("ChilliSpot-Max-Total-Octets", CHILLISPOT, 3, Form::Number),
    ("ChilliSpot-Bandwidth-Max-Up", CHILLISPOT, 4, Form::Number),
    ("ChilliSpot-Bandwidth-Max-Down", CHILLISPOT, 5, Form::Number),
    (CHILLISPOT_MAX_TOTAL_GIGAWORDS, CHILLISPOT, 23, Form::Octets),
    ("pfSense-Bandwidth-Max-Up", PFSENSE, 1, Form::Number),
    ("pfSense-Bandwidth-Max-Down", PFSENSE, 2, Form::Number),
    ("pfSense-Max-Total-Octets", PFSENSE, 3, Form::Number),
];

/// Why an answer cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// There is no such attribute, or the value is none that it can have. As with FreeRADIUS, nobody is let in then:
    /// what cannot be said to the NAS would not be enforced.
    #[error("{0} cannot be sent with the value {1:?}")]
    Attribute(&'static str, String),
    /// It is too long.
    #[error("{0}")]
    Codec(#[from] CodecError),
}

/// The answer to a login.
///
/// # Errors
/// [`Unwritable`].
pub fn to_login(
    packet: &Packet,
    answer: &LoginAnswer,
    proof: Option<&RequestProof>,
    secret: &[u8],
) -> Result<Vec<u8>, Unwritable> {
    let mut reply = match answer {
        LoginAnswer::Accept { .. } => Reply::new(Code::ACCESS_ACCEPT, packet.identifier()),
        LoginAnswer::Reject { .. } => Reply::new(Code::ACCESS_REJECT, packet.identifier()),
    };
    match answer {
        LoginAnswer::Accept { replies } => {
            for item in replies {
                write(&mut reply, item)?;
            }
            if let Some(success) = proof.and_then(RequestProof::success) {
                add(&mut reply, MICROSOFT, MS_CHAP2_SUCCESS, &success)?;
            }
        }
        LoginAnswer::Reject { message, .. } => {
            if let Some(message) = message {
                write(&mut reply, message)?;
            }
            if let Some(failure) = proof.and_then(RequestProof::failure) {
                add(&mut reply, MICROSOFT, MS_CHAP_ERROR, &failure)?;
            }
        }
    }
    sealed(packet, reply, secret)
}

/// The answer to accounting that was written down. It has no Message-Authenticator: RFC 2866 knows none, and some NAS
/// refuse what they do not expect.
///
/// # Errors
/// [`Unwritable`].
pub fn to_accounting(packet: &Packet, secret: &[u8]) -> Result<Vec<u8>, Unwritable> {
    let reply = Reply::new(Code::ACCOUNTING_RESPONSE, packet.identifier()).without_message_authenticator();
    sealed(packet, reply, secret)
}

fn sealed(packet: &Packet, mut reply: Reply, secret: &[u8]) -> Result<Vec<u8>, Unwritable> {
    for state in packet.proxy_states() {
        reply.add_attribute(PROXY_STATE, state)?;
    }
    debug_assert!(matches!(packet.role(), Role::Auth | Role::Acct));
    Ok(reply.seal_for(packet.authenticator(), secret).as_bytes().to_vec())
}

fn write(reply: &mut Reply, item: &Attribute) -> Result<(), Unwritable> {
    let unfit = || Unwritable::Attribute(item.name, item.value.clone());
    let (_, vendor, kind, form) =
        KNOWN.iter().find(|known| known.0 == item.name).copied().ok_or_else(unfit)?;
    let longest = if vendor == 0 { LONGEST_TEXT } else { LONGEST_VENDOR_TEXT };
    match form {
        Form::Number => {
            let number: u32 = item.value.parse().map_err(|_| unfit())?;
            add(reply, vendor, kind, &number.to_be_bytes())
        }
        Form::Address => {
            let address: std::net::Ipv4Addr = item.value.parse().map_err(|_| unfit())?;
            add(reply, vendor, kind, &address.octets())
        }
        Form::Octets => {
            let octets = item.value.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
            add(reply, vendor, kind, &octets.filter(|octets| octets.len() <= longest).ok_or_else(unfit)?)
        }
        Form::Text if item.value.len() <= longest => add(reply, vendor, kind, item.value.as_bytes()),
        Form::Text => Err(unfit()),
    }
}

fn add(reply: &mut Reply, vendor: u32, kind: u8, value: &[u8]) -> Result<(), Unwritable> {
    if vendor == 0 {
        reply.add_attribute(kind, value)?;
        return Ok(());
    }
    let length = u8::try_from(value.len() + 2).unwrap_or(u8::MAX);
    let whole = [vendor.to_be_bytes().as_slice(), &[kind, length], value].concat();
    reply.add_attribute(VENDOR_SPECIFIC, &whole)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, Packet, Role, Unwritable, to_login};
    use crate::{
        attribute::{Attribute, CHILLISPOT_MAX_TOTAL_GIGAWORDS, REPLIES},
        login::LoginAnswer,
    };

    fn request() -> Packet {
        let mut bytes = vec![1, 7, 0, 20];
        bytes.extend([9; 16]);
        Packet::parse(Role::Auth, &bytes).unwrap()
    }

    fn accept(name: &'static str, value: &str) -> Result<Vec<u8>, Unwritable> {
        let replies = vec![Attribute::new(name, value)];
        to_login(&request(), &LoginAnswer::Accept { replies }, None, b"secret")
    }

    #[test]
    fn whatever_the_policy_says_can_be_sent() {
        for name in REPLIES {
            assert!(KNOWN.iter().any(|known| known.0 == name), "{name}");
        }
        assert!(accept(CHILLISPOT_MAX_TOTAL_GIGAWORDS, "0x00000001").is_ok());
    }

    #[test]
    fn what_cannot_be_said_lets_nobody_in() {
        for (name, value) in [
            ("Session-Timeout", "-5"),
            ("Session-Timeout", "1h"),
            ("Session-Timeout", "5000000000"),
            ("Max-Weekly-Gigabytes", "1"),
            ("Mikrotik-Rate-Limit", &"1".repeat(248)),
        ] {
            assert!(matches!(accept(name, value), Err(Unwritable::Attribute(..))), "{name} {value}");
        }
        assert!(accept("Mikrotik-Rate-Limit", &"1".repeat(247)).is_ok());
    }

    #[test]
    fn a_vendors_attribute_is_wrapped_as_rfc_2865_has_it() {
        let bytes = accept("Mikrotik-Rate-Limit", "512k/2048k").unwrap();
        let vendor = [&[26, 18, 0, 0, 0x3A, 0x8C, 8, 12][..], b"512k/2048k"].concat();
        assert!(bytes.windows(vendor.len()).any(|window| window == vendor), "{bytes:?}");
        assert_eq!((bytes[0], bytes[1]), (2, 7));
    }
}
