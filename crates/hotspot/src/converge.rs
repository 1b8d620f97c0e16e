//! One user onto one router or off it, from wherever things stand: router calls that may be repeated, time out
//! after their work, or run in two workers at once, and still end as they should.

use crate::{
    hotspot_user::HotspotUser,
    ports::{RouterError, RouterGateway, RouterSession, SeenUser, WantedUser},
};

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
            Some(seen) if seen.is_ours(&wanted.marker) => set(router, wanted, &seen).await,
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

async fn set(router: &dyn RouterGateway, wanted: &WantedUser, seen: &SeenUser) -> Result<(), RouterError> {
    router.update_user(wanted).await?;
    if seen.disabled { router.resume_user(&wanted.name).await } else { Ok(()) }
}

/// The same, and switches it off: it cannot sign in, and its open sessions end. One that was missing is added
/// first, so that nobody takes its name; nobody has its password before it is switched off. The sessions that it
/// ended go into `ended`, as they last were, whatever comes after.
///
/// # Errors
/// What the router answered; doing it again is right.
pub async fn converge_disabled(
    router: &dyn RouterGateway,
    wanted: &WantedUser,
    ended: &mut Vec<RouterSession>,
) -> Result<Converged, RouterError> {
    match router.find_user(&wanted.name).await? {
        Some(seen) if !seen.is_ours(&wanted.marker) => return Ok(Converged::NameTaken),
        Some(_) => {}
        None => {
            if converge(router, wanted).await? == Converged::NameTaken {
                return Ok(Converged::NameTaken);
            }
        }
    }
    router.suspend_user(&wanted.name).await?;
    end_sessions(router, &wanted.name, ended).await?;
    Ok(Converged::Ready)
}

/// Takes a user off a router. First the user, so that nobody signs in again, then the sessions. A repeat finds
/// the user gone and still ends the sessions. Somebody else's user of the same name keeps both. The sessions that
/// it ended go into `ended`, as they last were, whatever comes after.
///
/// # Errors
/// What the router answered; doing it again is right.
pub async fn remove(
    router: &dyn RouterGateway,
    user: &HotspotUser,
    ended: &mut Vec<RouterSession>,
) -> Result<(), RouterError> {
    // The router may have taken it under its first name before it got another.
    for name in [Some(&user.username), user.renamed_from.as_ref()].into_iter().flatten() {
        match router.find_user(name).await? {
            Some(seen) if !seen.is_ours(&user.marker) => {
                tracing::info!(hotspot_user = %user.id, "somebody else has its name on the router; left alone");
                continue;
            }
            Some(_) => router.remove_user(name).await?,
            None if *name != user.username => continue,
            None => {}
        }
        end_sessions(router, name, ended).await?;
    }
    Ok(())
}

async fn end_sessions(
    router: &dyn RouterGateway,
    name: &str,
    ended: &mut Vec<RouterSession>,
) -> Result<(), RouterError> {
    for session in router.list_active_sessions(Some(name)).await? {
        router.disconnect(&session.id).await?;
        ended.push(session);
    }
    Ok(())
}
