//! How a request proves a password: PAP, CHAP or MS-CHAPv2. A password that was tried lives only as long as its request.

use std::sync::OnceLock;

use md5::{Digest as _, Md5};
use radius_tokio::{
    ZeroizingBytes,
    auth::mschap::{MsChapSecret, v2_authenticator_response, v2_nt_response},
    ct_eq,
};

use super::packet::Packet;
use crate::login::{Proof, Way};

const USER_NAME: u8 = 1;
const USER_PASSWORD: u8 = 2;
const CHAP_PASSWORD: u8 = 3;
const CHAP_CHALLENGE: u8 = 60;
/// Microsoft's attributes (RFC 2548).
pub const MICROSOFT: u32 = 311;
const MS_CHAP_CHALLENGE: u8 = 11;
const MS_CHAP2_RESPONSE: u8 = 25;
/// The most bytes of a password (RFC 2865 section 5.2).
const LONGEST_PASSWORD: usize = 128;

/// What a request proves a password with.
pub enum RequestProof {
    /// The password itself, hidden with the secret (RFC 2865 section 5.2).
    Pap(ZeroizingBytes),
    /// A hash of the password and a challenge (RFC 1994, RFC 2865 section 5.3).
    Chap {
        /// The CHAP identifier.
        identifier: u8,
        /// What was to be hashed with it.
        challenge: Vec<u8>,
        /// The hash.
        response: [u8; 16],
    },
    /// Microsoft's (RFC 2759, RFC 2548 section 2.3).
    MsChap2(Box<MsChap2>),
}

/// The parts of an MS-CHAPv2 response.
pub struct MsChap2 {
    identifier: u8,
    challenge: [u8; 16],
    peer_challenge: [u8; 16],
    response: [u8; 24],
    username: Vec<u8>,
    /// What proves to the device that the server knows the password too.
    success: OnceLock<[u8; 42]>,
}

impl RequestProof {
    /// What a request proves a password with; `None` if with nothing that we know.
    #[must_use]
    pub fn of(packet: &Packet, secret: &[u8]) -> Option<Self> {
        Self::pap(packet, secret).or_else(|| Self::chap(packet)).or_else(|| Self::ms_chap2(packet))
    }

    fn pap(packet: &Packet, secret: &[u8]) -> Option<Self> {
        let hidden = packet.bytes(USER_PASSWORD)?;
        if hidden.is_empty() || hidden.len() > LONGEST_PASSWORD || !hidden.len().is_multiple_of(16) {
            return None;
        }
        let mut plain = Vec::with_capacity(hidden.len());
        let mut before: &[u8] = packet.authenticator();
        for block in hidden.chunks(16) {
            let mask = Md5::new().chain_update(secret).chain_update(before).finalize();
            plain.extend(block.iter().zip(mask.iter()).map(|(byte, mask)| byte ^ mask));
            before = block;
        }
        Some(Self::Pap(ZeroizingBytes::new(plain)))
    }

    fn chap(packet: &Packet) -> Option<Self> {
        let (identifier, response) = packet.bytes(CHAP_PASSWORD)?.split_first()?;
        let challenge = packet.bytes(CHAP_CHALLENGE).unwrap_or(packet.authenticator());
        let (identifier, challenge) = (*identifier, challenge.to_vec());
        Some(Self::Chap { identifier, challenge, response: response.try_into().ok()? })
    }

    fn ms_chap2(packet: &Packet) -> Option<Self> {
        let challenge = packet.vendor(MICROSOFT, MS_CHAP_CHALLENGE)?.try_into().ok()?;
        // The identifier, flags, the peer's challenge, 8 reserved bytes, the response.
        let whole: &[u8; 50] = packet.vendor(MICROSOFT, MS_CHAP2_RESPONSE)?.try_into().ok()?;
        Some(Self::MsChap2(Box::new(MsChap2 {
            identifier: whole[0],
            challenge,
            peer_challenge: whole.get(2..18)?.try_into().ok()?,
            response: whole.get(26..50)?.try_into().ok()?,
            username: packet.bytes(USER_NAME)?.to_vec(),
            success: OnceLock::new(),
        })))
    }

    /// The value of the MS-CHAP2-Success that an accept must have (RFC 2548 section 2.3.3), once the proof was right.
    #[must_use]
    pub fn success(&self) -> Option<Vec<u8>> {
        let Self::MsChap2(proof) = self else { return None };
        proof.success.get().map(|success| [&[proof.identifier], success.as_slice()].concat())
    }

    /// The value of the MS-CHAP-Error that a rejection has (RFC 2548 section 2.1.5): wrong, and no use to try again with
    /// the same challenge.
    #[must_use]
    pub fn failure(&self) -> Option<Vec<u8>> {
        let Self::MsChap2(proof) = self else { return None };
        Some([&[proof.identifier], b"E=691 R=0 V=3".as_slice()].concat())
    }
}

impl Proof for RequestProof {
    fn way(&self) -> Way {
        match self {
            Self::Pap(_) => Way::Pap,
            Self::Chap { .. } => Way::Chap,
            Self::MsChap2(_) => Way::MsChap,
        }
    }

    fn was_made_from(&self, secret: &str) -> bool {
        match self {
            Self::Pap(plain) => {
                // Zeros fill the last block.
                let mut expected = secret.as_bytes().to_vec();
                expected.resize(plain.as_bytes().len().max(expected.len()), 0);
                ct_eq(plain.as_bytes(), &expected)
            }
            Self::Chap { identifier, challenge, response } => {
                let expected = Md5::new()
                    .chain_update([*identifier])
                    .chain_update(secret.as_bytes())
                    .chain_update(challenge)
                    .finalize();
                ct_eq(&expected, response)
            }
            Self::MsChap2(proof) => proof.was_made_from(secret),
        }
    }
}

impl MsChap2 {
    fn was_made_from(&self, secret: &str) -> bool {
        let secret = MsChapSecret::Cleartext(secret);
        let expected = v2_nt_response(&self.challenge, &self.peer_challenge, &self.username, secret);
        let right = ct_eq(&expected, &self.response);
        if right {
            let success = v2_authenticator_response(
                &self.challenge,
                &self.peer_challenge,
                &self.response,
                &self.username,
                secret,
            );
            let _ = self.success.set(success);
        }
        right
    }
}
