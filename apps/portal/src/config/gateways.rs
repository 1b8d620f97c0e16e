//! The payment gateways: which one takes new payments, which others are set up, and how each is reached.

use std::{str::FromStr, time::Duration};

use billing::adapters::{
    pawapay::{
        PawaPaySettings,
        signature::{CallbackKeys, SignedPlace},
    },
    serdipay::SerdiPaySettings,
};
use kernel::{Currency, IpNetworks, Money};
use outbound::HttpSettings;
use secrecy::SecretString;

use super::{
    Layers, Problem,
    values::{Bounded, Environment, PublicUrl, ServiceUrl, Switch},
};

/// Where the callbacks of pawaPay come in, under `APP_URL`.
pub const PAWAPAY_CALLBACK_PATH: &str = "/api/v1/payments/callback/pawapay";

/// Where new payments go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayChoice {
    /// To SerdiPay.
    SerdiPay,
    /// To pawaPay.
    PawaPay,
    /// To the fake.
    Fake,
}

impl FromStr for GatewayChoice {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "serdipay" => Ok(Self::SerdiPay),
            "pawapay" => Ok(Self::PawaPay),
            "fake" => Ok(Self::Fake),
            _ => Err("expected serdipay, pawapay or fake"),
        }
    }
}

/// A path under a gateway's address: begins with a slash, has no query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePath(pub String);

impl FromStr for ServicePath {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#".contains(&byte);
        if text.starts_with('/') && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err("expected a path that begins with a slash")
        }
    }
}

/// A path with the place of a payment's session in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPath(pub String);

impl FromStr for SessionPath {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ServicePath(path) = text.parse()?;
        if path.contains("{sessionId}") {
            Ok(Self(path))
        } else {
            Err("expected a path with {sessionId} in it")
        }
    }
}

/// The gateways of this deployment.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// Where new payments go. Never to SerdiPay while the fake stands in for it.
    pub chosen: GatewayChoice,
    /// SerdiPay, where it is real.
    pub serdipay: Option<SerdiPaySettings>,
    /// Where SerdiPay's callbacks may come from.
    pub serdipay_addresses: IpNetworks,
    /// pawaPay, where it is set up.
    pub pawapay: Option<PawaPaySettings>,
    /// How long gateways may take.
    pub http: HttpSettings,
}

/// What SerdiPay cannot be reached without.
const SERDIPAY_NEEDS: [&str; 7] = [
    "SERDIPAY_BASE_URL",
    "SERDIPAY_PUBLIC_KEY",
    "SERDIPAY_SECRET_KEY",
    "SERDIPAY_EMAIL",
    "SERDIPAY_PASSWORD",
    "SERDIPAY_MERCHANT_CODE",
    "SERDIPAY_MERCHANT_PIN",
];

/// Where new payments go, the fake in SerdiPay's place where it is switched on.
fn chosen(layers: &Layers) -> Result<GatewayChoice, Problem> {
    match layers.get("PAYMENT_GATEWAY")? {
        GatewayChoice::SerdiPay if !is_serdipay_real(layers) => Ok(GatewayChoice::Fake),
        choice => Ok(choice),
    }
}

fn is_serdipay_real(layers: &Layers) -> bool {
    layers.get("SERDIPAY_FAKE").is_ok_and(|Switch(fake)| !fake)
}

/// Whether new payments go to the fake.
pub(super) fn is_fake(layers: &Layers) -> bool {
    chosen(layers) == Ok(GatewayChoice::Fake)
}

/// Whether callbacks in SerdiPay's form may come, from SerdiPay or from the fake.
pub(super) fn expects_serdipay(layers: &Layers) -> bool {
    is_serdipay_real(layers) || is_fake(layers)
}

fn is_pawapay_set_up(layers: &Layers) -> bool {
    chosen(layers) == Ok(GatewayChoice::PawaPay) || layers.text("PAWAPAY_API_TOKEN").is_some()
}

