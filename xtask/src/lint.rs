//! `cargo xtask lint`: formatting, clippy, rustdoc, and the rules of `deny.toml`. All of them run; the end says
//! which failed.

use std::env;

use anyhow::{Context, Result};

use crate::process::{self, find};
use crate::report::Report;
use crate::workspace::{FEATURES, cargo};

/// Runs every lint.
pub(crate) fn run() -> Result<()> {
    let mut report = Report::default();
    report.step("format", format);
    report.step("clippy", clippy);
    report.step("rustdoc", rustdoc);
    report.step("licences and bans", deny);
    report.finish("lint")
}

fn format() -> Result<()> {
    process::run(cargo().args(["fmt", "--all", "--check"])).context("`cargo fmt --all` adopts the format")
}

fn clippy() -> Result<()> {
    let mut command = cargo();
    command.args(["clippy", "--workspace", "--all-targets"]).args(FEATURES).args(["--", "-D", "warnings"]);
    process::run(&mut command)
}

fn rustdoc() -> Result<()> {
    let mut command = cargo();
    command.args(["doc", "--no-deps", "--workspace", "--document-private-items"]).args(FEATURES);
    process::run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn deny() -> Result<()> {
    install_cargo_deny()?;
    process::run(cargo().args(["deny", "--all-features", "check", "licenses", "bans", "sources"]))
        .context("deny.toml says what is allowed; a new exception there needs its reason beside it")
}

fn install_cargo_deny() -> Result<()> {
    let cargo_home = env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
    let installed = cargo_home.is_some_and(|home| home.join("bin/cargo-deny").is_file());
    if installed || find("cargo-deny").is_some() {
        return Ok(());
    }
    eprintln!("cargo-deny is not installed; building it once, which takes a minute or two");
    // Without optimisation: that takes half as long, and it has little to do.
    process::run(cargo().args(["install", "--locked", "--quiet", "--debug", "cargo-deny"]))
}
