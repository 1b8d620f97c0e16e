//! `/ip/hotspot/active`, and the queues in `/queue/simple` that limit a session while it lasts.

use std::{collections::HashSet, net::IpAddr};

use routeros_api::{Sentence, value::parse_duration};

use super::{
    link::Visit,
    refusals::{self, is_already_there},
};
use crate::ports::{RateLimit, RouterError, RouterSession};

const ACTIVE: &str = "/ip/hotspot/active";
const QUEUES: &str = "/queue/simple";

/// What makes a queue known as ours.
const LIVE_LIMIT: &str = "portal-live-limit";

pub(super) async fn list(
    visit: &Visit<'_>,
    username: Option<&str>,
) -> Result<Vec<RouterSession>, RouterError> {
    let command = Sentence::of(format!("{ACTIVE}/print"))
        .with(".proplist", ".id,user,mac-address,address,uptime,bytes-in,bytes-out");
    let Some(username) = username else {
        return list_all(visit, command).await;
    };
    let mut sessions = visit.read(command.matching("user", username), session).await?;
    sessions.retain(|session| session.username == username);
    Ok(sessions)
}

/// All sessions; on the way, limits whose session is over are taken away, lest the next who gets the address
/// inherits them. The limits are looked at first: one that is set meanwhile is not mistaken for a leftover.
async fn list_all(visit: &Visit<'_>, command: Sentence) -> Result<Vec<RouterSession>, RouterError> {
    let limits = limits(visit).await?;
    let sessions = visit.read(command, session).await?;
    if !limits.is_empty() {
        let names: HashSet<String> = sessions.iter().map(limit_name).collect();
        for limit in limits.iter().filter(|limit| !names.contains(&limit.name)) {
            remove_limit(visit, limit).await?;
        }
    }
    Ok(sessions)
}

pub(super) async fn disconnect(visit: &Visit<'_>, session_id: &str) -> Result<bool, RouterError> {
    let command = Sentence::of(format!("{ACTIVE}/print"))
        .with(".proplist", ".id,user,mac-address,address,uptime,bytes-in,bytes-out")
        .matching(".id", session_id);
    let open = visit.read(command, session).await?;
    let Some(open) = open.into_iter().find(|open| open.id == session_id) else {
        return Ok(false);
    };
    let remove = Sentence::of(format!("{ACTIVE}/remove")).with(".id", session_id);
    let ended = visit.run_if_there(remove).await?;
    let name = limit_name(&open);
    for limit in limits(visit).await?.iter().filter(|limit| limit.name == name) {
        remove_limit(visit, limit).await?;
    }
    Ok(ended)
}

pub(super) async fn limit(visit: &Visit<'_>, username: &str, limit: RateLimit) -> Result<bool, RouterError> {
    let sessions = list(visit, Some(username)).await?;
    for session in &sessions {
        limit_session(visit, session, limit).await?;
    }
    Ok(!sessions.is_empty())
}

async fn limit_session(
    visit: &Visit<'_>,
    session: &RouterSession,
    limit: RateLimit,
) -> Result<(), RouterError> {
    let rate = |kbps: Option<u32>| kbps.map_or_else(|| "0".to_owned(), |kbps| format!("{kbps}k"));
    // For a simple queue the first rate is what its target sends.
    let rates = format!("{}/{}", rate(limit.upload_kbps), rate(limit.download_kbps));
    let name = limit_name(session);
    let set = |id: &[u8]| Sentence::of(format!("{QUEUES}/set")).with(".id", id).with("max-limit", &rates);
    if let Some(known) = limits(visit).await?.iter().find(|known| known.name == name)
        && visit.run_if_there(set(&known.id)).await?
    {
        return Ok(());
    }
    let mut add = Sentence::of(format!("{QUEUES}/add"))
        .with("name", &name)
        .with("target", session.address.to_string())
        .with("max-limit", &rates)
        .with("comment", LIVE_LIMIT);
    if let Some(first) = first_queue(visit).await? {
        add = add.with("place-before", first);
    }
    match visit.attempt(add).await {
        Ok(_) => Ok(()),
        // Another worker has just added it.
        Err(error) if is_already_there(&error) => {
            let known = limits(visit).await?.into_iter().find(|known| known.name == name);
            let known = known.ok_or_else(|| refusals::read(error))?;
            visit.run_if_there(set(&known.id)).await.map(drop)
        }
        Err(error) => Err(refusals::read(error)),
    }
}

/// A queue of ours.
struct Limit {
    id: Vec<u8>,
    name: String,
}

async fn limits(visit: &Visit<'_>) -> Result<Vec<Limit>, RouterError> {
    let command = Sentence::of(format!("{QUEUES}/print"))
        .with(".proplist", ".id,name,comment")
        .matching("comment", LIVE_LIMIT);
    let limit = |row: &Sentence| {
        let ours = row.get("comment") == Some(LIVE_LIMIT.as_bytes());
        let limit = Limit { id: row.get(".id")?.to_vec(), name: row.text("name")?.into_owned() };
        ours.then_some(limit)
    };
    visit.read(command, limit).await
}

async fn first_queue(visit: &Visit<'_>) -> Result<Option<Vec<u8>>, RouterError> {
    let command = Sentence::of(format!("{QUEUES}/print")).with(".proplist", ".id");
    let ids = visit.read(command, |row| Some(row.get(".id")?.to_vec())).await?;
    Ok(ids.into_iter().next())
}

async fn remove_limit(visit: &Visit<'_>, limit: &Limit) -> Result<(), RouterError> {
    let remove = Sentence::of(format!("{QUEUES}/remove")).with(".id", &limit.id);
    visit.run_if_there(remove).await.map(drop)
}

/// Names the limit of a session: an address is one customer's at a time.
fn limit_name(session: &RouterSession) -> String {
    format!("portal-live-{}-{}", session.username, session.address)
}

/// A row without a user or an address is none that the portal can use.
fn session(row: &Sentence) -> Option<RouterSession> {
    let number = |name: &str| row.text(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let address: IpAddr = row.text("address")?.parse().ok()?;
    Some(RouterSession {
        id: row.text(".id")?.into_owned(),
        username: row.text("user")?.into_owned(),
        mac: row.text("mac-address").unwrap_or_default().to_uppercase(),
        address,
        uptime_seconds: row
            .text("uptime")
            .and_then(|text| parse_duration(&text))
            .unwrap_or_default()
            .as_secs(),
        uploaded_bytes: number("bytes-in"),
        downloaded_bytes: number("bytes-out"),
    })
}

#[cfg(test)]
mod tests {
    use routeros_api::Sentence;

    use super::session;

    #[test]
    fn a_session_is_read_as_the_customer_sees_it() {
        let row = Sentence::of("!re")
            .with(".id", "*C0A80A02")
            .with("user", "HS1")
            .with("address", "192.168.10.2")
            .with("mac-address", "aa:bb:cc:00:11:22")
            .with("uptime", "1h2m3s")
            .with("bytes-in", "10")
            .with("bytes-out", "4294967296000");
        let read = session(&row).unwrap();
        assert_eq!((read.uploaded_bytes, read.downloaded_bytes), (10, 4_294_967_296_000));
        assert_eq!((read.uptime_seconds, read.mac.as_str()), (3723, "AA:BB:CC:00:11:22"));
        assert_eq!(session(&Sentence::of("!re").with(".id", "*1").with("user", "x")), None);
        assert_eq!(session(&Sentence::of("!re").with("address", "nowhere").with("user", "x")), None);
    }
}
