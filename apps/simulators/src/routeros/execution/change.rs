//! Commands that change something. Each checks everything before it changes anything.

use std::net::Ipv4Addr;

use tracing::info;

use super::super::command::Command;
use super::super::menu::{Access, Kind, Menu, Property};
use super::super::notation;
use super::super::router::Router;
use super::super::table::{Changes, ItemId, Place, Values};
use super::super::trap::Trap;
use super::super::view::View;
use super::Answer;

/// How a command names the items it is about.
const IDS: [&str; 2] = [".id", "numbers"];

impl Router {
    pub(super) fn add(&mut self, menu: Menu, command: &Command<'_>) -> Result<Answer, Trap> {
        let ordered = if menu.is_ordered() { &["place-before"][..] } else { &[] };
        let mut values: Values = self
            .changes(menu, command, ordered)?
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        for property in menu.properties().iter().filter(|property| property.required) {
            if !values.contains_key(property.name) {
                return Err(Trap::Missing(property.name));
            }
        }
        let place = match command.get("place-before") {
            Some(other) => Place::Before(self.item(menu, other)?),
            None => Place::End,
        };
        self.refuse_duplicate(menu, &values, None)?;
        let stored = self.table(menu).map_or(0, |table| table.len());
        if menu == Menu::Users && self.room.is_some_and(|room| stored >= room) {
            return Err(Trap::failure("not enough disk space"));
        }
        self.complete(menu, &mut values, stored);
        let id = self.table_mut(menu).add(values, place);
        self.changed(menu);
        info!(menu = menu.path(), id = id.write(), "added");
        Ok(Answer::returning(&id.write()))
    }

    pub(super) fn set(&mut self, menu: Menu, command: &Command<'_>) -> Result<Answer, Trap> {
        let changes = self.changes(menu, command, &IDS)?;
        let ids = if menu.access() == Access::Single { vec![ItemId(0)] } else { self.wanted(menu, command)? };
        for id in &ids {
            self.refuse_empty(menu, &changes)?;
            let mut values = self.table(menu).and_then(|table| table.get(*id)).cloned().unwrap_or_default();
            for (name, value) in &changes {
                values.remove(name);
                values.extend(value.clone().map(|value| (*name, value)));
            }
            self.refuse_duplicate(menu, &values, Some(*id))?;
        }
        for id in &ids {
            self.table_mut(menu).set(*id, changes.clone())?;
        }
        self.changed(menu);
        info!(menu = menu.path(), ids = written(&ids), "set");
        Ok(Answer::done())
    }

    pub(super) fn unset(&mut self, menu: Menu, command: &Command<'_>) -> Result<Answer, Trap> {
        command.allow_only(&[".id", "numbers", "value-name"])?;
        let name = command.text("value-name").ok_or(Trap::Missing("value-name"))?;
        let property = writable(menu, name)?;
        if property.required {
            return Err(Trap::UnknownParameter(name.to_owned()));
        }
        for id in self.wanted(menu, command)? {
            self.table_mut(menu).set(id, vec![(property.name, None)])?;
        }
        self.changed(menu);
        Ok(Answer::done())
    }

    /// `enable` and `disable`.
    pub(super) fn switch(&mut self, menu: Menu, command: &Command<'_>) -> Result<Answer, Trap> {
        command.allow_only(&IDS)?;
        let disabled = if command.verb == "disable" { "true" } else { "false" };
        for id in self.wanted(menu, command)? {
            self.table_mut(menu).set(id, vec![("disabled", Some(disabled.into()))])?;
        }
        self.changed(menu);
        Ok(Answer::done())
    }

    pub(super) fn remove(&mut self, menu: Menu, command: &Command<'_>) -> Result<Answer, Trap> {
        command.allow_only(&IDS)?;
        let ids = self.wanted(menu, command)?;
        for id in &ids {
            match menu {
                Menu::Active => {
                    self.end_session(Ipv4Addr::from(id.0), "admin reset");
                }
                Menu::Hosts => {
                    self.end_session(Ipv4Addr::from(id.0), "host removed");
                    self.hosts.remove(&Ipv4Addr::from(id.0));
                }
                // What RouterOS comes with has the number zero, and stays.
                _ if *id == ItemId(0) => return Err(Trap::failure("can not remove default item")),
                Menu::Users => {
                    self.table_mut(menu).remove(*id);
                    self.used.remove(id);
                }
                _ => {
                    self.table_mut(menu).remove(*id);
                }
            }
        }
        self.changed(menu);
        info!(menu = menu.path(), ids = written(&ids), "removed");
        Ok(Answer::done())
    }

    /// `move`: in front of another item, or to the end.
    pub(super) fn shift(&mut self, menu: Menu, command: &Command<'_>) -> Result<Answer, Trap> {
        command.allow_only(&[".id", "numbers", "destination"])?;
        let before = command.get("destination").map(|other| self.item(menu, other)).transpose()?;
        for id in self.wanted(menu, command)? {
            self.table_mut(menu).shift(id, before)?;
        }
        self.changed(menu);
        Ok(Answer::done())
    }

