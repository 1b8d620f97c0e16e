//! What a router comes with: its interfaces, a HotSpot, the default profile, the trial user.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::menu::Menu;
use super::table::{ItemId, Place, Table, Values};

/// The HotSpot server that there is.
pub(crate) const SERVER: &str = "hotspot1";

/// Where the HotSpot's clients are.
pub(crate) const HOTSPOT_INTERFACE: &str = "bridge-hotspot";

/// Where the internet is.
pub(super) const WAN_INTERFACE: &str = "ether1";

/// The tables of a new router.
pub(super) fn tables(identity: &str) -> BTreeMap<Menu, Table> {
    let mut tables: BTreeMap<Menu, Table> =
        Menu::ALL.into_iter().map(|menu| (menu, Table::new(menu))).collect();
    let mut install = |menu: Menu, id: u32, values: &[(&'static str, &str)]| {
        let table = tables.entry(menu).or_insert_with(|| Table::new(menu));
        table.install(ItemId(id), values_of(values));
    };
    install(Menu::Identity, 0, &[("name", identity)]);
    install(Menu::Clock, 0, &[("time-zone-name", "UTC")]);
    install(Menu::Profiles, 0, &[("name", "default"), ("default", "true")]);
    install(Menu::Users, 0, &[("name", "default-trial"), ("comment", "counters and limits for trial users")]);
    for (name, default_name, kind) in [
        (WAN_INTERFACE, WAN_INTERFACE, "ether"),
        ("ether2", "ether2", "ether"),
        (HOTSPOT_INTERFACE, "", "bridge"),
    ] {
        let mut values = values_of(&[("name", name), ("type", kind)]);
        if !default_name.is_empty() {
            values.insert("default-name", default_name.into());
        }
        let interfaces = tables.entry(Menu::Interfaces).or_insert_with(|| Table::new(Menu::Interfaces));
        let ItemId(number) = interfaces.add(values, Place::End);
        let mac = mac_of(Ipv4Addr::from(number)).into_bytes();
        interfaces.set(ItemId(number), vec![("mac-address", Some(mac))]).ok();
    }
    let servers = tables.entry(Menu::Servers).or_insert_with(|| Table::new(Menu::Servers));
    let server =
        values_of(&[("name", SERVER), ("interface", HOTSPOT_INTERFACE), ("address-pool", "hs-pool")]);
    servers.add(server, Place::End);
    tables
}

/// The addresses that the HotSpot gives to its clients.
pub(crate) fn pool() -> impl Iterator<Item = Ipv4Addr> {
    let first = u32::from(Ipv4Addr::new(10, 5, 48, 2));
    let last = u32::from(Ipv4Addr::new(10, 5, 79, 254));
    (first..=last).map(Ipv4Addr::from)
}

/// A locally administered MAC address, always the same for one address.
pub(crate) fn mac_of(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("02:00:{a:02X}:{b:02X}:{c:02X}:{d:02X}")
}

fn values_of(pairs: &[(&'static str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| (*name, value.as_bytes().to_vec())).collect()
}
