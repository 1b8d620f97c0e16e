//! The program that makes pictures of PDF pages, for tests that look at them.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::process;

/// Names it to the tests.
pub(crate) const PROGRAM_VARIABLE: &str = "PDFTOPPM";
/// Makes it an error that there is none.
const REQUIRE_VARIABLE: &str = "REQUIRE_PDFTOPPM";

/// Poppler's `pdftoppm`, if this machine has it.
pub(crate) fn prepare() -> Result<Option<PathBuf>> {
    if let Some(program) = process::find("pdftoppm") {
        return Ok(Some(program));
    }
    let missing = "pdftoppm is not installed (Debian: `apt-get install poppler-utils`)";
    if env::var(REQUIRE_VARIABLE).is_ok_and(|value| !value.is_empty() && value != "0") {
        bail!("{missing}, and {REQUIRE_VARIABLE} is set");
    }
    eprintln!("LEFT OUT: pictures of printed pages, because {missing}.");
    Ok(None)
}
