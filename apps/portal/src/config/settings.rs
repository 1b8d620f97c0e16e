//! The settings, typed, in the groups in which the rest of the service takes them. What a field means stands
//! beside its name in [`names`](super::names).

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use chrono_tz::Tz;
use croner::Cron;
use kernel::Role;
use secrecy::SecretString;

use super::{
    Layers, Problem, Problems,
    mailer::{Encryption, MailServer, MailerDsn},
    rules,
    values::{Bounded, Environment, LogFormat, PublicUrl, Switch, TrustedProxies, UsernamePrefix},
};

/// Everything that the service was told. No debug print of it shows a secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `APP_…`
    pub app: AppSettings,
    /// Listening, limits and proxies.
    pub http: HttpSettings,
    /// The database.
    pub database: DatabaseSettings,
    /// `LOG_…`
    pub log: LogSettings,
    /// Orders and payments.
    pub billing: BillingSettings,
    /// Routers and credentials.
    pub hotspot: HotspotSettings,
    /// Messages.
    pub messages: MessageSettings,
    /// `CRON_…`
    pub schedule: ScheduleSettings,
    /// `JOB_…` and `WORKER_…`
    pub worker: WorkerSettings,
    /// `FAKE_WORLD_PATH`
    pub fake_world: PathBuf,
}

/// What the whole service shares.
#[derive(Debug, Clone)]
pub struct AppSettings {
    /// Where it runs.
    pub environment: Environment,
    /// Where people and gateways reach it.
    pub url: PublicUrl,
    /// The zone of calendar days and schedules.
    pub timezone: Tz,
    /// Seals secrets at rest: 32 bytes in base64.
    pub key: SecretString,
    /// The key before it.
    pub previous_key: Option<SecretString>,
    /// The domain of email addresses that are made from a matricule.
    pub mail_domain: String,
    /// Whether [`key`](Self::key) is the published one, because none was given; never in production.
    pub uses_development_key: bool,
}

/// Listening, limits and proxies.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Where it listens.
    pub address: SocketAddr,
    /// The largest request body, in bytes.
    pub body_limit: usize,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// Requests per minute.
    pub rate_limits: RateLimits,
    /// Lifts the rate limits.
    pub rate_limit_bypass: Option<SecretString>,
    /// Whether people reach the portal by TLS.
    pub public_tls: bool,
}

/// Requests per minute, by who asks and for what.
#[derive(Debug, Clone, Copy)]
pub struct RateLimits {
    /// An admin's session.
    pub admin: u32,
    /// An agent's session.
    pub agent: u32,
    /// A user's session.
    pub user: u32,
    /// An address on one route, without a session.
    pub guest: u32,
    /// An address on one authentication route.
    pub auth: u32,
}

impl RateLimits {
    /// The limit of a session.
    #[must_use]
    pub const fn of_role(&self, role: Role) -> u32 {
        match role {
            Role::Admin => self.admin,
            Role::Agent => self.agent,
            Role::User => self.user,
        }
    }
}

/// The database.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// Its URL, which may hold a password.
    pub url: SecretString,
    /// The most connections of one pool.
    pub max_connections: u32,
    /// Statements slower than this are logged.
    pub slow_statement: Duration,
}

/// The log.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// What is logged, as directives of `tracing`.
    pub filter: String,
    /// How it looks.
    pub format: LogFormat,
    /// How long finished records of work are kept.
    pub prune_after: Duration,
}

/// Orders and payments.
#[derive(Debug, Clone)]
pub struct BillingSettings {
    /// An order that is not paid by then expires.
    pub order_ttl: Duration,
    /// Payments looked at in one reconciliation.
    pub reconcile_batch: u32,
    /// Payment prompts per hour to one phone number, and from one account.
    pub pushes_per_number: u32,
    /// Payment prompts per hour from one address.
    pub pushes_per_ip: u32,
    /// Whether the fake gateway answers questions about payments.
    pub fake_answers_queries: bool,
    /// Guards the callback's path; at least one of the two secrets is there.
    pub callback_token: Option<SecretString>,
    /// The key of the gateway's HMAC over its callbacks.
    pub webhook_secret: Option<SecretString>,
}

