//! The settings, typed, in the groups in which the rest of the service takes them. What a field means stands
//! beside its name in [`names`](super::names); `read` reads them.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use chrono_tz::Tz;
use croner::Cron;
use hotspot::router::{RouterMode, RouterTls};
use kernel::{IpNetworks, Role};
use radius::policy::SiteForms;
use secrecy::SecretString;

use super::{
    GatewaySettings, Problem, Problems,
    mailer::MailServer,
    values::{Environment, LogFormat, PublicUrl, RadiusMode},
};

mod read;

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
    /// `PAYMENT_…`, `SERDIPAY_…` and `PAWAPAY_…`
    pub gateways: GatewaySettings,
    /// Routers and credentials.
    pub hotspot: HotspotSettings,
    /// `RADIUS_COA_…` and `RADIUS_NAS_…`
    pub nas: NasSettings,
    /// `RADIUS_…`
    pub radius: RadiusSettings,
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
    /// Accounts registered per hour from one address.
    pub registrations_per_ip: u32,
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
    pub trusted_proxies: IpNetworks,
    /// Requests per minute.
    pub rate_limits: RateLimits,
    /// Lifts the rate limits.
    pub rate_limit_bypass: Option<SecretString>,
    /// Whether people reach the portal by TLS.
    pub public_tls: bool,
    /// `REDEEM_URL`, or `/redeem` of `APP_URL`
    pub redeem_url: String,
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
    /// `GUEST_ORDER_LIMIT_PER_NUMBER_HOUR`
    pub guest_orders_per_number: u32,
    /// `GUEST_ORDER_LIMIT_PER_IP_HOUR`
    pub guest_orders_per_ip: u32,
    /// `PAYMENT_GRACE_LIMIT_PER_NUMBER_DAY`
    pub graces_per_number: u32,
    /// `PAYMENT_GRACE_LIMIT_PER_IP_DAY`
    pub graces_per_ip: u32,
    /// `GUESS_LIMIT_PER_HOUR`
    pub guesses_per_hour: u32,
    /// `REFUND_ALONE_UP_TO_CDF`
    pub refund_alone_up_to_cdf: u32,
    /// `REFUND_ALONE_UP_TO_USD`
    pub refund_alone_up_to_usd: u32,
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
    /// Whether the default router is real.
    pub router_mode: RouterMode,
    /// Its address.
    pub router_host: String,
    /// Its API port.
    pub router_port: u16,
    /// Its API user and password, where they are given; a real router's are.
    pub router_credentials: Option<(String, SecretString)>,
    /// How the connection to it is protected.
    pub router_tls: RouterTls,
    /// How long each step to a connection with a router may take.
    pub router_connect_timeout: Duration,
    /// How long a router may take for one operation; for a list three times as long.
    pub router_answer_timeout: Duration,
    /// Whether fake routers may be used at all.
    pub fake_routers: bool,
    /// The beginning of every hotspot username.
    pub username_prefix: String,
    /// The length of a hotspot password, in characters.
    pub password_length: usize,
}

/// Telling NASes what to do with open sessions.
#[derive(Debug, Clone)]
pub struct NasSettings {
    /// How long a NAS may take to answer before it is told again.
    pub answer_timeout: Duration,
    /// Whether fake NASes are told instead.
    pub fake: bool,
}

/// Access by RADIUS.
#[derive(Debug, Clone)]
pub struct RadiusSettings {
    /// Who answers.
    pub mode: RadiusMode,
    /// Where the embedded server answers logins.
    pub auth_address: SocketAddr,
    /// Where the embedded server takes accounting.
    pub acct_address: SocketAddr,
    /// In which forms FreeRADIUS's tables say things.
    pub tables: SiteForms,
    /// What has FreeRADIUS read its configuration anew: a program and its arguments.
    pub reload_command: Option<Vec<String>>,
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
    /// Comparing yesterday's payments, ledger and statement.
    pub agreement: Cron,
    /// Removing hotspot users whose time is over.
    pub expire_users: Cron,
    /// Asking routers who is online.
    pub sync_sessions: Cron,
    /// Asking routers how they are.
    pub check_routers: Cron,
    /// Comparing routers' users and blocks with ours.
    pub sync_users: Cron,
    /// Expiring unpaid orders.
    pub expire_orders: Cron,
    /// Sending overdue messages.
    pub dispatch_notifications: Cron,
    /// Deleting old records.
    pub prune_logs: Cron,
    /// Extending the audit log's hash chain.
    pub seal_audit: Cron,
    /// Taking in what RADIUS servers have written down.
    pub ingest_accounting: Cron,
    /// Opening daily quotas.
    pub reset_daily: Cron,
    /// Opening weekly quotas.
    pub reset_weekly: Cron,
    /// Opening monthly quotas.
    pub reset_monthly: Cron,
    /// Looking at everybody's quotas and ends.
    pub check_profile_alerts: Cron,
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
        let radius = &self.radius;
        for (name, address) in
            [("RADIUS_AUTH_ADDR", radius.auth_address), ("RADIUS_ACCT_ADDR", radius.acct_address)]
        {
            if radius.mode == RadiusMode::Embedded && !address.ip().to_canonical().is_loopback() {
                problems
                    .push(Problem::new(name, "--demo listens on this machine only: use 127.0.0.1 or [::1]"));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::config::{Layers, Settings};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let variables: BTreeMap<String, String> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
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
        assert!(settings(&[("RADIUS_MODE", "embedded")]).permit_demo().is_err());
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
