//! Scenario files: what happens by itself, and when.
//!
//! One JSON object per line: an action of the simulator, and in `at` the time since the start in RouterOS's notation (`90s`,
//! `1h30m`, `00:00:05`; without it, at once). Empty lines and lines that begin with `#` are skipped.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use chrono::TimeDelta;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::routeros::notation;

/// One line of a scenario.
#[derive(Clone)]
pub struct Step<A> {
    /// How long after the start it happens.
    pub after: TimeDelta,
    /// What happens.
    pub action: A,
    /// Where it is in its file, the first line being 1.
    pub line: usize,
}

// By hand, because an action may hold a password.
impl<A> std::fmt::Debug for Step<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Step").field("after", &self.after).field("line", &self.line).finish_non_exhaustive()
    }
}

/// Reads a scenario file.
///
/// # Errors
/// If it cannot be read, or a line makes no sense; the error names the line.
pub fn read<A: DeserializeOwned>(path: &Path) -> Result<Vec<Step<A>>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| path.display().to_string())
}

/// Reads the text of a scenario.
///
/// # Errors
/// If a line makes no sense; the error names it.
pub fn parse<A: DeserializeOwned>(text: &str) -> Result<Vec<Step<A>>> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let steps = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    steps.map(|(number, line)| step(number, line).with_context(|| format!("line {number}"))).collect()
}

fn step<A: DeserializeOwned>(line: usize, text: &str) -> Result<Step<A>> {
    let mut object: Value = serde_json::from_str(text)?;
    let at = object.as_object_mut().context("not a JSON object")?.remove("at");
    let seconds = match &at {
        None => 0,
        Some(at) => {
            let text = at.as_str().context("`at` is a text such as \"90s\"")?;
            notation::read_duration(text).ok_or_else(|| anyhow!("`{text}` is no time"))?
        }
    };
    let after = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds).context("`at` is too long")?;
    Ok(Step { after, action: serde_json::from_value(object)?, line })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routeros::Action;

    #[test]
    fn a_scenario_is_read_line_by_line() {
        let text =
            "# a morning\n\n{\"do\":\"reboot\"}\n{\"at\":\"1m30s\",\"do\":\"sign-out\",\"user\":\"amina\"}\n";
        let steps: Vec<Step<Action>> = parse(text).unwrap();
        let times: Vec<_> = steps.iter().map(|step| (step.line, step.after.num_seconds())).collect();
        assert_eq!(times, [(3, 0), (4, 90)]);
        assert!(matches!(&steps[1].action, Action::SignOut { user } if user == "amina"));
    }

    #[test]
    fn a_line_that_makes_no_sense_is_named() {
        for line in [
            "{}",
            "[1]",
            "{\"do\":\"dance\"}",
            "{\"do\":\"cut\",\"at\":5}",
            "{\"do\":\"down\",\"at\":\"noon\"}",
            "{\"do\":\"delay\",\"ms\":1,\"extra\":1}",
        ] {
            let error = format!("{:#}", parse::<Action>(&format!("#\n{line}")).unwrap_err());
            assert!(error.starts_with("line 2: "), "{line}: {error}");
        }
    }
}
