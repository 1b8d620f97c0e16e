//! What a router tells about itself: `/interface`, `/system/identity`, `/system/resource`.

use std::{collections::HashMap, time::Duration};

use routeros_api::Sentence;
use tokio::time::Instant;

use super::link::Visit;
use crate::ports::{InterfaceLoad, RouterError, RouterIdentity};

/// RouterOS watches at most a hundred interfaces in one command.
const WATCHED_AT_ONCE: usize = 50;

pub(super) async fn interface_load(visit: &Visit<'_>) -> Result<Vec<InterfaceLoad>, RouterError> {
    let named = |row: &Sentence| row.text("name").map(|name| name.into_owned());
    let print = Sentence::of("/interface/print").with(".proplist", "name");
    let names = visit.read(print, named).await?;
    let users = users_by_interface(visit).await?;
    let mut loads = Vec::with_capacity(names.len());
    for names in names.chunks(WATCHED_AT_ONCE) {
        let watch = Sentence::of("/interface/monitor-traffic")
            .with("interface", names.join(","))
            .flag("once")
            .with(".proplist", "name,rx-bits-per-second,tx-bits-per-second");
        let load = |row: &Sentence| {
            let bits = |name: &str| row.text(name).and_then(|text| text.parse().ok()).unwrap_or(0);
            let interface = row.text("name")?.into_owned();
            Some(InterfaceLoad {
                connected_users: users.get(&interface).copied().unwrap_or(0),
                interface,
                receive_bps: bits("rx-bits-per-second"),
                transmit_bps: bits("tx-bits-per-second"),
            })
        };
        loads.extend(visit.read(watch, load).await?);
    }
    Ok(loads)
}

/// How many sessions each interface has: a session names its hotspot server, and a server its interface.
async fn users_by_interface(visit: &Visit<'_>) -> Result<HashMap<String, u32>, RouterError> {
    let servers = Sentence::of("/ip/hotspot/print").with(".proplist", "name,interface");
    let server = |row: &Sentence| Some((row.text("name")?.into_owned(), row.text("interface")?.into_owned()));
    let servers: HashMap<String, String> = visit.read(servers, server).await?.into_iter().collect();
    let active = Sentence::of("/ip/hotspot/active/print").with(".proplist", "server");
    let mut users = HashMap::new();
    for server in visit.read(active, |row| row.text("server").map(|name| name.into_owned())).await? {
        if let Some(interface) = servers.get(&server) {
            *users.entry(interface.clone()).or_insert(0) += 1;
        }
    }
    Ok(users)
}

pub(super) async fn ping(visit: &Visit<'_>) -> Result<Duration, RouterError> {
    let asked = Instant::now();
    name(visit).await?;
    Ok(asked.elapsed())
}

pub(super) async fn identity(visit: &Visit<'_>) -> Result<RouterIdentity, RouterError> {
    let name = name(visit).await?;
    let print = Sentence::of("/system/resource/print").with(".proplist", "version");
    let version = visit.read(print, |row| row.text("version").map(|version| version.into_owned())).await?;
    Ok(RouterIdentity { name, version: version.into_iter().next().unwrap_or_default() })
}

async fn name(visit: &Visit<'_>) -> Result<String, RouterError> {
    let print = Sentence::of("/system/identity/print").with(".proplist", "name");
    let names = visit.read(print, |row| row.text("name").map(|name| name.into_owned())).await?;
    Ok(names.into_iter().next().unwrap_or_default())
}
