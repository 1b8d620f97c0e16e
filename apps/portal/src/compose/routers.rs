//! The way to each router by its mode: real ones by the RouterOS API, fake ones in the fake world.

use std::sync::Arc;

use hotspot::{
    Router, RouterMode,
    adapters::{fake::FakeRouters, mikrotik::MikrotikRouters},
    ports::{RouterGateway, RouterGateways, RouterHealth},
};

/// Real routers and, where the settings permit them, fake ones side by side.
pub(super) struct RoutersByMode {
    pub(super) api: MikrotikRouters,
    pub(super) fake: Option<Arc<FakeRouters>>,
}

impl RoutersByMode {
    /// A fake router that is left from a time when fakes were permitted is looked for on the network, and not
    /// found: what is owed on it waits, and nobody is told that it was delivered.
    fn way_to(&self, router: &Router) -> &dyn RouterGateways {
        match (router.access.mode, &self.fake) {
            (RouterMode::Fake, Some(fake)) => fake.as_ref(),
            (RouterMode::Fake, None) | (RouterMode::Api, _) => &self.api,
        }
    }
}

impl RouterGateways for RoutersByMode {
    fn gateway(&self, router: &Router) -> Arc<dyn RouterGateway> {
        self.way_to(router).gateway(router)
    }

    fn reaches(&self, mode: RouterMode) -> bool {
        self.api.reaches(mode) || self.fake.as_ref().is_some_and(|fake| fake.reaches(mode))
    }

    fn health(&self, router: &Router) -> RouterHealth {
        self.way_to(router).health(router)
    }
}
