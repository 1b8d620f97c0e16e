//! Opaque tokens: 256 random bits that mean nothing by themselves. The service keeps their hashes alone, so that
//! a copy of the database opens no door, and looks each one up, so that a revocation counts at once.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use kernel::Ambient;
use sha2::{Digest, Sha256};

/// How many random bytes a token holds.
const LENGTH: usize = 32;

/// Makes a kind of token with a prefix by which people, log filters and secret scanners know it.
macro_rules! token {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// A new token.
            #[must_use]
            pub fn generate(ambient: &Ambient) -> Self {
                Self(generate($prefix, ambient))
            }

            /// Reads a token that a client presents; `None` for text that this service never gave out.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                well_formed($prefix, text).then(|| Self(text.to_owned()))
            }

            /// The token itself, to be handed to the client and kept nowhere.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// What is stored in its place.
            #[must_use]
            pub fn hash(&self) -> TokenHash {
                TokenHash(hex::encode(Sha256::digest(&self.0)))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "…"))
            }
        }
    };
}

token! {
    /// Proves a session to every endpoint, for an hour: `hpa_` and 43 characters of base64url.
    AccessToken, "hpa_"
}

token! {
    /// Gets the next pair of tokens, once: `hpr_` and 43 characters of base64url.
    RefreshToken, "hpr_"
}

token! {
    /// Opens one stream, once: `hpt_` and 43 characters of base64url. It travels in an address, since a browser's
    /// `EventSource` sends no header, and addresses get written down: so it lives for seconds and works once.
    StreamTicket, "hpt_"
}

fn generate(prefix: &str, ambient: &Ambient) -> String {
    let mut secret = [0u8; LENGTH];
    ambient.fill(&mut secret);
    format!("{prefix}{}", BASE64.encode(secret))
}

fn well_formed(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix)
        .and_then(|secret| BASE64.decode(secret).ok())
        .is_some_and(|secret| secret.len() == LENGTH)
}

/// The SHA-256 of a token, in 64 hexadecimal digits. A plain hash is enough: 256 random bits cannot be guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    /// The text to store and to look for.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use kernel::testing::Surroundings;

    use super::{AccessToken, RefreshToken};

    #[test]
    fn a_token_is_recognised_and_no_two_are_alike() {
        let ambient = Surroundings::new().ambient();
        let (first, second) = (AccessToken::generate(&ambient), AccessToken::generate(&ambient));
        assert_ne!(first.expose(), second.expose());
        assert_ne!(first.hash(), second.hash());
        assert_eq!(first.expose().len(), 47);
        assert_eq!(AccessToken::parse(first.expose()), Some(first));
    }

    #[test]
    fn one_kind_of_token_is_not_taken_for_the_other() {
        let refresh = RefreshToken::generate(&Surroundings::new().ambient());
        assert!(AccessToken::parse(refresh.expose()).is_none());
        assert!(RefreshToken::parse(refresh.expose()).is_some());
    }

    #[test]
    fn other_text_is_no_token() {
        let whole = AccessToken::generate(&Surroundings::new().ambient());
        let whole = whole.expose();
        for bad in ["", "hpa_", &whole[..46], &format!("{whole}A"), &format!(" {whole}"), &whole[4..]] {
            assert!(AccessToken::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_debug_print_does_not_show_the_token() {
        let token = AccessToken::generate(&Surroundings::new().ambient());
        assert_eq!(format!("{token:?}"), "hpa_…");
    }

    #[test]
    fn the_hash_is_sha_256_in_hexadecimal() {
        let token = AccessToken(String::from("abc"));
        assert_eq!(token.hash().as_str(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
