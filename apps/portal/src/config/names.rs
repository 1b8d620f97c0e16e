//! Every setting: its name in the environment (in the TOML file the same in lower case), its default, and what
//! it means. To add one, add a row here and a field in [`settings`](super::settings).

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr};

use billing::adapters::pawapay::signature::CallbackKeys;
use chrono_tz::Tz;
use croner::Cron;
use hotspot::router::Fingerprint;
use kernel::IpNetworks;
use radius::{nas_client::Vendor, policy::PasswordForm};
use tracing_subscriber::EnvFilter;

use super::values::{
    Argv, Bounded, DatabaseUrl, Environment, LogFormat, LongSecret, MailDomainName, PublicUrl, RadiusMode,
    SealingKey, SenderAddress, ServiceUrl, Switch, UsernamePrefix,
};
use crate::config::{
    gateways::{GatewayChoice, ServicePath, SessionPath},
    mailer::{Encryption, MailerDsn},
};

/// How much of a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// All of it.
    Plain,
    /// Nothing of it.
    Secret,
    /// All but the password in it.
    Url,
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the environment.
    pub name: &'static str,
    /// The value when none is given, as one would write it.
    pub default: Option<&'static str>,
    /// What it means, for an operator.
    pub meaning: &'static str,
    /// How much of it may be shown.
    pub visibility: Visibility,
    /// Says what is wrong with a value, if anything is.
    pub check: fn(&str) -> Result<(), String>,
}

impl Setting {
    /// Finds a setting by its name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    const fn hidden(mut self, visibility: Visibility) -> Self {
        self.visibility = visibility;
        self
    }
}

fn check<T: FromStr<Err: fmt::Display>>(text: &str) -> Result<(), String> {
    text.parse::<T>().map(drop).map_err(|error| error.to_string())
}

const fn with_default<T: FromStr<Err: fmt::Display>>(
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting { name, default: Some(default), meaning, visibility: Visibility::Plain, check: check::<T> }
}

const fn optional<T: FromStr<Err: fmt::Display>>(name: &'static str, meaning: &'static str) -> Setting {
    Setting { name, default: None, meaning, visibility: Visibility::Plain, check: check::<T> }
}

const fn secret<T: FromStr<Err: fmt::Display>>(name: &'static str, meaning: &'static str) -> Setting {
    optional::<T>(name, meaning).hidden(Visibility::Secret)
}

type Count = Bounded<1, 1_000_000>;

