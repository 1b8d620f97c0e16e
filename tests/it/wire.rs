//! The outside world on real sockets: a simulated router and simulated payment gateways, for the real adapters to
//! talk to. Their own books are the witnesses.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc};

use billing::adapters::fake::world::Charge;
use kernel::{Ambient, testing::Surroundings};
use persistence::testing::TestDatabase;
use simulators::{
    payments::{self, Account, PaymentSimulator},
    routeros::{self, Action, ActionError, Effect, Fault, RouterSimulator},
};

use crate::{
    app::{CALLBACK_SECRET, CALLBACK_TOKEN, TestApp},
    witnesses::RouterUser,
};

/// What must match at the other side, by the names of the settings.
const OURS: [(&str, &str); 10] = [
    ("SERDIPAY_EMAIL", "api@portal.test"),
    ("SERDIPAY_PASSWORD", "Serdipay-Password-31"),
    ("SERDIPAY_PUBLIC_KEY", "Serdipay-Api-Id-32"),
    ("SERDIPAY_SECRET_KEY", "Serdipay-Api-Password-33"),
    ("SERDIPAY_MERCHANT_CODE", "PORTAL"),
    ("SERDIPAY_MERCHANT_PIN", "Merchant-Pin-34"),
    ("PAWAPAY_API_TOKEN", "Pawapay-Token-35"),
    ("PAWAPAY_CALLBACK_TOKEN", "Pawapay-Callback-Token-36"),
    ("MIKROTIK_USERNAME", "portal"),
    ("MIKROTIK_PASSWORD", "Router-Password-37"),
];

/// For gateways that never answer.
pub const IMPATIENT: [(&str, &str); 2] = [("PAYMENT_CONNECT_SECONDS", "1"), ("PAYMENT_ANSWER_SECONDS", "1")];

/// What of it nobody else may ever see.
const SECRET: [&str; 6] = [
    "SERDIPAY_PASSWORD",
    "SERDIPAY_SECRET_KEY",
    "SERDIPAY_MERCHANT_PIN",
    "PAWAPAY_API_TOKEN",
    "PAWAPAY_CALLBACK_TOKEN",
    "MIKROTIK_PASSWORD",
];

/// What a setting of [`OURS`] is.
pub fn ours(name: &str) -> String {
    OURS.iter().find(|(known, _)| *known == name).unwrap().1.to_owned()
}

/// A router and two payment gateways.
pub struct Wire {
    pub payments: PaymentSimulator,
    pub router: RouterSimulator,
}

impl Wire {
    /// A world that keeps its books in a folder.
    pub async fn start(folder: &Path, ambient: Ambient, router: routeros::Options) -> Self {
        let payments = PaymentSimulator::start(payment_options(folder, ambient.clone())).await.unwrap();
        Self { payments, router: start_router(ambient, router).await }
    }

    /// How the portal finds this world.
    pub fn settings(&self) -> BTreeMap<String, String> {
        let own = |name: &str, value: &dyn ToString| (name.to_owned(), value.to_string());
        let mut settings = BTreeMap::from(OURS.map(|(name, value)| (name.to_owned(), value.to_owned())));
        settings.extend([
            own("SERDIPAY_FAKE", &"false"),
            own("SERDIPAY_BASE_URL", &self.payments.serdipay_url()),
            own("SERDIPAY_MIN_AMOUNT", &"1"),
            own("SERDIPAY_CALLBACK_TOKEN", &CALLBACK_TOKEN),
            own("SERDIPAY_WEBHOOK_SECRET", &CALLBACK_SECRET),
            own("PAWAPAY_BASE_URL", &self.payments.pawapay_url()),
            own("MIKROTIK_FAKE", &"false"),
            own("MIKROTIK_HOST", &"127.0.0.1"),
            own("MIKROTIK_PORT", &self.router.addr().port()),
        ]);
        if let (Some(address), Some(certificate)) = (self.router.tls_addr(), self.router.certificate()) {
            settings.extend([
                own("MIKROTIK_PORT", &address.port()),
                own("MIKROTIK_USE_SSL", &"true"),
                own("MIKROTIK_TLS_FINGERPRINT", &certificate.sha256),
            ]);
        }
        settings
    }

    /// Has the gateways call a portal back.
    pub fn call_back(&self, portal: &str) {
        let callback = format!("{portal}/api/v1/payments/callback");
        let pawapay_token = ours("PAWAPAY_CALLBACK_TOKEN");
        self.payments.change(|behaviour| {
            behaviour.serdipay.callback_url = Some(format!("{callback}/serdipay"));
            behaviour.pawapay.callback_url = Some(format!("{callback}/pawapay/{pawapay_token}"));
        });
    }

