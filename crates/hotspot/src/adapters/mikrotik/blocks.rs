//! Blocked domains in `/ip/hotspot/walled-garden`, blocked addresses in the address lists of the firewall, blocked
//! devices in `/ip/hotspot/ip-binding`. Only entries with our comment are counted, and taken away.

use std::{collections::BTreeSet, net::IpAddr};

use routeros_api::Sentence;

use super::{
    link::Visit,
    refusals::{self, is_already_there},
};
use crate::{block::BlockTarget, ports::RouterError};

const WALLED_GARDEN: &str = "/ip/hotspot/walled-garden";
const ADDRESSES: &str = "/ip/firewall/address-list";
const ADDRESSES_6: &str = "/ipv6/firewall/address-list";
const BINDINGS: &str = "/ip/hotspot/ip-binding";

/// What makes an entry known as ours.
const BLOCK: &str = "portal-block";

/// The list that the router's operator has a rule for.
const BLOCKED: &str = "hotspot-blocked";

/// An entry of ours, by RouterOS's own name for it.
struct Entry<T> {
    id: Vec<u8>,
    blocks: T,
}

pub(super) async fn list(visit: &Visit<'_>) -> Result<BTreeSet<BlockTarget>, RouterError> {
    let mut targets = BTreeSet::new();
    // A domain is blocked when the entry for itself is there; that for its subdomains comes and goes inside.
    let hosts =
        hosts(visit).await?.into_iter().map(|entry| entry.blocks).filter(|host| !host.starts_with("*."));
    targets.extend(hosts.map(BlockTarget::Domain));
    for menu in [ADDRESSES, ADDRESSES_6] {
        let addresses = match addresses(visit, menu).await {
            // A router without IPv6 has no such menu.
            Err(RouterError::Refused(_)) if menu == ADDRESSES_6 => Vec::new(),
            addresses => addresses?,
        };
        targets.extend(addresses.into_iter().map(|entry| BlockTarget::Address(entry.blocks)));
    }
    targets.extend(devices(visit).await?.into_iter().map(|entry| BlockTarget::Device(entry.blocks)));
    Ok(targets)
}

pub(super) async fn block_domain(visit: &Visit<'_>, domain: &str) -> Result<(), RouterError> {
    let known = hosts(visit).await?;
    for host in [format!("*.{domain}"), domain.to_owned()] {
        if known.iter().any(|entry| entry.blocks == host) {
            continue;
        }
        let mut add = add(WALLED_GARDEN).with("action", "deny").with("dst-host", host);
        // The first entry that matches wins.
        if let Some(first) = first_of_walled_garden(visit).await? {
            add = add.with("place-before", first);
        }
        unless_there(visit, add).await?;
    }
    Ok(())
}

pub(super) async fn unblock_domain(visit: &Visit<'_>, domain: &str) -> Result<(), RouterError> {
    let known = hosts(visit).await?;
    for host in [format!("*.{domain}"), domain.to_owned()] {
        remove(visit, WALLED_GARDEN, &known, &host).await?;
    }
    Ok(())
}

pub(super) async fn block_address(visit: &Visit<'_>, address: IpAddr) -> Result<(), RouterError> {
    let add = add(menu(address)).with("list", BLOCKED).with("address", address.to_string());
    let known = addresses(visit, menu(address)).await?;
    if known.iter().any(|entry| entry.blocks == address) { Ok(()) } else { unless_there(visit, add).await }
}

pub(super) async fn unblock_address(visit: &Visit<'_>, address: IpAddr) -> Result<(), RouterError> {
    let known = addresses(visit, menu(address)).await?;
    remove(visit, menu(address), &known, &address).await
}

pub(super) async fn block_device(visit: &Visit<'_>, mac: &str) -> Result<(), RouterError> {
    let add = add(BINDINGS).with("type", "blocked").with("mac-address", mac);
    let known = devices(visit).await?;
    if known.iter().any(|entry| entry.blocks == mac) { Ok(()) } else { unless_there(visit, add).await }
}

