//! Finding PostgreSQL's server programs. Debian keeps them off `PATH`, Homebrew's versioned formulae too.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::is_root;
use crate::process::{self, find};

const NEEDED: [&str; 4] = ["initdb", "postgres", "pg_ctl", "pg_isready"];

/// Where packages put server programs, as a directory whose entries with this prefix hold `bin`.
const PACKAGED: [(&str, &str); 5] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql"),
    ("/usr/local/opt", "postgresql"),
    ("/Applications/Postgres.app/Contents/Versions", ""),
];

/// The directory that holds the server programs; on Debian as root they are installed if there are none.
pub(super) fn find_or_install() -> Result<Option<PathBuf>> {
    if let Some(found) = directory() {
        return Ok(Some(found));
    }
    if find("apt-get").is_none() || !is_root()? {
        return Ok(None);
    }
    eprintln!("PostgreSQL is not installed; installing Debian's package, as root may");
    if let Err(error) = install() {
        eprintln!("{error:#}");
    }
    Ok(directory())
}

fn directory() -> Option<PathBuf> {
    on_path()
        .into_iter()
        .chain(told_by_pg_config())
        .chain(packaged())
        .find(|directory| is_complete(directory))
}

/// `PATH` may hold links into the directory that has the programs which are not linked.
fn on_path() -> Option<PathBuf> {
    let initdb = fs::canonicalize(find("initdb")?).ok()?;
    initdb.parent().map(Path::to_path_buf)
}

fn told_by_pg_config() -> Option<PathBuf> {
    let said = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(said.stdout).ok()?.trim()))
}

/// The newest version first.
fn packaged() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        PACKAGED.iter().flat_map(|(parent, prefix)| versions(parent, prefix)).collect();
    found.sort_by_key(|directory| Reverse(version(directory)));
    found
}

fn versions(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    named.map(|entry| entry.path().join("bin")).collect()
}

/// The first number in `/usr/lib/postgresql/15/bin`, `/opt/homebrew/opt/postgresql@16/bin`; 0 without one.
fn version(directory: &Path) -> u32 {
    let name = directory.to_string_lossy();
    let digits = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(0)
}

fn is_complete(directory: &Path) -> bool {
    NEEDED.iter().all(|program| directory.join(program).is_file())
}

fn install() -> Result<()> {
    let apt = |arguments: &[&str]| {
        process::run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "--quiet=2"])?;
    apt(&["install", "--yes", "--quiet=2", "--no-install-recommends", "postgresql"])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::version;

    #[test]
    fn the_version_is_read_from_the_directory() {
        for (directory, expected) in [
            ("/usr/lib/postgresql/15/bin", 15),
            ("/usr/pgsql-17/bin", 17),
            ("/opt/homebrew/opt/postgresql@16/bin", 16),
            ("/usr/local/opt/postgresql/bin", 0),
        ] {
            assert_eq!(version(Path::new(directory)), expected, "{directory}");
        }
    }
}
