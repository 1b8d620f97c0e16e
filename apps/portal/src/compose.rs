//! The composition root: the one place that joins the domains with the database and the outside world, and the
//! only one that knows which adapter is real and which is fake.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use billing::{
    Billing,
    adapters::{fake::CallbackSink, serdipay},
    ports::gateway::RawCallback,
};
use hotspot::{Hotspot, credentials::CredentialSettings, use_cases::HotspotPorts};
use identity::{
    Identity, IdentityPorts,
    matricule::MailDomain,
    password::{PasswordCost, PasswordHasher},
};
use kernel::{Ambient, Consumer, Currency, JobHandler, Origin};
use notifications::Notifications;
use persistence::{Database, DatabaseOptions, Subscriptions};
use radius::{Radius, RadiusPorts};
use secrecy::ExposeSecret as _;

use crate::config::Settings;

mod adapters;
#[cfg(feature = "crash-points")]
pub mod crash_points;
mod radius_router;
mod router_kick;
mod routers;

pub use adapters::{Adapters, Fakes};
pub use routers::RoutersOutside;

/// Passwords that are hashed at once: each takes 19 MiB.
const PASSWORDS_AT_ONCE: usize = 4;

/// Every domain, over one set of database connections.
pub struct Services {
    /// Accounts and sessions.
    pub identity: Arc<Identity>,
    /// Packages, orders, payments.
    pub billing: Arc<Billing>,
    /// Wi-Fi credentials.
    pub hotspot: Arc<Hotspot>,
    /// Access by RADIUS.
    pub radius: Arc<Radius>,
    /// Messages.
    pub notifications: Arc<Notifications>,
    /// Events, jobs, schedules.
    pub database: Database,
    /// Where the portal stands, for moments that people read.
    pub zone: chrono_tz::Tz,
}

/// A whole portal, ready to run.
pub struct Composition {
    /// What it was told.
    pub settings: Settings,
    /// Time and chance.
    pub ambient: Ambient,
    /// The outside world.
    pub adapters: Adapters,
    /// For requests.
    pub services: Arc<Services>,
    /// For work in the background. On PostgreSQL it has connections of its own.
    pub background: Arc<Services>,
}

impl Composition {
    /// Connects and joins everything. The database is not migrated here.
    ///
    /// # Errors
    /// What cannot be connected or opened, and why.
    pub async fn new(settings: Settings, ambient: Ambient) -> anyhow::Result<Self> {
        let url = settings.database.url.expose_secret();
        make_parent_of(url)?;
        let options = DatabaseOptions {
            url: url.to_owned(),
            max_connections: settings.database.max_connections,
            slow_statement: settings.database.slow_statement,
        };
        let database = Database::connect(options, ambient.clone()).await.context("the database")?;
        let adapters = Adapters::open(&settings, &ambient)?;
        let for_background = database.for_background().await.context("the database")?;
        let services = Services::join(&settings, &ambient, &adapters, database).context("the services")?;
        let background =
            Services::join(&settings, &ambient, &adapters, for_background).context("the services")?;
        let consumers = background.consumers();
        background.database.subscribe(Subscriptions::of(consumers.iter().map(AsRef::as_ref)));
        if let Some(gateway) = &adapters.fakes.gateway {
            gateway.attach(Arc::new(CallbackDoor(background.billing.clone())));
        }
        #[cfg(feature = "crash-points")]
        crash_points::watch_commits(&background.database);
        let (services, background) = (Arc::new(services), Arc::new(background));
        Ok(Self { settings, ambient, adapters, services, background })
    }
}

