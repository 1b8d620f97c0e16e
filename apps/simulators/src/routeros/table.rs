//! The stored items of one menu, with RouterOS's ids: hexadecimal, counted up, never used twice.

use std::collections::{BTreeMap, HashMap};

use super::menu::Menu;
use super::trap::Trap;

/// An item's number; on the wire `*` and hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ItemId(pub(super) u32);

impl ItemId {
    pub(super) fn write(self) -> String {
        format!("*{:X}", self.0)
    }

    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let digits = std::str::from_utf8(text).ok()?.strip_prefix('*')?;
        u32::from_str_radix(digits, 16).ok().map(Self)
    }
}

/// The values that an item was given, by the names of their properties.
pub(super) type Values = BTreeMap<&'static str, Vec<u8>>;

/// The items of a menu, in their order.
#[derive(Debug)]
pub(super) struct Table {
    menu: Menu,
    items: HashMap<ItemId, Values>,
    order: Vec<ItemId>,
    last: u32,
}

impl Table {
    pub(super) fn new(menu: Menu) -> Self {
        Self { menu, items: HashMap::new(), order: Vec::new(), last: 0 }
    }

    pub(super) fn ids(&self) -> &[ItemId] {
        &self.order
    }

    pub(super) fn get(&self, id: ItemId) -> Option<&Values> {
        self.items.get(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn values(&self) -> impl Iterator<Item = (ItemId, &Values)> {
        self.order.iter().filter_map(|id| Some((*id, self.items.get(id)?)))
    }

    /// A property's value, or its default.
    pub(super) fn value(&self, id: ItemId, name: &str) -> Option<&[u8]> {
        let held = self.items.get(&id)?.get(name).map(Vec::as_slice);
        held.or_else(|| Some(self.menu.property(name)?.default?.as_bytes()))
    }

    pub(super) fn named(&self, name: &[u8]) -> Option<ItemId> {
        self.values()
            .find(|(_, values)| values.get("name").is_some_and(|held| held == name))
            .map(|(id, _)| id)
    }

    /// Keeps an item under a number of its own, as RouterOS does with what it comes with.
    pub(super) fn install(&mut self, id: ItemId, values: Values) {
        self.order.push(id);
        self.items.insert(id, values);
    }

    /// Adds an item: at the end, at the top, or before another one.
    pub(super) fn add(&mut self, values: Values, place: Place) -> ItemId {
        self.last += 1;
        let id = ItemId(self.last);
        let index = match place {
            Place::End => self.order.len(),
            Place::Top => 0,
            Place::Before(other) => self.index(other).unwrap_or(self.order.len()),
        };
        self.order.insert(index, id);
        self.items.insert(id, values);
        id
    }

    /// Gives properties values, or takes them away.
    pub(super) fn set(&mut self, id: ItemId, changes: Changes) -> Result<(), Trap> {
        let values = self.items.get_mut(&id).ok_or(Trap::NoSuchItem)?;
        for (name, value) in changes {
            match value {
                Some(value) => values.insert(name, value),
                None => values.remove(name),
            };
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, id: ItemId) -> Option<Values> {
        let removed = self.items.remove(&id)?;
        self.order.retain(|other| *other != id);
        Some(removed)
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&Values) -> bool) {
        self.items.retain(|_, values| keep(values));
        self.order.retain(|id| self.items.contains_key(id));
    }

    /// Puts an item before another one, or at the end.
    pub(super) fn shift(&mut self, id: ItemId, before: Option<ItemId>) -> Result<(), Trap> {
        let from = self.index(id).ok_or(Trap::NoSuchItem)?;
        self.order.remove(from);
        let to = match before {
            Some(other) => self.index(other).unwrap_or(from),
            None => self.order.len(),
        };
        self.order.insert(to, id);
        Ok(())
    }

    fn index(&self, id: ItemId) -> Option<usize> {
        self.order.iter().position(|other| *other == id)
    }
}

/// Values to give, or with `None` to take away.
pub(super) type Changes = Vec<(&'static str, Option<Vec<u8>>)>;

/// Where a new item goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    End,
    Top,
    Before(ItemId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hexadecimal_and_never_used_twice() {
        let mut table = Table::new(Menu::Queues);
        for _ in 0..26 {
            table.add(Values::new(), Place::End);
        }
        assert_eq!(table.ids().last().map(|id| id.write()).as_deref(), Some("*1A"));
        table.remove(ItemId(26));
        assert_eq!(table.add(Values::new(), Place::End), ItemId(27));
        assert_eq!(ItemId::read(b"*1a"), Some(ItemId(26)));
        assert_eq!(ItemId::read(b"1A"), None);
    }

    #[test]
    fn items_keep_the_place_they_are_given() {
        let mut table = Table::new(Menu::Queues);
        let one = table.add(Values::new(), Place::End);
        let two = table.add(Values::new(), Place::Before(one));
        let three = table.add(Values::new(), Place::Top);
        assert_eq!(table.ids(), [three, two, one]);
        table.shift(one, Some(three)).unwrap();
        assert_eq!(table.ids(), [one, three, two]);
    }
}
