//! The menus that are simulated: their properties, and what may be done with their items. To add a menu, write its
//! table in [`Menu::properties`]; one whose rows are worked out instead of stored also needs an arm in `view.rs`.

use super::notation;
use super::trap::Trap;

/// A menu of the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Menu {
    Users,
    Profiles,
    Active,
    Hosts,
    Servers,
    WalledGarden,
    WalledGardenIp,
    IpBindings,
    AddressList,
    Filter,
    Queues,
    Interfaces,
    Identity,
    Resource,
    Clock,
}

/// What a menu allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Items are added, changed and removed.
    Items,
    /// Items may be removed only: what they are is the router's affair.
    Removable,
    /// Items are there and may be changed.
    Fixed,
    /// One set of values that may be changed.
    Single,
    /// One set of values to look at.
    Facts,
}

/// What kind of value a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Flag,
    Number,
    /// Bytes; zero is no limit and is not kept.
    Size,
    Duration,
    /// A duration, or `none`.
    Timeout,
    /// `rx/tx`, kept as written.
    Rates,
    /// `up/down`, kept in bits per second.
    MaxLimit,
    Mac,
    /// The name of an item of another menu, or one of a few words.
    OneOf(Menu, &'static [&'static str]),
    Choice(&'static [&'static str]),
}

/// One property of a menu's items.
#[derive(Debug, Clone, Copy)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What an item has that was given nothing else; without it, the property is absent then.
    pub(super) default: Option<&'static str>,
    pub(super) required: bool,
    pub(super) read_only: bool,
}

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

impl Property {
    const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The value as it is kept. `None` takes it away.
    pub(super) fn read(&self, value: &[u8]) -> Result<Option<Vec<u8>>, Trap> {
        if value.is_empty() && self.kind != Kind::Flag {
            return Ok(None);
        }
        let invalid = Trap::Invalid(self.name);
        let text = || std::str::from_utf8(value).map_err(|_| invalid.clone());
        let kept = match self.kind {
            Kind::Text => return Ok(Some(value.to_vec())),
            // Whether the item exists, the caller knows.
            Kind::OneOf(..) => return Ok(Some(value.to_vec())),
            Kind::Flag if value.is_empty() => Some("true".to_owned()),
            Kind::Flag => notation::read_flag(text()?).map(|flag| flag.to_string()),
            Kind::Number => text()?.parse::<u64>().ok().map(|number| number.to_string()),
            Kind::Size => match notation::read_size(text()?) {
                Some(0) => return Ok(None),
                size => size.map(|size| size.to_string()),
            },
            Kind::Timeout if value == b"none" => Some("none".to_owned()),
            Kind::Duration | Kind::Timeout => match notation::read_duration(text()?) {
                Some(0) if self.default.is_none() => return Ok(None),
                Some(seconds) => Some(notation::write_duration(seconds)),
                None => return Err(Trap::InvalidTime(self.name)),
            },
            Kind::Rates => notation::read_rates(text()?).and(Some(text()?.to_owned())),
            Kind::MaxLimit => notation::plain_rates(text()?),
            Kind::Mac => match notation::read_mac(text()?) {
                Some(mac) if mac == "00:00:00:00:00:00" => return Ok(None),
                mac => mac,
            },
            Kind::Choice(words) => {
                let chosen = words.iter().find(|word| word.as_bytes() == value);
                return chosen.map(|_| Some(value.to_vec())).ok_or(Trap::NoMatch(self.name));
            }
        };
        kept.map(|kept| Some(kept.into_bytes())).ok_or(invalid)
    }
}

