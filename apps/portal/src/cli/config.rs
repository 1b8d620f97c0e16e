//! `portal config`: what the service was told.

use std::process::ExitCode;

use clap::Subcommand;

use super::output;
use crate::config::{Layers, Settings, print};

/// Look at the configuration.
#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Say everything that is wrong with it. Exits with 1 when something is.
    Check,
    /// Show every setting, where it comes from and what it means; secrets are masked.
    Print,
}

impl Config {
    pub(super) fn run(self, json: bool) -> anyhow::Result<ExitCode> {
        match self {
            Self::Check => {
                Settings::of_process()?;
                output::line("the configuration is usable")?;
            }
            Self::Print => {
                let shown = print::shown(&Layers::of_process());
                output::print(json, &shown, |shown| {
                    let mut table = output::table(["setting", "value", "from", "meaning"]);
                    for setting in shown {
                        let value = setting.value.clone().unwrap_or_default();
                        let (name, meaning) = (setting.name.to_owned(), setting.meaning.to_owned());
                        table.add_row([name, value, setting.source.clone(), meaning]);
                    }
                    table
                })?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
