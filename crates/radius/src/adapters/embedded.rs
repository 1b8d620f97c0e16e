//! A RADIUS server within the portal (RFC 2865, RFC 2866), for sites that run no FreeRADIUS.
//!
//! Everything that comes is hostile until it has proved where it comes from: [`packet`] checks the form, [`clients`] knows
//! who may ask, [`memory`] what was asked before. What does not pass is dropped without an answer and counted
//! ([`tally`]). What passes becomes a [`LoginAttempt`](crate::login::LoginAttempt) or a [`Report`](crate::accounting::Report)
//! ([`request`], [`proof`]), the domain answers, and [`reply`] writes the answer.
//!
//! The wire format is that of the crate `radius-tokio`; its server is not used, as it neither counts what it drops nor
//! bounds what waits for the database. Here a request that finds no room is dropped at once, and the NAS asks again:
//! a database that is slow makes NAS wait, and never this process grow.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kernel::{Ambient, StoreError, Timestamp};
use radius_tokio::header::MAX_PACKET_LEN;
use secrecy::ExposeSecret as _;
use tokio::{
    net::UdpSocket,
    sync::Semaphore,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub mod clients;
pub mod memory;
pub mod packet;
pub mod proof;
pub mod reply;
pub mod request;
pub mod tally;

use clients::{Client, Clients};
use memory::{Asked, Memory};
use packet::{Packet, Role};
use proof::RequestProof;
use tally::{Tallies, Tally};

use crate::{
    auth_log::NewAuthEntry,
    ports::{RadiusBackend, ServerState},
};

/// So many requests of one port may wait for their answers at once.
const AT_ONCE: usize = 256;
/// So long an answer to a login waits for its line in the log. A database that is busy for longer, such as SQLite while
/// thousands are given access, gets the line afterwards: a NAS that waits longer asks elsewhere, or shows an error.
const LINE: Duration = Duration::from_millis(500);
/// So many lines may be owed: whoever comes then waits.
const LINES: usize = 256;
/// So often a server writes down what it has counted.
const NOTE_EVERY: Duration = Duration::from_secs(5);

/// A server that listens.
pub struct EmbeddedServer {
    auth: Arc<UdpSocket>,
    acct: Arc<UdpSocket>,
    shared: Arc<Shared>,
}

struct Shared {
    backend: Arc<dyn RadiusBackend>,
    ambient: Ambient,
    clients: Clients,
    memory: Mutex<Memory>,
    tallies: Tallies,
    lines: Arc<Semaphore>,
    id: Uuid,
    started_at: Timestamp,
    addresses: (SocketAddr, SocketAddr),
}

impl EmbeddedServer {
    /// Begins to listen.
    ///
    /// # Errors
    /// An address cannot be listened on.
    pub async fn bind(
        auth: SocketAddr,
        acct: SocketAddr,
        backend: Arc<dyn RadiusBackend>,
        ambient: Ambient,
    ) -> io::Result<Self> {
        let (auth, acct) = (UdpSocket::bind(auth).await?, UdpSocket::bind(acct).await?);
        let addresses = (auth.local_addr()?, acct.local_addr()?);
        let (id, started_at) = (ambient.uuid_v7(), ambient.now());
        let shared = Shared {
            backend,
            ambient,
            clients: Clients::default(),
            memory: Mutex::default(),
            tallies: Tallies::default(),
            lines: Arc::new(Semaphore::new(LINES)),
            id,
            started_at,
            addresses,
        };
        Ok(Self { auth: Arc::new(auth), acct: Arc::new(acct), shared: Arc::new(shared) })
    }

    /// Where it really listens, for logins and for accounting.
    #[must_use]
    pub fn addresses(&self) -> (SocketAddr, SocketAddr) {
        self.shared.addresses
    }

    /// What it has counted.
    #[must_use]
    pub fn tallies(&self) -> &Tallies {
        &self.shared.tallies
    }

    /// Writes down how it is, for those who look at it from other processes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note(&self) -> Result<(), StoreError> {
        self.shared.note().await
    }

    /// Answers until `stop`, then lets what is under way come to its end.
    pub async fn run(&self, stop: CancellationToken) {
        let auth = self.shared.clone().listen(self.auth.clone(), Role::Auth, stop.clone());
        let acct = self.shared.clone().listen(self.acct.clone(), Role::Acct, stop.clone());
        tokio::join!(auth, acct, self.shared.keep_noting(stop));
        all_of(&self.shared.lines, LINES).await;
        if let Err(error) = self.note().await {
            tracing::warn!(%error, "the RADIUS server's last counts are not written down");
        }
    }
}

impl Shared {
    async fn listen(self: Arc<Self>, socket: Arc<UdpSocket>, role: Role, stop: CancellationToken) {
        let room = Arc::new(Semaphore::new(AT_ONCE));
        // One byte more than a packet may have, so that a longer one is seen to be.
        let mut buffer = vec![0; MAX_PACKET_LEN + 1];
        loop {
            let received = tokio::select! {
                received = socket.recv_from(&mut buffer) => received,
                () = stop.cancelled() => break,
            };
            let (length, source) = match received {
                Ok(received) => received,
                // On some systems an answer that reached nobody shows here; the next packet is not its fault.
                Err(error) => {
                    tracing::debug!(%error, "a RADIUS packet cannot be received");
                    continue;
                }
            };
            self.tallies.count(Tally::Received);
            let Ok(permit) = room.clone().try_acquire_owned() else {
                self.tallies.count(Tally::Overloaded);
                continue;
            };
            let datagram = buffer.get(..length).unwrap_or_default().to_vec();
            let (shared, socket) = (self.clone(), socket.clone());
            tokio::spawn(async move {
                match shared.answer(role, &datagram, source).await {
                    Ok(answer) => {
                        if let Err(error) = socket.send_to(&answer, source).await {
                            tracing::debug!(%error, %source, "an answer cannot be sent");
                        }
                    }
                    Err(tally) => shared.tallies.count(tally),
                }
                drop(permit);
            });
        }
        all_of(&room, AT_ONCE).await;
    }

