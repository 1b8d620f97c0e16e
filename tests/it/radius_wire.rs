//! FreeRADIUS's `radclient` as a router: what it asks a RADIUS server, and what it was answered.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::Write as _,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Stdio},
};

use radius::policy::password::octets;
use radius_tokio::auth::mschap::{MsChapSecret, v2_nt_response};

/// The address that the router gives itself.
pub const NAS: &str = "10.20.0.1";
/// The device that signs in.
pub const MAC: &str = "02:00:5E:00:53:01";
/// The address that the device has.
pub const FRAMED: &str = "10.5.50.2";

/// How often a router asks that has patience with a busy machine.
const PATIENT: &str = "6";

/// A RADIUS server that can be asked.
#[derive(Debug, Clone)]
pub struct RadiusServer {
    pub auth: SocketAddr,
    pub acct: SocketAddr,
    pub secret: String,
    pub radclient: PathBuf,
}

/// How a password is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Pap,
    Chap,
    /// MS-CHAPv2.
    MsChap,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Such as `Access-Accept`.
    pub code: String,
    /// Its attributes by name; one that comes twice has two values.
    pub attributes: BTreeMap<String, Vec<String>>,
}

impl Answer {
    /// The attributes that say what the user may, without those that only the servers themselves need.
    pub fn replies(&self) -> Vec<(String, String)> {
        let of_servers = ["Class", "Message-Authenticator"];
        let told = self.attributes.iter().filter(|(name, _)| !of_servers.contains(&name.as_str()));
        told.flat_map(|(name, values)| values.iter().map(|value| (name.clone(), value.clone()))).collect()
    }
}

impl RadiusServer {
    /// Signs somebody in. None if the server does not answer.
    pub fn sign_in(&self, method: Method, username: &str, password: &str) -> Option<Answer> {
        self.send(self.auth, "auth", &["-r", PATIENT], &login(method, username, password))
    }

    /// Signs somebody in so many times, one right after the other, from one port.
    pub fn sign_in_often(&self, times: u32, username: &str, password: &str) -> Option<Answer> {
        let options = ["-r", PATIENT, "-c", &times.to_string()];
        self.send(self.auth, "auth", &options, &login(Method::Pap, username, password))
    }

    /// Sends an Access-Request with exactly these attributes, once: silence may be what is expected.
    pub fn ask(&self, attributes: &[(&str, &str)]) -> Option<Answer> {
        self.send(self.auth, "auth", &["-r", "1"], &packet(attributes))
    }

    /// Sends an Accounting-Request.
    pub fn account(&self, attributes: &[(&str, &str)]) -> Option<Answer> {
        self.send(self.acct, "acct", &["-r", PATIENT], &packet(attributes))
    }

    fn send(&self, to: SocketAddr, kind: &str, options: &[&str], packet: &str) -> Option<Answer> {
        let mut radclient = Command::new(&self.radclient)
            .args(["-x", "-t", "5"])
            .args(options)
            .args([&to.to_string(), kind, &self.secret])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        radclient.stdin.take().unwrap().write_all(packet.as_bytes()).unwrap();
        let output = radclient.wait_with_output().unwrap();
        let (said, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("Sent "), "radclient did not send {packet}\n{said}{errors}");
        answer(&said)
    }
}

/// A login as `radclient` reads it.
fn login(method: Method, username: &str, password: &str) -> String {
    let (name, password) = (quoted(username), proof(method, username, password));
    let mut attributes = vec![("User-Name", name.as_str())];
    attributes.extend(password.iter().map(|(name, value)| (*name, value.as_str())));
    attributes.extend([
        ("NAS-IP-Address", NAS),
        ("Calling-Station-Id", MAC),
        ("Framed-IP-Address", FRAMED),
        ("Message-Authenticator", "0x00"),
    ]);
    packet(&attributes)
}

/// A packet as `radclient` reads it.
fn packet(attributes: &[(&str, &str)]) -> String {
    let mut packet = String::new();
    for (name, value) in attributes {
        writeln!(packet, "{name} = {value}").unwrap();
    }
    packet
}

/// What proves a password. `radclient` makes the answers of MS-CHAP's first version alone.
fn proof(method: Method, username: &str, password: &str) -> Vec<(&'static str, String)> {
    match method {
        Method::Pap => vec![("User-Password", quoted(password))],
        Method::Chap => vec![("CHAP-Password", quoted(password))],
        Method::MsChap => {
            let (challenge, peer) = ([1; 16], [2; 16]);
            let secret = MsChapSecret::Cleartext(password);
            let response = v2_nt_response(&challenge, &peer, username.as_bytes(), secret);
            let whole = [&[9, 0], peer.as_slice(), &[0; 8], &response].concat();
            vec![("MS-CHAP-Challenge", octets(&challenge)), ("MS-CHAP2-Response", octets(&whole))]
        }
    }
}

/// Reads the answer out of what `radclient -x` prints.
fn answer(said: &str) -> Option<Answer> {
    let mut lines = said.lines().skip_while(|line| !line.starts_with("Received "));
    let code = lines.next()?.split(' ').nth(1)?.to_owned();
    let mut attributes = BTreeMap::<String, Vec<String>>::new();
    for line in lines {
        let Some((name, value)) = line.strip_prefix('\t').and_then(|line| line.split_once(" = ")) else {
            break;
        };
        let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        attributes.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    Some(Answer { code, attributes })
}

/// A text as `radclient` reads it.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