/// Routers and credentials.
#[derive(Debug, Clone)]
pub struct HotspotSettings {
    /// The default router's address.
    pub router_host: String,
    /// Its API port.
    pub router_port: u16,
    /// Its API user and password, where they are given.
    pub router_credentials: Option<(String, SecretString)>,
    /// Whether TLS is spoken to it.
    pub router_tls: bool,
    /// The beginning of every hotspot username.
    pub username_prefix: String,
    /// The length of a hotspot password, in characters.
    pub password_length: usize,
}

/// Messages.
#[derive(Debug, Clone)]
pub struct MessageSettings {
    /// Whether text messages are sent.
    pub sms_enabled: bool,
    /// The mail server; without one, mail goes to the fake mailbox.
    pub mail_server: Option<MailServer>,
    /// Who messages come from.
    pub from_address: String,
    /// The name that messages come from.
    pub from_name: String,
    /// Overdue messages sent in one run.
    pub dispatch_batch: u32,
}

/// When scheduled work runs, in `APP_TIMEZONE`.
#[derive(Debug, Clone)]
pub struct ScheduleSettings {
    /// Reconciling payments.
    pub reconcile_payments: Cron,
    /// Removing hotspot users whose time is over.
    pub expire_users: Cron,
    /// Expiring unpaid orders.
    pub expire_orders: Cron,
    /// Sending overdue messages.
    pub dispatch_notifications: Cron,
    /// Deleting old records.
    pub prune_logs: Cron,
    /// Extending the audit log's hash chain.
    pub seal_audit: Cron,
}

/// Work in the background.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// How long a worker holds a job.
    pub lease: Duration,
    /// How often a worker looks for work nobody woke it for.
    pub poll: Duration,
    /// Jobs done at once by one process.
    pub concurrency: usize,
}

impl Settings {
    /// The settings of this process.
    ///
    /// # Errors
    /// [`Problems`] holds everything that is wrong.
    pub fn of_process() -> Result<Self, Problems> {
        Self::read(&Layers::of_process())
    }

    /// The settings that some layers add up to.
    ///
    /// # Errors
    /// [`Problems`] holds everything that is wrong.
    pub fn read(layers: &Layers) -> Result<Self, Problems> {
        let problems = layers.problems();
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        Ok(Self {
            app: app(layers)?,
            http: http(layers)?,
            database: database(layers)?,
            log: log(layers)?,
            billing: billing(layers)?,
            hotspot: hotspot(layers)?,
            messages: messages(layers)?,
            schedule: schedule(layers)?,
            worker: worker(layers)?,
            fake_world: layers.get("FAKE_WORLD_PATH")?,
        })
    }

    /// Whether demo data with its published passwords may be served.
    ///
    /// # Errors
    /// [`Problems`] when this is production, or when others than this machine could reach it.
    pub fn permit_demo(&self) -> Result<(), Problems> {
        let mut problems = Vec::new();
        if self.app.environment == Environment::Production {
            problems.push(Problem::new("APP_ENV", "--demo is refused in production"));
        }
        if !self.http.address.ip().to_canonical().is_loopback() {
            let message = "--demo listens on this machine only: use 127.0.0.1 or [::1]";
            problems.push(Problem::new("HTTP_ADDR", message));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Problems(problems))
        }
    }
}

/// A whole number that was checked against its own bounds when the layers were.
fn number(layers: &Layers, name: &str) -> Result<u32, Problem> {
    layers
        .get::<Bounded<0, { u32::MAX }>>(name)
        .map(|Bounded(number)| number)
}

fn seconds(layers: &Layers, name: &str, each: u64) -> Result<Duration, Problem> {
    number(layers, name).map(|count| Duration::from_secs(u64::from(count) * each))
}

fn milliseconds(layers: &Layers, name: &str) -> Result<Duration, Problem> {
    number(layers, name).map(|count| Duration::from_millis(count.into()))
}

fn switch(layers: &Layers, name: &str) -> Result<bool, Problem> {
    layers.get(name).map(|Switch(on)| on)
}