    async fn answer(&self, role: Role, datagram: &[u8], source: SocketAddr) -> Result<Arc<[u8]>, Tally> {
        let client =
            self.clients.at(&*self.backend, source.ip()).await.map_err(|error| unanswerable(&error))?;
        let client = client.ok_or(Tally::UnknownNas)?;
        let packet = Packet::parse(role, datagram)?;
        let secret = client.secret.expose_secret().as_bytes();
        packet.authenticate(secret, client.require_message_authenticator)?;
        match self.remember().ask(source, &packet, Instant::now()) {
            Asked::New => {}
            Asked::UnderWay => return Err(Tally::UnderWay),
            Asked::Replayed => return Err(Tally::Replayed),
            Asked::Answered(bytes) => {
                self.tallies.count(Tally::Repeated);
                return Ok(bytes);
            }
        }
        let answered = match role {
            Role::Auth => self.answer_login(&packet, &client, source).await,
            Role::Acct => self.answer_accounting(&packet, &client, source).await,
        };
        match answered {
            Ok(bytes) => {
                let bytes: Arc<[u8]> = bytes.into();
                self.remember().answered(source, &packet, bytes.clone(), Instant::now());
                Ok(bytes)
            }
            Err(tally) => {
                self.remember().failed(source, &packet);
                Err(tally)
            }
        }
    }

    async fn answer_login(
        &self,
        packet: &Packet,
        client: &Client,
        source: SocketAddr,
    ) -> Result<Vec<u8>, Tally> {
        let secret = client.secret.expose_secret().as_bytes();
        let proof = RequestProof::of(packet, secret);
        let login = request::login(packet, proof.as_ref(), source.ip(), client.vendor);
        let (answer, line) = self.backend.login(&login).await.map_err(|error| unanswerable(&error))?;
        let bytes = reply::to_login(packet, &answer, proof.as_ref(), secret).map_err(|error| {
            tracing::error!(%error, alert = "radius_reply", "an answer to a login cannot be written");
            Tally::Unanswerable
        })?;
        self.write_line(line).await.map_err(|error| unanswerable(&error))?;
        let accepted = matches!(answer, crate::login::LoginAnswer::Accept { .. });
        self.tallies.count(if accepted { Tally::Accepted } else { Tally::Rejected });
        Ok(bytes)
    }

    /// Has the line of a login written, within a moment or after the answer.
    async fn write_line(&self, line: NewAuthEntry) -> Result<(), StoreError> {
        let (room, backend) = (self.lines.clone().acquire_owned().await, self.backend.clone());
        let mut writing = tokio::spawn(async move {
            let written = backend.log(&line).await;
            drop(room);
            written
        });
        if let Ok(written) = timeout(LINE, &mut writing).await {
            return written.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())));
        }
        tokio::spawn(async move {
            if let Ok(Err(error)) = writing.await {
                tracing::error!(%error, "a login that was answered is not in the log");
            }
        });
        Ok(())
    }

    async fn answer_accounting(
        &self,
        packet: &Packet,
        client: &Client,
        source: SocketAddr,
    ) -> Result<Vec<u8>, Tally> {
        match request::accounting(packet, source.ip(), self.ambient.now()) {
            request::Accounting::Report(report) => {
                self.backend.account(&report).await.map_err(|error| unanswerable(&error))?;
            }
            request::Accounting::Nothing => {}
            request::Accounting::Unfit => return Err(Tally::Malformed),
        }
        let bytes = reply::to_accounting(packet, client.secret.expose_secret().as_bytes());
        let bytes = bytes.map_err(|_| Tally::Malformed)?;
        self.tallies.count(Tally::Accounted);
        Ok(bytes)
    }

    fn remember(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn keep_noting(&self, stop: CancellationToken) {
        let mut due = interval(NOTE_EVERY);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = due.tick() => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.note().await {
                tracing::warn!(%error, "what the RADIUS server has counted is not written down");
            }
        }
    }

    async fn note(&self) -> Result<(), StoreError> {
        let (auth, acct) = self.addresses;
        let state = ServerState {
            id: self.id,
            auth_address: auth.to_string(),
            acct_address: acct.to_string(),
            started_at: self.started_at,
            seen_at: self.ambient.now(),
            counts: self.tallies.all(),
        };
        self.backend.note(&state).await
    }
}

/// All permits are back when nothing is under way any more.
async fn all_of(room: &Semaphore, permits: usize) {
    let _ = room.acquire_many(u32::try_from(permits).unwrap_or(u32::MAX)).await;
}

fn unanswerable(error: &StoreError) -> Tally {
    tracing::error!(%error, "a RADIUS request cannot be answered");
    Tally::Unanswerable
}

#[cfg(test)]
mod tests;
