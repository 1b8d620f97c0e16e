//! Who people are, how they sign in, what they may do, and the record of what was done.
//!
//! The promises: a password is kept only as an Argon2id hash and a token only as a SHA-256 hash; a wrong password
//! and an unknown name cannot be told apart; a revoked session is refused from the next call on; a change of any
//! sealed line of the audit log is found.
//!
//! Read in this order:
//!
//! 1. people: [`matricule`], [`identifiers`], [`user`], [`user_changes`], [`roles`], [`staff`];
//! 2. proofs: [`password`], [`password_strength`], [`wifi_secret`], [`token`], [`session`];
//! 3. guesses: [`login_name`], [`login_lock`], [`registration_count`];
//! 4. the record: [`audit_log`], [`audit_chain`];
//! 5. [`ports`], [`use_cases`], [`queries`], [`jobs`].
//!
//! A new way to sign in is a use case that ends in [`session::LoginSession`] and its tokens; everything behind a
//! token then works as it is.

pub mod audit_chain;
pub mod audit_log;
pub mod identifiers;
pub mod jobs;
pub mod login_lock;
pub mod login_name;
pub mod matricule;
pub mod password;
pub mod password_strength;
pub mod ports;
pub mod queries;
pub mod registration_count;
pub mod roles;
pub mod session;
pub mod staff;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod token;
pub mod use_cases;
pub mod user;
pub mod user_changes;
pub mod wifi_secret;

pub use identifiers::Identifiers;
pub use matricule::{MailDomain, Matricule};
pub use password::PasswordHasher;
pub use ports::{AccountRows, IdentityReads, IdentityStore, IdentityTx};
pub use use_cases::{Identity, IdentityPorts, Settings};
pub use user::{PersonName, User};
pub use wifi_secret::WifiSecret;
