//! Tools from npm, and the checks that need nothing else: a generated TypeScript client and Redocly's linter.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{document, leave_out, scratch};
use crate::process::{self, find};
use crate::workspace::root;

/// What the checks need, pinned so that a new release of a tool does not fail an old commit.
const PACKAGES: [&str; 5] = [
    "openapi-typescript@7.13.0",
    "openapi-fetch@0.17.0",
    "typescript@5.9.3",
    "@redocly/cli@2.77.0",
    "eventsource@4.1.0",
];

/// The oldest Node.js that all of [`PACKAGES`] support: major and minor version.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Generates the types from the document and type-checks `tests/contract/client.ts` against them.
pub(super) fn type_check_client() -> Result<()> {
    let Some(tools) = Tools::prepare("the check that a generated TypeScript client compiles")? else {
        return Ok(());
    };
    let client = root().join("tests/contract/client.ts");
    fs::copy(&client, tools.directory.join("client.ts"))
        .with_context(|| format!("cannot copy {}", client.display()))?;
    process::run(tools.command("openapi-typescript").arg(document()).args(["--output", "schema.d.ts"]))?;
    let strict = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "client.ts"];
    process::run(tools.command("tsc").args(strict))
        .context("tests/contract/client.ts is how a frontend calls the API; either the API broke it or it is to follow")
}

/// Lints the document with Redocly and the rules in `tests/contract/redocly.yaml`.
pub(super) fn lint_document() -> Result<()> {
    let Some(tools) = Tools::prepare("Redocly's lint of the OpenAPI document")? else {
        return Ok(());
    };
    let rules = root().join("tests/contract/redocly.yaml");
    process::run(tools.command("redocly").arg("lint").arg(document()).arg("--config").arg(rules))
}

/// The packages, installed.
pub(super) struct Tools {
    /// Where, and where scripts that use them go.
    pub(super) directory: PathBuf,
}

impl Tools {
    /// Installs the packages into the scratch directory, unless they are there already.
    pub(super) fn prepare(purpose: &str) -> Result<Option<Self>> {
        if find("npm").is_none() {
            leave_out(purpose, "npm is not installed")?;
            return Ok(None);
        }
        let version = process::stdout(Command::new("node").arg("--version"))?;
        if parse_version(&version).is_none_or(|version| version < OLDEST_NODE) {
            let (major, minor) = OLDEST_NODE;
            leave_out(purpose, &format!("Node.js {major}.{minor} is needed and this is {}", version.trim()))?;
            return Ok(None);
        }
        let directory = scratch("node")?;
        install(&directory)?;
        Ok(Some(Self { directory }))
    }

    /// Node.js, to run a script that was put beside the packages.
    pub(super) fn node(&self, script: &str) -> Command {
        let mut command = Command::new("node");
        command.current_dir(&self.directory).arg(script);
        command
    }

    fn command(&self, tool: &str) -> Command {
        let mut command = Command::new(self.directory.join("node_modules/.bin").join(tool));
        command
            .current_dir(&self.directory)
            .env("REDOCLY_TELEMETRY", "off")
            .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        command
    }
}

fn install(directory: &Path) -> Result<()> {
    let stamp = directory.join("installed");
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    fs::write(directory.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")
        .context("cannot write package.json")?;
    let quiet = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    process::run(Command::new("npm").args(quiet).args(PACKAGES).current_dir(directory))?;
    fs::write(stamp, wanted).context("cannot remember what is installed")
}

/// `v20.19.2` gives 20 and 19.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST_NODE, parse_version};

    #[test]
    fn versions_are_compared_as_numbers() {
        for (text, supported) in [
            ("v18.19.0\n", false),
            ("v20.9.0", false),
            ("v20.19.2\n", true),
            ("v22.12.0", true),
            ("none", false),
        ] {
            assert_eq!(
                parse_version(text).is_some_and(|version| version >= OLDEST_NODE),
                supported,
                "{text}"
            );
        }
    }
}
