//! `portal openapi`: the API's contract, which needs neither configuration nor database.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::output;
use crate::http::openapi;

/// Print the API's OpenAPI document.
#[derive(Debug, Args)]
pub(super) struct Openapi {
    /// In which form.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    Json,
    Yaml,
}

impl Openapi {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let document = openapi::document();
        let text = match self.format {
            Format::Json => document.to_pretty_json().context("the document has no JSON form")?,
            Format::Yaml => document.to_yaml().context("the document has no YAML form")?,
        };
        output::line(text.trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}
