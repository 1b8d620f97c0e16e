//! The properties of each menu, in the order in which a print shows them (MikroTik manual, the page of each menu).

use super::{Kind, Menu, Property};

const fn of(name: &'static str, kind: Kind) -> Property {
    Property { name, kind, default: None, required: false, read_only: false }
}

const fn text(name: &'static str) -> Property {
    of(name, Kind::Text)
}

const fn flag(name: &'static str) -> Property {
    of(name, Kind::Flag).or("false")
}

const fn seen(name: &'static str, kind: Kind) -> Property {
    Property { read_only: true, ..of(name, kind) }
}

pub(super) const USERS: [Property; 20] = [
    of("server", Kind::OneOf(Menu::Servers, &["all"])),
    text("name").required(),
    text("password"),
    of("address", Kind::Text),
    of("mac-address", Kind::Mac),
    of("profile", Kind::OneOf(Menu::Profiles, &[])).or("default"),
    text("routes"),
    text("email"),
    of("limit-uptime", Kind::Duration),
    of("limit-bytes-in", Kind::Size),
    of("limit-bytes-out", Kind::Size),
    of("limit-bytes-total", Kind::Size),
    seen("uptime", Kind::Duration),
    seen("bytes-in", Kind::Number),
    seen("bytes-out", Kind::Number),
    seen("packets-in", Kind::Number),
    seen("packets-out", Kind::Number),
    seen("dynamic", Kind::Flag).or("false"),
    flag("disabled"),
    text("comment"),
];

pub(super) const PROFILES: [Property; 19] = [
    text("name").required(),
    text("address-pool"),
    of("session-timeout", Kind::Duration),
    of("idle-timeout", Kind::Timeout).or("none"),
    of("keepalive-timeout", Kind::Timeout).or("2m"),
    of("status-autorefresh", Kind::Timeout).or("1m"),
    // A number, or `unlimited`.
    text("shared-users").or("1"),
    flag("add-mac-cookie").or("true"),
    of("mac-cookie-timeout", Kind::Duration).or("3d"),
    of("rate-limit", Kind::Rates),
    text("address-list"),
    text("incoming-filter"),
    text("outgoing-filter"),
    text("parent-queue"),
    text("queue-type"),
    text("on-login"),
    text("on-logout"),
    flag("transparent-proxy"),
    seen("default", Kind::Flag).or("false"),
];

pub(super) const ACTIVE: [Property; 18] = [
    seen("server", Kind::Text),
    seen("user", Kind::Text),
    seen("address", Kind::Text),
    seen("mac-address", Kind::Mac),
    seen("login-by", Kind::Text),
    seen("uptime", Kind::Duration),
    seen("session-time-left", Kind::Duration),
    seen("idle-time", Kind::Duration),
    seen("idle-timeout", Kind::Duration),
    seen("keepalive-timeout", Kind::Duration),
    seen("bytes-in", Kind::Number),
    seen("bytes-out", Kind::Number),
    seen("packets-in", Kind::Number),
    seen("packets-out", Kind::Number),
    seen("limit-bytes-in", Kind::Number),
    seen("limit-bytes-out", Kind::Number),
    seen("limit-bytes-total", Kind::Number),
    seen("radius", Kind::Flag),
];

pub(super) const HOSTS: [Property; 14] = [
    seen("mac-address", Kind::Mac),
    seen("address", Kind::Text),
    seen("to-address", Kind::Text),
    seen("server", Kind::Text),
    seen("uptime", Kind::Duration),
    seen("idle-time", Kind::Duration),
    seen("bytes-in", Kind::Number),
    seen("bytes-out", Kind::Number),
    seen("packets-in", Kind::Number),
    seen("packets-out", Kind::Number),
    seen("found-by", Kind::Text),
    seen("DHCP", Kind::Flag),
    seen("authorized", Kind::Flag),
    seen("bypassed", Kind::Flag),
];

pub(super) const SERVERS: [Property; 9] = [
    text("name").required(),
    of("interface", Kind::OneOf(Menu::Interfaces, &[])).required(),
    text("address-pool").or("none"),
    text("profile").or("default"),
    of("idle-timeout", Kind::Timeout).or("5m"),
    of("keepalive-timeout", Kind::Timeout).or("none"),
    of("addresses-per-mac", Kind::Text).or("2"),
    seen("invalid", Kind::Flag).or("false"),
    flag("disabled"),
];

