//! `/ip/hotspot/user`.

use kernel::AccessPolicy;
use routeros_api::{
    Sentence,
    value::{parse_bool, parse_size},
};

use super::{
    link::Visit,
    profiles::{self, Profile},
    refusals::{self, is_no_such_profile},
};
use crate::{
    hotspot_user::Marker,
    ports::{RouterError, SeenUser, WantedUser},
};

const MENU: &str = "/ip/hotspot/user";

/// A user that every router has, for trials; nobody's.
const TRIAL_USER: &str = "default-trial";

pub(super) async fn create(visit: &Visit<'_>, user: &WantedUser) -> Result<(), RouterError> {
    write(visit, user, &Sentence::of(format!("{MENU}/add")).with("name", &user.name)).await
}

pub(super) async fn update(visit: &Visit<'_>, user: &WantedUser) -> Result<(), RouterError> {
    let found = locate(visit, &user.name).await?.ok_or(RouterError::NoSuchUser)?;
    // Perhaps it is set since its profile was seen to be wrong.
    visit.link.distrust_profile(&Profile::of(&user.policy).name);
    write(visit, user, &Sentence::of(format!("{MENU}/set")).with(".id", found.id)).await
}

/// Makes sure of the profile, then writes all but the name.
async fn write(visit: &Visit<'_>, user: &WantedUser, command: &Sentence) -> Result<(), RouterError> {
    let profile = Profile::of(&user.policy);
    let command = command
        .clone()
        .with("password", user.password.reveal())
        .with("profile", &profile.name)
        .with("limit-bytes-total", user.policy.data_cap_bytes.unwrap_or(0).to_string())
        .with("comment", user.marker.as_str());
    profile.ensure(visit).await?;
    match visit.attempt(command.clone()).await {
        Ok(_) => Ok(()),
        // Somebody has removed the profile since it was seen.
        Err(error) if is_no_such_profile(&error) => {
            visit.link.distrust_profile(&profile.name);
            profile.ensure(visit).await?;
            visit.run(command).await.map(drop)
        }
        Err(error) => Err(refusals::read(error)),
    }
}

pub(super) async fn remove(visit: &Visit<'_>, name: &str) -> Result<(), RouterError> {
    if let Some(found) = locate(visit, name).await? {
        visit.run_if_there(Sentence::of(format!("{MENU}/remove")).with(".id", found.id)).await?;
    }
    Ok(())
}

pub(super) async fn switch(visit: &Visit<'_>, name: &str, disabled: bool) -> Result<(), RouterError> {
    let found = locate(visit, name).await?.ok_or(RouterError::NoSuchUser)?;
    let set = Sentence::of(format!("{MENU}/set")).with(".id", found.id);
    visit.run(set.with("disabled", if disabled { "yes" } else { "no" })).await.map(drop)
}

pub(super) async fn list(visit: &Visit<'_>) -> Result<Vec<SeenUser>, RouterError> {
    let profiles = profiles::list(visit).await?;
    let user = |row: &Sentence| {
        let found = Found::read(row)?;
        let policy = profiles.get(&found.profile).cloned().unwrap_or_default();
        (found.name != TRIAL_USER).then(|| found.seen(policy))
    };
    visit.read(print(), user).await
}

pub(super) async fn find(visit: &Visit<'_>, name: &str) -> Result<Option<SeenUser>, RouterError> {
    let Some(found) = locate(visit, name).await? else {
        return Ok(None);
    };
    let policy = profiles::find(visit, &found.profile).await?;
    Ok(Some(found.seen(policy)))
}

/// The user of a name. RouterOS may have one for each hotspot server; then ours is meant, if one is.
async fn locate(visit: &Visit<'_>, name: &str) -> Result<Option<Found>, RouterError> {
    let mut users = visit.read(print().matching("name", name), Found::read).await?;
    // A router that does not know the query would answer with all.
    users.retain(|found| found.name == name);
    let ours = users.iter().position(|found| Marker::within(&found.comment).is_some());
    Ok(users.into_iter().nth(ours.unwrap_or(0)))
}

fn print() -> Sentence {
    Sentence::of(format!("{MENU}/print"))
        .with(".proplist", ".id,name,comment,disabled,profile,limit-bytes-total")
}

/// A user as it is written down on the router.
struct Found {
    /// RouterOS's own name for it.
    id: Vec<u8>,
    name: String,
    comment: String,
    disabled: bool,
    profile: String,
    cap: Option<u64>,
}

impl Found {
    fn read(row: &Sentence) -> Option<Self> {
        let text = |name: &str| row.text(name).unwrap_or_default();
        Some(Self {
            id: row.get(".id")?.to_vec(),
            name: row.text("name")?.into_owned(),
            comment: text("comment").into_owned(),
            disabled: parse_bool(&text("disabled")).unwrap_or(false),
            profile: text("profile").into_owned(),
            cap: parse_size(&text("limit-bytes-total")).filter(|cap| *cap > 0),
        })
    }

    fn seen(self, profile: AccessPolicy) -> SeenUser {
        SeenUser {
            name: self.name,
            comment: self.comment,
            disabled: self.disabled,
            policy: AccessPolicy { data_cap_bytes: self.cap, ..profile },
        }
    }
}
