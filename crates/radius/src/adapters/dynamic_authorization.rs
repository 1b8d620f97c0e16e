//! Disconnect- and CoA-Requests over UDP (RFC 5176).
//!
//! Each order has a socket of its own, so that a late answer to one is never taken for an answer to another and
//! identifiers never run out. It is sent again as the same bytes, with the same identifier (RFC 5176 section 2.3), after
//! pauses that double; a NAS that hears it twice answers twice and does it once. What comes back is believed when its
//! authenticator is right. A Message-Authenticator is always sent; NASes that answer without one (RouterOS, FreeRADIUS
//! before 3.2.5) are believed, since the answer is bound to our request by its authenticator and decides nothing that
//! accounting does not confirm.

mod packet;

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use radius_tokio::header::MAX_PACKET_LEN;
use secrecy::ExposeSecret as _;
use tokio::{
    net::UdpSocket,
    time::{Instant, timeout_at},
};

use crate::ports::nas::{NasAnswer, NasControl, NasTarget, Order, SessionNames, Told};
pub use packet::{read_answer, request};

/// How long and how often a NAS is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The pause before the request is sent for the second time; every later one is twice as long.
    pub first: Duration,
    /// How often it is sent.
    pub transmissions: u8,
}

impl Default for Patience {
    /// Seven seconds.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), transmissions: 3 }
    }
}

/// Tells NASes by RADIUS.
#[derive(Debug)]
pub struct DynamicAuthorization {
    patience: Patience,
    next: AtomicU8,
}

impl DynamicAuthorization {
    /// A sender that asks so long and so often.
    #[must_use]
    pub fn new(patience: Patience) -> Self {
        Self { patience, next: AtomicU8::new(0) }
    }

    async fn ask(&self, nas: &NasTarget, request: &[u8]) -> Told {
        let identifier = request.get(1).copied();
        let socket = match connect(nas.address).await {
            Ok(socket) => socket,
            Err(error) => return Told::not_sent(error),
        };
        let mut told = Told { answer: NasAnswer::Silence, identifier, transmissions: 0 };
        let mut refused = None;
        let mut pause = self.patience.first;
        while told.transmissions < self.patience.transmissions {
            match socket.send(request).await {
                Ok(_) => told.transmissions += 1,
                Err(error) if told.transmissions == 0 && refused.is_none() => return Told::not_sent(error),
                // What is wrong was learnt by an earlier packet; it may pass.
                Err(_) => told.transmissions += 1,
            }
            let until = Instant::now() + pause;
            match hear(&socket, nas, request, until).await {
                Some(Ok(answer)) => {
                    told.answer = answer;
                    return told;
                }
                Some(Err(error)) => {
                    refused = Some(error);
                    tokio::time::sleep_until(until).await;
                }
                None => refused = None,
            }
            pause *= 2;
        }
        if let Some(error) = refused {
            // Its machine says that nobody listens there, to the last.
            told.answer = NasAnswer::NotSent(error.to_string());
        }
        told
    }
}

#[async_trait]
impl NasControl for DynamicAuthorization {
    async fn tell(&self, nas: &NasTarget, session: &SessionNames, order: &Order) -> Told {
        let identifier = self.next.fetch_add(1, Ordering::Relaxed);
        match request(nas, session, order, identifier) {
            Ok(request) => self.ask(nas, &request).await,
            Err(error) => Told::not_sent(error),
        }
    }
}

async fn connect(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    // Packets from elsewhere are not even seen, and a port where nobody listens is heard of.
    socket.connect(address).await?;
    Ok(socket)
}

/// Waits for an answer that can be believed; none came in time, or the network says why none can.
async fn hear(
    socket: &UdpSocket,
    nas: &NasTarget,
    request: &[u8],
    until: Instant,
) -> Option<std::io::Result<NasAnswer>> {
    let mut buffer = [0; MAX_PACKET_LEN];
    loop {
        let length = match timeout_at(until, socket.recv(&mut buffer)).await.ok()? {
            Ok(length) => length,
            Err(error) => return Some(Err(error)),
        };
        let secret = nas.secret.expose_secret().as_bytes();
        if let Some(answer) = buffer.get(..length).and_then(|bytes| read_answer(bytes, request, secret)) {
            return Some(Ok(answer));
        }
    }
}
