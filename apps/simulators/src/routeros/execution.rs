//! What each command does to the router and answers.

mod change;
mod print;

use routeros_api::Sentence;

use super::command::Command;
use super::menu::{Access, Menu};
use super::router::Router;
use super::trap::Trap;

/// What a command leads to.
#[derive(Debug)]
pub(super) enum Answer {
    /// These sentences, the last being `!done`; tags are not in them.
    Said(Vec<Sentence>),
    /// A row for each of these interfaces every second, until it is cancelled.
    Watching(Vec<String>),
    /// The router switches off and on.
    Reboot,
}

impl Answer {
    fn done() -> Self {
        Self::Said(vec![Sentence::of("!done")])
    }

    fn returning(value: &str) -> Self {
        Self::Said(vec![Sentence::of("!done").with("ret", value)])
    }
}

impl Router {
    /// Does what a sentence asks for.
    pub(super) fn execute(&mut self, sentence: &Sentence) -> Result<Answer, Trap> {
        let command = Command::parse(sentence)?;
        match (command.path, command.verb) {
            ("/system", "reboot") => return Ok(Answer::Reboot),
            ("/interface", "monitor-traffic") => return self.monitor_traffic(&command),
            _ => {}
        }
        let Some(menu) = Menu::at(command.path) else {
            let prefix = format!("{}/", command.path);
            let above = Menu::ALL.iter().any(|menu| menu.path().starts_with(&prefix));
            return Err(if above { Trap::NoSuchCommand } else { Trap::NoSuchMenu });
        };
        let access = menu.access();
        let changes = matches!(access, Access::Items | Access::Fixed | Access::Single);
        let removes = matches!(access, Access::Items | Access::Removable);
        match command.verb {
            "print" | "getall" => self.print(menu, &command),
            "add" if access == Access::Items => self.add(menu, &command),
            "set" if changes => self.set(menu, &command),
            "unset" if access == Access::Items => self.unset(menu, &command),
            "enable" | "disable" if menu.property("disabled").is_some() => self.switch(menu, &command),
            "remove" if removes => self.remove(menu, &command),
            "move" if menu.is_ordered() => self.shift(menu, &command),
            "reset-counters" | "reset-counters-all" if menu == Menu::Users => self.reset_counters(&command),
            _ => Err(Trap::NoSuchCommand),
        }
    }
}

#[cfg(test)]
mod tests;
