//! The outside world, chosen by the settings: gateways, routers, channels, and the key that seals secrets.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use billing::{
    adapters::{
        fake::FakeGateway,
        guarded::Guarded,
        pawapay::PawaPay,
        serdipay::{
            SerdiPay,
            callback::{CallbackGuard, CallbackSecrets},
        },
    },
    ports::{Gateways, PaymentGateway},
};
use hotspot::adapters::{
    fake::FakeRouters,
    mikrotik::{MikrotikRouters, MikrotikSettings},
};
use kernel::{Ambient, EmailAddress, Sealer};
use notifications::{
    MessageChannel,
    adapters::{
        fake::FakeChannel,
        smtp::{SmtpChannel, SmtpSecurity, SmtpSettings},
    },
};
use outbound::{HttpClient, breaker::BreakerSettings};
use radius::{
    adapters::{
        dynamic_authorization::{DynamicAuthorization, Patience},
        fake::FakeNases,
    },
    ports::nas::NasControl,
    use_cases::NasChanges,
};
use secrecy::{ExposeSecret, SecretString};

use super::routers::RoutersOutside;
use crate::config::{Encryption, GatewayChoice, MailServer, Settings};

/// How long a mail server may take for one step.
const MAIL_TIMEOUT: Duration = Duration::from_secs(10);

/// Everything outside, behind the domains' ports.
pub struct Adapters {
    /// Take payments.
    pub gateways: Gateways,
    /// Reach routers.
    pub routers: RoutersOutside,
    /// Carry messages.
    pub channels: Vec<Arc<dyn MessageChannel>>,
    /// Seals secrets.
    pub sealer: Arc<Sealer>,
    /// Tells NASes what to do with open sessions.
    pub nas: Arc<dyn NasControl>,
    /// Tells this process's RADIUS server that its clients have changed.
    pub nas_changes: NasChanges,
    /// Those of the above that are fake, to look into their worlds.
    pub fakes: Fakes,
}

/// The fake systems that are in use.
#[derive(Clone)]
pub struct Fakes {
    /// The gateway.
    pub gateway: Option<Arc<FakeGateway>>,
    /// The routers.
    pub routers: Option<Arc<FakeRouters>>,
    /// The NASes.
    pub nases: Option<FakeNases>,
    /// The phone.
    pub phone: Option<FakeChannel>,
    /// The mailbox.
    pub mailbox: Option<FakeChannel>,
}

impl Adapters {
    /// Opens what the settings name.
    ///
    /// # Errors
    /// What cannot be opened, and why.
    pub fn open(settings: &Settings, ambient: &Ambient) -> anyhow::Result<Self> {
        let world = &settings.fake_world;
        let previous = settings.app.previous_key.as_ref().map(ExposeSecret::expose_secret);
        let sealer =
            Sealer::new(settings.app.key.expose_secret(), previous, ambient.clone()).context("APP_KEY")?;
        let sealer = Arc::new(sealer);
        let (gateways, gateway) = gateways(settings, ambient)?;
        let fake_routers = settings.hotspot.fake_routers.then(|| FakeRouters::open(world)).transpose();
        let fake_routers = fake_routers.context("the fake router")?;
        let fake_routers = fake_routers.map(|routers| Arc::new(routers.timed_by(ambient.clone())));
        let timeouts = MikrotikSettings {
            connect_timeout: settings.hotspot.router_connect_timeout,
            call_timeout: settings.hotspot.router_answer_timeout,
            ..MikrotikSettings::default()
        };
        let api = MikrotikRouters::new(timeouts, ambient.clone(), sealer.clone());
        let routers = RoutersOutside { api: Arc::new(api), fake: fake_routers.clone() };
        let nases =
            settings.nas.fake.then(|| FakeNases::open(world)).transpose().context("the fake NASes")?;
        let nas: Arc<dyn NasControl> = match &nases {
            Some(fake) => Arc::new(fake.clone()),
            None => Arc::new(DynamicAuthorization::new(Patience {
                first: settings.nas.answer_timeout,
                ..Patience::default()
            })),
        };
        let phone = FakeChannel::phone(world, ambient.clone()).context("the fake phone")?;
        let phone = settings.messages.sms_enabled.then_some(phone);
        let (email, mailbox): (Arc<dyn MessageChannel>, _) = match &settings.messages.mail_server {
            Some(server) => (Arc::new(mail(server, settings, ambient)?), None),
            None => {
                let mailbox = FakeChannel::mailbox(world, ambient.clone()).context("the fake mailbox")?;
                (Arc::new(mailbox.clone()), Some(mailbox))
            }
        };
        let mut channels = vec![email];
        channels.extend(phone.clone().map(|phone| Arc::new(phone) as Arc<dyn MessageChannel>));
        let fakes = Fakes { gateway, routers: fake_routers, nases, phone, mailbox };
        let nas_changes = NasChanges::default();
        let adapters = Self { gateways, routers, channels, sealer, nas, nas_changes, fakes };
        #[cfg(feature = "crash-points")]
        let adapters = super::crash_points::around(adapters);
        Ok(adapters)
    }
}

