//! What only makes sense together, and what production refuses.

use super::{
    Layers, Problem, gateways,
    values::{Environment, Switch},
};

/// What seals secrets where nobody has given a key, outside production. It is public, so it protects nothing.
pub(crate) const DEVELOPMENT_KEY: &str = "ZGV2ZWxvcG1lbnQta2V5LW5vdC1mb3ItcHJvZHVjdCE=";
/// The callback's secrets where nobody has given any, outside production.
pub(crate) const DEVELOPMENT_CALLBACK_TOKEN: &str = "development-callback-token";
/// See [`DEVELOPMENT_CALLBACK_TOKEN`].
pub(crate) const DEVELOPMENT_WEBHOOK_SECRET: &str = "development-webhook-secret";

/// Every rule that the given values break. A value that cannot be read breaks none: that is told elsewhere.
pub(super) fn broken(layers: &Layers) -> Vec<Problem> {
    let mut problems = Vec::new();
    mail(layers, &mut problems);
    gateways::broken(layers, &mut problems);
    router(layers, &mut problems);
    if layers.get("APP_ENV").is_ok_and(|env: Environment| env == Environment::Production) {
        secrets(layers, &mut problems);
        fakes(layers, &mut problems);
        let secure = layers.text("APP_URL").is_some_and(|url| url.starts_with("https://"));
        if !secure {
            problems.push(Problem::new("APP_URL", "must be https:// in production"));
        }
    }
    problems
}

fn is_on(layers: &Layers, name: &str) -> bool {
    layers.get(name).is_ok_and(|Switch(on)| on)
}

fn mail(layers: &Layers, problems: &mut Vec<Problem>) {
    let by_parts = layers.text("MAIL_HOST").is_some();
    if by_parts && layers.text("MAILER_DSN").is_some() {
        problems.push(Problem::new("MAILER_DSN", "give either MAILER_DSN or MAIL_HOST, not both"));
    }
    if is_mail_real(layers) && layers.text("MAIL_FROM_ADDRESS").is_none() {
        problems.push(Problem::new("MAIL_FROM_ADDRESS", "must be set when mail is sent for real"));
    }
    if layers.text("MAIL_USERNAME").is_some() != layers.text("MAIL_PASSWORD").is_some() {
        problems.push(Problem::new("MAIL_USERNAME", "give MAIL_USERNAME and MAIL_PASSWORD together"));
    }
}

/// Whether mail leaves the machine.
fn is_mail_real(layers: &Layers) -> bool {
    layers.text("MAIL_HOST").is_some() || layers.text("MAILER_DSN").is_some()
}

/// Whether fakes may be used: everywhere but in production, and there when that is allowed.
pub(super) fn may_use_fakes(layers: &Layers) -> bool {
    let production = layers.get("APP_ENV").is_ok_and(|env: Environment| env == Environment::Production);
    !production || is_on(layers, "ALLOW_FAKE_IN_PRODUCTION")
}

/// Whether the default router is the fake.
pub(super) fn is_router_fake(layers: &Layers) -> bool {
    is_on(layers, "MIKROTIK_FAKE") || layers.text("MIKROTIK_HOST") == Some("demo")
}

/// A real router is reached at an address, with an account.
fn router(layers: &Layers, problems: &mut Vec<Problem>) {
    let is_given = |name: &str| layers.text(name).is_some();
    if !is_on(layers, "MIKROTIK_FAKE") {
        if layers.source("MIKROTIK_HOST").is_none() {
            let message = "must be set when MIKROTIK_FAKE is false; `demo` still means the fake";
            problems.push(Problem::new("MIKROTIK_HOST", message));
        }
        if !is_router_fake(layers) {
            for name in ["MIKROTIK_USERNAME", "MIKROTIK_PASSWORD"] {
                if !is_given(name) {
                    problems.push(Problem::new(name, "must be set for a real router"));
                }
            }
        }
    }
    if is_given("MIKROTIK_TLS_FINGERPRINT") && !is_on(layers, "MIKROTIK_USE_SSL") {
        let message = "is of no use without MIKROTIK_USE_SSL=true";
        problems.push(Problem::new("MIKROTIK_TLS_FINGERPRINT", message));
    }
}

fn secrets(layers: &Layers, problems: &mut Vec<Problem>) {
    let well_known = [
        ("APP_KEY", DEVELOPMENT_KEY),
        ("APP_KEY_PREVIOUS", DEVELOPMENT_KEY),
        ("SERDIPAY_CALLBACK_TOKEN", DEVELOPMENT_CALLBACK_TOKEN),
        ("SERDIPAY_WEBHOOK_SECRET", DEVELOPMENT_WEBHOOK_SECRET),
    ];
    for (name, value) in well_known {
        if layers.text(name) == Some(value) {
            problems.push(Problem::new(name, "this value is published; production needs its own"));
        }
    }
    if layers.text("APP_KEY").is_none() {
        problems.push(Problem::new("APP_KEY", "must be set in production"));
    }
    let callback_is_guarded =
        ["SERDIPAY_CALLBACK_TOKEN", "SERDIPAY_WEBHOOK_SECRET"].iter().any(|name| layers.text(name).is_some());
    if gateways::expects_serdipay(layers) && !callback_is_guarded {
        problems.push(Problem::new(
            "SERDIPAY_WEBHOOK_SECRET",
            "production needs it, or SERDIPAY_CALLBACK_TOKEN, to know the gateway's callbacks",
        ));
    }
}

