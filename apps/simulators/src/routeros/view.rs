//! What the menus show: stored values, and those that are worked out when somebody looks.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::net::Ipv4Addr;

use chrono::{TimeDelta, Timelike as _};

use super::factory;
use super::menu::{Access, Menu};
use super::notation;
use super::router::{Router, Usage};
use super::session::Session;
use super::table::ItemId;
use crate::meter::{Traffic, packets};

/// A router as it is at one moment.
pub(super) struct View<'r> {
    router: &'r Router,
    /// What users have used, their open sessions included.
    usage: OnceCell<HashMap<ItemId, Usage>>,
}

impl<'r> View<'r> {
    pub(super) fn new(router: &'r Router) -> Self {
        Self { router, usage: OnceCell::new() }
    }

    /// The ids of a menu's items, in their order.
    pub(super) fn ids(&self, menu: Menu) -> Vec<ItemId> {
        let number = |address: &Ipv4Addr| ItemId(u32::from(*address));
        match menu {
            // RouterOS names them by their address: who comes back at the same one has the same id.
            Menu::Active => self.router.sessions.keys().map(number).collect(),
            Menu::Hosts => self.router.hosts.keys().map(number).collect(),
            Menu::Resource => vec![ItemId(0)],
            _ => self.router.table(menu).map(|table| table.ids().to_vec()).unwrap_or_default(),
        }
    }

    /// A property of an item, if it has it.
    pub(super) fn field(&self, menu: Menu, id: ItemId, name: &str) -> Option<Cow<'r, [u8]>> {
        if name == ".id" {
            let has_id = !matches!(menu.access(), Access::Single | Access::Facts);
            return has_id.then(|| id.write().into_bytes().into());
        }
        let worked_out = match menu {
            Menu::Users => self.of_user(id, name),
            Menu::Active => of_session(self.router.sessions.get(&Ipv4Addr::from(id.0))?, name),
            Menu::Hosts => self.of_host(Ipv4Addr::from(id.0), name),
            Menu::Interfaces => self.of_interface(id, name),
            Menu::Resource => self.of_resource(name),
            Menu::Clock => self.of_clock(name),
            _ => None,
        };
        match worked_out {
            Some(value) => Some(value.into_bytes().into()),
            None => self.router.table(menu)?.value(id, name).map(Cow::Borrowed),
        }
    }

    fn of_user(&self, id: ItemId, name: &str) -> Option<String> {
        if !matches!(name, "uptime" | "bytes-in" | "bytes-out" | "packets-in" | "packets-out") {
            return None;
        }
        let usage = self.usage.get_or_init(|| {
            let mut usage = self.router.used.clone();
            for session in self.router.sessions.values() {
                let user = usage.entry(session.user_id).or_default();
                user.seconds += session.meter.uptime();
                user.traffic = user.traffic.plus(session.meter.traffic);
            }
            usage
        });
        let Usage { seconds, traffic } = usage.get(&id).copied().unwrap_or_default();
        counter(traffic, name).or_else(|| Some(notation::write_duration(seconds)))
    }

    fn of_host(&self, address: Ipv4Addr, name: &str) -> Option<String> {
        let host = self.router.hosts.get(&address)?;
        let session = self.router.sessions.get(&address);
        Some(match name {
            "mac-address" => host.mac.clone(),
            "address" | "to-address" => address.to_string(),
            "server" => host.server.clone(),
            "uptime" => notation::write_duration(notation::seconds(self.router.now - host.since)),
            "idle-time" => notation::write_duration(session.map_or(0, |session| session.meter.idle_time())),
            "found-by" => "dhcp".to_owned(),
            "DHCP" => "true".to_owned(),
            "authorized" => session.is_some().to_string(),
            "bypassed" => "false".to_owned(),
            counted => counter(session.map(|session| session.meter.traffic).unwrap_or_default(), counted)?,
        })
    }

    fn of_interface(&self, id: ItemId, name: &str) -> Option<String> {
        if name == "last-link-up-time" {
            let date = notation::write_date(self.router.booted, self.router.version);
            return Some(format!("{date} {}", self.router.booted.format("%H:%M:%S")));
        }
        let traffic = self.router.total_traffic();
        let (uploaded, downloaded) = (traffic.uploaded(), traffic.downloaded());
        let interface = self.router.table(Menu::Interfaces)?.value(id, "name")?;
        let (received, sent) = match std::str::from_utf8(interface).ok()? {
            factory::HOTSPOT_INTERFACE => (uploaded, downloaded),
            factory::WAN_INTERFACE => (downloaded, uploaded),
            _ => (0, 0),
        };
        Some(match name {
            "rx-byte" => received.to_string(),
            "tx-byte" => sent.to_string(),
            "rx-packet" => packets(received).to_string(),
            "tx-packet" => packets(sent).to_string(),
            _ => return None,
        })
    }

    fn of_resource(&self, name: &str) -> Option<String> {
        let Router { version, now, booted, sessions, .. } = self.router;
        let stored = self.router.table(Menu::Users).map_or(0, |users| users.len());
        let memory = 268_435_456_usize.saturating_sub(60_000_000 + 2_000 * stored + 8_000 * sessions.len());
        Some(match name {
            "uptime" => notation::write_duration(notation::seconds(*now - *booted)),
            "version" if version.is_seven() => format!("{version} (stable)"),
            "version" => version.to_string(),
            "build-time" => {
                let built = *booted - TimeDelta::days(90);
                format!("{} {}", notation::write_date(built, *version), built.format("%H:%M:%S"))
            }
            "free-memory" => memory.to_string(),
            "total-memory" => "268435456".to_owned(),
            "cpu" => "ARM".to_owned(),
            "cpu-count" => "4".to_owned(),
            "cpu-frequency" => "716".to_owned(),
            "cpu-load" => (sessions.len() / 25).clamp(1, 100).to_string(),
            "free-hdd-space" => "4194304".to_owned(),
            "total-hdd-space" => "16777216".to_owned(),
            "architecture-name" => "arm".to_owned(),
            "board-name" => "hAP ac^2".to_owned(),
            _ => return None,
        })
    }

    fn of_clock(&self, name: &str) -> Option<String> {
        let now = self.router.now;
        Some(match name {
            "time" => format!("{:02}:{:02}:{:02}", now.hour(), now.minute(), now.second()),
            "date" => notation::write_date(now, self.router.version),
            "gmt-offset" => "+00:00".to_owned(),
            "dst-active" => "false".to_owned(),
            _ => return None,
        })
    }
}

