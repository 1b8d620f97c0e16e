//! From a profile and what is left of its quotas to RADIUS attributes, and from a login to its answer.
//!
//! Pure. [`compile`] says what the directory's tables carry, [`decide()`] answers a login: the embedded server and
//! `explain` ask it, and FreeRADIUS comes to the same answers from the tables. What both share is in [`vendor`] (each
//! vendor's words for a rate and a quota); [`fitness`] refuses what FreeRADIUS would reject, mangle or execute, and
//! [`password`] says in which form the tables carry a secret.

pub mod compile;
pub mod decide;
pub mod fitness;
pub mod password;
pub mod vendor;

pub use compile::{GroupEntry, GroupName, SiteForms, UserEntry};
pub use decide::{Decision, Known, Login, Refusal, decide};
pub use fitness::Unfit;
pub use password::PasswordForm;

#[cfg(test)]
mod tests;
