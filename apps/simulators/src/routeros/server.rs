//! Listening: plain, over TLS, and not at all while the router is down.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, info, warn};

use super::connection;
use super::shared::Shared;
use super::world::Wire;

const BACKLOG: u32 = 1024;

const TICK: Duration = Duration::from_millis(100);

/// A port of the router. While the router is down the port stays ours, bound but not listening, so that connections
/// are refused and nobody else takes it.
pub(super) struct Port {
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    listener: Option<TcpListener>,
    reserved: Option<TcpSocket>,
}

impl Port {
    /// Begins to listen; port 0 takes a free one.
    pub(super) fn open(address: SocketAddr, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        let listener = bind(address)?.listen(BACKLOG)?;
        Ok(Self { address: listener.local_addr()?, tls, listener: Some(listener), reserved: None })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves connections for as long as it is polled.
    pub(super) async fn serve(mut self, shared: Arc<Shared>) {
        let mut wire = shared.watch();
        let mut connections = JoinSet::new();
        loop {
            let Wire { down, .. } = *wire.borrow_and_update();
            if let Err(error) = self.follow(down) {
                warn!(%error, address = %self.address, "the port cannot be opened or closed");
            }
            while connections.try_join_next().is_some() {}
            tokio::select! {
                changed = wire.changed() => {
                    if changed.is_err() {
                        return;
                    }
                }
                accepted = accept(self.listener.as_ref()) => match accepted {
                    Ok((stream, client)) => {
                        info!(%client, tls = self.tls.is_some(), "connection");
                        let (shared, tls) = (shared.clone(), self.tls.clone());
                        connections.spawn(async move { talk(stream, tls, shared).await });
                    }
                    Err(error) => warn!(%error, "cannot accept a connection"),
                },
            }
        }
    }

    /// Closes the port when the router is down, opens it when it is up.
    fn follow(&mut self, down: bool) -> io::Result<()> {
        if down && self.listener.take().is_some() {
            self.reserved = Some(bind(self.address)?);
            info!(address = %self.address, "connections are refused");
        }
        if !down && self.listener.is_none() {
            let socket = self.reserved.take().map_or_else(|| bind(self.address), Ok)?;
            self.listener = Some(socket.listen(BACKLOG)?);
            info!(address = %self.address, "connections are accepted");
        }
        Ok(())
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn talk(stream: TcpStream, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    // Answers are small; waiting for more to send would only slow them down.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "no TCP_NODELAY");
    }
    let Some(tls) = tls else {
        return connection::talk(stream, shared).await;
    };
    let mut wire = shared.watch();
    // A mute router does not even shake hands.
    let told = wire.wait_for(|wire: &Wire| !wire.mute).await.map(drop);
    if told.is_err() {
        return;
    }
    match tls.accept(stream).await {
        Ok(stream) => connection::talk(stream, shared).await,
        Err(error) => info!(%error, "no TLS with this client"),
    }
}

/// Lets the scenario happen at its time even when nobody asks anything.
pub(super) async fn watch_time(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        shared.up_to_date(|_| ());
    }
}
