//! What a router should have and has not: our rows against its list of users, as a plan of changes.
//!
//! Three laws. What carries no marker of ours is never in a plan. What is on its way (pending) is left to the job
//! that brings it. And a plan that was carried out leaves nothing to plan.
//!
//! A router counts the bytes of a user from when it was made. One that is made anew gets what is left of its cap,
//! never the whole again; one whose cap on the router lies between what is left and what was sold is right.

use std::{collections::BTreeMap, fmt};

use kernel::{
    AccessPolicy, Timestamp,
    id::ids::{HotspotUserId, RouterId},
};

use crate::{
    hotspot_user::{HotspotUser, HotspotUserStatus, Marker, Place},
    ports::SeenUser,
};

/// What is to be done so that a router has what it should, and what was found besides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RouterPlan {
    /// What is to be done.
    pub changes: Vec<Change>,
    /// Hotspot users that are to be there and whose name somebody else's user has. Nothing is done about it: a
    /// person has to free the name, or to put the marker back into the comment.
    pub taken: Vec<(HotspotUserId, String)>,
    /// Users that carry no marker of ours, as name and comment.
    pub unknown: Vec<(String, String)>,
}

/// One change to a router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The name on the router.
    pub username: String,
    /// The hotspot user that it is about.
    pub hotspot_user_id: HotspotUserId,
    /// What is to be done.
    pub action: Action,
}

/// What is to be done about a name on a router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It is missing: make it, with what is left of its entitlement.
    Create,
    /// It is there and not as it should be: set it right.
    Correct(Vec<Drift>),
    /// It carries our marker and is not to be there: remove it.
    Remove(Marker),
}

impl Action {
    /// The action in a word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Correct(_) => "correct",
            Self::Remove(_) => "remove",
        }
    }
}

/// How a user on a router differs from what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// It is switched off and should be on, or the other way round.
    Switch,
    /// It has other rates, timeouts or simultaneous use.
    Policy,
    /// It may use more bytes than were sold, or fewer than are left.
    Cap,
    /// Its comment says more than our marker.
    Comment,
}

impl Drift {
    /// The difference in a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Switch => "switch",
            Self::Policy => "policy",
            Self::Cap => "cap",
            Self::Comment => "comment",
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the rows say about a router.
#[derive(Debug, Clone, Copy)]
pub struct OurRows<'a> {
    /// The router.
    pub router_id: RouterId,
    /// Its hotspot users that are not over, and every hotspot user, wherever it is and however it stands, whose
    /// marker the router has.
    pub users: &'a [HotspotUser],
    /// The bytes that each has used.
    pub used: &'a BTreeMap<HotspotUserId, u64>,
}

/// Compares a router's users, as it listed them at `listed_at`, with what it should have.
#[must_use]
pub fn plan(rows: OurRows<'_>, listed: &[SeenUser], listed_at: Timestamp) -> RouterPlan {
    // A router may have a name once for each of its hotspot servers; then ours is meant, if one is.
    let (ours, others): (Vec<_>, Vec<_>) =
        listed.iter().partition(|seen| Marker::within(&seen.comment).is_some());
    let by_name: BTreeMap<&str, &SeenUser> =
        others.into_iter().chain(ours).map(|seen| (seen.name.as_str(), seen)).collect();
    let by_marker: BTreeMap<&str, &HotspotUser> =
        rows.users.iter().map(|user| (user.marker.as_str(), user)).collect();
    let mut plan = RouterPlan::default();
    for user in by_marker.values() {
        let place = user.place_on(rows.router_id);
        if place == Place::Absent || user.status == HotspotUserStatus::Pending {
            continue;
        }
        let change = |action| Change { username: user.username.clone(), hotspot_user_id: user.id, action };
        match by_name.get(user.username.as_str()) {
            // It came onto the router after the list was made.
            None if user.activated_at.is_some_and(|at| at > listed_at) => {}
            None => plan.changes.push(change(Action::Create)),
            Some(seen) if !seen.is_ours(&user.marker) => plan.taken.push((user.id, user.username.clone())),
            Some(seen) => {
                let drifts = drifts(user, place, seen, rows.used.get(&user.id).copied().unwrap_or(0));
                if !drifts.is_empty() {
                    plan.changes.push(change(Action::Correct(drifts)));
                }
            }
        }
    }
    for seen in by_name.values() {
        let ours = Marker::within(&seen.comment).and_then(|marker| by_marker.get(marker.as_str()));
        match ours {
            None => plan.unknown.push((seen.name.clone(), seen.comment.clone())),
            Some(user) if is_stray(user, seen, rows.router_id) => plan.changes.push(Change {
                username: seen.name.clone(),
                hotspot_user_id: user.id,
                action: Action::Remove(user.marker.clone()),
            }),
            Some(_) => {}
        }
    }
    plan
}

/// Whether a user on the router that carries our marker is not to be there: its time is over, it belongs on another
/// router, or it is there a second time under another name.
fn is_stray(user: &HotspotUser, seen: &SeenUser, router: RouterId) -> bool {
    match user.place_on(router) {
        Place::Absent => true,
        // Whoever brings it there may be giving it another name just now.
        Place::Enabled if user.status == HotspotUserStatus::Pending => false,
        Place::Enabled | Place::Disabled => user.username != seen.name,
    }
}

fn drifts(user: &HotspotUser, place: Place, seen: &SeenUser, used: u64) -> Vec<Drift> {
    let switched = seen.disabled != (place == Place::Disabled);
    let without_cap = |policy: &AccessPolicy| AccessPolicy { data_cap_bytes: None, ..policy.clone() };
    // Nobody can sign in with one that is off; whatever else differs is set right when it is switched on.
    let on = place == Place::Enabled;
    let differences = [
        (Drift::Switch, switched),
        (Drift::Policy, on && without_cap(&user.policy) != without_cap(&seen.policy)),
        (Drift::Cap, on && !cap_fits(user.policy.data_cap_bytes, used, seen.policy.data_cap_bytes)),
        (Drift::Comment, on && seen.comment != user.marker.as_str()),
    ];
    differences.into_iter().filter(|(_, differs)| *differs).map(|(drift, _)| drift).collect()
}

/// What is left of a cap. At least one byte, since a router takes none for no limit.
#[must_use]
pub fn left_of(cap: Option<u64>, used: u64) -> Option<u64> {
    cap.map(|cap| cap.saturating_sub(used).max(1))
}

/// Whether a cap on a router is one that we may have set: all that was sold, or what was left when the user was made
/// anew.
#[must_use]
pub fn cap_fits(sold: Option<u64>, used: u64, on_router: Option<u64>) -> bool {
    match (sold, on_router) {
        (None, None) => true,
        (Some(sold), Some(there)) => (sold.saturating_sub(used).max(1)..=sold.max(1)).contains(&there),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests;