/// Every rule about gateways that the given values break.
pub(super) fn broken(layers: &Layers, problems: &mut Vec<Problem>) {
    if is_serdipay_real(layers) {
        for name in SERDIPAY_NEEDS.into_iter().filter(|name| layers.text(name).is_none()) {
            problems.push(Problem::new(name, "must be set to reach SerdiPay (SERDIPAY_FAKE=false)"));
        }
        if layers.get("PAYMENT_GATEWAY") == Ok(GatewayChoice::Fake) {
            let message = "the fake takes SerdiPay's place: give SERDIPAY_FAKE=true, or another gateway";
            problems.push(Problem::new("PAYMENT_GATEWAY", message));
        }
    }
    if is_pawapay_set_up(layers) && layers.text("PAWAPAY_API_TOKEN").is_none() {
        problems.push(Problem::new("PAWAPAY_API_TOKEN", "must be set to reach pawaPay"));
    }
    let francs = |name| layers.get::<Bounded<0, { u32::MAX }>>(name).map(|Bounded(francs)| francs);
    if let (Ok(min), Ok(max)) = (francs("SERDIPAY_MIN_AMOUNT"), francs("SERDIPAY_MAX_AMOUNT"))
        && min > max
    {
        problems.push(Problem::new("SERDIPAY_MIN_AMOUNT", "must not be more than SERDIPAY_MAX_AMOUNT"));
    }
    if layers.get("APP_ENV") == Ok(Environment::Production) {
        for name in ["SERDIPAY_BASE_URL", "PAWAPAY_BASE_URL"] {
            if layers.text(name).is_some_and(|url| !url.starts_with("https://")) {
                problems.push(Problem::new(name, "must be https:// in production"));
            }
        }
    }
}

impl GatewaySettings {
    /// The settings that some layers add up to.
    pub(super) fn read(layers: &Layers) -> Result<Self, Problem> {
        let seconds = |name| {
            let read = layers.get::<Bounded<0, { u32::MAX }>>(name);
            read.map(|Bounded(seconds)| Duration::from_secs(seconds.into()))
        };
        let networks = |name| layers.optional::<IpNetworks>(name).map(Option::unwrap_or_default);
        let Switch(proxy_from_environment) = layers.get("PAYMENT_USE_PROXY")?;
        Ok(Self {
            chosen: chosen(layers)?,
            serdipay: is_serdipay_real(layers).then(|| serdipay(layers)).transpose()?,
            serdipay_addresses: networks("SERDIPAY_CALLBACK_ADDRESSES")?,
            pawapay: is_pawapay_set_up(layers)
                .then(|| pawapay(layers, networks("PAWAPAY_CALLBACK_ADDRESSES")?))
                .transpose()?,
            http: HttpSettings {
                connect_timeout: seconds("PAYMENT_CONNECT_SECONDS")?,
                answer_timeout: seconds("PAYMENT_ANSWER_SECONDS")?,
                proxy_from_environment,
                ..HttpSettings::default()
            },
        })
    }
}

fn needed(layers: &Layers, name: &str) -> Result<SecretString, Problem> {
    layers.secret(name).ok_or_else(|| Problem::new(name, "must be set"))
}

fn serdipay(layers: &Layers) -> Result<SerdiPaySettings, Problem> {
    let francs = |name| {
        let read = layers.get::<Bounded<0, { u32::MAX }>>(name);
        read.map(|Bounded(francs)| Money::from_minor(i64::from(francs) * 100, Currency::Cdf))
    };
    let path = |name| layers.get::<ServicePath>(name).map(|ServicePath(path)| path);
    Ok(SerdiPaySettings {
        base_url: layers.get::<ServiceUrl>("SERDIPAY_BASE_URL")?.as_str().to_owned(),
        token_path: path("SERDIPAY_TOKEN_PATH")?,
        c2b_path: path("SERDIPAY_C2B_PATH")?,
        status_path: layers.optional::<SessionPath>("SERDIPAY_STATUS_PATH")?.map(|SessionPath(path)| path),
        email: layers.get("SERDIPAY_EMAIL")?,
        password: needed(layers, "SERDIPAY_PASSWORD")?,
        api_id: needed(layers, "SERDIPAY_PUBLIC_KEY")?,
        api_password: needed(layers, "SERDIPAY_SECRET_KEY")?,
        merchant_code: layers.get("SERDIPAY_MERCHANT_CODE")?,
        merchant_pin: needed(layers, "SERDIPAY_MERCHANT_PIN")?,
        min_amount: francs("SERDIPAY_MIN_AMOUNT")?,
        max_amount: francs("SERDIPAY_MAX_AMOUNT")?,
    })
}

