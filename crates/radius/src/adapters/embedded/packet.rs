//! A request as it came: its bytes, checked for their form and, with the secret, for where they come from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use radius_tokio::{
    Code, attributes, authenticator,
    header::{Header, MAX_PACKET_LEN, MIN_PACKET_LEN},
    message_authenticator::{self, Verification},
};

use super::tally::Tally;

/// Vendor-Specific (RFC 2865 section 5.26).
const VENDOR_SPECIFIC: u8 = 26;
/// Proxy-State (RFC 2865 section 5.33).
const PROXY_STATE: u8 = 33;

/// Which requests a port takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Logins (RFC 2865).
    Auth,
    /// Accounting (RFC 2866).
    Acct,
}

impl Role {
    const fn code(self) -> Code {
        match self {
            Self::Auth => Code::ACCESS_REQUEST,
            Self::Acct => Code::ACCOUNTING_REQUEST,
        }
    }
}

/// A request whose form is right.
#[derive(Debug, Clone)]
pub struct Packet {
    role: Role,
    identifier: u8,
    authenticator: [u8; 16],
    bytes: Vec<u8>,
}

impl Packet {
    /// Takes a datagram for a request: a header, and attributes to its end that are as long as they say. What lies
    /// behind the length that the header gives is padding (RFC 2865 section 3).
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(role: Role, datagram: &[u8]) -> Result<Self, Tally> {
        if datagram.len() > MAX_PACKET_LEN {
            return Err(Tally::Oversized);
        }
        let (header, attributes) = Header::parse(datagram).map_err(|_| Tally::Malformed)?;
        if header.code != role.code() {
            return Err(Tally::WrongCode);
        }
        if attributes::iter(attributes).any(|attribute| attribute.is_err()) {
            return Err(Tally::Malformed);
        }
        let bytes = datagram.get(..usize::from(header.length)).ok_or(Tally::Malformed)?.to_vec();
        Ok(Self { role, identifier: header.identifier, authenticator: header.authenticator, bytes })
    }

    /// Whether it was made with the secret. Accounting proves that by its authenticator, a login by its
    /// Message-Authenticator alone (RFC 3579 section 3.2), which older NAS do not send.
    ///
    /// # Errors
    /// What speaks against it.
    pub fn authenticate(&self, secret: &[u8], require_message_authenticator: bool) -> Result<(), Tally> {
        let substitute = match self.role {
            Role::Auth => self.authenticator,
            Role::Acct => [0; 16],
        };
        if self.role == Role::Acct && !authenticator::verify_zeroed_request(&self.bytes, secret) {
            return Err(Tally::NotAuthentic);
        }
        match (message_authenticator::verify(&self.bytes, &substitute, secret), self.role) {
            (Verification::Invalid, _) => Err(Tally::NotAuthentic),
            (Verification::Absent, Role::Auth) if require_message_authenticator => {
                Err(Tally::NoMessageAuthenticator)
            }
            (Verification::Absent | Verification::Valid, _) => Ok(()),
        }
    }

    /// Which port it was sent to.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// By which the NAS finds the answer to it.
    #[must_use]
    pub const fn identifier(&self) -> u8 {
        self.identifier
    }

    /// The request's authenticator.
    #[must_use]
    pub const fn authenticator(&self) -> &[u8; 16] {
        &self.authenticator
    }

    fn attributes(&self) -> impl Iterator<Item = (u8, &[u8])> {
        let attributes = self.bytes.get(MIN_PACKET_LEN..).unwrap_or_default();
        attributes::iter(attributes)
            .flatten()
            .map(|attribute| (attribute.attribute_type(), attribute.value()))
    }

    /// The values of an attribute in their order.
    pub fn every(&self, kind: u8) -> impl Iterator<Item = &[u8]> {
        self.attributes().filter(move |(there, _)| *there == kind).map(|(_, value)| value)
    }

    /// What has to go back as it came, in its order (RFC 2865 section 5.33).
    pub fn proxy_states(&self) -> impl Iterator<Item = &[u8]> {
        self.every(PROXY_STATE)
    }

    /// The first value of an attribute.
    #[must_use]
    pub fn bytes(&self, kind: u8) -> Option<&[u8]> {
        self.every(kind).next()
    }

    /// The first value of an attribute as text: what is no UTF-8 and no visible character is replaced, since it goes
    /// into the database and onto screens. `None` if it is empty.
    #[must_use]
    pub fn text(&self, kind: u8) -> Option<String> {
        self.bytes(kind).map(text_of).filter(|text| !text.is_empty())
    }

    /// The first value of an attribute as a number.
    #[must_use]
    pub fn number(&self, kind: u8) -> Option<u32> {
        self.bytes(kind).and_then(|value| value.try_into().ok()).map(u32::from_be_bytes)
    }

    /// The first value of an attribute as an address.
    #[must_use]
    pub fn address(&self, kind: u8) -> Option<IpAddr> {
        let value = self.bytes(kind)?;
        let v4 = <[u8; 4]>::try_from(value).map(|octets| IpAddr::V4(Ipv4Addr::from(octets)));
        let v6 = <[u8; 16]>::try_from(value).map(|octets| IpAddr::V6(Ipv6Addr::from(octets)));
        v4.or(v6).ok()
    }

    /// The first value of a vendor's attribute. One Vendor-Specific may hold several (RFC 2865 section 5.26).
    #[must_use]
    pub fn vendor(&self, vendor: u32, kind: u8) -> Option<&[u8]> {
        self.every(VENDOR_SPECIFIC).find_map(|value| {
            let (id, mut rest) = value.split_first_chunk::<4>()?;
            if u32::from_be_bytes(*id) != vendor {
                return None;
            }
            while let [there, length, ..] = rest {
                let value = rest.get(2..usize::from(*length))?;
                if *there == kind {
                    return Some(value);
                }
                rest = rest.get(usize::from(*length)..)?;
            }
            None
        })
    }
}

/// Bytes as text.
#[must_use]
pub fn text_of(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    text.chars()
        .map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter })
        .collect()
}
