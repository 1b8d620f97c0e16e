//! `/ip/hotspot/user`.

use kernel::AccessPolicy;
use routeros_api::{Sentence, value::parse_bool};

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

/// What is read of a user.
const SEEN: &str = "name,comment,disabled,profile,limit-bytes-total";

/// A user that every router has, for trials; nobody's.
const TRIAL_USER: &str = "default-trial";

pub(super) async fn create(visit: &Visit<'_>, user: &WantedUser) -> Result<(), RouterError> {
    write(visit, user, &Sentence::of(format!("{MENU}/add")).with("name", &user.name)).await
}

pub(super) async fn update(visit: &Visit<'_>, user: &WantedUser) -> Result<(), RouterError> {
    let found = find(visit, &user.name).await?.ok_or(RouterError::NoSuchUser)?;
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
    if let Some(found) = find(visit, name).await? {
        visit.run_if_there(Sentence::of(format!("{MENU}/remove")).with(".id", found.id)).await?;
    }
    Ok(())
}

pub(super) async fn switch(visit: &Visit<'_>, name: &str, disabled: bool) -> Result<(), RouterError> {
    let found = find(visit, name).await?.ok_or(RouterError::NoSuchUser)?;
    let set = Sentence::of(format!("{MENU}/set")).with(".id", found.id);
    visit.run(set.with("disabled", if disabled { "yes" } else { "no" })).await.map(drop)
}

pub(super) async fn list(visit: &Visit<'_>) -> Result<Vec<SeenUser>, RouterError> {
    let profiles = profiles::list(visit).await?;
    let allowed = |profile: &str| profiles.get(profile).cloned().unwrap_or_default();
    let mut users = visit.read(print(SEEN), |row| seen(row, allowed)).await?;
    users.retain(|user| user.name != TRIAL_USER);
    Ok(users)
}

/// A user and RouterOS's own name for it.
pub(super) struct Found {
    pub(super) id: Vec<u8>,
    pub(super) user: SeenUser,
}

/// The user of a name. RouterOS may have one for each hotspot server; then ours is meant, if one is. What its profile
/// allows is read off the profile's name: whoever sets the user makes sure that it is so.
pub(super) async fn find(visit: &Visit<'_>, name: &str) -> Result<Option<Found>, RouterError> {
    let command = print(&format!(".id,{SEEN}")).matching("name", name);
    let allowed = |profile: &str| profiles::named(profile).unwrap_or_default();
    let found = |row: &Sentence| Some(Found { id: row.get(".id")?.to_vec(), user: seen(row, allowed)? });
    let mut users = visit.read(command, found).await?;
    // A router that does not know the query would answer with all.
    users.retain(|found| found.user.name == name);
    let ours = users.iter().position(|found| Marker::within(&found.user.comment).is_some());
    Ok(users.into_iter().nth(ours.unwrap_or(0)))
}

fn print(properties: &str) -> Sentence {
    Sentence::of(format!("{MENU}/print")).with(".proplist", properties)
}

fn seen(row: &Sentence, allowed: impl Fn(&str) -> AccessPolicy) -> Option<SeenUser> {
    let cap = row.text("limit-bytes-total").and_then(|bytes| bytes.parse().ok());
    let policy = allowed(&row.text("profile").unwrap_or_default());
    Some(SeenUser {
        name: row.text("name")?.into_owned(),
        comment: row.text("comment").unwrap_or_default().into_owned(),
        disabled: row.text("disabled").and_then(|text| parse_bool(&text)).unwrap_or(false),
        policy: AccessPolicy { data_cap_bytes: cap.filter(|cap| *cap > 0), ..policy },
    })
}
