//! A FreeRADIUS of a test's own: it lets `amina` in, writes down accounting, and takes Disconnect- and CoA-Requests as
//! a NAS would. And `radclient`.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

/// What FreeRADIUS and its clients share.
pub const SECRET: &str = "testing-secret";

const CONFIGURATION: &str = include_str!("freeradius.conf");

const USERS: &str = "amina Cleartext-Password := \"secret\"
\tSession-Timeout := 3600,
\tIdle-Timeout := 600,
\tMikrotik-Rate-Limit := \"512k/2M\",
\tMikrotik-Total-Limit := 1073741824,
\tMikrotik-Total-Limit-Gigawords := 1,
\tAcct-Interim-Interval := 300,
\tClass := 0x70726f6f66
";

pub struct FreeRadius {
    pub auth: SocketAddr,
    pub acct: SocketAddr,
    pub coa: SocketAddr,
    folder: TempDir,
    _process: Child,
}

impl FreeRadius {
    /// Starts one, if it is installed.
    pub async fn start() -> Option<Self> {
        let binary =
            ["/usr/sbin/freeradius", "/usr/sbin/radiusd"].into_iter().find(|path| Path::new(path).exists());
        let Some(binary) = binary else {
            eprintln!("left out: there is no FreeRADIUS here");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let [auth, acct, coa] = free_ports();
        let configuration = CONFIGURATION
            .replace("@FOLDER@", folder.path().to_str().unwrap())
            .replace("@SECRET@", SECRET)
            .replace("@AUTH@", &auth.port().to_string())
            .replace("@ACCT@", &acct.port().to_string())
            .replace("@COA@", &coa.port().to_string());
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("radiusd.conf", &configuration);
        write("users", USERS);
        write("dictionary", "$INCLUDE /usr/share/freeradius/dictionary\n");
        let mut command = Command::new(binary);
        command.args(["-f", "-n", "radiusd", "-l", "stdout", "-d"]).arg(folder.path());
        let mut process =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut said = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains("Ready to process requests") {
                // Read on, so that it never waits for a reader.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Some(Self { auth, acct, coa, folder, _process: process });
            }
            said += &line;
            said.push('\n');
        }
        panic!("FreeRADIUS did not start:\n{said}");
    }

    /// The accounting and orders that it has taken, each packet as its attributes in FreeRADIUS's words.
    pub fn taken(&self) -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(self.folder.path().join("detail")).unwrap_or_default();
        let packets = text.split("\n\n").filter(|packet| !packet.trim().is_empty());
        packets.map(|packet| packet.lines().skip(1).map(|line| line.trim().to_owned()).collect()).collect()
    }
}

/// Three UDP ports that nobody has at the moment.
fn free_ports() -> [SocketAddr; 3] {
    let sockets = [(); 3].map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    sockets.map(|socket| socket.local_addr().unwrap())
}

/// Sends a request with `radclient` and gives all that it says, if it is installed.
pub async fn radclient(to: SocketAddr, kind: &str, secret: &str, attributes: &str) -> Option<String> {
    if !Path::new("/usr/bin/radclient").exists() {
        eprintln!("left out: there is no radclient here");
        return None;
    }
    let mut process = Command::new("/usr/bin/radclient")
        .args(["-x", "-r", "1", "-t", if secret == SECRET { "30" } else { "1" }])
        .args([&to.to_string(), kind, secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(attributes.as_bytes()).await.unwrap();
    let output = process.wait_with_output().await.unwrap();
    Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}
