//! The log: lines for people or JSON for programs, on standard error, so that a command's output stays clean.
//!
//! Every request and every job runs within a span that carries its `request_id`; both formats print the fields of
//! the current spans with each line.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{settings::LogSettings, values::LogFormat};

/// Starts logging for the whole process. A second call changes nothing.
pub fn start(settings: &LogSettings) {
    let filter = EnvFilter::new(&settings.filter);
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match settings.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
        LogFormat::Text => lines.compact().with_ansi(io::stderr().is_terminal()).try_init(),
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging had been started before");
    }
}
