//! Secrets at rest: encrypted, authenticated, and bound to what they are for and whose they are. And marks, by which
//! the service knows again what it has made itself.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ambient::Ambient;

/// An encrypted secret as text: `s1.<key id>.<nonce>.<ciphertext>`, AES-256-GCM (NIST SP 800-38D) with a random
/// nonce and a key derived per purpose by HKDF-SHA-256 (RFC 5869). It may be stored and may travel in events; a
/// debug print shows its key id alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Takes a stored text back. Whether it opens is seen when it is opened.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn key_id(&self) -> &str {
        self.0.split('.').nth(1).unwrap_or("")
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({})", self.key_id())
    }
}

/// What a secret is for. A value sealed for one purpose does not open for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The Wi-Fi password of a hotspot user; its owner is the hotspot user's id.
    WifiPassword,
    /// The text of a message to a person; its owner is the delivery's id.
    MessageText,
    /// The password of the portal's account on a router; its owner is the router's id.
    RouterPassword,
    /// The secret with which an account signs in to the Wi-Fi by RADIUS; its owner is the user's id.
    RadiusSecret,
    /// A password for the portal that staff made, on its way to its owner; its owner is the user's id.
    PortalPassword,
    /// The secret that a NAS and the RADIUS server share; its owner is the NAS client's id.
    NasSecret,
    /// Nothing is sealed for it: the mark of an order's id is the token that opens the order.
    OrderToken,
    /// The code of a voucher; its owner is the voucher's id. By the mark of its code a voucher is found.
    VoucherCode,
}

/// How long a mark is, in bytes.
pub const MARK_LEN: usize = 32;

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::WifiPassword => "wifi-password",
            Self::MessageText => "message-text",
            Self::RouterPassword => "router-password",
            Self::RadiusSecret => "radius-secret",
            Self::PortalPassword => "portal-password",
            Self::NasSecret => "nas-secret",
            Self::OrderToken => "order-token",
            Self::VoucherCode => "voucher-code",
        }
    }
}

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key is not 32 bytes in base64.
    #[error("the key is not 32 bytes in base64")]
    BadKey,
    /// The value was sealed with a key that this service does not have.
    #[error("sealed with the unknown key `{0}`")]
    UnknownKey(String),
    /// The value is damaged, or sealed for another purpose or owner.
    #[error("the sealed value does not open")]
    DoesNotOpen,
}

struct MasterKey {
    id: String,
    bytes: [u8; 32],
}

impl MasterKey {
    fn parse(base64: &str) -> Result<Self, SealError> {
        let decoded =
            base64::engine::general_purpose::STANDARD.decode(base64.trim()).map_err(|_| SealError::BadKey)?;
        let bytes: [u8; 32] = decoded.try_into().map_err(|_| SealError::BadKey)?;
        let id = hex::encode(Sha256::digest(bytes).get(..4).unwrap_or_default());
        Ok(Self { id, bytes })
    }

    fn for_purpose(&self, purpose: Purpose) -> Result<LessSafeKey, SealError> {
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"hotspot-portal/sealed/1").extract(&self.bytes);
        let info = [purpose.label().as_bytes()];
        let expanded = extracted.expand(&info, &AES_256_GCM).map_err(|_| SealError::BadKey)?;
        Ok(LessSafeKey::new(UnboundKey::from(expanded)))
    }

    fn mark(&self, purpose: Purpose, text: &[u8]) -> Result<[u8; MARK_LEN], SealError> {
        let tag = hmac::sign(&self.marking(purpose)?, text);
        tag.as_ref().try_into().map_err(|_| SealError::BadKey)
    }

    fn marking(&self, purpose: Purpose) -> Result<hmac::Key, SealError> {
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"hotspot-portal/mark/1").extract(&self.bytes);
        let info = [purpose.label().as_bytes()];
        let expanded = extracted.expand(&info, hmac::HMAC_SHA256).map_err(|_| SealError::BadKey)?;
        Ok(hmac::Key::from(expanded))
    }
}