pub(super) const WALLED_GARDEN: [Property; 11] = [
    of("server", Kind::OneOf(Menu::Servers, &[])),
    text("src-address"),
    text("method"),
    text("dst-host"),
    text("dst-port"),
    text("path"),
    of("action", Kind::Choice(&["allow", "deny"])).or("allow"),
    seen("hits", Kind::Number).or("0"),
    seen("dynamic", Kind::Flag).or("false"),
    flag("disabled"),
    text("comment"),
];

pub(super) const WALLED_GARDEN_IP: [Property; 11] = [
    of("server", Kind::OneOf(Menu::Servers, &[])),
    text("src-address"),
    text("dst-address"),
    text("dst-host"),
    text("protocol"),
    text("dst-port"),
    of("action", Kind::Choice(&["accept", "drop", "reject"])).or("accept"),
    seen("invalid", Kind::Flag).or("false"),
    seen("dynamic", Kind::Flag).or("false"),
    flag("disabled"),
    text("comment"),
];

pub(super) const IP_BINDINGS: [Property; 8] = [
    of("mac-address", Kind::Mac),
    text("address"),
    text("to-address"),
    of("server", Kind::OneOf(Menu::Servers, &["all"])),
    of("type", Kind::Choice(&["regular", "bypassed", "blocked"])).or("regular"),
    seen("bypassed", Kind::Flag).or("false"),
    flag("disabled"),
    text("comment"),
];

pub(super) const ADDRESS_LIST: [Property; 7] = [
    text("list").required(),
    text("address").required(),
    of("timeout", Kind::Duration),
    seen("creation-time", Kind::Text),
    seen("dynamic", Kind::Flag).or("false"),
    flag("disabled"),
    text("comment"),
];

pub(super) const FILTER: [Property; 18] = [
    text("chain").required(),
    text("action").or("accept"),
    text("src-address"),
    text("dst-address"),
    text("src-address-list"),
    text("dst-address-list"),
    text("in-interface"),
    text("out-interface"),
    text("protocol"),
    text("dst-port"),
    text("content"),
    flag("log"),
    text("log-prefix"),
    seen("bytes", Kind::Number).or("0"),
    seen("packets", Kind::Number).or("0"),
    seen("dynamic", Kind::Flag).or("false"),
    flag("disabled"),
    text("comment"),
];

pub(super) const QUEUES: [Property; 12] = [
    text("name"),
    text("target").required(),
    text("parent").or("none"),
    text("packet-marks"),
    text("priority").or("8/8"),
    text("queue").or("default-small/default-small"),
    of("limit-at", Kind::MaxLimit).or("0/0"),
    of("max-limit", Kind::MaxLimit).or("0/0"),
    seen("invalid", Kind::Flag).or("false"),
    seen("dynamic", Kind::Flag).or("false"),
    flag("disabled"),
    text("comment"),
];

pub(super) const INTERFACES: [Property; 16] = [
    text("name"),
    seen("default-name", Kind::Text),
    seen("type", Kind::Text),
    text("mtu").or("auto"),
    seen("actual-mtu", Kind::Number).or("1500"),
    seen("mac-address", Kind::Mac),
    seen("last-link-up-time", Kind::Text),
    seen("link-downs", Kind::Number).or("0"),
    seen("rx-byte", Kind::Number),
    seen("tx-byte", Kind::Number),
    seen("rx-packet", Kind::Number),
    seen("tx-packet", Kind::Number),
    seen("running", Kind::Flag).or("true"),
    flag("disabled"),
    text("comment"),
    seen("dynamic", Kind::Flag).or("false"),
];

pub(super) const IDENTITY: [Property; 1] = [text("name")];

pub(super) const RESOURCE: [Property; 13] = [
    seen("uptime", Kind::Duration),
    seen("version", Kind::Text),
    seen("build-time", Kind::Text),
    seen("free-memory", Kind::Number),
    seen("total-memory", Kind::Number),
    seen("cpu", Kind::Text),
    seen("cpu-count", Kind::Number),
    seen("cpu-frequency", Kind::Number),
    seen("cpu-load", Kind::Number),
    seen("free-hdd-space", Kind::Number),
    seen("total-hdd-space", Kind::Number),
    seen("architecture-name", Kind::Text),
    seen("board-name", Kind::Text),
];

pub(super) const CLOCK: [Property; 6] = [
    seen("time", Kind::Text),
    seen("date", Kind::Text),
    flag("time-zone-autodetect").or("true"),
    text("time-zone-name"),
    seen("gmt-offset", Kind::Text),
    seen("dst-active", Kind::Flag),
];
