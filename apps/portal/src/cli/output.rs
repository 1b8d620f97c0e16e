//! Printing what a command has found.

use std::{
    fmt,
    io::{self, Write as _},
};

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use kernel::Timestamp;
use serde::Serialize;

/// Prints a value: as JSON for programs, or as the table for people.
pub(super) fn print<T: Serialize>(
    json: bool,
    value: &T,
    table: impl FnOnce(&T) -> Table,
) -> anyhow::Result<()> {
    let text = if json { serde_json::to_string_pretty(value)? } else { table(value).to_string() };
    Ok(line(text)?)
}

/// Prints a line. A reader that has seen enough and gone away, such as `head`, is no error.
pub(super) fn line(text: impl fmt::Display) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// A table with these column titles.
pub(super) fn table<const N: usize>(titles: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(titles);
    table
}

/// A moment for people, or a dash.
pub(super) fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "–".to_owned(), |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}
