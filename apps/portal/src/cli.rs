//! The command line: what an operator types. One file per group of commands; each calls one thing and prints it,
//! as a table for people or, with `--json`, for programs.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kernel::Ambient;

use crate::{
    compose::Composition,
    config::{Layers, Settings},
    telemetry,
};

mod audit;
mod billing;
mod config;
mod fake;
mod hotspot;
mod hotspot_plan;
mod jobs;
mod migrate;
mod notifications;
mod openapi;
mod output;
mod quota;
mod radius;
mod schedule;
mod seed;
mod serve;
mod statements;
mod status;

/// Sells Wi-Fi access: HTTP API, background work and administration.
#[derive(Debug, Parser)]
#[command(name = "portal", version, about, propagate_version = true)]
pub struct Cli {
    /// Print JSON instead of tables.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service.
    Serve(serve::Serve),
    /// Change the database's schema, or look at it.
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Put the first packages and the first admin into the database.
    Seed(seed::Seed),
    /// Show how things stand.
    Status,
    /// Look after Wi-Fi credentials.
    #[command(subcommand)]
    Hotspot(hotspot::Hotspot),
    /// Look after access by RADIUS.
    #[command(subcommand)]
    Radius(radius::Radius),
    /// Look after what RADIUS subscribers have used.
    #[command(subcommand)]
    Quota(quota::Quota),
    /// Look after payments and the ledger.
    #[command(subcommand)]
    Billing(billing::Billing),
    /// Look after messages.
    #[command(subcommand)]
    Notifications(notifications::Notifications),
    /// Look after work in the background.
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Look after what runs by the clock.
    #[command(subcommand)]
    Schedule(schedule::Schedule),
    /// Read the audit log.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Look into the fake outside world.
    #[command(subcommand)]
    Fake(fake::Fake),
    /// Print the API's OpenAPI document.
    Openapi(openapi::Openapi),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(config::Config),
}

impl Cli {
    /// Does what was typed.
    ///
    /// # Errors
    /// Why it could not be done, for the operator.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let json = self.json;
        match self.command {
            Command::Openapi(command) => command.run(),
            Command::Config(command) => command.run(json),
            Command::Serve(command) => command.run().await,
            Command::Migrate(command) => command.run(&connect().await?, json).await,
            Command::Seed(command) => command.run(&connect().await?).await,
            Command::Status => status::run(&connect().await?, json).await,
            Command::Hotspot(command) => command.run(&connect().await?, json).await,
            Command::Quota(command) => command.run(&connect().await?, json).await,
            Command::Radius(command) => command.run(&connect().await?, json).await,
            Command::Billing(command) => command.run(&connect().await?, json).await,
            Command::Notifications(command) => command.run(&connect().await?, json).await,
            Command::Jobs(command) => command.run(&connect().await?, json).await,
            Command::Schedule(command) => command.run(&connect().await?, json).await,
            Command::Audit(command) => command.run(&connect().await?, json).await,
            Command::Fake(command) => command.run(&connect().await?),
        }
    }
}

/// The portal as it is configured, for one command. Unless the operator asks for more, the log tells of trouble
/// alone: the command's answer is what is wanted.
async fn connect() -> anyhow::Result<Composition> {
    let layers = Layers::of_process();
    let mut settings = Settings::read(&layers)?;
    if layers.source("LOG_LEVEL").is_none() {
        "warn".clone_into(&mut settings.log.filter);
    }
    telemetry::start(&settings.log);
    Composition::new(settings, Ambient::system()).await
}