impl Menu {
    pub(super) const ALL: [Self; 15] = [
        Self::Users,
        Self::Profiles,
        Self::Active,
        Self::Hosts,
        Self::Servers,
        Self::WalledGarden,
        Self::WalledGardenIp,
        Self::IpBindings,
        Self::AddressList,
        Self::Filter,
        Self::Queues,
        Self::Interfaces,
        Self::Identity,
        Self::Resource,
        Self::Clock,
    ];

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Users => "/ip/hotspot/user",
            Self::Profiles => "/ip/hotspot/user/profile",
            Self::Active => "/ip/hotspot/active",
            Self::Hosts => "/ip/hotspot/host",
            Self::Servers => "/ip/hotspot",
            Self::WalledGarden => "/ip/hotspot/walled-garden",
            Self::WalledGardenIp => "/ip/hotspot/walled-garden/ip",
            Self::IpBindings => "/ip/hotspot/ip-binding",
            Self::AddressList => "/ip/firewall/address-list",
            Self::Filter => "/ip/firewall/filter",
            Self::Queues => "/queue/simple",
            Self::Interfaces => "/interface",
            Self::Identity => "/system/identity",
            Self::Resource => "/system/resource",
            Self::Clock => "/system/clock",
        }
    }

    pub(super) fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|menu| menu.path() == path)
    }

    pub(super) fn access(self) -> Access {
        match self {
            Self::Active | Self::Hosts => Access::Removable,
            Self::Interfaces => Access::Fixed,
            Self::Identity | Self::Clock => Access::Single,
            Self::Resource => Access::Facts,
            Self::Users
            | Self::Profiles
            | Self::Servers
            | Self::WalledGarden
            | Self::WalledGardenIp
            | Self::IpBindings
            | Self::AddressList
            | Self::Filter
            | Self::Queues => Access::Items,
        }
    }

    /// Whether items have a place of their own, in which they are tried one after the other.
    pub(super) fn is_ordered(self) -> bool {
        matches!(
            self,
            Self::WalledGarden | Self::WalledGardenIp | Self::IpBindings | Self::Filter | Self::Queues
        )
    }

    pub(super) fn property(self, name: &str) -> Option<&'static Property> {
        self.properties().iter().find(|property| property.name == name)
    }

    /// The properties in the order in which they are printed.
    pub(super) fn properties(self) -> &'static [Property] {
        match self {
            Self::Users => &USERS,
            Self::Profiles => &PROFILES,
            Self::Active => &ACTIVE,
            Self::Hosts => &HOSTS,
            Self::Servers => &SERVERS,
            Self::WalledGarden => &WALLED_GARDEN,
            Self::WalledGardenIp => &WALLED_GARDEN_IP,
            Self::IpBindings => &IP_BINDINGS,
            Self::AddressList => &ADDRESS_LIST,
            Self::Filter => &FILTER,
            Self::Queues => &QUEUES,
            Self::Interfaces => &INTERFACES,
            Self::Identity => &IDENTITY,
            Self::Resource => &RESOURCE,
            Self::Clock => &CLOCK,
        }
    }
}

const USERS: [Property; 20] = [
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

const PROFILES: [Property; 19] = [
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

const ACTIVE: [Property; 18] = [
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

const HOSTS: [Property; 14] = [
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

const SERVERS: [Property; 9] = [
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

const WALLED_GARDEN: [Property; 11] = [
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

const WALLED_GARDEN_IP: [Property; 11] = [
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

const IP_BINDINGS: [Property; 8] = [
    of("mac-address", Kind::Mac),
    text("address"),
    text("to-address"),
    of("server", Kind::OneOf(Menu::Servers, &["all"])),
    of("type", Kind::Choice(&["regular", "bypassed", "blocked"])).or("regular"),
    seen("bypassed", Kind::Flag).or("false"),
    flag("disabled"),
    text("comment"),
];

const ADDRESS_LIST: [Property; 7] = [
    text("list").required(),
    text("address").required(),
    of("timeout", Kind::Duration),
    seen("creation-time", Kind::Text),
    seen("dynamic", Kind::Flag).or("false"),
    flag("disabled"),
    text("comment"),
];

const FILTER: [Property; 18] = [
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

const QUEUES: [Property; 12] = [
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

const INTERFACES: [Property; 16] = [
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

const IDENTITY: [Property; 1] = [text("name")];

const RESOURCE: [Property; 13] = [
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

const CLOCK: [Property; 6] = [
    seen("time", Kind::Text),
    seen("date", Kind::Text),
    flag("time-zone-autodetect").or("true"),
    text("time-zone-name"),
    seen("gmt-offset", Kind::Text),
    seen("dst-active", Kind::Flag),
];
