//! Where things are in this workspace.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The features that every build for checks and tests uses. One set for all of them: another set would compile
/// the workspace a second time.
pub(crate) const FEATURES: [&str; 2] = ["--features", "portal/crash-points"];

/// The workspace's root directory.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |given| root().join(given))
}

/// The cargo that runs this task, at the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Whether the environment variable `name` demands something, that is, is set and neither empty nor `0`.
pub(crate) fn demands(name: &str) -> bool {
    env::var(name).is_ok_and(|value| !value.is_empty() && value != "0")
}
