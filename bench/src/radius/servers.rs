//! Logins and accounting: the portal's own RADIUS server, and FreeRADIUS on the portal's database and on files, by the
//! same client, one after the other.

use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::json;

use super::{
    REPEATS,
    campus::Campus,
    freeradius::{Addresses, FreeRadius, Programs},
    radclient::{KINDS, RadClient, SECRET},
};
use crate::{database::Engine, figures::median};

/// How one server did.
pub(super) struct Server {
    /// Which.
    pub(super) name: String,
    /// Whether it has everybody in a file: what the others are held against.
    pub(super) is_reference: bool,
    /// Requests per second of each kind, in the order of [`KINDS`]: in the middle, the least and the most.
    pub(super) rates: Vec<[f64; 3]>,
    /// The most memory of the portal, in KiB, where the system tells.
    pub(super) memory: Option<u64>,
}

/// Asks every server that can run on this database.
pub(super) async fn run(programs: &Programs, engine: &Engine) -> Result<Vec<Server>> {
    let version = engine.version().await?;
    let addresses = Addresses::free()?;
    let embedded = [
        ("RADIUS_MODE", "embedded".to_owned()),
        ("RADIUS_AUTH_ADDR", addresses.auth.to_string()),
        ("RADIUS_ACCT_ADDR", addresses.acct.to_string()),
    ];
    let campus = Campus::open(&programs.portal, engine, &embedded).await?;
    let nas = json!({ "name": "here", "address": "127.0.0.1", "secret": SECRET });
    campus.admin.ask(Method::POST, "/api/v1/admin/radius/nas-clients", Some(&nas)).await?;
    campus.activate().await?;
    campus.until_idle().await?;
    let mut servers = vec![ask(programs, &campus, format!("portal on {version}"), 0, addresses).await?];
    let Engine::Postgres(_) = engine else {
        campus.close().await?;
        return Ok(servers);
    };
    let campus = campus.restart(&[("RADIUS_MODE", "freeradius".to_owned())]).await?;
    let server = FreeRadius::on_database(&programs.freeradius, campus.folder(), &campus.database.url).await?;
    let name = format!("FreeRADIUS on {version}, and the portal beside it");
    servers.push(ask(programs, &campus, name, REPEATS, server.addresses).await?);
    drop(server);
    let server = FreeRadius::on_files(&programs.freeradius, campus.folder()).await?;
    let on_files = ask(programs, &campus, "FreeRADIUS on files".to_owned(), 0, server.addresses).await?;
    servers.insert(0, Server { is_reference: true, memory: None, ..on_files });
    campus.close().await?;
    Ok(servers)
}

async fn ask(
    programs: &Programs,
    campus: &Campus,
    name: String,
    first: usize,
    at: Addresses,
) -> Result<Server> {
    eprintln!("logins and accounting: {name}");
    let client = RadClient { program: &programs.radclient, folder: campus.folder().to_owned() };
    let mut measured = KINDS.map(|_| Vec::new());
    for round in first..first + REPEATS {
        for (kind, measured) in KINDS.into_iter().zip(&mut measured) {
            let server = if kind == KINDS[0] { at.auth } else { at.acct };
            let rate = client.ask(kind, round, server).await.with_context(|| campus.portal.last_words())?;
            measured.push(rate);
            // What was written down is taken in while packets come; the next kind begins when that is done.
            campus.until_none("radacct_observations").await?;
            campus.until_idle().await?;
        }
    }
    let rates = measured.map(|rates| {
        let least = rates.iter().copied().fold(f64::INFINITY, f64::min);
        let most = rates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        [median(rates).unwrap_or(f64::NAN), least, most]
    });
    let memory = campus.portal.peak_memory();
    Ok(Server { name, is_reference: false, rates: rates.into(), memory })
}
