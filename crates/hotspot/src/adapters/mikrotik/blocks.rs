//! Blocked domains in `/ip/hotspot/walled-garden`, blocked addresses in the address lists of the firewall, blocked
//! devices in `/ip/hotspot/ip-binding`. Entries without our comment are somebody else's.

use std::{collections::BTreeSet, net::IpAddr};

use routeros_api::Sentence;

use super::{
    link::Visit,
    refusals::{self, is_already_there},
};
use crate::{block::BlockTarget, ports::RouterError};

const WALLED_GARDEN: &str = "/ip/hotspot/walled-garden";
const BINDINGS: &str = "/ip/hotspot/ip-binding";

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
    for (id, _) in entries(visit, address).await?.into_iter().filter(|(_, ours)| *ours) {
        visit.run_if_there(Sentence::of(format!("{}/remove", menu(address))).with(".id", id)).await?;
    }
    Ok(())
}

/// The entries of an address, and whether they are ours.
async fn entries(visit: &Visit<'_>, address: IpAddr) -> Result<Vec<(Vec<u8>, bool)>, RouterError> {
    let command = Sentence::of(format!("{}/print", menu(address)))
        .with(".proplist", ".id,list,address,comment")
        .matching("list", BLOCKED);
    let entry = |row: &Sentence| {
        let id = row.get(".id")?.to_vec();
        (address_of(row)? == address).then_some((id, is_ours(row)))
    };
    visit.read(command, entry).await
}

/// The single address that an entry of our list blocks.
fn address_of(row: &Sentence) -> Option<IpAddr> {
    let text = row.text("address")?;
    let (host, prefix) = text.split_once('/').unwrap_or((&text, ""));
    let listed = row.get("list") == Some(BLOCKED.as_bytes());
    (listed && ["", "32", "128"].contains(&prefix)).then(|| host.parse().ok()).flatten()
}

fn is_ours(row: &Sentence) -> bool {
    row.get("comment") == Some(BLOCK.as_bytes())
}

pub(super) async fn block_device(visit: &Visit<'_>, mac: &str) -> Result<(), RouterError> {
    if !bindings(visit, mac).await?.is_empty() {
        return Ok(());
    }
    let add = Sentence::of(format!("{BINDINGS}/add"))
        .with("mac-address", mac)
        .with("type", "blocked")
        .with("comment", BLOCK);
    unless_there(visit, add).await
}

pub(super) async fn unblock_device(visit: &Visit<'_>, mac: &str) -> Result<(), RouterError> {
    for (id, _) in bindings(visit, mac).await?.into_iter().filter(|(_, ours)| *ours) {
        visit.run_if_there(Sentence::of(format!("{BINDINGS}/remove")).with(".id", id)).await?;
    }
    Ok(())
}

/// The bindings that block a device, and whether they are ours.
async fn bindings(visit: &Visit<'_>, mac: &str) -> Result<Vec<(Vec<u8>, bool)>, RouterError> {
    let command = Sentence::of(format!("{BINDINGS}/print"))
        .with(".proplist", ".id,mac-address,type,comment")
        .matching("mac-address", mac);
    let binding = |row: &Sentence| {
        let id = row.get(".id")?.to_vec();
        (blocked_device(row)? == mac).then_some((id, is_ours(row)))
    };
    visit.read(command, binding).await
}

fn blocked_device(row: &Sentence) -> Option<String> {
    let blocks = row.get("type") == Some(b"blocked");
    row.text("mac-address").filter(|_| blocks).map(|mac| mac.to_ascii_uppercase())
}

/// Everything that we have blocked, from the three menus. A router without IPv6 has no list for it.
pub(super) async fn list(visit: &Visit<'_>) -> Result<BTreeSet<BlockTarget>, RouterError> {
    let print = |menu: &str, properties: &str| {
        Sentence::of(format!("{menu}/print")).with(".proplist", properties).matching("comment", BLOCK)
    };
    let domain = |row: &Sentence| {
        let denial = is_ours(row) && row.get("action") == Some(b"deny");
        row.text("dst-host").filter(|_| denial).map(|domain| BlockTarget::Domain(domain.into_owned()))
    };
    let address = |row: &Sentence| address_of(row).filter(|_| is_ours(row)).map(BlockTarget::Address);
    let device = |row: &Sentence| blocked_device(row).filter(|_| is_ours(row)).map(BlockTarget::Device);
    let mut blocks: BTreeSet<_> =
        visit.read(print(WALLED_GARDEN, "dst-host,action,comment"), domain).await?.into_iter().collect();
    blocks.extend(visit.read(print(BINDINGS, "mac-address,type,comment"), device).await?);
    let addresses = "list,address,comment";
    blocks.extend(visit.read(print("/ip/firewall/address-list", addresses), address).await?);
    match visit.read(print("/ipv6/firewall/address-list", addresses), address).await {
        Ok(found) => blocks.extend(found),
        Err(RouterError::Refused(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(blocks)
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
