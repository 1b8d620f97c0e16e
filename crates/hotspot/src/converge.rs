//! One user onto one router, from wherever things stand: the router call that may be repeated, time out after
//! its work, or run in two workers at once, and still ends with one user.

use crate::ports::{RouterError, RouterGateway, WantedUser};

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Converged {
    /// The router has the user, as wanted.
    Ready,
    /// The router has a user of this name that is not ours. It was not touched.
    NameTaken,
}

/// How often the router may change under our hands before we let it rest.
const ROUNDS: usize = 3;

/// Looks for the name; adds the user if it is absent; sets it if it carries our marker; leaves it alone if it
/// does not.
///
/// # Errors
/// What the router answered. After [`RouterError::Timeout`] the user may be there or not; doing it again is
/// right in both cases.
pub async fn converge(router: &dyn RouterGateway, wanted: &WantedUser) -> Result<Converged, RouterError> {
    let mut last = RouterError::AlreadyExists;
    for _ in 0..ROUNDS {
        let attempt = match router.find_user(&wanted.name).await? {
            None => router.create_user(wanted).await,
            Some(seen) if seen.is_ours(&wanted.marker) => router.update_user(wanted).await,
            Some(_) => return Ok(Converged::NameTaken),
        };
        match attempt {
            Ok(()) => return Ok(Converged::Ready),
            // Somebody added or removed it between the look and the act: look again.
            Err(error @ (RouterError::AlreadyExists | RouterError::NoSuchUser)) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}
