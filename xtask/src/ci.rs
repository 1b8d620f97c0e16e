//! `cargo xtask ci`: what a change must pass. Every step runs, so that one run shows everything that is wrong.

use anyhow::Result;

use crate::report::Report;
use crate::{contract, lint, openapi, portal, test};

/// Runs every check and prints what each took.
pub(crate) fn run() -> Result<()> {
    let mut report = Report::default();
    report.step("lint", lint::run);
    report.step("build", || portal::build_workspace().map(drop));
    report.step("openapi --check", || openapi::check(&portal::build_workspace()?));
    report.step("test", || test::run(&[]));
    report.step("contract", contract::run);
    report.finish("ci")
}
