//! Blocked domains in `/ip/hotspot/walled-garden` and blocked addresses in the address lists of the firewall.

use std::net::IpAddr;

use routeros_api::Sentence;

use super::{
    link::Visit,
    refusals::{self, is_already_there},
};
use crate::ports::RouterError;

const WALLED_GARDEN: &str = "/ip/hotspot/walled-garden";

/// What makes an entry known as ours.
const BLOCK: &str = "portal-block";

/// The list that the router's operator has a rule for.
const BLOCKED: &str = "hotspot-blocked";

pub(super) async fn block_domain(visit: &Visit<'_>, domain: &str) -> Result<(), RouterError> {
    if !denials(visit, domain).await?.is_empty() {
        return Ok(());
    }
    let mut add = Sentence::of(format!("{WALLED_GARDEN}/add"))
        .with("action", "deny")
        .with("dst-host", domain)
        .with("comment", BLOCK);
    // The first entry that matches wins.
    let everything = Sentence::of(format!("{WALLED_GARDEN}/print")).with(".proplist", ".id,dynamic");
    let own = |row: &Sentence| {
        let id = row.get(".id")?.to_vec();
        (row.get("dynamic") != Some(b"true")).then_some(id)
    };
    if let Some(first) = visit.read(everything, own).await?.first() {
        add = add.with("place-before", first);
    }
    unless_there(visit, add).await
}

pub(super) async fn unblock_domain(visit: &Visit<'_>, domain: &str) -> Result<(), RouterError> {
    for id in denials(visit, domain).await? {
        visit.run_if_there(Sentence::of(format!("{WALLED_GARDEN}/remove")).with(".id", id)).await?;
    }
    Ok(())
}

async fn denials(visit: &Visit<'_>, domain: &str) -> Result<Vec<Vec<u8>>, RouterError> {
    let command = Sentence::of(format!("{WALLED_GARDEN}/print"))
        .with(".proplist", ".id,dst-host,comment,action")
        .matching("dst-host", domain);
    let denial = |row: &Sentence| {
        let is = |name: &str, value: &str| row.get(name) == Some(value.as_bytes());
        let id = row.get(".id")?.to_vec();
        (is("dst-host", domain) && is("comment", BLOCK) && is("action", "deny")).then_some(id)
    };
    visit.read(command, denial).await
}

pub(super) async fn block_address(visit: &Visit<'_>, address: IpAddr) -> Result<(), RouterError> {
    if !entries(visit, address).await?.is_empty() {
        return Ok(());
    }
    let add = Sentence::of(format!("{}/add", menu(address)))
        .with("list", BLOCKED)
        .with("address", address.to_string())
        .with("comment", BLOCK);
    unless_there(visit, add).await
}

pub(super) async fn unblock_address(visit: &Visit<'_>, address: IpAddr) -> Result<(), RouterError> {
    for id in entries(visit, address).await? {
        visit.run_if_there(Sentence::of(format!("{}/remove", menu(address))).with(".id", id)).await?;
    }
    Ok(())
}

async fn entries(visit: &Visit<'_>, address: IpAddr) -> Result<Vec<Vec<u8>>, RouterError> {
    let command = Sentence::of(format!("{}/print", menu(address)))
        .with(".proplist", ".id,list,address")
        .matching("list", BLOCKED);
    let entry = |row: &Sentence| {
        let text = row.text("address")?;
        let (host, prefix) = text.split_once('/').unwrap_or((&text, ""));
        let whole = ["", "32", "128"].contains(&prefix) && host.parse() == Ok(address);
        let listed = row.get("list") == Some(BLOCKED.as_bytes());
        let id = row.get(".id")?.to_vec();
        (whole && listed).then_some(id)
    };
    visit.read(command, entry).await
}

const fn menu(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "/ip/firewall/address-list",
        IpAddr::V6(_) => "/ipv6/firewall/address-list",
    }
}

/// Adds what another worker may just have added.
async fn unless_there(visit: &Visit<'_>, add: Sentence) -> Result<(), RouterError> {
    match visit.attempt(add).await {
        Ok(_) => Ok(()),
        Err(error) if is_already_there(&error) => Ok(()),
        Err(error) => Err(refusals::read(error)),
    }
}
