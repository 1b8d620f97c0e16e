//! The forms in which the directory's tables can carry a secret. The portal keeps it sealed in any case, so that the
//! form can be changed; what differs is which ways of proving it FreeRADIUS can check.

use std::{fmt::Write as _, str::FromStr};

use md4::Md4;
use sha_crypt::{PasswordHasher as _, ShaCrypt};
use sha2::{Digest as _, Sha256, Sha512};

use crate::{attribute::Attribute, login::Way};

/// A form of the secret in the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PasswordForm {
    /// As it is: every way of signing in works. A HotSpot signs in by CHAP unless it is told otherwise, and CHAP needs
    /// it. Who can read the tables can read the secrets.
    #[default]
    Cleartext,
    /// The NT hash: PAP and MS-CHAP work, CHAP does not. It is unsalted and fast to guess, hardly better than none.
    Nt,
    /// SHA-512 with a salt: PAP alone works, so that a HotSpot must take PAP, over HTTPS. Fast to guess.
    Ssha512,
    /// SHA-512-crypt with 5,000 rounds (`$6$`): PAP alone works. Slow to guess, and slow to make: a promotion of
    /// thousands takes a minute and more. FreeRADIUS's machine must know it in its `crypt(3)`.
    Crypt,
}

impl PasswordForm {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Cleartext, Self::Nt, Self::Ssha512, Self::Crypt];

    /// The form as a setting says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cleartext => "cleartext",
            Self::Nt => "nt",
            Self::Ssha512 => "ssha512",
            Self::Crypt => "crypt",
        }
    }

    /// Whether the tables carry the secret as it is, so that its characters matter.
    #[must_use]
    pub const fn is_clear(self) -> bool {
        matches!(self, Self::Cleartext)
    }

    /// The attribute by which FreeRADIUS knows a secret in this form.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::Cleartext => "Cleartext-Password",
            Self::Nt => "NT-Password",
            Self::Ssha512 => "SSHA2-512-Password",
            Self::Crypt => "Crypt-Password",
        }
    }

    /// Whether this way of proving the secret can be checked by what the tables carry. The portal's own server knows the
    /// secret whatever the form, and keeps to this all the same: which of two servers a NAS asks makes no difference.
    #[must_use]
    pub const fn can_check(self, way: Way) -> bool {
        match (self, way) {
            (Self::Cleartext, _) | (_, Way::Pap) | (Self::Nt, Way::MsChap) => true,
            (Self::Nt | Self::Ssha512 | Self::Crypt, Way::Chap)
            | (Self::Ssha512 | Self::Crypt, Way::MsChap) => false,
        }
    }

    /// The item of a check table by which FreeRADIUS knows the secret. The salt follows from `sealing`, the sealed
    /// form of the secret, which is another one at each change: the same secret gives the same row.
    #[must_use]
    pub fn check_item(self, secret: &str, sealing: &str) -> Attribute {
        match self {
            Self::Cleartext => Attribute::new(self.attribute(), secret),
            Self::Nt => Attribute::new(self.attribute(), octets(&nt_hash(secret))),
            Self::Ssha512 => {
                let salt = salt(sealing);
                let mut digest =
                    Sha512::new_with_prefix(secret.as_bytes()).chain_update(salt).finalize().to_vec();
                digest.extend(salt);
                Attribute::new(self.attribute(), octets(&digest))
            }
            Self::Crypt => {
                let hash = ShaCrypt::SHA512.hash_password_with_salt(secret.as_bytes(), &salt(sealing));
                // It fails for salts and parameters that it does not know; ours are constants. `*` is the hash of
                // nothing (crypt(5)): were it to fail, nobody would get in.
                let hash = hash.map_or_else(|_| "*".to_owned(), |hash| hash.to_string());
                Attribute::new(self.attribute(), hash)
            }
        }
    }
}

impl FromStr for PasswordForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = Self::ALL.into_iter().find(|form| form.as_str() == text);
        form.ok_or("expected cleartext, nt, ssha512 or crypt")
    }
}

/// Octets as FreeRADIUS reads them: hexadecimal behind `0x`.
#[must_use]
pub fn octets(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// MD4 over UTF-16 (RFC 2433, appendix A.1).
#[must_use]
pub fn nt_hash(secret: &str) -> [u8; 16] {
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Md4::digest(&utf16).into()
}

/// 12 bytes, which are the 16 characters that `crypt` reads of a salt.
fn salt(sealing: &str) -> [u8; 12] {
    let mut salt = [0; 12];
    let digest = Sha256::digest(sealing.as_bytes());
    salt.iter_mut().zip(digest).for_each(|(salt, byte)| *salt = byte);
    salt
}