/// The gateways that are set up, and the fake if it is one of them.
fn gateways(settings: &Settings, ambient: &Ambient) -> anyhow::Result<(Gateways, Option<Arc<FakeGateway>>)> {
    let wanted = &settings.gateways;
    let reveal =
        |secret: &Option<SecretString>| secret.as_ref().map(|secret| secret.expose_secret().to_owned());
    let secrets = CallbackSecrets {
        path_token: reveal(&settings.billing.callback_token),
        hmac_secret: reveal(&settings.billing.webhook_secret),
    };
    let http = HttpClient::new(wanted.http).context("the payment gateways")?;
    let guarded = |gateway: Arc<dyn PaymentGateway>| -> Arc<dyn PaymentGateway> {
        Arc::new(Guarded::new(gateway, BreakerSettings::default(), ambient.clone()))
    };
    let serdipay = wanted.serdipay.clone().map(|serdipay| {
        let addresses = wanted.serdipay_addresses.clone();
        let guard = CallbackGuard { secrets: secrets.clone(), addresses };
        guarded(Arc::new(SerdiPay::new(serdipay, guard, http.clone())))
    });
    let pawapay = wanted.pawapay.clone();
    let pawapay =
        pawapay.map(|pawapay| guarded(Arc::new(PawaPay::new(pawapay, http.clone(), ambient.clone()))));
    let fake = match wanted.chosen {
        GatewayChoice::Fake => {
            let (world, answers) = (&settings.fake_world, settings.billing.fake_answers_queries);
            let fake = FakeGateway::open(world, secrets, answers, ambient.clone());
            Some(Arc::new(fake.context("the fake gateway")?))
        }
        GatewayChoice::SerdiPay | GatewayChoice::PawaPay => None,
    };
    let (chosen, others) = match wanted.chosen {
        GatewayChoice::Fake => {
            (fake.clone().map(|fake| fake as Arc<dyn PaymentGateway>), [serdipay, pawapay])
        }
        GatewayChoice::SerdiPay => (serdipay, [pawapay, None]),
        GatewayChoice::PawaPay => (pawapay, [serdipay, None]),
    };
    let chosen = chosen.context("the gateway for new payments is not set up")?;
    Ok((Gateways::new(chosen, others.into_iter().flatten().collect()), fake))
}

fn mail(server: &MailServer, settings: &Settings, ambient: &Ambient) -> anyhow::Result<SmtpChannel> {
    let smtp = SmtpSettings {
        host: server.host.clone(),
        port: server.port,
        security: match server.encryption {
            Encryption::StartTls => SmtpSecurity::StartTls,
            Encryption::Tls => SmtpSecurity::Tls,
            Encryption::None => SmtpSecurity::Plain,
        },
        login: server.credentials.clone(),
        from: EmailAddress::parse(&settings.messages.from_address).context("MAIL_FROM_ADDRESS")?,
        from_name: Some(settings.messages.from_name.clone()),
        timeout: MAIL_TIMEOUT,
    };
    SmtpChannel::new(smtp, ambient.clone()).context("the mail server")
}