fn fakes(layers: &Layers, problems: &mut Vec<Problem>) {
    if is_on(layers, "ALLOW_FAKE_IN_PRODUCTION") {
        return;
    }
    let mut refuse = |name: &str, what: &str| {
        let message = format!("production refuses the fake {what}; ALLOW_FAKE_IN_PRODUCTION=true permits it");
        problems.push(Problem::new(name, message));
    };
    if gateways::is_fake(layers) {
        refuse("SERDIPAY_FAKE", "payment gateway");
    }
    if is_router_fake(layers) {
        refuse("MIKROTIK_FAKE", "router");
    }
    if is_on(layers, "RADIUS_NAS_FAKE") {
        refuse("RADIUS_NAS_FAKE", "NAS");
    }
    if is_on(layers, "SMS_ENABLED") {
        refuse("SMS_ENABLED", "phone");
    }
    if !is_mail_real(layers) {
        refuse("MAIL_HOST", "mailbox");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{DEVELOPMENT_KEY, DEVELOPMENT_WEBHOOK_SECRET};
    use crate::config::Layers;

    const OWN_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn names_of_problems(pairs: &[(&str, &str)]) -> Vec<String> {
        let variables: BTreeMap<String, String> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let problems = Layers::new(None, variables).problems();
        problems.into_iter().map(|problem| problem.name).collect()
    }

    #[test]
    fn development_needs_nothing() {
        assert_eq!(names_of_problems(&[]), [""; 0]);
        assert_eq!(names_of_problems(&[("APP_ENV", "test")]), [""; 0]);
    }

    #[test]
    fn production_needs_its_own_secrets_tls_and_no_fakes() {
        assert_eq!(
            names_of_problems(&[("APP_ENV", "production")]),
            [
                "APP_KEY",
                "APP_URL",
                "MAIL_HOST",
                "MIKROTIK_FAKE",
                "SERDIPAY_FAKE",
                "SERDIPAY_WEBHOOK_SECRET",
                "SMS_ENABLED",
            ]
        );
    }

    #[test]
    fn production_refuses_published_secrets() {
        let given = [
            ("APP_ENV", "production"),
            ("APP_URL", "https://wifi.example.cd"),
            ("ALLOW_FAKE_IN_PRODUCTION", "true"),
            ("APP_KEY", DEVELOPMENT_KEY),
            ("SERDIPAY_WEBHOOK_SECRET", DEVELOPMENT_WEBHOOK_SECRET),
        ];
        assert_eq!(names_of_problems(&given), ["APP_KEY", "SERDIPAY_WEBHOOK_SECRET"]);
    }

    #[test]
    fn production_runs_on_fakes_when_that_is_allowed() {
        let given = [
            ("APP_ENV", "production"),
            ("APP_URL", "https://wifi.example.cd"),
            ("ALLOW_FAKE_IN_PRODUCTION", "true"),
            ("APP_KEY", OWN_KEY),
            ("SERDIPAY_CALLBACK_TOKEN", "a-token-of-ones-own"),
        ];
        assert_eq!(names_of_problems(&given), [""; 0]);
    }

    #[test]
    fn mail_is_named_once_and_has_a_sender() {
        let both = [("MAIL_HOST", "a"), ("MAILER_DSN", "smtp://a")];
        assert_eq!(names_of_problems(&both), ["MAILER_DSN", "MAIL_FROM_ADDRESS"]);
        assert_eq!(names_of_problems(&[("MAIL_PASSWORD", "x")]), ["MAIL_USERNAME"]);
    }

    #[test]
    fn a_real_router_has_an_address_and_an_account() {
        assert_eq!(names_of_problems(&[("MIKROTIK_FAKE", "false")]), ["MIKROTIK_HOST"]);
        let mut given = vec![("MIKROTIK_FAKE", "false"), ("MIKROTIK_HOST", "10.0.0.1")];
        assert_eq!(names_of_problems(&given), ["MIKROTIK_PASSWORD", "MIKROTIK_USERNAME"]);
        given.extend([("MIKROTIK_USERNAME", "portal"), ("MIKROTIK_PASSWORD", "secret")]);
        assert_eq!(names_of_problems(&given), [""; 0]);
        given.push(("MIKROTIK_TLS_FINGERPRINT", "0a"));
        assert_eq!(names_of_problems(&given), ["MIKROTIK_TLS_FINGERPRINT", "MIKROTIK_TLS_FINGERPRINT"]);
        let fingerprint = "0a".repeat(32);
        given.pop();
        given.push(("MIKROTIK_TLS_FINGERPRINT", &fingerprint));
        assert_eq!(names_of_problems(&given), ["MIKROTIK_TLS_FINGERPRINT"]);
        given.push(("MIKROTIK_USE_SSL", "true"));
        assert_eq!(names_of_problems(&given), [""; 0]);
    }
}