/// Every setting, in the order in which they are printed.
#[rustfmt::skip] // a table, one setting per row
pub const SETTINGS: &[Setting] = &[
    with_default::<Environment>("APP_ENV", "development", "development, test or production"),
    secret::<SealingKey>("APP_KEY", "seals secrets at rest: 32 bytes in base64 (`openssl rand -base64 32`)"),
    secret::<SealingKey>("APP_KEY_PREVIOUS", "the key before APP_KEY, which still opens what it has sealed"),
    with_default::<PublicUrl>("APP_URL", "http://127.0.0.1:8080", "where people and gateways reach the portal"),
    optional::<ServiceUrl>("REDEEM_URL", "the page where vouchers are redeemed, which their QR codes lead to; APP_URL's /redeem when it is not given"),
    with_default::<Tz>("APP_TIMEZONE", "Africa/Kinshasa", "the zone of calendar days and schedules"),
    with_default::<MailDomainName>("APP_MAIL_DOMAIN", "hotspot.invalid", "the domain of addresses made from a matricule"),

    with_default::<SocketAddr>("HTTP_ADDR", "127.0.0.1:8080", "the address to listen on"),
    optional::<IpNetworks>("TRUSTED_PROXIES", "addresses or networks whose X-Forwarded-For is believed, with commas"),
    with_default::<Bounded<1_024, 10_485_760>>("BODY_LIMIT_BYTES", "65536", "the largest request body"),
    with_default::<Count>("RATE_LIMIT_ADMIN", "600", "requests per minute of an admin's session"),
    with_default::<Count>("RATE_LIMIT_AGENT", "300", "requests per minute of an agent's session"),
    with_default::<Count>("RATE_LIMIT_USER", "120", "requests per minute of a user's session"),
    with_default::<Count>("RATE_LIMIT_GUEST", "60", "requests per minute of an address to one route, without a session"),
    with_default::<Count>("RATE_LIMIT_AUTH", "30", "requests per minute of an address to one authentication route"),
    secret::<LongSecret>("RATE_LIMIT_BYPASS_TOKEN", "lifts the rate limits when sent as X-Rate-Limit-Bypass"),

    with_default::<Count>("REGISTRATION_LIMIT_PER_IP_HOUR", "60", "accounts registered per hour from one address, tries with a taken name included"),

    with_default::<DatabaseUrl>("DATABASE_URL", "sqlite://data/portal.db?mode=rwc", "sqlite://… or postgres://…").hidden(Visibility::Url),
    with_default::<Bounded<2, 1_000>>("DATABASE_MAX_CONNECTIONS", "10", "the most connections of one pool"),
    with_default::<Bounded<1, 600_000>>("DB_SLOW_MS", "120", "statements slower than this are logged, in milliseconds"),

    with_default::<EnvFilter>("LOG_LEVEL", "info", "what is logged: a level, or directives such as `info,billing=debug`"),
    with_default::<LogFormat>("LOG_FORMAT", "text", "text for people, json for programs"),
    with_default::<Bounded<1, 3_650>>("LOG_PRUNE_AFTER_DAYS", "30", "how long finished records of work are kept, in days"),

    with_default::<Bounded<1, 10_080>>("ORDER_TTL_MINUTES", "60", "an order that is not paid by then expires"),
    with_default::<Bounded<1, 10_000>>("BILLING_RECONCILE_BATCH_SIZE", "50", "payments looked at in one reconciliation"),
    with_default::<Count>("PUSH_LIMIT_PER_NUMBER_HOUR", "5", "payment prompts per hour to one phone number, and from one account"),
    with_default::<Count>("PUSH_LIMIT_PER_IP_HOUR", "20", "payment prompts per hour from one address"),
    with_default::<Count>("GUEST_ORDER_LIMIT_PER_NUMBER_HOUR", "10", "orders without an account per hour with one phone number"),
    with_default::<Count>("GUEST_ORDER_LIMIT_PER_IP_HOUR", "120", "orders without an account per hour from one address, which all of a site may share"),
    with_default::<Count>("PAYMENT_GRACE_LIMIT_PER_NUMBER_DAY", "2", "how often within 24 hours guests may be online while one phone is asked to pay"),
    with_default::<Count>("PAYMENT_GRACE_LIMIT_PER_IP_DAY", "200", "how often within 24 hours guests at one address, which all of a site may share, may be online while a payment waits"),
    with_default::<Count>("GUESS_LIMIT_PER_HOUR", "20", "wrong order tokens or voucher codes within an hour from one account or address, after which it has to wait"),
    with_default::<Bounded<0, 1_000_000_000>>("REFUND_ALONE_UP_TO_CDF", "50000", "francs of one payment that one person alone may give back; more needs a second"),
    with_default::<Bounded<0, 1_000_000>>("REFUND_ALONE_UP_TO_USD", "20", "dollars of one payment that one person alone may give back; more needs a second"),
    with_default::<GatewayChoice>("PAYMENT_GATEWAY", "serdipay", "where new payments go: serdipay, pawapay or fake"),
    with_default::<Bounded<1, 60>>("PAYMENT_CONNECT_SECONDS", "5", "how long a gateway may take to be connected to"),
    with_default::<Bounded<1, 120>>("PAYMENT_ANSWER_SECONDS", "15", "how long a gateway may take to answer"),
    with_default::<Switch>("PAYMENT_USE_PROXY", "false", "reach gateways through the proxy that HTTPS_PROXY names"),

    with_default::<Switch>("SERDIPAY_FAKE", "true", "let the fake payment gateway stand in for SerdiPay"),
    optional::<ServiceUrl>("SERDIPAY_BASE_URL", "where SerdiPay is, such as https://serdipay.com/api/public-api/v1"),
    secret::<String>("SERDIPAY_PUBLIC_KEY", "the merchant's api_id at SerdiPay"),
    secret::<String>("SERDIPAY_SECRET_KEY", "the merchant's api_password at SerdiPay"),
    optional::<String>("SERDIPAY_EMAIL", "SerdiPay's API user, who is not the user of its dashboard"),
    secret::<String>("SERDIPAY_PASSWORD", "that user's password"),
    optional::<String>("SERDIPAY_MERCHANT_CODE", "the merchant's code"),
    secret::<String>("SERDIPAY_MERCHANT_PIN", "the merchant's PIN"),
    with_default::<ServicePath>("SERDIPAY_TOKEN_PATH", "/merchant/get-token", "where SerdiPay gives tokens"),
    with_default::<ServicePath>("SERDIPAY_C2B_PATH", "/merchant/payment-merchant", "where customers are asked to pay the merchant"),
    optional::<SessionPath>("SERDIPAY_STATUS_PATH", "where SerdiPay tells a payment's status, with {sessionId} in it; nobody has seen one work"),
    with_default::<Bounded<1, 20_000_000>>("SERDIPAY_MIN_AMOUNT", "2300", "the smallest payment in francs, as the limits of a new deployment"),
    with_default::<Bounded<1, 20_000_000>>("SERDIPAY_MAX_AMOUNT", "5750000", "the largest payment in francs, likewise"),
    optional::<IpNetworks>("SERDIPAY_CALLBACK_ADDRESSES", "addresses or networks that callbacks may come from, with commas; anywhere when not given"),
    secret::<LongSecret>("SERDIPAY_WEBHOOK_SECRET", "the key of the gateway's HMAC over its callbacks"),
    secret::<LongSecret>("SERDIPAY_CALLBACK_TOKEN", "the secret last part of the callback's path"),

    with_default::<ServiceUrl>("PAWAPAY_BASE_URL", "https://api.pawapay.io", "where pawaPay is; https://api.sandbox.pawapay.io to try it"),
    secret::<String>("PAWAPAY_API_TOKEN", "our token at pawaPay; with it pawaPay is set up"),
    secret::<LongSecret>("PAWAPAY_CALLBACK_TOKEN", "the secret last part of the path of pawaPay's callbacks"),
    optional::<CallbackKeys>("PAWAPAY_CALLBACK_KEYS", "who signs pawaPay's callbacks, as id=key with commas; without them a callback is only a hint to ask"),
    optional::<IpNetworks>("PAWAPAY_CALLBACK_ADDRESSES", "addresses or networks that pawaPay's callbacks may come from, with commas"),

    with_default::<PathBuf>("FAKE_WORLD_PATH", "data/fake-world", "where the fake gateway, router, phone and mailbox live"),
    with_default::<Switch>("FAKE_GATEWAY_STATUS_QUERY", "false", "the fake gateway answers questions about payments, as SerdiPay is not known to do"),
    with_default::<Switch>("ALLOW_FAKE_IN_PRODUCTION", "false", "let production run on fakes"),

    with_default::<String>("MIKROTIK_HOST", "demo", "the default router's address; `demo` means the fake"),
    optional::<Bounded<1, 65_535>>("MIKROTIK_PORT", "the router's API port; 8728, or 8729 with TLS, when not given"),
    optional::<String>("MIKROTIK_USERNAME", "the router's API user"),
    secret::<String>("MIKROTIK_PASSWORD", "the router's API password"),
    with_default::<Switch>("MIKROTIK_USE_SSL", "false", "speak TLS to the router"),
    with_default::<Switch>("MIKROTIK_TLS_CHECK", "true", "with TLS: an authority that this system trusts must have signed the router's certificate"),
    optional::<Fingerprint>("MIKROTIK_TLS_FINGERPRINT", "with TLS: the SHA-256 of the router's certificate, instead of that check; right for one that signs itself"),
    with_default::<Bounded<1, 60>>("MIKROTIK_CONNECT_SECONDS", "3", "how long each step to a connection with a router may take"),
    with_default::<Bounded<1, 120>>("MIKROTIK_ANSWER_SECONDS", "8", "how long a router may take for one operation; for a list three times as long"),
    with_default::<Switch>("MIKROTIK_FAKE", "true", "use the fake router"),
    with_default::<UsernamePrefix>("HOTSPOT_USERNAME_PREFIX", "HS", "the beginning of every hotspot username"),
    with_default::<Bounded<8, 32>>("HOTSPOT_PASSWORD_LENGTH", "10", "the length of a hotspot password"),

    with_default::<Bounded<10, 10_000>>("RADIUS_COA_MILLISECONDS", "1000", "how long a NAS may take to answer a Disconnect- or CoA-Request before it is sent again; it is sent three times, each pause twice as long as the one before"),
    with_default::<Switch>("RADIUS_NAS_FAKE", "false", "let fake NASes take Disconnect- and CoA-Requests"),
    with_default::<RadiusMode>("RADIUS_MODE", "off", "who answers RADIUS: freeradius (on the same database), embedded (the portal itself) or off"),
    with_default::<SocketAddr>("RADIUS_AUTH_ADDR", "0.0.0.0:1812", "where the embedded server answers logins"),
    with_default::<SocketAddr>("RADIUS_ACCT_ADDR", "0.0.0.0:1813", "where the embedded server takes accounting"),
    with_default::<Vendor>("RADIUS_VENDOR", "mikrotik", "whose attributes FreeRADIUS's tables carry: mikrotik, wispr, coova_chilli or pfsense"),
    with_default::<PasswordForm>("RADIUS_PASSWORD_FORM", "cleartext", "how they carry passwords: cleartext (every login works), nt (PAP, MS-CHAP), ssha512 or crypt (PAP alone)"),
    optional::<Argv>("RADIUS_RELOAD_COMMAND", "has FreeRADIUS read its configuration anew: a program and its arguments with blanks between them, run without a shell"),

    with_default::<Switch>("SMS_ENABLED", "true", "send text messages, to the fake phone for now"),
    optional::<MailerDsn>("MAILER_DSN", "the mail server, as smtp://user:password@host:587").hidden(Visibility::Url),
    optional::<String>("MAIL_HOST", "the mail server, instead of MAILER_DSN; without either mail goes to the fake mailbox"),
    optional::<Bounded<1, 65_535>>("MAIL_PORT", "its port; 587, 465 with ssl or 25 with none, when not given"),
    optional::<String>("MAIL_USERNAME", "the user at the mail server"),
    secret::<String>("MAIL_PASSWORD", "the password at the mail server"),
    with_default::<Encryption>("MAIL_ENCRYPTION", "starttls", "starttls, ssl (TLS from the first byte) or none"),
    optional::<SenderAddress>("MAIL_FROM_ADDRESS", "who messages come from"),
    with_default::<String>("MAIL_FROM_NAME", "Hotspot", "the name that messages come from"),
    with_default::<Bounded<1, 10_000>>("NOTIFY_DISPATCH_BATCH", "50", "overdue messages sent in one run"),

    with_default::<Cron>("CRON_RECONCILE_PAYMENTS", "*/5 * * * *", "when payments are reconciled"),
    with_default::<Cron>("CRON_AGREEMENT", "30 4 * * *", "when yesterday's payments, ledger and statement are compared"),
    with_default::<Cron>("CRON_EXPIRE_USERS", "*/15 * * * *", "when hotspot users whose time is over are removed"),
    with_default::<Cron>("CRON_CHECK_ROUTERS", "* * * * *", "when routers are asked how they are"),
    with_default::<Cron>("CRON_SYNC_SESSIONS", "*/2 * * * *", "when routers are asked who is online"),
    with_default::<Cron>("CRON_SYNC_USERS", "*/10 * * * *", "when routers' users and blocks are compared with ours"),
    with_default::<Cron>("CRON_EXPIRE_ORDERS", "* * * * *", "when unpaid orders expire"),
    with_default::<Cron>("CRON_DISPATCH_NOTIFICATIONS", "* * * * *", "when overdue messages are sent"),
    with_default::<Cron>("CRON_PRUNE_LOGS", "0 2 * * *", "when old records are deleted"),
    with_default::<Cron>("CRON_INGEST_ACCOUNTING", "* * * * *", "when RADIUS accounting that nobody announced is taken in, and silent sessions are closed"),
    with_default::<Cron>("CRON_RESET_DAILY", "0 0 * * *", "when daily quotas open again"),
    with_default::<Cron>("CRON_RESET_WEEKLY", "0 0 * * 1", "when weekly quotas open again"),
    with_default::<Cron>("CRON_RESET_MONTHLY", "0 0 1 * *", "when monthly quotas open again"),
    with_default::<Cron>("CRON_CHECK_PROFILE_ALERTS", "0 * * * *", "when everybody's quotas and ends are looked at"),
    with_default::<Cron>("CRON_SEAL_AUDIT", "* * * * *", "when the audit log's hash chain is extended"),

    with_default::<Bounded<2, 3_600>>("JOB_LEASE_SECONDS", "60", "how long a worker holds a job before another may take it"),
    with_default::<Bounded<10, 60_000>>("JOB_POLL_MILLISECONDS", "500", "how often a worker looks for work nobody woke it for"),
    with_default::<Bounded<1, 256>>("WORKER_CONCURRENCY", "8", "jobs done at once by one process"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::SETTINGS;

    #[test]
    fn every_default_is_a_value_that_would_be_accepted() {
        for setting in SETTINGS {
            if let Some(default) = setting.default {
                assert_eq!((setting.check)(default), Ok(()), "{}", setting.name);
            }
        }
    }

    #[test]
    fn no_name_is_used_twice() {
        let names: BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(names.len(), SETTINGS.len());
    }
}
