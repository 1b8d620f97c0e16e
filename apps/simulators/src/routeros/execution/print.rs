//! Commands that look.

use routeros_api::Sentence;

use super::super::command::Command;
use super::super::factory;
use super::super::menu::Menu;
use super::super::router::Router;
use super::super::table::ItemId;
use super::super::trap::Trap;
use super::super::view::View;
use super::Answer;
use crate::meter::packets;

/// What `print` may be given. Those that say how the console lays rows out change nothing here.
const PRINT: [&str; 9] =
    [".proplist", ".id", "count-only", "detail", "stats", "brief", "terse", "without-paging", "value-list"];

impl Router {
    pub(super) fn print(&self, menu: Menu, command: &Command<'_>) -> Result<Answer, Trap> {
        command.allow_only(&PRINT)?;
        let view = View::new(self);
        let selection = command.selection(menu);
        let named = selection.only_name().zip(self.table(menu).filter(|table| table.len() > 0));
        let mut ids = named.map_or_else(|| view.ids(menu), |(name, table)| table.all_named(name).to_vec());
        if command.get(".id").is_some() {
            let named = self.named_items(menu, command)?;
            ids.retain(|id| named.contains(id));
        }
        ids.retain(|id| selection.wants(|name| view.field(menu, *id, name).map(|value| value.into_owned())));
        if command.get("count-only").is_some() {
            return Ok(Answer::returning(&ids.len().to_string()));
        }
        let asked: Option<Vec<&str>> = command.text(".proplist").map(|names| names.split(',').collect());
        let mut said: Vec<Sentence> = ids.iter().map(|id| row(&view, menu, *id, asked.as_deref())).collect();
        if said.is_empty() && self.version.says_empty() {
            said.push(Sentence::of("!empty"));
        }
        said.push(Sentence::of("!done"));
        Ok(Answer::Said(said))
    }

    /// `/interface/monitor-traffic`: once, or until it is cancelled.
    pub(super) fn monitor_traffic(&self, command: &Command<'_>) -> Result<Answer, Trap> {
        command.allow_only(&["interface", "once", ".id", "numbers", ".proplist"])?;
        let names = command.text("interface").or(command.text(".id")).or(command.text("numbers"));
        let names = names.ok_or(Trap::Missing("interface"))?.split(',').map(str::to_owned).collect();
        let rows = self.traffic_rows(&names)?;
        if command.get("once").is_none() {
            return Ok(Answer::Watching(names));
        }
        Ok(Answer::Said(rows.into_iter().chain([Sentence::of("!done")]).collect()))
    }

    /// What goes through interfaces now, a row for each.
    pub(in super::super) fn traffic_rows(&self, interfaces: &Vec<String>) -> Result<Vec<Sentence>, Trap> {
        let known = self.table(Menu::Interfaces).ok_or(Trap::NoSuchMenu)?;
        let (upload_kbps, download_kbps) = self.total_rates();
        let mut rows = Vec::new();
        for name in interfaces {
            let id = ItemId::read(name.as_bytes()).filter(|id| known.get(*id).is_some());
            let id = id.or_else(|| known.named(name.as_bytes())).ok_or(Trap::NoMatch("interface"))?;
            let name = known.value(id, "name").unwrap_or_default();
            let (received, sent) = match std::str::from_utf8(name) {
                Ok(factory::HOTSPOT_INTERFACE) => (upload_kbps * 1_000, download_kbps * 1_000),
                Ok(factory::WAN_INTERFACE) => (download_kbps * 1_000, upload_kbps * 1_000),
                _ => (0, 0),
            };
            rows.push(
                Sentence::of("!re")
                    .with("name", name)
                    .with("rx-packets-per-second", packets(received / 8).to_string())
                    .with("rx-bits-per-second", received.to_string())
                    .with("rx-drops-per-second", "0")
                    .with("rx-errors-per-second", "0")
                    .with("tx-packets-per-second", packets(sent / 8).to_string())
                    .with("tx-bits-per-second", sent.to_string())
                    .with("tx-drops-per-second", "0")
                    .with("tx-errors-per-second", "0"),
            );
        }
        Ok(rows)
    }
}

/// The values of an item: those that were asked for, else all, the id first.
fn row(view: &View<'_>, menu: Menu, id: ItemId, asked: Option<&[&str]>) -> Sentence {
    let all = std::iter::once(".id").chain(menu.properties().iter().map(|property| property.name));
    let names: Vec<&str> = asked.map_or_else(|| all.collect(), <[&str]>::to_vec);
    names.into_iter().fold(Sentence::of("!re"), |row, name| match view.field(menu, id, name) {
        Some(value) => row.with(name, value),
        None => row,
    })
}