fn app(layers: &Layers) -> Result<AppSettings, Problem> {
    let given = layers.secret("APP_KEY");
    Ok(AppSettings {
        environment: layers.get("APP_ENV")?,
        url: layers.get("APP_URL")?,
        timezone: layers.get("APP_TIMEZONE")?,
        mail_domain: layers.get("APP_MAIL_DOMAIN")?,
        uses_development_key: given.is_none(),
        key: given.unwrap_or_else(|| rules::DEVELOPMENT_KEY.into()),
        previous_key: layers.secret("APP_KEY_PREVIOUS"),
    })
}

fn http(layers: &Layers) -> Result<HttpSettings, Problem> {
    Ok(HttpSettings {
        address: layers.get("HTTP_ADDR")?,
        body_limit: size(layers, "BODY_LIMIT_BYTES")?,
        trusted_proxies: layers
            .optional::<TrustedProxies>("TRUSTED_PROXIES")?
            .unwrap_or_default(),
        rate_limits: RateLimits {
            admin: number(layers, "RATE_LIMIT_ADMIN")?,
            agent: number(layers, "RATE_LIMIT_AGENT")?,
            user: number(layers, "RATE_LIMIT_USER")?,
            guest: number(layers, "RATE_LIMIT_GUEST")?,
            auth: number(layers, "RATE_LIMIT_AUTH")?,
        },
        rate_limit_bypass: layers.secret("RATE_LIMIT_BYPASS_TOKEN"),
        public_tls: layers.get::<PublicUrl>("APP_URL")?.is_https(),
    })
}

fn size(layers: &Layers, name: &str) -> Result<usize, Problem> {
    usize::try_from(number(layers, name)?).map_err(|error| Problem::new(name, error.to_string()))
}

fn database(layers: &Layers) -> Result<DatabaseSettings, Problem> {
    Ok(DatabaseSettings {
        url: layers.get::<String>("DATABASE_URL")?.into(),
        max_connections: number(layers, "DATABASE_MAX_CONNECTIONS")?,
        slow_statement: milliseconds(layers, "DB_SLOW_MS")?,
    })
}

fn log(layers: &Layers) -> Result<LogSettings, Problem> {
    Ok(LogSettings {
        filter: layers.get("LOG_LEVEL")?,
        format: layers.get::<LogFormat>("LOG_FORMAT")?,
        prune_after: seconds(layers, "LOG_PRUNE_AFTER_DAYS", 86_400)?,
    })
}

fn billing(layers: &Layers) -> Result<BillingSettings, Problem> {
    let mut callback_token = layers.secret("SERDIPAY_CALLBACK_TOKEN");
    let mut webhook_secret = layers.secret("SERDIPAY_WEBHOOK_SECRET");
    // In production one of them was required already.
    if callback_token.is_none() && webhook_secret.is_none() {
        callback_token = Some(rules::DEVELOPMENT_CALLBACK_TOKEN.into());
        webhook_secret = Some(rules::DEVELOPMENT_WEBHOOK_SECRET.into());
    }
    Ok(BillingSettings {
        order_ttl: seconds(layers, "ORDER_TTL_MINUTES", 60)?,
        reconcile_batch: number(layers, "BILLING_RECONCILE_BATCH_SIZE")?,
        pushes_per_number: number(layers, "PUSH_LIMIT_PER_NUMBER_HOUR")?,
        pushes_per_ip: number(layers, "PUSH_LIMIT_PER_IP_HOUR")?,
        fake_answers_queries: switch(layers, "FAKE_GATEWAY_STATUS_QUERY")?,
        callback_token,
        webhook_secret,
    })
}

fn hotspot(layers: &Layers) -> Result<HotspotSettings, Problem> {
    let router_tls = switch(layers, "MIKROTIK_USE_SSL")?;
    let custom = if router_tls { 8729 } else { 8728 };
    let username = layers.optional::<String>("MIKROTIK_USERNAME")?;
    Ok(HotspotSettings {
        router_host: layers.get("MIKROTIK_HOST")?,
        router_port: layers.optional("MIKROTIK_PORT")?.unwrap_or(custom),
        router_credentials: username.zip(layers.secret("MIKROTIK_PASSWORD")),
        router_tls,
        username_prefix: layers.get::<UsernamePrefix>("HOTSPOT_USERNAME_PREFIX")?.0,
        password_length: size(layers, "HOTSPOT_PASSWORD_LENGTH")?,
    })
}

