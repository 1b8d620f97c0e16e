//! `portal fake`: the fake outside world.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};

use super::output;
use crate::compose::Composition;

/// Look into the fake outside world.
#[derive(Debug, Subcommand)]
pub(super) enum Fake {
    /// Print what a fake system remembers, as JSON.
    Show {
        /// Which system.
        system: System,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum System {
    /// The payment gateway: what it was asked, and what it said.
    Gateway,
    /// What the payment gateway pays back.
    Refunds,
    /// The routers: users, sessions, blocks.
    Router,
    /// The NASes: what they were told of open sessions, to end or to change them.
    Nas,
    /// The phone: text messages.
    Sms,
    /// The mailbox.
    Email,
}

impl Fake {
    pub(super) fn run(self, portal: &Composition) -> anyhow::Result<ExitCode> {
        let Self::Show { system } = self;
        let fakes = &portal.adapters.fakes;
        let real = "this system is not faked in the present configuration";
        let world = match system {
            System::Gateway => serde_json::to_value(fakes.gateway.as_ref().context(real)?.charges()?),
            System::Refunds => serde_json::to_value(fakes.gateway.as_ref().context(real)?.paid_back()?),
            System::Router => serde_json::to_value(fakes.routers.as_ref().context(real)?.show()?),
            System::Nas => serde_json::to_value(fakes.nases.as_ref().context(real)?.orders()?),
            System::Sms => serde_json::to_value(fakes.phone.as_ref().context(real)?.snapshot()?),
            System::Email => serde_json::to_value(fakes.mailbox.as_ref().context(real)?.snapshot()?),
        };
        output::line(serde_json::to_string_pretty(&world?)?)?;
        Ok(ExitCode::SUCCESS)
    }
}
