//! `cargo xtask openapi [--check]`: the committed OpenAPI document is what the code describes.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::root;
use crate::{portal, process};

/// The committed files, and how the portal is asked for each.
const DOCUMENTS: [(&str, &[&str]); 2] =
    [("openapi/openapi.json", &["openapi"]), ("openapi/openapi.yaml", &["openapi", "--format", "yaml"])];

/// Writes the documents, or with `check` only compares them.
pub(crate) fn run(check: bool) -> Result<()> {
    let portal = portal::build()?;
    if check { self::check(&portal) } else { write(&portal) }
}

/// Fails if a committed document differs from the one that `portal` describes.
pub(crate) fn check(portal: &Path) -> Result<()> {
    for (path, arguments) in DOCUMENTS {
        let committed = fs::read_to_string(root().join(path)).unwrap_or_default();
        let described = describe(portal, arguments)?;
        if let Some(difference) = first_difference(&committed, &described) {
            bail!(
                "{path} is not what the code describes: {difference}\n`cargo xtask openapi` adopts the change"
            );
        }
        eprintln!("{path} is up to date");
    }
    Ok(())
}

fn write(portal: &Path) -> Result<()> {
    for (path, arguments) in DOCUMENTS {
        let described = describe(portal, arguments)?;
        let file = root().join(path);
        let changed = fs::read_to_string(&file).ok().as_deref() != Some(described.as_str());
        fs::create_dir_all(root().join("openapi")).context("cannot make openapi/")?;
        fs::write(&file, described).with_context(|| format!("cannot write {path}"))?;
        eprintln!("{path}: {}", if changed { "updated; commit it" } else { "unchanged" });
    }
    Ok(())
}

fn describe(portal: &Path, arguments: &[&str]) -> Result<String> {
    let document = process::stdout(Command::new(portal).args(arguments).current_dir(root()))?;
    Ok(format!("{}\n", document.trim_end()))
}

/// The first line in which the two texts differ, shown as a reader wants it.
fn first_difference(committed: &str, described: &str) -> Option<String> {
    if committed == described {
        return None;
    }
    let end = "(end of document)";
    let longest = committed.lines().count().max(described.lines().count()) + 1;
    let pairs =
        committed.lines().chain(std::iter::repeat(end)).zip(described.lines().chain(std::iter::repeat(end)));
    let differing = pairs.take(longest).enumerate().find(|(_, (old, new))| old != new);
    Some(match differing {
        Some((index, (old, new))) => format!("line {}\n  committed: {old}\n  code:      {new}", index + 1),
        None => "only in its line ends".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn equal_documents_have_no_difference() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    }

    #[test]
    fn the_first_differing_line_is_shown_with_its_number() {
        let difference = first_difference("a\nb\nc\n", "a\nx\nc\n").unwrap();
        assert_eq!(difference, "line 2\n  committed: b\n  code:      x");
    }

    #[test]
    fn a_document_that_ends_early_differs_at_its_end() {
        let difference = first_difference("", "a\n").unwrap();
        assert_eq!(difference, "line 1\n  committed: (end of document)\n  code:      a");
    }

    #[test]
    fn documents_that_differ_in_line_ends_only_say_so() {
        assert_eq!(first_difference("a\r\n", "a\n").unwrap(), "only in its line ends");
    }
}
