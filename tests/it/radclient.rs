//! `radclient` of FreeRADIUS's utilities as a NAS: other people's code on the other side of the wire.

use std::{net::SocketAddr, path::Path, process::Stdio};

use tokio::{io::AsyncWriteExt as _, process::Command};

const PROGRAM: &str = "/usr/bin/radclient";

/// Whether there is one; says so when there is none.
pub fn is_there() -> bool {
    let there = Path::new(PROGRAM).exists();
    if !there {
        eprintln!("left out: there is no radclient here (Debian: freeradius-utils)");
    }
    there
}

/// What was answered: the kind of packet and its attributes, as radclient prints them.
#[derive(Debug, PartialEq, Eq)]
pub struct Answered {
    /// `Access-Accept`, `Access-Reject`, `Accounting-Response`; empty if there was no answer.
    pub packet: String,
    /// `Session-Timeout = 3600`, …
    pub attributes: Vec<String>,
}

impl Answered {
    /// The value of an attribute, without the quotes around a text.
    pub fn value(&self, name: &str) -> Option<&str> {
        let value = |line: &str| line.split_once(" = ").is_some_and(|(there, _)| there == name);
        let line = self.attributes.iter().find(|line| value(line))?;
        Some(line.split_once(" = ")?.1.trim_matches('"'))
    }
}

/// Sends a request (`auth` or `acct`) and waits for the answer; asks three times, as a NAS does.
pub async fn send(to: SocketAddr, kind: &str, secret: &str, attributes: &[&str]) -> Answered {
    let mut process = Command::new(PROGRAM)
        .args(["-x", "-r", "3", "-t", "4", &to.to_string(), kind, secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    input.write_all(attributes.join("\n").as_bytes()).await.unwrap();
    drop(input);
    let output = process.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let mut lines = said.lines().skip_while(|line| !line.starts_with("Received "));
    let packet = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let attributes = lines.take_while(|line| line.starts_with('\t')).map(|line| line.trim().to_owned());
    Answered { packet, attributes: attributes.collect() }
}
