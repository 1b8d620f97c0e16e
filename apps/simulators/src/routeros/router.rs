//! The router's state: its menus, who is online, and what has been carried since it was switched on.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;

use kernel::Timestamp;
use tracing::info;

use super::factory;
use super::menu::Menu;
use super::notation::{self, RateLimits};
use super::session::Session;
use super::table::{ItemId, Place, Table, Values};
use super::version::Version;
use crate::meter::{Limits, Meter, Rates, Traffic};

/// What sessions that ended have used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usage {
    pub(super) seconds: u64,
    pub(super) traffic: Traffic,
}

/// A device in the HotSpot's network, signed in or not.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) mac: String,
    pub(super) server: String,
    pub(super) since: Timestamp,
}

/// Somebody who signs in at the HotSpot's page.
#[derive(Clone, Default)]
pub(super) struct SignIn {
    pub(super) user: String,
    pub(super) password: String,
    pub(super) address: Option<Ipv4Addr>,
    pub(super) mac: Option<String>,
    pub(super) server: Option<String>,
    pub(super) demand: Rates,
}

/// A router, brought up to date by [`Router::advance`] before anything is asked of it.
pub(super) struct Router {
    pub(super) version: Version,
    pub(super) now: Timestamp,
    pub(super) booted: Timestamp,
    pub(super) tables: BTreeMap<Menu, Table>,
    pub(super) sessions: BTreeMap<Ipv4Addr, Session>,
    pub(super) hosts: BTreeMap<Ipv4Addr, Host>,
    /// By user, without the open sessions.
    pub(super) used: HashMap<ItemId, Usage>,
    /// By sessions that ended, since the router was switched on.
    pub(super) carried: Traffic,
    /// How many HotSpot users there is room for.
    pub(super) room: Option<usize>,
}

impl Router {
    /// A router with the factory's items and a HotSpot called `hotspot1`, just switched on.
    pub(super) fn new(version: Version, identity: &str, now: Timestamp) -> Self {
        Self {
            version,
            now,
            booted: now,
            tables: factory::tables(identity),
            sessions: BTreeMap::new(),
            hosts: BTreeMap::new(),
            used: HashMap::new(),
            carried: Traffic::default(),
            room: None,
        }
    }

    pub(super) fn table(&self, menu: Menu) -> Option<&Table> {
        self.tables.get(&menu)
    }

    pub(super) fn table_mut(&mut self, menu: Menu) -> &mut Table {
        self.tables.entry(menu).or_insert_with(|| Table::new(menu))
    }

    /// Lets the time pass up to `now`: counters move, limits end sessions.
    pub(super) fn advance(&mut self, now: Timestamp) {
        self.now = now.max(self.now);
        let now = self.now;
        let sessions = self.sessions.iter_mut();
        let over: Vec<Ipv4Addr> =
            sessions.filter_map(|(address, session)| session.meter.settle(now).then_some(*address)).collect();
        for address in over {
            self.end_session(address, "limit reached");
        }
    }

    /// Signs somebody in. Refusals are in the words of HotSpot's page.
    pub(super) fn sign_in(&mut self, sign_in: SignIn) -> Result<Ipv4Addr, String> {
        let SignIn { user, password, address, mac, server, demand } = sign_in;
        let server = server.unwrap_or_else(|| factory::SERVER.to_owned());
        let wrong = || "invalid username or password".to_owned();
        let id = self.table(Menu::Users).and_then(|users| users.named(user.as_bytes())).ok_or_else(wrong)?;
        let value = |name: &str| self.table(Menu::Users)?.value(id, name);
        let fits = value("server").is_none_or(|bound| bound == b"all" || bound == server.as_bytes());
        let known = value("password").unwrap_or_default() == password.as_bytes();
        if !fits || !known || value("disabled") == Some(b"true") {
            return Err(wrong());
        }
        let address = address.map_or_else(|| self.free_address(), Ok)?;
        let mac = mac.unwrap_or_else(|| factory::mac_of(address)).to_ascii_uppercase();
        if value("mac-address").is_some_and(|bound| bound != mac.as_bytes()) {
            return Err(format!("user {user} is not allowed to log in from this MAC address"));
        }
        if self.sessions.contains_key(&address) {
            return Err(format!("IP {address} is already logged in"));
        }
        let profile = value("profile").unwrap_or(b"default").to_vec();
        let limits = self.limits(id, &user, &profile)?;
        let now = self.now;
        self.hosts.entry(address).or_insert_with(|| Host {
            mac: mac.clone(),
            server: server.clone(),
            since: now,
        });
        self.add_queue(&user, address, &profile);
        let session = Session {
            user: user.clone(),
            user_id: id,
            address,
            mac,
            server,
            login_by: "http-chap",
            meter: Meter::new(now, limits, demand),
        };
        self.sessions.insert(address, session);
        self.grant();
        info!(user, %address, "signed in at the HotSpot");
        Ok(address)
    }

