//! Reading the settings from the layers, one function per group.

use std::time::Duration;

use hotspot::router::{RouterMode, RouterTls};

use super::{
    AppSettings, BillingSettings, DatabaseSettings, HotspotSettings, HttpSettings, LogSettings,
    MessageSettings, NasSettings, RadiusSettings, RateLimits, ScheduleSettings, Settings, WorkerSettings,
};
use kernel::IpNetworks;
use radius::policy::SiteForms;

use crate::config::{
    GatewaySettings, Layers, Problem, Problems,
    mailer::{Encryption, MailServer, MailerDsn},
    rules,
    values::{Argv, Bounded, LogFormat, PublicUrl, ServiceUrl, Switch, UsernamePrefix},
};

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
            gateways: GatewaySettings::read(layers)?,
            hotspot: hotspot(layers)?,
            nas: nas(layers)?,
            radius: radius(layers)?,
            messages: messages(layers)?,
            schedule: schedule(layers)?,
            worker: worker(layers)?,
            fake_world: layers.get("FAKE_WORLD_PATH")?,
        })
    }
}

/// A whole number that was checked against its own bounds when the layers were.
fn number(layers: &Layers, name: &str) -> Result<u32, Problem> {
    layers.get::<Bounded<0, { u32::MAX }>>(name).map(|Bounded(number)| number)
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

fn nas(layers: &Layers) -> Result<NasSettings, Problem> {
    Ok(NasSettings {
        answer_timeout: milliseconds(layers, "RADIUS_COA_MILLISECONDS")?,
        fake: switch(layers, "RADIUS_NAS_FAKE")?,
    })
}

fn app(layers: &Layers) -> Result<AppSettings, Problem> {
    let given = layers.secret("APP_KEY");
    Ok(AppSettings {
        environment: layers.get("APP_ENV")?,
        url: layers.get("APP_URL")?,
        timezone: layers.get("APP_TIMEZONE")?,
        mail_domain: layers.get("APP_MAIL_DOMAIN")?,
        registrations_per_ip: number(layers, "REGISTRATION_LIMIT_PER_IP_HOUR")?,
        uses_development_key: given.is_none(),
        key: given.unwrap_or_else(|| rules::DEVELOPMENT_KEY.into()),
        previous_key: layers.secret("APP_KEY_PREVIOUS"),
    })
}

fn http(layers: &Layers) -> Result<HttpSettings, Problem> {
    let public = layers.get::<PublicUrl>("APP_URL")?;
    let redeem = layers.optional::<ServiceUrl>("REDEEM_URL")?;
    Ok(HttpSettings {
        address: layers.get("HTTP_ADDR")?,
        body_limit: size(layers, "BODY_LIMIT_BYTES")?,
        trusted_proxies: layers.optional::<IpNetworks>("TRUSTED_PROXIES")?.unwrap_or_default(),
        rate_limits: RateLimits {
            admin: number(layers, "RATE_LIMIT_ADMIN")?,
            agent: number(layers, "RATE_LIMIT_AGENT")?,
            user: number(layers, "RATE_LIMIT_USER")?,
            guest: number(layers, "RATE_LIMIT_GUEST")?,
            auth: number(layers, "RATE_LIMIT_AUTH")?,
        },
        rate_limit_bypass: layers.secret("RATE_LIMIT_BYPASS_TOKEN"),
        public_tls: public.is_https(),
        redeem_url: redeem
            .map_or_else(|| format!("{}/redeem", public.as_str()), |url| url.as_str().to_owned()),
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
        guest_orders_per_number: number(layers, "GUEST_ORDER_LIMIT_PER_NUMBER_HOUR")?,
        guest_orders_per_ip: number(layers, "GUEST_ORDER_LIMIT_PER_IP_HOUR")?,
        graces_per_number: number(layers, "PAYMENT_GRACE_LIMIT_PER_NUMBER_DAY")?,
        graces_per_ip: number(layers, "PAYMENT_GRACE_LIMIT_PER_IP_DAY")?,
        guesses_per_hour: number(layers, "GUESS_LIMIT_PER_HOUR")?,
        refund_alone_up_to_cdf: number(layers, "REFUND_ALONE_UP_TO_CDF")?,
        refund_alone_up_to_usd: number(layers, "REFUND_ALONE_UP_TO_USD")?,
        fake_answers_queries: switch(layers, "FAKE_GATEWAY_STATUS_QUERY")?,
        callback_token,
        webhook_secret,
    })
}

fn hotspot(layers: &Layers) -> Result<HotspotSettings, Problem> {
    let router_tls = router_tls(layers)?;
    let router_port = layers.optional("MIKROTIK_PORT")?.unwrap_or_else(|| router_tls.default_port());
    let username = layers.optional::<String>("MIKROTIK_USERNAME")?;
    Ok(HotspotSettings {
        router_mode: if rules::is_router_fake(layers) { RouterMode::Fake } else { RouterMode::Api },
        router_host: layers.get("MIKROTIK_HOST")?,
        router_port,
        router_credentials: username.zip(layers.secret("MIKROTIK_PASSWORD")),
        router_tls,
        router_connect_timeout: seconds(layers, "MIKROTIK_CONNECT_SECONDS", 1)?,
        router_answer_timeout: seconds(layers, "MIKROTIK_ANSWER_SECONDS", 1)?,
        fake_routers: rules::may_use_fakes(layers) || rules::is_router_fake(layers),
        username_prefix: layers.get::<UsernamePrefix>("HOTSPOT_USERNAME_PREFIX")?.0,
        password_length: size(layers, "HOTSPOT_PASSWORD_LENGTH")?,
    })
}

fn router_tls(layers: &Layers) -> Result<RouterTls, Problem> {
    if !switch(layers, "MIKROTIK_USE_SSL")? {
        return Ok(RouterTls::Off);
    }
    if let Some(fingerprint) = layers.optional("MIKROTIK_TLS_FINGERPRINT")? {
        return Ok(RouterTls::Pinned(fingerprint));
    }
    Ok(if switch(layers, "MIKROTIK_TLS_CHECK")? { RouterTls::System } else { RouterTls::Unchecked })
}

fn radius(layers: &Layers) -> Result<RadiusSettings, Problem> {
    Ok(RadiusSettings {
        mode: layers.get("RADIUS_MODE")?,
        auth_address: layers.get("RADIUS_AUTH_ADDR")?,
        acct_address: layers.get("RADIUS_ACCT_ADDR")?,
        tables: SiteForms {
            vendor: layers.get("RADIUS_VENDOR")?,
            password: layers.get("RADIUS_PASSWORD_FORM")?,
        },
        reload_command: layers.optional::<Argv>("RADIUS_RELOAD_COMMAND")?.map(|Argv(words)| words),
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
        agreement: layers.get("CRON_AGREEMENT")?,
        expire_users: layers.get("CRON_EXPIRE_USERS")?,
        sync_sessions: layers.get("CRON_SYNC_SESSIONS")?,
        check_routers: layers.get("CRON_CHECK_ROUTERS")?,
        sync_users: layers.get("CRON_SYNC_USERS")?,
        expire_orders: layers.get("CRON_EXPIRE_ORDERS")?,
        dispatch_notifications: layers.get("CRON_DISPATCH_NOTIFICATIONS")?,
        prune_logs: layers.get("CRON_PRUNE_LOGS")?,
        seal_audit: layers.get("CRON_SEAL_AUDIT")?,
        ingest_accounting: layers.get("CRON_INGEST_ACCOUNTING")?,
        reset_daily: layers.get("CRON_RESET_DAILY")?,
        reset_weekly: layers.get("CRON_RESET_WEEKLY")?,
        reset_monthly: layers.get("CRON_RESET_MONTHLY")?,
        check_profile_alerts: layers.get("CRON_CHECK_PROFILE_ALERTS")?,
    })
}

fn worker(layers: &Layers) -> Result<WorkerSettings, Problem> {
    Ok(WorkerSettings {
        lease: seconds(layers, "JOB_LEASE_SECONDS", 1)?,
        poll: milliseconds(layers, "JOB_POLL_MILLISECONDS")?,
        concurrency: size(layers, "WORKER_CONCURRENCY")?,
    })
}