    /// Forgets what users have used; what open sessions carried up to now counts on.
    pub(super) fn reset_counters(&mut self, command: &Command<'_>) -> Result<Answer, Trap> {
        command.allow_only(&IDS)?;
        if command.verb == "reset-counters-all" {
            self.used.clear();
        } else {
            for id in self.wanted(Menu::Users, command)? {
                self.used.remove(&id);
            }
        }
        Ok(Answer::done())
    }

    /// The properties that a command gives, read. `besides` are attributes that are no properties.
    fn changes(&self, menu: Menu, command: &Command<'_>, besides: &[&str]) -> Result<Changes, Trap> {
        let mut changes = Changes::new();
        for (name, value) in command.attributes.iter().filter(|(name, _)| !besides.contains(name)) {
            let property = writable(menu, name)?;
            let read = property.read(value)?;
            if let (Kind::OneOf(other, words), Some(value)) = (property.kind, &read) {
                let fits = words.iter().any(|word| word.as_bytes() == value);
                if !fits && self.table(other).and_then(|table| table.named(value)).is_none() {
                    return Err(Trap::NoMatch(property.name));
                }
            }
            changes.push((property.name, read));
        }
        Ok(changes)
    }

    /// The items that a command is about, or, where that is not an error, none.
    fn wanted(&self, menu: Menu, command: &Command<'_>) -> Result<Vec<ItemId>, Trap> {
        if IDS.iter().all(|name| command.get(name).is_none()) && self.version.wants_an_id() {
            return Err(Trap::Missing(".id"));
        }
        self.named_items(menu, command)
    }

    /// The items that `.id` or `numbers` names, by ids or names; each must exist.
    pub(super) fn named_items(&self, menu: Menu, command: &Command<'_>) -> Result<Vec<ItemId>, Trap> {
        let list = IDS.iter().find_map(|name| command.get(name)).unwrap_or_default();
        let names = list.split(|byte| *byte == b',').filter(|name| !name.is_empty());
        names.map(|name| self.item(menu, name)).collect()
    }

    fn item(&self, menu: Menu, name: &[u8]) -> Result<ItemId, Trap> {
        let known = || View::new(self).ids(menu);
        let found = match ItemId::read(name) {
            Some(id) => known().contains(&id).then_some(id),
            None => self.table(menu).and_then(|table| table.named(name)),
        };
        found.ok_or(Trap::NoSuchItem)
    }

    fn refuse_empty(&self, menu: Menu, changes: &Changes) -> Result<(), Trap> {
        let emptied = changes.iter().find(|(name, value)| {
            value.is_none() && menu.property(name).is_some_and(|property| property.required)
        });
        emptied.map_or(Ok(()), |(name, _)| Err(Trap::Invalid(name)))
    }

    /// Refuses what another item than `own` is already.
    fn refuse_duplicate(&self, menu: Menu, values: &Values, own: Option<ItemId>) -> Result<(), Trap> {
        let (keys, text): (&[&str], &str) = match menu {
            Menu::Users => (&["name", "server"], "already have user with this name for this server"),
            Menu::Profiles => (&["name"], "item with this name already exists"),
            Menu::Queues => (&["name"], "already have such name"),
            Menu::AddressList => (&["list", "address"], "already have such entry"),
            Menu::Servers => (&["name"], "server with the same name already exists"),
            _ => return Ok(()),
        };
        let value = |values: &Values, key: &str| {
            let held = values.get(key).cloned();
            if key == "server" { held.filter(|server| server != b"all") } else { held }
        };
        let same = |other: &Values| keys.iter().all(|key| value(other, key) == value(values, key));
        let mut others = self.table(menu).into_iter().flat_map(|table| table.values());
        let named = menu != Menu::Queues || values.contains_key("name");
        if named && others.any(|(id, other)| own != Some(id) && same(other)) {
            return Err(Trap::failure(text));
        }
        Ok(())
    }

    /// Gives a new item what RouterOS gives it.
    fn complete(&self, menu: Menu, values: &mut Values, stored: usize) {
        match menu {
            Menu::AddressList => {
                let date = notation::write_date(self.now, self.version);
                let moment = format!("{date} {}", self.now.format("%H:%M:%S"));
                values.insert("creation-time", moment.into_bytes());
                if values.contains_key("timeout") {
                    values.insert("dynamic", b"true".to_vec());
                }
            }
            Menu::Queues => {
                values.entry("name").or_insert_with(|| format!("queue{}", stored + 1).into_bytes());
                if let Some(target) = values.get_mut("target")
                    && !target.contains(&b'/')
                    && std::str::from_utf8(target).is_ok_and(|text| text.parse::<Ipv4Addr>().is_ok())
                {
                    target.extend_from_slice(b"/32");
                }
            }
            _ => {}
        }
    }

    /// What follows from a change in a menu.
    fn changed(&mut self, menu: Menu) {
        if menu == Menu::Queues {
            self.grant();
        }
    }
}

/// The property of this name, if it may be given a value.
fn writable(menu: Menu, name: &str) -> Result<&'static Property, Trap> {
    let property = menu.property(name).filter(|property| !property.read_only);
    property.ok_or_else(|| Trap::UnknownParameter(name.to_owned()))
}

fn written(ids: &[ItemId]) -> String {
    ids.iter().map(|id| id.write()).collect::<Vec<_>>().join(",")
}
