//! The check by schemathesis, from PyPI: requests made up from the document, valid and not, against a running
//! portal, once anonymously and once as an admin.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{document, leave_out, scratch};
use crate::portal::{self, Serving};
use crate::{process, python};

/// Pinned, so that a new release does not fail an old commit.
const PACKAGE: &str = "schemathesis==4.32.5";

/// The same requests on every run; a number names the run when a failure is looked into.
const SEED: &str = "20260117";

/// Requests made up per operation and phase: a bounded run. `SCHEMATHESIS_MAX_EXAMPLES` overrides it.
const MAX_EXAMPLES: &str = "25";

/// No answer may be a server error, and each must be one that the document announces.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// What would end the admin's own session, after which nothing but 401 would be tested; and streams, whose answers have no
/// end.
const NOT_AS_ADMIN: &str = "/auth/logout|/stream$";

/// Installs schemathesis, starts a portal on demo data and lets the one at the other.
pub(super) fn run() -> Result<()> {
    let Some(schemathesis) = install()? else {
        return Ok(());
    };
    let portal = portal::build_workspace()?;
    let log = scratch("schemathesis")?.join("portal.log");
    let mut serving = Serving::start(&portal, log.clone())?;
    let token = serving.log_in("admin@demo.test", "password")?;

    let mut anonymous = command(&schemathesis, &serving)?;
    let mut admin = command(&schemathesis, &serving)?;
    let authorization = format!("Authorization: Bearer {token}");
    admin.args(["--header", &authorization, "--exclude-path-regex", NOT_AS_ADMIN]);

    let outcome = fuzz(&mut anonymous, "anonymously").and_then(|()| fuzz(&mut admin, "as admin@demo.test"));
    serving.must_still_run()?;
    outcome.with_context(|| format!("what the portal logged is in {}", log.display()))
}

fn fuzz(command: &mut Command, who: &str) -> Result<()> {
    eprintln!("schemathesis, {who}");
    process::run(command)
}

fn command(schemathesis: &Path, serving: &Serving) -> Result<Command> {
    let url = format!("http://{}", serving.address);
    let bypass = format!("X-Rate-Limit-Bypass: {}", serving.bypass_token);
    let examples = env::var("SCHEMATHESIS_MAX_EXAMPLES").unwrap_or_else(|_| MAX_EXAMPLES.to_owned());
    let mut command = Command::new(schemathesis);
    command.arg("run").arg(document()).current_dir(scratch("schemathesis")?);
    command.args(["--url", &url, "--header", &bypass, "--checks", CHECKS]);
    command.args(["--seed", SEED, "--max-examples", &examples, "--generation-database", "none"]);
    command.args(["--no-color", "--request-timeout", "10"]);
    Ok(command)
}

/// The program, installed into a virtual environment in the scratch directory unless it is there already.
fn install() -> Result<Option<PathBuf>> {
    let purpose = "schemathesis against a running portal";
    match python::environment(&scratch("python")?, &[PACKAGE])? {
        Ok(programs) => Ok(Some(programs.join("schemathesis"))),
        Err(missing) => leave_out(purpose, missing).map(|()| None),
    }
}
