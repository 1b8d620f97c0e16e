//! What the service can be told: defaults, then a TOML file, then the environment, each over the one before.
//!
//! 1. [`names`]: every setting with its name, its default and what it means; start here to add one.
//! 2. [`layers`]: where values come from.
//! 3. [`values`]: the kinds of value that are read nowhere else.
//! 4. [`rules`]: what only makes sense together, and what production refuses.
//! 5. [`settings`]: the same, typed, as the rest of the service takes it.
//! 6. [`mailer`] and [`gateways`]: the mail server, which can be named in two ways, and where payments go.
//! 7. [`mod@print`]: the settings as an operator may see them, secrets masked.
//!
//! Everything that is wrong is found before anything starts, and told at once.

use std::fmt;

pub mod gateways;
pub mod layers;
pub mod mailer;
pub mod names;
pub mod print;
pub mod rules;
pub mod settings;
pub mod values;

pub use gateways::{GatewayChoice, GatewaySettings};
pub use layers::Layers;
pub use mailer::{Encryption, MailServer};
pub use settings::{RadiusSettings, ScheduleSettings, Settings, WorkerSettings};
pub use values::{Environment, RadiusMode};

/// One thing that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The setting's name.
    pub name: String,
    /// What is wrong with it, for the operator.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { name: name.into(), message: message.into() }
    }
}

/// Everything that is wrong with the configuration; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not usable:")?;
        for Problem { name, message } in &self.0 {
            write!(f, "\n  {name}: {message}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}