/// Seals and opens secrets with the service's key, and opens those of the key before it.
pub struct Sealer {
    current: MasterKey,
    previous: Option<MasterKey>,
    ambient: Ambient,
}

impl Sealer {
    /// A sealer for a key of 32 bytes in standard base64, and the key that was used before it.
    ///
    /// # Errors
    /// [`SealError::BadKey`].
    pub fn new(current: &str, previous: Option<&str>, ambient: Ambient) -> Result<Self, SealError> {
        let previous = previous.map(MasterKey::parse).transpose()?;
        Ok(Self { current: MasterKey::parse(current)?, previous, ambient })
    }

    /// Seals a secret for a purpose and an owner.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the cryptographic library refuses the key.
    pub fn seal(
        &self,
        purpose: Purpose,
        owner: &impl fmt::Display,
        secret: &str,
    ) -> Result<Sealed, SealError> {
        let key = self.current.for_purpose(purpose)?;
        let mut nonce = [0u8; NONCE_LEN];
        self.ambient.fill(&mut nonce);
        let mut buffer = secret.as_bytes().to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            associated(purpose, owner),
            &mut buffer,
        )
        .map_err(|_| SealError::BadKey)?;
        Ok(Sealed(format!("s1.{}.{}.{}", self.current.id, BASE64.encode(nonce), BASE64.encode(buffer))))
    }

    /// Opens a secret that was sealed for this purpose and owner.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`] or [`SealError::DoesNotOpen`].
    pub fn open(
        &self,
        purpose: Purpose,
        owner: &impl fmt::Display,
        sealed: &Sealed,
    ) -> Result<String, SealError> {
        let mut parts = sealed.0.split('.');
        let (Some("s1"), Some(key_id), Some(nonce), Some(ciphertext), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SealError::DoesNotOpen);
        };
        let master = [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .find(|master| master.id == key_id)
            .ok_or_else(|| SealError::UnknownKey(key_id.to_owned()))?;
        let nonce = BASE64.decode(nonce).ok().and_then(|nonce| Nonce::try_assume_unique_for_key(&nonce).ok());
        let nonce = nonce.ok_or(SealError::DoesNotOpen)?;
        let mut buffer = BASE64.decode(ciphertext).map_err(|_| SealError::DoesNotOpen)?;
        let opened = master
            .for_purpose(purpose)?
            .open_in_place(nonce, associated(purpose, owner), &mut buffer)
            .map_err(|_| SealError::DoesNotOpen)?;
        String::from_utf8(opened.to_vec()).map_err(|_| SealError::DoesNotOpen)
    }

    /// Marks a text for a purpose: HMAC-SHA-256 (RFC 2104) under a key of the purpose's own. The same text always has
    /// the same mark, and nobody without the key can tell or make it.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the cryptographic library refuses the key.
    pub fn mark(&self, purpose: Purpose, text: &[u8]) -> Result<[u8; MARK_LEN], SealError> {
        self.current.mark(purpose, text)
    }

    /// The marks that a text may have been given: by the service's key, and by the one before it.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the cryptographic library refuses a key.
    pub fn marks(&self, purpose: Purpose, text: &[u8]) -> Result<Vec<[u8; MARK_LEN]>, SealError> {
        let masters = [Some(&self.current), self.previous.as_ref()].into_iter().flatten();
        masters.map(|master| master.mark(purpose, text)).collect()
    }

    /// Whether a text bears its mark, made with the service's key or the one before it. It takes no longer for a mark
    /// that is almost right.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the cryptographic library refuses a key.
    pub fn bears_mark(&self, purpose: Purpose, text: &[u8], mark: &[u8]) -> Result<bool, SealError> {
        for master in [Some(&self.current), self.previous.as_ref()].into_iter().flatten() {
            if hmac::verify(&master.marking(purpose)?, text, mark).is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({})", self.current.id)
    }
}

