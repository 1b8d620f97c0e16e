//! The check by a plain `EventSource`, from npm: it follows the logins of a running portal as a browser does.

use std::fs;
use std::net::UdpSocket;

use anyhow::{Context, Result};

use super::node::Tools;
use super::scratch;
use crate::portal::{self, Serving};
use crate::process;
use crate::workspace::root;

/// Starts a portal that answers RADIUS, and runs `tests/contract/stream.js` against it.
pub(super) fn run() -> Result<()> {
    let Some(tools) = Tools::prepare("the check that a plain EventSource follows logins")? else {
        return Ok(());
    };
    let script = root().join("tests/contract/stream.js");
    fs::copy(&script, tools.directory.join("stream.js"))
        .with_context(|| format!("cannot copy {}", script.display()))?;
    let portal = portal::build_workspace()?;
    let log = scratch("stream")?.join("portal.log");
    let [auth, acct] = free_ports()?;
    let settings = [
        ("RADIUS_MODE", "embedded".to_owned()),
        ("RADIUS_AUTH_ADDR", format!("127.0.0.1:{auth}")),
        ("RADIUS_ACCT_ADDR", format!("127.0.0.1:{acct}")),
    ];
    let mut serving = Serving::with(&portal, log.clone(), &settings)?;
    let base = format!("http://{}", serving.address);
    let outcome = process::run(tools.node("stream.js").args([base, auth.to_string()]));
    serving.must_still_run()?;
    outcome.with_context(|| format!("what the portal logged is in {}", log.display()))
}

/// Two ports of 127.0.0.1 on which nobody takes datagrams at this moment.
fn free_ports() -> Result<[u16; 2]> {
    let bound = || UdpSocket::bind("127.0.0.1:0").context("no free port on 127.0.0.1");
    // Both are held until both are known.
    let (one, other) = (bound()?, bound()?);
    Ok([one.local_addr()?.port(), other.local_addr()?.port()])
}
