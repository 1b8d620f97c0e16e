//! Measures the portal's release binary as its customers meet it: a process of its own, over HTTP, on a database
//! that waits for its disk. `cargo xtask bench <benchmark>` builds everything, starts a PostgreSQL, and keeps the
//! report that is printed here.
//!
//! To add a benchmark: write `<benchmark>.rs` with a `run` function that returns a Markdown report, and name it in
//! [`Benchmark`]. Figures are stated beside a reference that is measured in the same run, since every machine has
//! others. Nothing here fails because something was slow; it fails when something went wrong.

mod customer;
mod database;
mod figures;
mod machine;
mod portal;
mod radius;
mod report;
mod router;
mod sell;
mod shop;

use std::{env, io::Write as _, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

/// Names the portal to measure.
const PORTAL_VARIABLE: &str = "PORTAL_BIN";
/// Names the simulators that `router` measures against.
const SIMULATORS_VARIABLE: &str = "SIMULATORS_BIN";
/// Names a PostgreSQL server on which databases may be created. Without it, SQLite alone is measured.
const POSTGRES_VARIABLE: &str = "TEST_POSTGRES_URL";

#[derive(Parser)]
#[command(about = "Measures the portal", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(Subcommand)]
enum Benchmark {
    /// Whole sales: from the order to the credentials.
    Sell,
    /// Hotspot users onto routers, and routers read, through the real adapter.
    Router,
    /// A campus: promotions, logins, accounting and quotas, by the portal and by FreeRADIUS.
    Radius,
    /// Vouchers: made, printed and redeemed.
    Shop,
    /// One piece of work of `router`, which starts a process for each.
    #[command(hide = true)]
    RouterErrand {
        /// The errand as JSON.
        errand: String,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let postgres = env::var(POSTGRES_VARIABLE).ok().filter(|url| !url.is_empty());
    let report = match Arguments::parse().benchmark {
        Benchmark::Sell => sell::run(&binary(PORTAL_VARIABLE)?, postgres).await?,
        Benchmark::Router => {
            router::run(&binary(PORTAL_VARIABLE)?, &binary(SIMULATORS_VARIABLE)?, postgres).await?
        }
        Benchmark::Radius => radius::run(binary(PORTAL_VARIABLE)?, postgres).await?,
        Benchmark::Shop => shop::run(&binary(PORTAL_VARIABLE)?, postgres).await?,
        Benchmark::RouterErrand { errand } => router::errand::run_here(&errand).await?,
    };
    std::io::stdout().write_all(report.as_bytes()).context("the report cannot be printed")
}

fn binary(variable: &str) -> Result<PathBuf> {
    let path = env::var_os(variable).map(PathBuf::from);
    path.with_context(|| format!("{variable} names no binary"))
}