    /// What a new session of a user may use: what its profile gives and its user has left.
    fn limits(&self, id: ItemId, user: &str, profile: &[u8]) -> Result<Limits, String> {
        let no_profile = || "no valid profile found".to_owned();
        let profiles = self.table(Menu::Profiles).ok_or_else(no_profile)?;
        let profile_id = profiles.named(profile).ok_or_else(no_profile)?;
        let text = |value: Option<&[u8]>| String::from_utf8_lossy(value.unwrap_or_default()).into_owned();
        let of_profile = |name: &str| text(profiles.value(profile_id, name));
        let of_user = |name: &str| text(self.table(Menu::Users).and_then(|users| users.value(id, name)));

        let open = self.sessions.values().filter(|session| session.user_id == id);
        let shared: Option<usize> = of_profile("shared-users").parse().ok();
        if shared.is_some_and(|most| open.clone().count() >= most) {
            return Err(format!("no more sessions are allowed for user {user}"));
        }
        let mut used = self.used.get(&id).copied().unwrap_or_default();
        for session in open {
            used.seconds += session.meter.uptime();
            used.traffic = used.traffic.plus(session.meter.traffic);
        }
        let (uploaded, downloaded) = (used.traffic.uploaded(), used.traffic.downloaded());
        let left = |name: &str, used: u64| {
            notation::read_size(&of_user(name)).map(|limit| limit.saturating_sub(used))
        };
        let uptime =
            notation::read_duration(&of_user("limit-uptime")).map(|limit| limit.saturating_sub(used.seconds));
        let limits = Limits {
            time: [uptime, notation::read_duration(&of_profile("session-timeout"))]
                .into_iter()
                .flatten()
                .min(),
            idle: notation::read_duration(&of_profile("idle-timeout")),
            bytes_in: left("limit-bytes-in", uploaded),
            bytes_out: left("limit-bytes-out", downloaded),
            bytes_total: left("limit-bytes-total", uploaded.saturating_add(downloaded)),
        };
        if uptime == Some(0) {
            return Err(format!("user {user} has reached uptime limit"));
        }
        if [limits.bytes_in, limits.bytes_out, limits.bytes_total].contains(&Some(0)) {
            return Err(format!("user {user} has reached traffic limit"));
        }
        Ok(limits)
    }

    /// The queue that a profile's rate limit makes for a session, tried before those of the operator.
    fn add_queue(&mut self, user: &str, address: Ipv4Addr, profile: &[u8]) {
        let profiles = self.table(Menu::Profiles);
        let rate = profiles
            .and_then(|profiles| profiles.value(profiles.named(profile)?, "rate-limit"))
            .and_then(|rate| std::str::from_utf8(rate).ok());
        let first = rate.and_then(|rate| rate.split_whitespace().next());
        let Some(limit) = first.and_then(notation::plain_rates) else {
            return;
        };
        let values = Values::from([
            ("name", format!("<hotspot-{user}>").into_bytes()),
            ("target", format!("{address}/32").into_bytes()),
            ("max-limit", limit.into_bytes()),
            ("dynamic", b"true".to_vec()),
        ]);
        self.table_mut(Menu::Queues).add(values, Place::Top);
    }

    /// Gives each session the rates that its first queue leaves it.
    pub(super) fn grant(&mut self) {
        let mut limits: HashMap<Ipv4Addr, RateLimits> = HashMap::new();
        if let Some(queues) = self.tables.get(&Menu::Queues) {
            let on = queues.ids().iter().filter(|id| queues.value(**id, "disabled") != Some(b"true"));
            for id in on {
                let text = |name| queues.value(*id, name).and_then(|value| std::str::from_utf8(value).ok());
                let (Some(targets), Some(limit)) = (text("target"), text("max-limit")) else {
                    continue;
                };
                let addresses = targets.split(',').filter_map(|target| {
                    target.split_once('/').map_or(target, |(address, _)| address).parse().ok()
                });
                let limit = notation::read_rates(limit).unwrap_or_default();
                for address in addresses {
                    limits.entry(address).or_insert(limit);
                }
            }
        }
        for (address, session) in &mut self.sessions {
            session.meter.granted =
                session.meter.demand.under(limits.get(address).copied().unwrap_or_default());
        }
    }

    /// Ends a session; false if nobody is signed in at this address.
    pub(super) fn end_session(&mut self, address: Ipv4Addr, why: &str) -> bool {
        let Some(session) = self.sessions.remove(&address) else {
            return false;
        };
        let used = self.used.entry(session.user_id).or_default();
        used.seconds += session.meter.uptime();
        used.traffic = used.traffic.plus(session.meter.traffic);
        self.carried = self.carried.plus(session.meter.traffic);
        let target = format!("{address}/32").into_bytes();
        self.table_mut(Menu::Queues)
            .retain(|values| values.get("dynamic").is_none() || values.get("target") != Some(&target));
        info!(user = session.user, %address, why, "left the HotSpot");
        true
    }

    /// Switches off and on: sessions end, counters and what was dynamic are gone.
    pub(super) fn reboot(&mut self) {
        self.booted = self.now;
        self.sessions.clear();
        self.hosts.clear();
        self.used.clear();
        self.carried = Traffic::default();
        self.table_mut(Menu::Queues).retain(|values| values.get("dynamic").is_none());
        info!("rebooted");
    }

    /// All bytes of the HotSpot since the router was switched on.
    pub(super) fn total_traffic(&self) -> Traffic {
        self.sessions.values().fold(self.carried, |sum, session| sum.plus(session.meter.traffic))
    }

    /// What flows through the HotSpot now.
    pub(super) fn total_rates(&self) -> (u64, u64) {
        self.sessions.values().fold((0, 0), |(up, down), session| {
            (
                up + u64::from(session.meter.granted.upload_kbps),
                down + u64::from(session.meter.granted.download_kbps),
            )
        })
    }

    fn free_address(&self) -> Result<Ipv4Addr, String> {
        factory::pool()
            .find(|address| !self.sessions.contains_key(address))
            .ok_or_else(|| "no address from ip pool".to_owned())
    }
}

#[cfg(test)]
mod tests;
