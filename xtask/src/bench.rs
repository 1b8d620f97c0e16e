//! `cargo xtask bench`: what the crate `bench` measures, kept in `docs/load/`.

use std::fs;

use anyhow::{Context, Result};

use crate::freeradius::{self, FreeRadius};
use crate::postgres::{Database, Safety, URL_VARIABLE};
use crate::workspace::{cargo, root};
use crate::{portal, process};

/// Runs one benchmark of the release build, prints its report and keeps it.
pub(crate) fn run(benchmark: &str) -> Result<()> {
    let postgres = Database::prepare(Safety::Durable)?;
    let [portal, simulators] = portal::build_release()?;
    let mut bench = cargo();
    bench
        .args(["run", "--quiet", "--release", "--package", "bench", "--", benchmark])
        .env("PORTAL_BIN", portal)
        .env("SIMULATORS_BIN", simulators);
    match postgres.url() {
        Some(url) => bench.env(URL_VARIABLE, url),
        None => bench.env_remove(URL_VARIABLE),
    };
    if benchmark == "radius" {
        let FreeRadius { server, client } = FreeRadius::required(postgres.url().is_some())?;
        bench.env(freeradius::SERVER_VARIABLE, server).env(freeradius::CLIENT_VARIABLE, client);
    }
    let report = process::stdout(&mut bench)?;
    let place = root().join(format!("docs/load/{benchmark}.md"));
    fs::create_dir_all(root().join("docs/load"))
        .and_then(|()| fs::write(&place, &report))
        .with_context(|| format!("cannot write {}", place.display()))?;
    print!("{report}");
    Ok(())
}
