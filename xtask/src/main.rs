//! `cargo xtask <command>`: everything that a shell script would do for this workspace.
//!
//! One file per command. To add one: write `<command>.rs` with a `run` function, name it in [`Task`], and say
//! in its first line what a developer gets from it. Commands prepare what they need themselves and say plainly
//! what they leave out when a tool is missing.

mod bench;
mod ci;
mod contract;
mod freeradius;
mod http;
mod lint;
mod openapi;
mod pages;
mod portal;
mod postgres;
mod process;
mod python;
mod report;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Development tasks of the hotspot portal",
    disable_version_flag = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs every test, on SQLite and on PostgreSQL (TEST_POSTGRES_URL, or a throw-away cluster).
    Test {
        /// Passed on to `cargo test`, as in `cargo xtask test -- -p billing ledger`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Checks formatting, clippy, rustdoc, licences and who may depend on what.
    Lint,
    /// Writes the OpenAPI document that the code describes to openapi/.
    Openapi {
        /// Compare only, and fail if the committed document is out of date.
        #[arg(long)]
        check: bool,
    },
    /// Holds the OpenAPI document against other people's tools, and a running portal against the document.
    Contract,
    /// Runs lint, openapi --check, test and contract, and reports on all of them.
    Ci,
    /// Measures the release build, on SQLite and on PostgreSQL, and writes the figures to docs/load/.
    Bench {
        #[arg(value_enum)]
        benchmark: Benchmark,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Benchmark {
    /// Whole sales: orders per second, and the time from payment to credentials.
    Sell,
    /// Vouchers: made, printed and redeemed, beside plain commits.
    Shop,
    /// Hotspot users onto routers, and routers read: the real adapter beside the plainest client, and memory.
    Router,
    /// A campus: promotions, logins, accounting and quotas, beside FreeRADIUS and plain SQL.
    Radius,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Test { arguments } => test::run(&arguments),
        Task::Lint => lint::run(),
        Task::Openapi { check } => openapi::run(check),
        Task::Contract => contract::run(),
        Task::Ci => ci::run(),
        Task::Bench { benchmark: Benchmark::Sell } => bench::run("sell"),
        Task::Bench { benchmark: Benchmark::Shop } => bench::run("shop"),
        Task::Bench { benchmark: Benchmark::Router } => bench::run("router"),
        Task::Bench { benchmark: Benchmark::Radius } => bench::run("radius"),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