    /// Every prompt that was pushed by either gateway, by their own books.
    pub fn charges(&self) -> Vec<Charge> {
        let mut charges = self.payments.charges().unwrap();
        charges.extend(self.payments.deposits().unwrap());
        charges
    }

    /// The customers of the router by name.
    pub fn router_users(&self) -> BTreeMap<String, RouterUser> {
        let users = self.router.items("/ip/hotspot/user").into_iter();
        let customers = users.filter(|user| user["name"] != "default-trial");
        let field = |user: &BTreeMap<String, String>, name| user.get(name).cloned().unwrap_or_default();
        let read = |user: BTreeMap<String, String>| {
            let seen = RouterUser { password: field(&user, "password"), comment: field(&user, "comment") };
            (field(&user, "name"), seen)
        };
        customers.map(read).collect()
    }

    /// Lets something happen to the next commands that begin so, as often as it is said; else always.
    pub fn fault(&self, command: &str, effect: Effect, times: Option<u32>) {
        let fault = Fault { command: command.to_owned(), name: None, effect, text: None, times };
        self.router.change(|conditions| conditions.faults.push(fault));
    }

    /// Signs a customer in at the router's page.
    pub fn sign_in(&self, name: &str, password: &str) -> Result<(), ActionError> {
        let sign_in = Action::SignIn {
            user: name.to_owned(),
            password: password.to_owned(),
            address: None,
            mac: None,
            server: None,
            upload_kbps: 0,
            download_kbps: 0,
        };
        self.router.apply(sign_in).map(drop)
    }

    /// Puts a user onto the router by hand.
    pub fn add_by_hand(&self, name: &str, comment: &str) {
        let words = ["/ip/hotspot/user/add", &format!("=name={name}"), &format!("=comment={comment}")];
        let words = words.map(str::to_owned).to_vec();
        self.router.apply(Action::Command { words }).unwrap();
    }
}

/// Everything of the portal's own that must not be found anywhere.
pub fn secrets() -> Vec<String> {
    let mut secrets: Vec<_> = SECRET.map(ours).to_vec();
    secrets.extend([CALLBACK_TOKEN, CALLBACK_SECRET].map(str::to_owned));
    secrets
}

/// Gateways that know us.
pub fn payment_options(folder: &Path, ambient: Ambient) -> payments::Options {
    let mut behaviour = payments::Behaviour::default();
    behaviour.serdipay.callback_token = Some(CALLBACK_TOKEN.to_owned());
    behaviour.serdipay.hmac_secret = Some(CALLBACK_SECRET.to_owned());
    behaviour.serdipay.account = Account {
        email: Some(ours("SERDIPAY_EMAIL")),
        password: Some(ours("SERDIPAY_PASSWORD")),
        api_id: Some(ours("SERDIPAY_PUBLIC_KEY")),
        api_password: Some(ours("SERDIPAY_SECRET_KEY")),
        merchant_code: Some(ours("SERDIPAY_MERCHANT_CODE")),
        merchant_pin: Some(ours("SERDIPAY_MERCHANT_PIN")),
    };
    behaviour.pawapay.api_token = Some(ours("PAWAPAY_API_TOKEN"));
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    payments::Options { listen, world: folder.join("gateways"), pawapay_key: None, ambient, behaviour }
}

/// A router that knows us.
pub async fn start_router(ambient: Ambient, options: routeros::Options) -> RouterSimulator {
    let (user, password) = (ours("MIKROTIK_USERNAME"), ours("MIKROTIK_PASSWORD"));
    RouterSimulator::start(routeros::Options { user, password, ambient, ..options }).await.unwrap()
}

impl TestApp {
    /// A portal whose gateways and router are real, as far as it can tell.
    pub async fn on_wire(database: TestDatabase, settings: &[(&str, &str)]) -> Self {
        Self::with_router(database, routeros::Options::default(), settings).await
    }

    /// The same, with a router of its own kind.
    pub async fn with_router(
        database: TestDatabase,
        router: routeros::Options,
        settings: &[(&str, &str)],
    ) -> Self {
        let around = Surroundings::new();
        let wire = Wire::start(database.folder(), around.ambient(), router).await;
        Self::beside(database, around, wire, settings).await
    }

    /// A portal beside a world that is there already.
    pub async fn beside(
        database: TestDatabase,
        around: Surroundings,
        wire: Wire,
        settings: &[(&str, &str)],
    ) -> Self {
        let app = Self::on(Arc::new(database), settings, around, Some(Arc::new(wire))).await;
        app.wire().call_back(&app.base);
        app
    }

    pub fn wire(&self) -> &Wire {
        self.wire.as_ref().unwrap()
    }
}
