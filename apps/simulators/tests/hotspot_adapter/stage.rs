//! A simulated router and the way to it.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use hotspot::{
    Router, RouterMode,
    adapters::mikrotik::{MikrotikRouters, MikrotikSettings},
    ports::{RouterGateway, RouterGateways as _},
    router::{RouterAccess, RouterTls},
    testing::{sample_router, sample_wanted},
};
use kernel::{Ambient, Sealer, sealed::Purpose, testing::Surroundings};
use outbound::breaker::BreakerSettings;
use simulators::routeros::{Action, Conditions, Effect, Fault, Options, RouterSimulator};

pub(crate) struct Stage {
    pub(crate) simulator: RouterSimulator,
    pub(crate) surroundings: Surroundings,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) routers: MikrotikRouters,
    pub(crate) router: Router,
}

/// So short that a test may wait for it, so long that a busy machine keeps it.
pub(crate) const IMPATIENT: MikrotikSettings = MikrotikSettings {
    connect_timeout: Duration::from_millis(500),
    call_timeout: Duration::from_millis(500),
    probe_after: Duration::from_secs(3600),
    commands_in_flight: 8,
    breaker: BreakerSettings {
        failures: 3,
        first_pause: Duration::from_secs(2),
        longest_pause: Duration::from_secs(60),
    },
};

/// Never reached in a test that goes well.
pub(crate) const PATIENT: MikrotikSettings = MikrotikSettings {
    connect_timeout: Duration::from_secs(30),
    call_timeout: Duration::from_secs(30),
    ..IMPATIENT
};

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::impatient(options, PATIENT).await
    }

    pub(crate) async fn impatient(options: Options, settings: MikrotikSettings) -> Self {
        let password = options.password.clone();
        let simulator = RouterSimulator::start(options).await.unwrap();
        let surroundings = Surroundings::new();
        let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        let sealer = Arc::new(Sealer::new(key, None, surroundings.ambient()).unwrap());
        let routers = MikrotikRouters::new(settings, surroundings.ambient(), sealer.clone());
        let router = sample_router(&surroundings.ambient());
        let access = RouterAccess {
            mode: RouterMode::Api,
            host: "127.0.0.1".to_owned(),
            port: simulator.addr().port(),
            username: "admin".to_owned(),
            sealed_password: Some(sealer.seal(Purpose::RouterPassword, &router.id, &password).unwrap()),
            tls: RouterTls::Off,
        };
        Self { simulator, surroundings, sealer, routers, router: Router { access, ..router } }
    }

    pub(crate) fn ambient(&self) -> Ambient {
        self.surroundings.ambient()
    }

    pub(crate) fn gateway(&self) -> Arc<dyn RouterGateway> {
        self.routers.gateway(&self.router)
    }

    /// The way to the same router from another process.
    pub(crate) fn another_process(&self) -> Arc<dyn RouterGateway> {
        MikrotikRouters::new(PATIENT, self.ambient(), self.sealer.clone()).gateway(&self.router)
    }

    /// The name of a user of ours who has signed in at 10.5.50.9.
    pub(crate) async fn signed_in(&self) -> String {
        let user = sample_wanted(&self.ambient());
        self.gateway().create_user(&user).await.unwrap();
        let sign_in = Action::SignIn {
            user: user.name.clone(),
            password: user.password.reveal().to_owned(),
            address: Some(Ipv4Addr::new(10, 5, 50, 9)),
            mac: None,
            server: None,
            upload_kbps: 0,
            download_kbps: 0,
        };
        self.simulator.apply(sign_in).unwrap();
        user.name
    }

    /// Lets something happen to the next command that begins so.
    pub(crate) fn fault(&self, command: &str, effect: Effect, text: Option<&str>) {
        let fault = Fault {
            command: command.to_owned(),
            name: None,
            effect,
            text: text.map(str::to_owned),
            times: Some(1),
        };
        self.simulator.change(|conditions| conditions.faults.push(fault));
    }

    /// From now on nobody logs in any more, so that who is answered has a connection already.
    pub(crate) fn close_the_door(&self) {
        let fault = Fault {
            command: "/login".to_owned(),
            name: None,
            effect: Effect::Refuse,
            text: Some("cannot log in".to_owned()),
            times: None,
        };
        self.simulator.change(|conditions| conditions.faults.push(fault));
    }

    /// Lets the simulator notice what it was told.
    pub(crate) async fn settle(&self) {
        for _ in 0..500 {
            tokio::task::yield_now().await;
        }
    }

    /// Ends everything that is wrong.
    pub(crate) fn heal(&self) {
        self.simulator.change(|conditions| *conditions = Conditions::default());
    }
}
