//! `cargo xtask test`: every test of the workspace, with the PostgreSQL and the portal binary that they need.

use anyhow::Result;

use crate::freeradius::{self, FreeRadius};
use crate::postgres::{Database, Safety, URL_VARIABLE};
use crate::workspace::{FEATURES, cargo};
use crate::{pages, portal, process, python};

/// Runs `cargo test --workspace`, passing `arguments` on to it.
///
/// The tests learn what was prepared from environment variables: `PORTAL_BIN`, the portal with crash points;
/// `TEST_POSTGRES_URL`, a server on which they may create databases (unset: they run on SQLite alone);
/// `ROUTEROS_CLIENTS_PYTHON`, a Python with other people's RouterOS clients, and `FREERADIUS_SERVER` and `RADCLIENT`, a
/// FreeRADIUS to start and its client; `PDFTOPPM`, which makes pictures of PDF pages (unset: those are left out).
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let postgres = Database::prepare(Safety::Quick)?;
    let portal = portal::build_workspace()?;
    let clients = python::routeros_clients()?;
    let radius = FreeRadius::prepare(postgres.url().is_some())?;
    let pages = pages::prepare()?;
    let mut tests = cargo();
    tests
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(FEATURES)
        .args(arguments)
        .env("PORTAL_BIN", portal);
    match postgres.url() {
        Some(url) => tests.env(URL_VARIABLE, url),
        None => tests.env_remove(URL_VARIABLE),
    };
    match &clients {
        Some(python) => tests.env(python::CLIENTS_VARIABLE, python),
        None => tests.env_remove(python::CLIENTS_VARIABLE),
    };
    match &radius {
        Some(FreeRadius { server, client }) => {
            tests.env(freeradius::SERVER_VARIABLE, server).env(freeradius::CLIENT_VARIABLE, client)
        }
        None => tests.env_remove(freeradius::SERVER_VARIABLE).env_remove(freeradius::CLIENT_VARIABLE),
    };
    match &pages {
        Some(program) => tests.env(pages::PROGRAM_VARIABLE, program),
        None => tests.env_remove(pages::PROGRAM_VARIABLE),
    };
    process::run_tests(&mut tests)?;
    if postgres.url().is_none() {
        eprintln!("\nThe tests passed on SQLite. LEFT OUT: their PostgreSQL half; see the message above.");
    }
    if clients.is_none() {
        eprintln!("\nLEFT OUT: independent clients of the RouterOS API; see the message above.");
    }
    if radius.is_none() {
        eprintln!("\nLEFT OUT: a real FreeRADIUS; see the message above.");
    }
    if pages.is_none() {
        eprintln!("\nLEFT OUT: pictures of printed pages; see the message above.");
    }
    Ok(())
}
