//! Running other programs: nothing is read from the terminal, every failure names the command.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Prints the command, runs it with its output on the terminal, and fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line(command));
    let status = command.stdin(Stdio::null()).status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs tests with their output on the terminal; if some fail, what they said is in the error once more, since much else may
/// come between.
pub(crate) fn run_tests(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line(command));
    let mut tests =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().with_context(|| cannot_start(command))?;
    let output = tests.stdout.take().context("tests without output")?;
    let (mut failures, mut within) = (Vec::new(), false);
    for said in BufReader::new(output).lines() {
        let said = said.context("the tests' output")?;
        println!("{said}");
        within = (within || said == "failures:") && !said.starts_with("test result:");
        if within {
            failures.push(said);
        }
    }
    let status = tests.wait().context("the end of the tests")?;
    if !status.success() {
        bail!("`{}` failed ({status})\n{}", line(command), failures.join("\n"));
    }
    Ok(())
}

/// Runs the command and returns what it wrote to its standard output; its errors stay on the terminal.
pub(crate) fn stdout(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", line(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` did not write UTF-8", line(command)))
}

/// Runs the command silently; what it wrote is shown only if it fails.
pub(crate) fn quietly(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!(
            "`{}` failed ({})\n{}",
            line(command),
            output.status,
            String::from_utf8_lossy(&said).trim_end()
        );
    }
    Ok(())
}

/// Whether the command can be started and succeeds; what it writes is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The program's place on `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|directory| directory.join(program))
        .find(|path| path.is_file())
}

/// The end of a log file, for an error message.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", command.get_program().to_string_lossy())
}
