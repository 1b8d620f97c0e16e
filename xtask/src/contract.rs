//! `cargo xtask contract`: other people's tools judge the API. Their generator must produce a client that
//! type-checks, their linter must find no error in the document, their `EventSource` follow what a stream tells, and their
//! fuzzer find no answer that the document does not announce. The tools live in `target/contract/`, never in the repository.

mod node;
mod schemathesis;
mod stream;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::report::Report;
use crate::workspace::{demands, root, target};

/// When set, a missing Node.js or Python is an error instead of a notice.
const REQUIRE_VARIABLE: &str = "REQUIRE_CONTRACT";

/// Runs every contract check for which the tools are there.
pub(crate) fn run() -> Result<()> {
    if !document().is_file() {
        bail!("there is no openapi/openapi.json; `cargo xtask openapi` writes it");
    }
    let mut report = Report::default();
    report.step("TypeScript client", node::type_check_client);
    report.step("Redocly", node::lint_document);
    report.step("EventSource", stream::run);
    report.step("schemathesis", schemathesis::run);
    report.finish("contract")
}

/// The committed document.
fn document() -> PathBuf {
    root().join("openapi/openapi.json")
}

/// A directory for tools and what they produce.
fn scratch(name: &str) -> Result<PathBuf> {
    let directory = target().join("contract").join(name);
    fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    Ok(directory)
}

/// Says what is not checked on this machine, or refuses where everything is to be checked.
fn leave_out(what: &str, why: &str) -> Result<()> {
    if demands(REQUIRE_VARIABLE) {
        bail!("{why}, and {REQUIRE_VARIABLE} is set");
    }
    eprintln!("LEFT OUT: {what}, because {why}.");
    Ok(())
}