fn messages(layers: &Layers) -> Result<MessageSettings, Problem> {
    let from_address = layers.optional("MAIL_FROM_ADDRESS")?;
    Ok(MessageSettings {
        sms_enabled: switch(layers, "SMS_ENABLED")?,
        mail_server: mail_server(layers)?,
        from_address: from_address.unwrap_or_else(|| "hotspot@demo.test".to_owned()),
        from_name: layers.get("MAIL_FROM_NAME")?,
        dispatch_batch: number(layers, "NOTIFY_DISPATCH_BATCH")?,
    })
}

fn mail_server(layers: &Layers) -> Result<Option<MailServer>, Problem> {
    if let Some(MailerDsn(server)) = layers.optional("MAILER_DSN")? {
        return Ok(Some(server));
    }
    let Some(host) = layers.optional("MAIL_HOST")? else {
        return Ok(None);
    };
    let encryption: Encryption = layers.get("MAIL_ENCRYPTION")?;
    let username = layers.optional::<String>("MAIL_USERNAME")?;
    Ok(Some(MailServer {
        host,
        port: layers.optional("MAIL_PORT")?.unwrap_or(encryption.port()),
        encryption,
        credentials: username.zip(layers.secret("MAIL_PASSWORD")),
    }))
}

fn schedule(layers: &Layers) -> Result<ScheduleSettings, Problem> {
    Ok(ScheduleSettings {
        reconcile_payments: layers.get("CRON_RECONCILE_PAYMENTS")?,
        expire_users: layers.get("CRON_EXPIRE_USERS")?,
        expire_orders: layers.get("CRON_EXPIRE_ORDERS")?,
        dispatch_notifications: layers.get("CRON_DISPATCH_NOTIFICATIONS")?,
        prune_logs: layers.get("CRON_PRUNE_LOGS")?,
        seal_audit: layers.get("CRON_SEAL_AUDIT")?,
    })
}

fn worker(layers: &Layers) -> Result<WorkerSettings, Problem> {
    Ok(WorkerSettings {
        lease: seconds(layers, "JOB_LEASE_SECONDS", 1)?,
        poll: milliseconds(layers, "JOB_POLL_MILLISECONDS")?,
        concurrency: size(layers, "WORKER_CONCURRENCY")?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::config::{Layers, Settings};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let variables: BTreeMap<String, String> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Settings::read(&Layers::new(None, variables)).unwrap()
    }

    #[test]
    fn the_defaults_make_a_service() {
        let settings = settings(&[]);
        assert!(settings.app.uses_development_key);
        assert_eq!(settings.billing.order_ttl.as_secs(), 3600);
        assert_eq!(settings.hotspot.router_port, 8728);
        assert!(settings.messages.mail_server.is_none());
    }

    #[test]
    fn no_secret_is_in_a_debug_print() {
        let settings = settings(&[
            ("SERDIPAY_CALLBACK_TOKEN", "very-secret-value"),
            ("RATE_LIMIT_BYPASS_TOKEN", "very-secret-value"),
            ("MAILER_DSN", "smtp://portal:very-secret-value@mail.example.cd"),
            ("MAIL_FROM_ADDRESS", "wifi@example.cd"),
            ("DATABASE_URL", "postgres://portal:very-secret-value@localhost/portal"),
        ]);
        assert!(!format!("{settings:?}").contains("very-secret-value"));
    }

    #[test]
    fn demo_stays_on_this_machine_and_out_of_production() {
        assert!(settings(&[]).permit_demo().is_ok());
        assert!(settings(&[("HTTP_ADDR", "[::1]:0")]).permit_demo().is_ok());
        assert!(settings(&[("HTTP_ADDR", "0.0.0.0:80")]).permit_demo().is_err());
        let production = settings(&[
            ("APP_ENV", "production"),
            ("APP_URL", "https://wifi.example.cd"),
            ("ALLOW_FAKE_IN_PRODUCTION", "true"),
            ("APP_KEY", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
            ("SERDIPAY_CALLBACK_TOKEN", "a-token-of-ones-own"),
        ]);
        assert!(production.permit_demo().is_err());
    }
}
