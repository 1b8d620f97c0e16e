//! A sentence of a client, understood as a command of a menu.

use routeros_api::{Attribute, Query, Sentence};

use super::menu::{Kind, Menu};
use super::notation;
use super::trap::Trap;

/// `/ip/hotspot/user/print`, taken apart.
#[derive(Debug)]
pub(super) struct Command<'s> {
    /// `/ip/hotspot/user`.
    pub(super) path: &'s str,
    /// `print`.
    pub(super) verb: &'s str,
    /// What comes with it, the first of each name; a bare word counts as an attribute without a value.
    pub(super) attributes: Vec<(&'s str, &'s [u8])>,
    queries: Vec<Query<'s>>,
}

impl<'s> Command<'s> {
    /// Takes a sentence apart.
    pub(super) fn parse(sentence: &'s Sentence) -> Result<Self, Trap> {
        let mut words = sentence.words();
        let word = words.next().and_then(|word| std::str::from_utf8(word).ok()).ok_or(Trap::NoSuchMenu)?;
        let (path, verb) = word.rsplit_once('/').ok_or(Trap::NoSuchMenu)?;
        let mut attributes: Vec<(&str, &[u8])> = Vec::new();
        let mut queries = Vec::new();
        for word in words {
            if word.starts_with(b"?") {
                queries.push(Query::parse(word).ok_or_else(|| Trap::failure("invalid query"))?);
            } else if !word.starts_with(b".tag=") {
                let Attribute { name, value } =
                    Attribute::parse(word).unwrap_or(Attribute { name: word, value: None });
                let unknown = || Trap::UnknownParameter(String::from_utf8_lossy(name).into_owned());
                let name = std::str::from_utf8(name).map_err(|_| unknown())?;
                if !attributes.iter().any(|(known, _)| *known == name) {
                    attributes.push((name, value.unwrap_or_default()));
                }
            }
        }
        Ok(Self { path, verb, attributes, queries })
    }

    pub(super) fn get(&self, name: &str) -> Option<&'s [u8]> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    pub(super) fn text(&self, name: &str) -> Option<&'s str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Refuses an attribute that is none of these.
    pub(super) fn allow_only(&self, known: &[&str]) -> Result<(), Trap> {
        let unknown = self.attributes.iter().find(|(name, _)| !known.contains(name));
        unknown.map_or(Ok(()), |(name, _)| Err(Trap::UnknownParameter((*name).to_owned())))
    }

    /// The queries for rows of a menu, with values in one spelling, as [`canonical`] writes them.
    pub(super) fn selection(&self, menu: Menu) -> Selection<'s> {
        let asked = self.queries.iter().map(|query| {
            let (way, name, value) = match *query {
                Query::Equal(name, value) => (Way::Equal, name, value),
                Query::Less(name, value) => (Way::Less, name, value),
                Query::Greater(name, value) => (Way::Greater, name, value),
                Query::Has(name) => (Way::Has, name, &[][..]),
                Query::Lacks(name) => (Way::Lacks, name, &[][..]),
                Query::Operations(operations) => (Way::Operations, operations, &[][..]),
            };
            Asked { way, name, value: canonical(menu, name, value.to_vec()) }
        });
        Selection { menu, asked: asked.collect() }
    }
}

/// A query word whose value is in the spelling in which it is compared.
#[derive(Debug)]
struct Asked<'s> {
    way: Way,
    name: &'s [u8],
    value: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Has,
    Lacks,
    Equal,
    Less,
    Greater,
    Operations,
}

/// Which rows of a menu are asked for.
#[derive(Debug)]
pub(super) struct Selection<'s> {
    menu: Menu,
    asked: Vec<Asked<'s>>,
}

impl Selection<'_> {
    /// Whether a row is asked for, `field` telling what it has.
    pub(super) fn wants(&self, field: impl Fn(&str) -> Option<Vec<u8>>) -> bool {
        let row: Vec<(&[u8], Vec<u8>)> = self
            .asked
            .iter()
            .filter_map(|asked| {
                let value = field(std::str::from_utf8(asked.name).ok()?)?;
                Some((asked.name, canonical(self.menu, asked.name, value)))
            })
            .collect();
        let queries = self.asked.iter().map(|Asked { way, name, value }| match way {
            Way::Has => Query::Has(name),
            Way::Lacks => Query::Lacks(name),
            Way::Equal => Query::Equal(name, value),
            Way::Less => Query::Less(name, value),
            Way::Greater => Query::Greater(name, value),
            Way::Operations => Query::Operations(name),
        });
        Query::select(queries, |name| {
            row.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_slice())
        })
    }
}

/// A value in the spelling in which it is compared: durations in seconds, `yes` as `true`.
fn canonical(menu: Menu, name: &[u8], value: Vec<u8>) -> Vec<u8> {
    let property = std::str::from_utf8(name).ok().and_then(|name| menu.property(name));
    let text = std::str::from_utf8(&value).ok();
    let spelled = match (property.map(|property| property.kind), text) {
        (Some(Kind::Duration | Kind::Timeout), Some(text)) => {
            notation::read_duration(text).map(|seconds| seconds.to_string())
        }
        (Some(Kind::Flag), Some(text)) => notation::read_flag(text).map(|flag| flag.to_string()),
        _ => None,
    };
    spelled.map_or(value, String::into_bytes)
}
