//! A NAS that is told something about an open session: to end it, or to change it (RFC 5176).

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use async_trait::async_trait;
use secrecy::SecretString;

use crate::nas_client::Vendor;

/// Tells NASes what to do.
#[async_trait]
pub trait NasControl: Send + Sync {
    /// Tells a NAS what to do with one session, and waits for its answer, a few seconds at most. An order that is told
    /// twice does what it does once.
    async fn tell(&self, nas: &NasTarget, session: &SessionNames, order: &Order) -> Told;
}

/// The way to a NAS.
#[derive(Debug, Clone)]
pub struct NasTarget {
    /// Where it takes orders.
    pub address: SocketAddr,
    /// What it and the RADIUS server share.
    pub secret: SecretString,
    /// Whose attributes it understands.
    pub vendor: Vendor,
}

/// Whatever tells a NAS which session is meant (RFC 5176 section 3). It takes an order only if everything fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionNames {
    /// `User-Name`. Left out where the NAS may know it in other letters than we do.
    pub username: Option<String>,
    /// `Acct-Session-Id`.
    pub session_id: String,
    /// `Framed-IP-Address`: MikroTik's HotSpot finds its sessions by it.
    pub address: Option<Ipv4Addr>,
    /// `Calling-Station-Id`.
    pub mac: Option<String>,
    /// `NAS-IP-Address`, as the NAS says it of itself.
    pub nas_address: Option<IpAddr>,
}

/// What is to become of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It ends: a Disconnect-Request.
    Disconnect,
    /// It goes on under other limits: a CoA-Request.
    Change(LiveLimits),
}

/// The limits that an open session can be given. What is `None` stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LiveLimits {
    /// The rates from and to the device.
    pub rates: Option<LiveRates>,
    /// How long the session may last, in seconds from its beginning.
    pub session_timeout_seconds: Option<u32>,
}

/// Kilobits (1000 bits) per second; `None` is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LiveRates {
    /// From the device.
    pub upload_kbps: Option<u32>,
    /// To the device.
    pub download_kbps: Option<u32>,
}

/// What a NAS said, and which packet it was asked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it said.
    pub answer: NasAnswer,
    /// The request's identifier, by which a trace on the NAS's side finds it; none if nothing was sent.
    pub identifier: Option<u8>,
    /// How often the request was sent, every time as the same bytes.
    pub transmissions: u8,
}

impl Told {
    /// Nothing was sent, for this reason.
    #[must_use]
    pub fn not_sent(reason: impl fmt::Display) -> Self {
        Self { answer: NasAnswer::NotSent(reason.to_string()), identifier: None, transmissions: 0 }
    }
}

/// What a NAS said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NasAnswer {
    /// That it did it. No proof: some say so and let the session go on.
    Ack,
    /// That it did not, with its `Error-Cause` (RFC 5176 section 3.5).
    Nak(Option<u32>),
    /// Nothing that could be believed: it is away, takes no orders, or shares another secret. It may have done it.
    Silence,
    /// It certainly got nothing, for this reason.
    NotSent(String),
}

/// The `Error-Cause` of a NAS that knows no such session.
pub const SESSION_CONTEXT_NOT_FOUND: u32 = 503;