fn pawapay(layers: &Layers, callback_addresses: IpNetworks) -> Result<PawaPaySettings, Problem> {
    let url: PublicUrl = layers.get("APP_URL")?;
    Ok(PawaPaySettings {
        base_url: layers.get::<ServiceUrl>("PAWAPAY_BASE_URL")?.as_str().to_owned(),
        api_token: needed(layers, "PAWAPAY_API_TOKEN")?,
        callback_token: layers.secret("PAWAPAY_CALLBACK_TOKEN"),
        callback_addresses,
        callback_keys: layers.optional::<CallbackKeys>("PAWAPAY_CALLBACK_KEYS")?.unwrap_or_default(),
        callback_place: SignedPlace {
            authority: url.authority().to_ascii_lowercase(),
            path: PAWAPAY_CALLBACK_PATH.to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{GatewayChoice, GatewaySettings, SERDIPAY_NEEDS, SessionPath};
    use crate::config::{Layers, Settings};

    fn layers(pairs: &[(&str, &str)]) -> Layers {
        let variables: BTreeMap<String, String> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Layers::new(None, variables)
    }

    fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
        layers(pairs).problems().into_iter().map(|problem| problem.name).collect()
    }

    fn gateways(pairs: &[(&str, &str)]) -> GatewaySettings {
        Settings::read(&layers(pairs)).unwrap().gateways
    }

    const SERDIPAY: [(&str, &str); 8] = [
        ("SERDIPAY_FAKE", "false"),
        ("SERDIPAY_BASE_URL", "https://pay.example.cd/api/public-api/v1/"),
        ("SERDIPAY_PUBLIC_KEY", "very-secret-id"),
        ("SERDIPAY_SECRET_KEY", "very-secret-key"),
        ("SERDIPAY_EMAIL", "api@example.cd"),
        ("SERDIPAY_PASSWORD", "very-secret-password"),
        ("SERDIPAY_MERCHANT_CODE", "M1"),
        ("SERDIPAY_MERCHANT_PIN", "0042"),
    ];

    #[test]
    fn the_fake_stands_in_for_serdipay_until_it_is_switched_off() {
        for pairs in [&[][..], &[("PAYMENT_GATEWAY", "serdipay")], &[("PAYMENT_GATEWAY", "fake")]] {
            let gateways = gateways(pairs);
            assert_eq!(gateways.chosen, GatewayChoice::Fake, "{pairs:?}");
            assert!(gateways.serdipay.is_none() && gateways.pawapay.is_none(), "{pairs:?}");
        }
        let real = gateways(&SERDIPAY);
        assert_eq!(real.chosen, GatewayChoice::SerdiPay);
        let serdipay = real.serdipay.unwrap();
        assert_eq!(serdipay.base_url, "https://pay.example.cd/api/public-api/v1");
        assert_eq!(serdipay.min_amount.minor(), 230_000);
        assert_eq!(serdipay.status_path, None);
    }

    #[test]
    fn everything_that_a_gateway_lacks_is_told_at_once() {
        let mut needed = SERDIPAY_NEEDS;
        needed.sort_unstable();
        assert_eq!(problems(&[("SERDIPAY_FAKE", "false")]), needed);
        assert_eq!(problems(&[("PAYMENT_GATEWAY", "pawapay")]), ["PAWAPAY_API_TOKEN"]);
        let contradiction = [&SERDIPAY[..], &[("PAYMENT_GATEWAY", "fake")]].concat();
        assert_eq!(problems(&contradiction), ["PAYMENT_GATEWAY"]);
        let upside_down = [("SERDIPAY_MIN_AMOUNT", "10"), ("SERDIPAY_MAX_AMOUNT", "9")];
        assert_eq!(problems(&upside_down), ["SERDIPAY_MIN_AMOUNT"]);
        assert!("/transaction".parse::<SessionPath>().is_err());
        assert!("transaction/{sessionId}".parse::<SessionPath>().is_err());
    }

    #[test]
    fn a_gateway_that_payments_went_to_before_stays_set_up() {
        let both = [&SERDIPAY[..], &[("PAYMENT_GATEWAY", "pawapay"), ("PAWAPAY_API_TOKEN", "t")]].concat();
        let both = gateways(&both);
        assert_eq!(both.chosen, GatewayChoice::PawaPay);
        assert!(both.serdipay.is_some() && both.pawapay.is_some());
        let pawapay = gateways(&[
            ("PAWAPAY_API_TOKEN", "t"),
            ("PAYMENT_GATEWAY", "pawapay"),
            ("APP_URL", "https://WiFi.example.cd:8443"),
        ]);
        assert!(pawapay.serdipay.is_none());
        assert_eq!(pawapay.pawapay.unwrap().callback_place.authority, "wifi.example.cd:8443");
    }

    #[test]
    fn no_secret_is_in_a_debug_print() {
        let with_token = [&SERDIPAY[..], &[("PAWAPAY_API_TOKEN", "very-secret-token")]].concat();
        let shown = format!("{:?}", gateways(&with_token));
        assert!(!shown.contains("very-secret") && !shown.contains("0042"), "{shown}");
    }
}