pub(super) async fn unblock_device(visit: &Visit<'_>, mac: &str) -> Result<(), RouterError> {
    let known = devices(visit).await?;
    remove(visit, BINDINGS, &known, mac).await
}

/// The hosts that are denied: each domain, and `*.` before it for its subdomains.
async fn hosts(visit: &Visit<'_>) -> Result<Vec<Entry<String>>, RouterError> {
    let denied = |row: &Sentence| {
        let host = row.text("dst-host")?.into_owned();
        (row.get("action") == Some(b"deny".as_slice())).then_some(host)
    };
    ours(visit, WALLED_GARDEN, "action,dst-host", denied).await
}

async fn addresses(visit: &Visit<'_>, menu: &str) -> Result<Vec<Entry<IpAddr>>, RouterError> {
    let listed = |row: &Sentence| {
        let text = row.text("address")?;
        let (host, prefix) = text.split_once('/').unwrap_or((&text, ""));
        let address = host.parse().ok()?;
        let whole = match address {
            IpAddr::V4(_) => ["", "32"].contains(&prefix),
            IpAddr::V6(_) => ["", "128"].contains(&prefix),
        };
        (whole && row.get("list") == Some(BLOCKED.as_bytes())).then_some(address)
    };
    ours(visit, menu, "list,address", listed).await
}

async fn devices(visit: &Visit<'_>) -> Result<Vec<Entry<String>>, RouterError> {
    let blocked = |row: &Sentence| {
        let mac = row.text("mac-address")?.to_uppercase();
        (row.get("type") == Some(b"blocked".as_slice())).then_some(mac)
    };
    ours(visit, BINDINGS, "type,mac-address", blocked).await
}

/// The entries of a menu that carry our comment.
async fn ours<T>(
    visit: &Visit<'_>,
    menu: &str,
    properties: &str,
    read: impl Fn(&Sentence) -> Option<T> + Send + Sync,
) -> Result<Vec<Entry<T>>, RouterError> {
    let print = Sentence::of(format!("{menu}/print"))
        .with(".proplist", format!(".id,comment,{properties}"))
        .matching("comment", BLOCK);
    let entry = |row: &Sentence| {
        let entry = Entry { id: row.get(".id")?.to_vec(), blocks: read(row)? };
        (row.get("comment") == Some(BLOCK.as_bytes())).then_some(entry)
    };
    visit.read(print, entry).await
}

/// Entries that the router has made for itself cannot be placed before.
async fn first_of_walled_garden(visit: &Visit<'_>) -> Result<Option<Vec<u8>>, RouterError> {
    let print = Sentence::of(format!("{WALLED_GARDEN}/print")).with(".proplist", ".id,dynamic");
    let id = |row: &Sentence| {
        let id = row.get(".id")?.to_vec();
        (row.get("dynamic") != Some(b"true".as_slice())).then_some(id)
    };
    Ok(visit.read(print, id).await?.into_iter().next())
}

const fn menu(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => ADDRESSES,
        IpAddr::V6(_) => ADDRESSES_6,
    }
}

fn add(menu: &str) -> Sentence {
    Sentence::of(format!("{menu}/add")).with("comment", BLOCK)
}

/// Adds what another worker may just have added.
async fn unless_there(visit: &Visit<'_>, add: Sentence) -> Result<(), RouterError> {
    match visit.attempt(add).await {
        Ok(_) => Ok(()),
        Err(error) if is_already_there(&error) => Ok(()),
        Err(error) => Err(refusals::read(error)),
    }
}

async fn remove<T: PartialEq<U>, U: ?Sized>(
    visit: &Visit<'_>,
    menu: &str,
    known: &[Entry<T>],
    blocks: &U,
) -> Result<(), RouterError> {
    for entry in known.iter().filter(|entry| entry.blocks == *blocks) {
        visit.run_if_there(Sentence::of(format!("{menu}/remove")).with(".id", &entry.id)).await?;
    }
    Ok(())
}
