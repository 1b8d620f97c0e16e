//! `bench radius`: a campus. Thousands are given access in one call; they sign in and are accounted for by the portal's
//! own RADIUS server and by FreeRADIUS beside it; what they use is taken in; and one of them is held against a quota
//! while the tables have millions of rows.

mod activation;
mod campus;
mod freeradius;
mod ingestion;
mod quota;
mod radclient;
mod report;
mod servers;

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result};

use self::{activation::Activation, freeradius::Programs, ingestion::Ingestion, quota::QuotaCheck};
use crate::{database::Engine, machine};

/// How many users the campus has.
pub(super) const USERS: u32 = 10_000;
/// How often things are measured: the figure in the middle counts.
pub(super) const REPEATS: usize = 3;

/// Runs everything on SQLite, and on PostgreSQL if there is one.
pub(crate) async fn run(portal: PathBuf, postgres: Option<String>) -> Result<String> {
    let programs =
        Programs { portal, radclient: named("RADCLIENT")?, freeradius: named("FREERADIUS_SERVER")? };
    let engines: Vec<_> = [Engine::Sqlite].into_iter().chain(postgres.map(Engine::Postgres)).collect();
    let machine = machine::description();
    let (mut activations, mut servers) = (Vec::new(), Vec::new());
    let (mut ingestions, mut checks) = (Vec::new(), Vec::new());
    for engine in &engines {
        engine.must_be_durable().await?;
        activations.push(Activation::run(&programs.portal, engine).await?);
        servers.extend(servers::run(&programs, engine).await?);
        ingestions.push(Ingestion::run(&programs.portal, engine).await?);
        checks.push(QuotaCheck::run(&programs.portal, engine).await?);
    }
    Ok(report::of_campus(&machine, &activations, &servers, &ingestions, &checks))
}

/// A program that `cargo xtask bench` has found.
fn named(variable: &str) -> Result<PathBuf> {
    env::var_os(variable).map(PathBuf::from).with_context(|| format!("{variable} names no program"))
}
