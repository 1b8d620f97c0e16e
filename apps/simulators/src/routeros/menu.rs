//! The menus that are simulated: their properties, and what may be done with their items. To add a menu, write its
//! table in `properties.rs`; one whose rows are worked out instead of stored also needs an arm in `view.rs`.

mod properties;

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
    AddressList6,
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
    pub(super) const ALL: [Self; 16] = [
        Self::Users,
        Self::Profiles,
        Self::Active,
        Self::Hosts,
        Self::Servers,
        Self::WalledGarden,
        Self::WalledGardenIp,
        Self::IpBindings,
        Self::AddressList,
        Self::AddressList6,
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
            Self::AddressList6 => "/ipv6/firewall/address-list",
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
            | Self::AddressList6
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
            Self::Users => &properties::USERS,
            Self::Profiles => &properties::PROFILES,
            Self::Active => &properties::ACTIVE,
            Self::Hosts => &properties::HOSTS,
            Self::Servers => &properties::SERVERS,
            Self::WalledGarden => &properties::WALLED_GARDEN,
            Self::WalledGardenIp => &properties::WALLED_GARDEN_IP,
            Self::IpBindings => &properties::IP_BINDINGS,
            Self::AddressList | Self::AddressList6 => &properties::ADDRESS_LIST,
            Self::Filter => &properties::FILTER,
            Self::Queues => &properties::QUEUES,
            Self::Interfaces => &properties::INTERFACES,
            Self::Identity => &properties::IDENTITY,
            Self::Resource => &properties::RESOURCE,
            Self::Clock => &properties::CLOCK,
        }
    }
}
