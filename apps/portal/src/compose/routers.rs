//! The way to each router by its mode: real ones by the RouterOS API, fake ones in the fake world, and RADIUS in the
//! portal's own directory.

use std::sync::Arc;

use hotspot::{
    Router, RouterMode,
    adapters::{fake::FakeRouters, mikrotik::MikrotikRouters},
    ports::{RouterGateway, RouterGateways, RouterHealth},
};

use super::radius_router::RadiusRouters;

/// The ways to routers that lead outside: to real ones and, where the settings permit them, to fake ones.
#[derive(Clone)]
pub struct RoutersOutside {
    pub(super) api: Arc<MikrotikRouters>,
    pub(super) fake: Option<Arc<FakeRouters>>,
}

/// Every way to a router, side by side.
pub(super) struct RoutersByMode {
    pub(super) outside: RoutersOutside,
    pub(super) radius: RadiusRouters,
}

impl RoutersByMode {
    /// A fake router that is left from a time when fakes were permitted is looked for on the network, and not
    /// found: what is owed on it waits, and nobody is told that it was delivered.
    fn way_to(&self, mode: RouterMode) -> &dyn RouterGateways {
        match (mode, &self.outside.fake) {
            (RouterMode::Radius, _) => &self.radius,
            (RouterMode::Fake, Some(fake)) => fake.as_ref(),
            (RouterMode::Fake, None) | (RouterMode::Api, _) => self.outside.api.as_ref(),
        }
    }
}

impl RouterGateways for RoutersByMode {
    fn gateway(&self, router: &Router) -> Arc<dyn RouterGateway> {
        self.way_to(router.access.mode).gateway(router)
    }

    fn reaches(&self, mode: RouterMode) -> bool {
        self.way_to(mode).reaches(mode)
    }

    fn health(&self, router: &Router) -> RouterHealth {
        self.way_to(router.access.mode).health(router)
    }
}