fn of_session(session: &Session, name: &str) -> Option<String> {
    let number = |limit: Option<u64>| limit.map(|limit| limit.to_string());
    Some(match name {
        "server" => session.server.clone(),
        "user" => session.user.clone(),
        "address" => session.address.to_string(),
        "mac-address" => session.mac.clone(),
        "login-by" => session.login_by.to_owned(),
        "uptime" => notation::write_duration(session.meter.uptime()),
        "session-time-left" => notation::write_duration(session.meter.time_left()?),
        "idle-time" => notation::write_duration(session.meter.idle_time()),
        "idle-timeout" => notation::write_duration(session.meter.limits.idle?),
        "keepalive-timeout" => "2m".to_owned(),
        "limit-bytes-in" => number(session.meter.limits.bytes_in)?,
        "limit-bytes-out" => number(session.meter.limits.bytes_out)?,
        "limit-bytes-total" => number(session.meter.limits.bytes_total)?,
        "radius" => "false".to_owned(),
        counted => counter(session.meter.traffic, counted)?,
    })
}

/// RouterOS counts from its own side: in is what came from the client.
fn counter(traffic: Traffic, name: &str) -> Option<String> {
    Some(match name {
        "bytes-in" => traffic.uploaded().to_string(),
        "bytes-out" => traffic.downloaded().to_string(),
        "packets-in" => packets(traffic.uploaded()).to_string(),
        "packets-out" => packets(traffic.downloaded()).to_string(),
        _ => return None,
    })
}
