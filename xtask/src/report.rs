//! Several steps in a row, each run whatever became of the ones before, with their times and failures at the end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The steps run so far.
#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
}

impl Report {
    /// Runs one step and remembers how it went.
    pub(crate) fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        eprintln!("\n==> {name}");
        let started = Instant::now();
        let failure = work().err().map(|error| format!("{error:#}"));
        if let Some(failure) = &failure {
            eprintln!("{name}: {failure}");
        }
        self.steps.push(Step { name, took: started.elapsed(), failure });
    }

    /// Prints the table of steps; fails if one of them did.
    pub(crate) fn finish(self, title: &str) -> Result<()> {
        eprintln!("\n{title}:");
        for Step { name, took, failure } in &self.steps {
            let outcome = if failure.is_some() { "FAILED" } else { "ok" };
            eprintln!("  {name:<24} {outcome:<7} {:>7.1} s", took.as_secs_f32());
        }
        let failed: Vec<String> = self.steps.iter().filter_map(Step::described).collect();
        if failed.is_empty() {
            return Ok(());
        }
        bail!("{title}: {} of {} steps failed\n{}", failed.len(), self.steps.len(), failed.join("\n"));
    }
}

impl Step {
    fn described(&self) -> Option<String> {
        self.failure.as_ref().map(|failure| format!("- {}: {failure}", self.name))
    }
}
