//! Other people's Python programs, in virtual environments under the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::{demands, target};

/// Tells the tests of the router simulator which Python has the independent clients.
pub(crate) const CLIENTS_VARIABLE: &str = "ROUTEROS_CLIENTS_PYTHON";

/// When set, missing clients are an error instead of a notice.
const REQUIRE_VARIABLE: &str = "REQUIRE_CLIENTS";

/// The RouterOS API as others understand it. Pinned, so that a new release does not fail an old commit.
const CLIENTS: [&str; 2] = ["librouteros==4.2.2", "RouterOS-api==0.21.0"];

/// The Python that has the independent RouterOS clients, or, after saying so, none.
pub(crate) fn routeros_clients() -> Result<Option<PathBuf>> {
    let missing = match environment(&target().join("routeros-clients"), &CLIENTS)? {
        Ok(programs) => return Ok(Some(programs.join("python"))),
        Err(missing) => missing,
    };
    if demands(REQUIRE_VARIABLE) {
        bail!("{missing}, and {REQUIRE_VARIABLE} is set");
    }
    eprintln!("LEFT OUT: independent clients of the RouterOS API, because {missing}.");
    Ok(None)
}

/// The directory with the programs of a virtual environment that has exactly these packages, made unless it is there
/// already. The inner error says what the machine lacks.
pub(crate) fn environment(
    directory: &Path,
    packages: &[&str],
) -> Result<std::result::Result<PathBuf, &'static str>> {
    let programs = directory.join("bin");
    let stamp = directory.join("installed");
    let wanted = packages.join("\n");
    if programs.is_dir() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Ok(programs));
    }
    if process::find("python3").is_none() {
        return Ok(Err("python3 is not installed"));
    }
    if !process::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        return Ok(Err("Python's venv module is missing (Debian: `apt-get install python3-venv`)"));
    }
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(directory))?;
    process::run(Command::new(programs.join("pip")).args(["install", "--quiet"]).args(packages))?;
    fs::write(stamp, wanted).context("cannot remember what is installed")?;
    Ok(Ok(programs))
}
