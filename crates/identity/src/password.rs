//! Passwords: hashed with Argon2id (RFC 9106), checked in the same time whether the account exists or not.

use std::{fmt, sync::Arc};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{self, PasswordHasher as _, PasswordVerifier as _, phc},
};
use kernel::Ambient;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// A hashed password in PHC string form, which names its own parameters and salt. A debug print hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a stored hash back. Whether it has the right form is seen when a password is checked against it.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Why a password could not be hashed or checked. None of these says that the password is wrong.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The hash function refused its parameters or its input.
    #[error("argon2 failed: {0}")]
    Argon2(String),
    /// The stored hash cannot be read.
    #[error("the stored password hash is damaged: {0}")]
    Damaged(String),
    /// The service is shutting down.
    #[error("hashing was interrupted")]
    Interrupted,
}

/// How much work one guess at a password costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes of the memory.
    pub lanes: u32,
}

impl PasswordCost {
    /// The second configuration of OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
    pub const OWASP: Self = Self { memory: 19_456, passes: 2, lanes: 1 };

    /// The least that Argon2 accepts, for tests that are not about passwords.
    pub const LEAST: Self = Self { memory: 8, passes: 1, lanes: 1 };
}

/// Hashes and checks passwords, away from the threads that serve requests, a bounded number at once: each takes
/// its [`PasswordCost`] in memory.
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    ambient: Ambient,
    permits: Arc<Semaphore>,
    decoy: PasswordHash,
}

impl PasswordHasher {
    /// A hasher that does at most `at_once` (at least one) at the same time.
    ///
    /// # Errors
    /// [`PasswordError::Argon2`] when the cost is outside what Argon2 accepts.
    pub fn new(ambient: Ambient, cost: PasswordCost, at_once: usize) -> Result<Self, PasswordError> {
        let params = Params::new(cost.memory, cost.passes, cost.lanes, None)
            .map_err(|error| PasswordError::Argon2(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut unknown = [0u8; 32];
        ambient.fill(&mut unknown);
        let decoy = hash_with(&argon2, &salt(&ambient), &unknown)?;
        Ok(Self { argon2, ambient, permits: Arc::new(Semaphore::new(at_once.max(1))), decoy })
    }

    /// Hashes a password with a new salt.
    ///
    /// # Errors
    /// [`PasswordError::Argon2`] or [`PasswordError::Interrupted`].
    pub async fn hash(&self, password: &SecretString) -> Result<PasswordHash, PasswordError> {
        let (argon2, salt, password) = (self.argon2.clone(), salt(&self.ambient), password.clone());
        self.aside(move || hash_with(&argon2, &salt, password.expose_secret().as_bytes())).await
    }

    /// Whether the password is the one that was hashed. Without a hash the same work is done on a decoy, and
    /// the answer is no.
    ///
    /// # Errors
    /// [`PasswordError::Damaged`] or [`PasswordError::Interrupted`].
    pub async fn verify(
        &self,
        password: &SecretString,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, PasswordError> {
        let exists = hash.is_some();
        let (argon2, password) = (self.argon2.clone(), password.clone());
        let hash = hash.unwrap_or(&self.decoy).clone();
        let matches =
            self.aside(move || verify_with(&argon2, password.expose_secret().as_bytes(), &hash)).await?;
        Ok(matches && exists)
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| PasswordError::Interrupted)?;
        // The permit goes with the work: a caller that hangs up must not let another one in beside it.
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(|_| PasswordError::Interrupted)?
    }
}

fn salt(ambient: &Ambient) -> [u8; 16] {
    let mut salt = [0u8; 16];
    ambient.fill(&mut salt);
    salt
}

fn hash_with(argon2: &Argon2<'_>, salt: &[u8], password: &[u8]) -> Result<PasswordHash, PasswordError> {
    argon2
        .hash_password_with_salt(password, salt)
        .map(|hash| PasswordHash(hash.to_string()))
        .map_err(|error| PasswordError::Argon2(error.to_string()))
}

fn verify_with(argon2: &Argon2<'_>, password: &[u8], hash: &PasswordHash) -> Result<bool, PasswordError> {
    let damaged = |error: &dyn fmt::Display| PasswordError::Damaged(error.to_string());
    let hash = phc::PasswordHash::new(&hash.0).map_err(|error| damaged(&error))?;
    match argon2.verify_password(password, &hash) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(damaged(&error)),
    }
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHasher").field("argon2", &self.argon2).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use kernel::testing::Surroundings;

    use super::{PasswordCost, PasswordError, PasswordHash, PasswordHasher};

    fn hasher(cost: PasswordCost) -> PasswordHasher {
        PasswordHasher::new(Surroundings::new().ambient(), cost, 2).unwrap()
    }

    #[tokio::test]
    async fn only_the_same_password_matches_and_each_hash_has_its_own_salt() {
        let hasher = hasher(PasswordCost::LEAST);
        let first = hasher.hash(&"secret".into()).await.unwrap();
        let second = hasher.hash(&"secret".into()).await.unwrap();
        assert_ne!(first, second);
        assert!(hasher.verify(&"secret".into(), Some(&first)).await.unwrap());
        assert!(!hasher.verify(&"Secret".into(), Some(&first)).await.unwrap());
    }

    #[tokio::test]
    async fn without_a_hash_nothing_matches() {
        let hasher = hasher(PasswordCost::LEAST);
        assert!(!hasher.verify(&"secret".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn hashes_and_the_decoy_cost_what_owasp_asks() {
        let hasher = hasher(PasswordCost::OWASP);
        let hash = hasher.hash(&"secret".into()).await.unwrap();
        for hash in [&hash, &hasher.decoy] {
            assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        }
        assert!(hasher.verify(&"secret".into(), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_not_a_wrong_password() {
        let damaged = PasswordHash::from_stored("$argon2id$".into());
        let result = hasher(PasswordCost::LEAST).verify(&"secret".into(), Some(&damaged)).await;
        assert!(matches!(result, Err(PasswordError::Damaged(_))));
    }
}