fn associated(purpose: Purpose, owner: &impl fmt::Display) -> Aad<String> {
    Aad::from(format!("{}\u{0}{owner}", purpose.label()))
}

#[cfg(test)]
mod tests {
    use super::{Purpose, SealError, Sealed, Sealer};
    use crate::testing::Surroundings;

    const ONE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const TWO: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

    fn sealer(current: &str, previous: Option<&str>) -> Sealer {
        Sealer::new(current, previous, Surroundings::new().ambient()).unwrap()
    }

    #[test]
    fn a_secret_opens_for_its_purpose_and_owner_alone() {
        let sealer = sealer(ONE, None);
        let sealed = sealer.seal(Purpose::WifiPassword, &"a", "secret").unwrap();
        assert!(!sealed.as_str().contains("secret"));
        assert_eq!(sealer.open(Purpose::WifiPassword, &"a", &sealed).as_deref(), Ok("secret"));
        assert_eq!(sealer.open(Purpose::WifiPassword, &"b", &sealed), Err(SealError::DoesNotOpen));
        assert_eq!(sealer.open(Purpose::MessageText, &"a", &sealed), Err(SealError::DoesNotOpen));
    }

    #[test]
    fn the_previous_key_still_opens_and_a_lost_one_is_named() {
        let sealed = sealer(ONE, None).seal(Purpose::WifiPassword, &"a", "secret").unwrap();
        assert_eq!(
            sealer(TWO, Some(ONE)).open(Purpose::WifiPassword, &"a", &sealed).as_deref(),
            Ok("secret")
        );
        assert!(matches!(
            sealer(TWO, None).open(Purpose::WifiPassword, &"a", &sealed),
            Err(SealError::UnknownKey(_))
        ));
    }

    #[test]
    fn damage_is_noticed_and_never_panics() {
        let sealer = sealer(ONE, None);
        let whole = sealer.seal(Purpose::WifiPassword, &"a", "secret").unwrap().as_str().to_owned();
        for end in 0..whole.len() {
            let cut = Sealed::from_stored(whole[..end].to_owned());
            assert!(sealer.open(Purpose::WifiPassword, &"a", &cut).is_err(), "{end}");
        }
    }

    #[test]
    fn a_mark_is_known_again_for_its_purpose_and_text_alone() {
        let mark = sealer(ONE, None).mark(Purpose::OrderToken, b"a").unwrap();
        let bears = |sealer: &Sealer, purpose, text: &[u8]| sealer.bears_mark(purpose, text, &mark);
        assert_eq!(sealer(ONE, None).mark(Purpose::OrderToken, b"a"), Ok(mark));
        assert_eq!(bears(&sealer(ONE, None), Purpose::OrderToken, b"a"), Ok(true));
        assert_eq!(bears(&sealer(TWO, Some(ONE)), Purpose::OrderToken, b"a"), Ok(true));
        assert_eq!(bears(&sealer(TWO, None), Purpose::OrderToken, b"a"), Ok(false));
        assert_eq!(bears(&sealer(ONE, None), Purpose::OrderToken, b"b"), Ok(false));
        assert_eq!(bears(&sealer(ONE, None), Purpose::WifiPassword, b"a"), Ok(false));
        assert_eq!(sealer(ONE, None).bears_mark(Purpose::OrderToken, b"a", &mark[..31]), Ok(false));
        let marks = sealer(TWO, Some(ONE)).marks(Purpose::OrderToken, b"a").unwrap();
        assert!(marks.len() == 2 && marks[0] != mark && marks[1] == mark);
    }

    #[test]
    fn keys_of_another_length_are_refused() {
        let ambient = Surroundings::new().ambient();
        assert!(matches!(Sealer::new("c2hvcnQ=", None, ambient), Err(SealError::BadKey)));
    }
}