impl Services {
    fn join(
        settings: &Settings,
        ambient: &Ambient,
        adapters: &Adapters,
        database: Database,
    ) -> anyhow::Result<Self> {
        let store = Arc::new(database.clone());
        let passwords = PasswordHasher::new(ambient.clone(), password_cost(settings), PASSWORDS_AT_ONCE)?;
        let mail_domain = MailDomain::parse(&settings.app.mail_domain)?;
        let ports = IdentityPorts { store: store.clone(), reads: store.clone() };
        let registrations_per_ip = settings.app.registrations_per_ip;
        let own = identity::Settings { mail_domain, registrations_per_ip };
        let identity = Identity::new(ports, passwords, adapters.sealer.clone(), ambient.clone(), own);
        let billing = Billing::new(
            store.clone(),
            store.clone(),
            adapters.gateways.clone(),
            adapters.sealer.clone(),
            ambient.clone(),
            billing_settings(settings),
        );
        let in_radius = radius_router::RadiusRouters::new(ambient.clone());
        let outside = adapters.routers.clone();
        let routers = Arc::new(routers::RoutersByMode { outside, radius: in_radius.clone() });
        #[cfg(feature = "crash-points")]
        let routers = crash_points::around_routers(routers);
        let ports = HotspotPorts { store: store.clone(), reads: store.clone(), routers };
        let credentials =
            CredentialSettings::new(&settings.hotspot.username_prefix, settings.hotspot.password_length)?;
        let hotspot = Hotspot::new(ports, adapters.sealer.clone(), ambient.clone(), credentials);
        let hotspot = Arc::new(hotspot);
        let nas_changes = adapters.nas_changes.clone();
        let ports = RadiusPorts {
            store: store.clone(),
            reads: store.clone(),
            nas_changes,
            nas: adapters.nas.clone(),
            routers: Arc::new(router_kick::ByHotspot(hotspot.clone())),
        };
        let own = radius::Settings { zone: settings.app.timezone, tables: settings.radius.tables };
        let radius = Arc::new(Radius::new(ports, adapters.sealer.clone(), ambient.clone(), own));
        in_radius.join(&radius);
        let (channels, sealer) = (adapters.channels.clone(), adapters.sealer.clone());
        let notifications = Notifications::new(store.clone(), store, channels, sealer, ambient.clone())?;
        Ok(Self {
            identity: Arc::new(identity),
            billing: Arc::new(billing),
            hotspot,
            radius,
            notifications: Arc::new(notifications),
            database,
            zone: settings.app.timezone,
        })
    }

    /// Everybody who acts on events.
    #[must_use]
    pub fn consumers(&self) -> Vec<Arc<dyn Consumer>> {
        let mut consumers = hotspot::consumers::all(&self.hotspot);
        consumers.extend(billing::consumers::all(&self.billing));
        consumers.extend(radius::consumers::all(&self.radius));
        consumers.extend(notifications::consumers::all(&self.notifications));
        consumers
    }

    /// Everybody who does the domains' jobs.
    #[must_use]
    pub fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        let mut handlers = billing::jobs::all(&self.billing);
        handlers.extend(identity::jobs::all(&self.identity));
        handlers.extend(hotspot::jobs::all(&self.hotspot));
        handlers.extend(radius::jobs::all(&self.radius));
        handlers.extend(notifications::jobs::all(&self.notifications));
        handlers
    }
}

/// The fake gateway's way in: the same use case that the callback address calls.
struct CallbackDoor(Arc<Billing>);

#[async_trait::async_trait]
impl CallbackSink for CallbackDoor {
    async fn deliver(&self, callback: RawCallback) -> bool {
        self.0.receive_callback(&Origin::system("gateway"), serdipay::NAME, callback).await.is_ok()
    }
}

fn billing_settings(settings: &Settings) -> billing::Settings {
    let minutes = |duration: std::time::Duration| i64::try_from(duration.as_secs() / 60).unwrap_or(i64::MAX);
    billing::Settings {
        order_ttl_minutes: minutes(settings.billing.order_ttl),
        push_limits: billing::limits::PushLimits {
            per_number: settings.billing.pushes_per_number.into(),
            per_ip: settings.billing.pushes_per_ip.into(),
        },
        guest_limits: billing::limits::GuestLimits {
            per_number: settings.billing.guest_orders_per_number.into(),
            per_ip: settings.billing.guest_orders_per_ip.into(),
        },
        grace_limits: billing::limits::GraceLimits {
            per_number: settings.billing.graces_per_number.into(),
            per_ip: settings.billing.graces_per_ip.into(),
        },
        guesses_per_hour: settings.billing.guesses_per_hour.into(),
        four_eyes: billing::refund::FourEyes {
            cdf: i64::from(settings.billing.refund_alone_up_to_cdf) * Currency::Cdf.minor_per_major(),
            usd: i64::from(settings.billing.refund_alone_up_to_usd) * Currency::Usd.minor_per_major(),
        },
        zone: settings.app.timezone,
        ..billing::Settings::default()
    }
}

/// Hashing is slow on purpose, except in tests of other things.
fn password_cost(settings: &Settings) -> PasswordCost {
    match settings.app.environment {
        crate::config::Environment::Test => PasswordCost::LEAST,
        _ => PasswordCost::OWASP,
    }
}

/// SQLite makes its file, but not the folder around it.
fn make_parent_of(url: &str) -> anyhow::Result<()> {
    let Some(path) = url.strip_prefix("sqlite:") else { return Ok(()) };
    let path = path.trim_start_matches("//").split('?').next().unwrap_or("");
    match Path::new(path).parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => {
            std::fs::create_dir_all(parent).with_context(|| format!("the folder {}", parent.display()))
        }
        None => Ok(()),
    }
}
