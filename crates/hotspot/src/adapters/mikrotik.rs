//! Real routers, by the RouterOS API.
//!
//! Each router has one connection, logged in once, on which commands run at once; when it is lost the next call
//! makes a new one, and a router that fails again and again is left alone for a while. Nothing is shared between
//! routers, so that a slow one holds nobody else back, and what one may send is bounded.
//!
//! How the portal's words become RouterOS's:
//!
//! | portal | RouterOS |
//! |---|---|
//! | a user, its marker | `/ip/hotspot/user`, its `comment` |
//! | rates, timeouts, devices at once | a `/ip/hotspot/user/profile` named after them, made when it is missing |
//! | cap of bytes | the user's `limit-bytes-total`, over its whole life |
//! | a session | `/ip/hotspot/active` |
//! | a live rate limit | a `/queue/simple` of ours for the session's address, in front of the others |
//! | a blocked domain | `/ip/hotspot/walled-garden`, `action=deny`, for itself and its subdomains |
//! | a blocked address | `/ip/firewall/address-list` (or that of `/ipv6`), list `hotspot-blocked` |
//! | a blocked device | `/ip/hotspot/ip-binding`, `type=blocked` |
//!
//! RouterOS does not let anybody change the queue that a session gets from its profile, and a changed profile
//! counts from the next sign-in; the first queue that matches an address wins, hence the queue of our own. It does
//! not end with its session by itself: ending a session through the portal and listing all sessions takes such
//! leftovers away. The walled garden rules what is reached without signing in; to keep customers who
//! have signed in from the blocked addresses, the router needs one rule by its operator:
//! `/ip firewall filter add chain=forward dst-address-list=hotspot-blocked action=drop`.
//!
//! To add an operation: a command in the file of its menu, a method in `gateway.rs`, a line in the contract suite.

mod blocks;
mod gateway;
mod link;
mod profiles;
mod refusals;
mod sessions;
mod status;
mod users;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::{Ambient, Sealer, id::ids::RouterId, sealed::Purpose};
use outbound::breaker::BreakerSettings;
use routeros_api::{Account, CodecLimits, Limits, Timeouts, Tls};
use secrecy::SecretString;

use crate::{
    ports::{RouterError, RouterGateway, RouterGateways, RouterHealth},
    router::{Router, RouterAccess, RouterMode, RouterTls},
};
use link::{Link, LinkSettings};

/// What an operator chooses about the way to routers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MikrotikSettings {
    /// How long each step to a connection may take: the network, TLS, the login.
    pub connect_timeout: Duration,
    /// How long an operation may take once there is a connection; lists may take three times as long.
    pub call_timeout: Duration,
    /// A connection that was silent for longer than this is asked whether it still is one before it is relied on:
    /// routers restart, and what translates addresses on the way forgets.
    pub probe_after: Duration,
    /// Commands that one router works on at once.
    pub commands_in_flight: usize,
    /// When a router that fails is left alone, and for how long.
    pub breaker: BreakerSettings,
}

impl Default for MikrotikSettings {
    fn default() -> Self {
        let breaker = BreakerSettings { failures: 3, ..BreakerSettings::default() };
        let [connect_timeout, call_timeout, probe_after] = [3, 8, 20].map(Duration::from_secs);
        Self { connect_timeout, call_timeout, probe_after, commands_in_flight: 8, breaker }
    }
}

/// All real routers: one connection for each, made when it is first needed and made anew when the way to the
/// router changes.
pub struct MikrotikRouters {
    settings: MikrotikSettings,
    ambient: Ambient,
    sealer: Arc<Sealer>,
    links: Mutex<HashMap<RouterId, Known>>,
}

struct Known {
    access: RouterAccess,
    link: Arc<Link>,
}

impl MikrotikRouters {
    /// No connection is made before it is needed.
    #[must_use]
    pub fn new(settings: MikrotikSettings, ambient: Ambient, sealer: Arc<Sealer>) -> Self {
        Self { settings, ambient, sealer, links: Mutex::default() }
    }

    fn link(&self, router: &Router) -> Arc<Link> {
        let mut links = self.lock();
        // Of routers that nobody asks for any more, perhaps as they were retired.
        links.values().for_each(|known| known.link.close_if_idle());
        if let Some(known) = links.get(&router.id)
            && known.access == router.access
        {
            return known.link.clone();
        }
        let link = Arc::new(Link::new(self.options(router), self.settings.breaker, self.ambient.clone()));
        links.insert(router.id, Known { access: router.access.clone(), link: link.clone() });
        link
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RouterId, Known>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the router is reached; the error is the answer to every call.
    fn options(&self, router: &Router) -> Result<LinkSettings, RouterError> {
        let access = &router.access;
        let password = match &access.sealed_password {
            None => SecretString::default(),
            Some(sealed) => {
                let opened = self.sealer.open(Purpose::RouterPassword, &router.id, sealed);
                opened
                    .map(SecretString::from)
                    .map_err(|error| RouterError::LoginRefused(format!("its password: {error}")))?
            }
        };
        let MikrotikSettings { connect_timeout, call_timeout, probe_after, commands_in_flight, .. } =
            self.settings;
        let client = routeros_api::ClientOptions {
            host: access.host.clone(),
            port: access.port,
            tls: tls(access.tls),
            account: Account { name: access.username.clone(), password },
            timeouts: Timeouts {
                connect: connect_timeout,
                tls: connect_timeout,
                login: connect_timeout,
                command: call_timeout,
                grace: call_timeout,
            },
            limits: Limits {
                in_flight: commands_in_flight,
                waiting: link::MOST_CALLS,
                answer_rows: 100_000,
                answer_bytes: 32 * 1024 * 1024,
                codec: CodecLimits { word_bytes: 64 * 1024, words: 256, sentence_bytes: 256 * 1024 },
            },
        };
        Ok(LinkSettings { client, call_timeout, probe_after })
    }
}

fn tls(tls: RouterTls) -> Option<Tls> {
    match tls {
        RouterTls::Off => None,
        RouterTls::System => Some(Tls::SystemRoots),
        RouterTls::Pinned(fingerprint) => Some(Tls::Pinned((*fingerprint.as_bytes()).into())),
        RouterTls::Unchecked => Some(Tls::Unchecked),
    }
}

impl RouterGateways for MikrotikRouters {
    fn gateway(&self, router: &Router) -> Arc<dyn RouterGateway> {
        self.link(router)
    }

    fn reaches(&self, mode: RouterMode) -> bool {
        mode == RouterMode::Api
    }

    fn health(&self, router: &Router) -> RouterHealth {
        let links = self.lock();
        let known = links.get(&router.id).filter(|known| known.access == router.access);
        known.map(|known| known.link.health()).unwrap_or_default()
    }
}
