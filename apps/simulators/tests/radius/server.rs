//! The smallest RADIUS server: it lets everybody in whose password is `secret`, with what the test says, and keeps the
//! packets. It reads them by itself, without the simulator's code.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use kernel::testing::Surroundings;
use radius_tokio::attributes::first;
use radius_tokio::dict::rfc::attrs;
use radius_tokio::{Code, PacketBuffer, Reply, authenticator};
use simulators::nas::{Identity, NasSimulator, Options};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

/// What it shares with its clients.
pub const SECRET: &str = "testing-secret";

type Fill = fn(&mut Reply);

pub struct Server {
    pub auth: SocketAddr,
    pub acct: SocketAddr,
    heard: Arc<Mutex<Vec<PacketBuffer>>>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// Starts one whose Access-Accepts are filled so.
    pub async fn start(fill: Fill) -> Self {
        let mut tasks = JoinSet::new();
        let heard: Arc<Mutex<Vec<PacketBuffer>>> = Arc::default();
        let mut addresses = Vec::new();
        for code in [Code::ACCESS_ACCEPT, Code::ACCOUNTING_RESPONSE] {
            let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            addresses.push(socket.local_addr().unwrap());
            let heard = heard.clone();
            tasks.spawn(async move {
                let mut buffer = [0; 4096];
                loop {
                    let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
                    let packet = PacketBuffer::from_bytes(&buffer[..length]).unwrap();
                    let answer = answer(&packet, code, fill);
                    heard.lock().unwrap().push(packet);
                    socket.send_to(&answer, from).await.unwrap();
                }
            });
        }
        Self { auth: addresses[0], acct: addresses[1], heard, _tasks: tasks }
    }

    /// A NAS of this server, whose clock the test holds.
    pub async fn nas(&self, around: &Surroundings, change: impl FnOnce(&mut Options)) -> NasSimulator {
        let mut options = Options::asking(self.auth, self.acct);
        options.identity = Identity { secret: SECRET.to_owned(), ..Identity::default() };
        options.ambient = around.ambient();
        change(&mut options);
        NasSimulator::start(options).await.unwrap()
    }

    /// The packets of one kind that have come, `Acct-Status-Type` and input octets for accounting, in their order.
    pub fn accounting(&self) -> Vec<(u32, u32)> {
        let heard = self.heard.lock().unwrap();
        let accounting = heard.iter().filter(|packet| packet.header().code == Code::ACCOUNTING_REQUEST);
        let figures = accounting.map(|packet| {
            let all = packet.attributes();
            let octets = first(all, attrs::ACCT_INPUT_OCTETS).unwrap_or_default();
            (first(all, attrs::ACCT_STATUS_TYPE).unwrap(), octets)
        });
        figures.collect()
    }

    /// How many packets have come.
    pub fn heard(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    /// The last packet that has come.
    pub fn last(&self) -> Vec<u8> {
        self.heard.lock().unwrap().last().unwrap().as_bytes().to_vec()
    }
}

fn answer(packet: &PacketBuffer, code: Code, fill: Fill) -> Vec<u8> {
    let header = packet.header();
    let mut reply = Reply::new(code, header.identifier);
    if code == Code::ACCESS_ACCEPT {
        fill(&mut reply);
    } else {
        assert!(authenticator::verify_zeroed_request(packet.as_bytes(), SECRET.as_bytes()));
        reply = reply.without_message_authenticator();
    }
    reply.seal_for(&header.authenticator, SECRET.as_bytes()).as_bytes().to_vec()
}
