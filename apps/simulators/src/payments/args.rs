//! The command line of the payment gateways.

use std::{env, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context as _;
use billing::payment::Operator;
use kernel::Ambient;

use super::{Account, Behaviour, Options, PawaPayBehaviour, PaymentSimulator, SerdiPayBehaviour};

/// How often it is looked whether a callback is due.
const LOOK: Duration = Duration::from_millis(50);

/// Where the gateways are to be and how they behave.
#[derive(clap::Args)]
pub struct Args {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8790")]
    addr: SocketAddr,
    /// Where charges and due callbacks are kept [default: a directory for temporary files, by port].
    #[arg(long, value_name = "DIR")]
    world: Option<PathBuf>,
    #[command(flatten)]
    serdipay: Box<SerdiPayArgs>,
    #[command(flatten)]
    pawapay: Box<PawaPayArgs>,
}

#[derive(clap::Args)]
#[command(next_help_heading = "SerdiPay")]
struct SerdiPayArgs {
    /// Where SerdiPay's callbacks go, without the token.
    #[arg(long, value_name = "URL")]
    callback_url: Option<String>,
    /// The secret at the end of the callback's path.
    #[arg(long, value_name = "TOKEN")]
    callback_token: Option<String>,
    /// The key of the callback's HMAC-SHA-256, sent in X-Serdipay-Signature.
    #[arg(long, value_name = "SECRET")]
    hmac_secret: Option<String>,
    /// The e-mail address to ask for a token with; any, without this and the like below.
    #[arg(long)]
    email: Option<String>,
    /// The password to ask for a token with.
    #[arg(long)]
    password: Option<String>,
    /// The merchant's `api_id`.
    #[arg(long)]
    api_id: Option<String>,
    /// The merchant's `api_password`.
    #[arg(long)]
    api_password: Option<String>,
    /// The merchant's code.
    #[arg(long)]
    merchant_code: Option<String>,
    /// The merchant's PIN.
    #[arg(long)]
    merchant_pin: Option<String>,
    /// Lets tokens expire after this many seconds, and says so.
    #[arg(long, value_name = "SECONDS")]
    token_life: Option<u64>,
    /// The least that may be asked, in whole francs or dollars.
    #[arg(long, value_name = "AMOUNT", default_value_t = 1)]
    min_amount: i64,
    /// The most that may be asked.
    #[arg(long, value_name = "AMOUNT", default_value_t = 5_750_000)]
    max_amount: i64,
    /// An operator that the merchant may not use: AM, OM, MP or AF. May be repeated.
    #[arg(long, value_name = "TELECOM", value_parser = operator)]
    close_channel: Vec<Operator>,
    /// Answers GET /merchant/transaction/{sessionId}, which nobody has seen the real one do.
    #[arg(long)]
    status_query: bool,
    /// Leaves the amount out of callbacks.
    #[arg(long)]
    without_amount: bool,
    /// Leaves our reference out of callbacks.
    #[arg(long)]
    without_reference: bool,
}

#[derive(clap::Args)]
#[command(next_help_heading = "pawaPay")]
struct PawaPayArgs {
    /// Where pawaPay's callbacks go, secret token included.
    #[arg(long, value_name = "URL")]
    pawapay_callback_url: Option<String>,
    /// The API token; any, without this.
    #[arg(long, value_name = "TOKEN")]
    pawapay_token: Option<String>,
    /// Signs callbacks.
    #[arg(long)]
    pawapay_sign: bool,
    /// The private key to sign with, a PEM file; made when it is missing.
    #[arg(long, value_name = "FILE")]
    pawapay_key: Option<PathBuf>,
    /// Writes signatures as RFC 9421 says, not as pawaPay's samples do.
    #[arg(long)]
    pawapay_plain_signatures: bool,
}

fn operator(text: &str) -> Result<Operator, String> {
    Operator::parse(text).ok_or_else(|| "one of AM, OM, MP, AF".to_owned())
}

impl Args {
    fn options(self) -> Options {
        let unnamed = || env::temp_dir().join(format!("simulated-payments-{}", self.addr.port()));
        let (serdipay, pawapay) = (self.serdipay, self.pawapay);
        Options {
            listen: self.addr,
            world: self.world.unwrap_or_else(unnamed),
            pawapay_key: pawapay.pawapay_key,
            ambient: Ambient::system(),
            behaviour: Behaviour {
                serdipay: serdipay.behaviour(),
                pawapay: PawaPayBehaviour {
                    callback_url: pawapay.pawapay_callback_url,
                    api_token: pawapay.pawapay_token,
                    signs: pawapay.pawapay_sign,
                    plain_signatures: pawapay.pawapay_plain_signatures,
                },
                down: false,
            },
        }
    }
}

impl SerdiPayArgs {
    fn behaviour(self) -> SerdiPayBehaviour {
        SerdiPayBehaviour {
            callback_url: self.callback_url,
            callback_token: self.callback_token,
            hmac_secret: self.hmac_secret,
            account: Account {
                email: self.email,
                password: self.password,
                api_id: self.api_id,
                api_password: self.api_password,
                merchant_code: self.merchant_code,
                merchant_pin: self.merchant_pin,
            },
            token_life: self.token_life.map(Duration::from_secs),
            limits: (self.min_amount, self.max_amount),
            closed_channels: self.close_channel,
            status_query: self.status_query,
            tells_amount: !self.without_amount,
            echoes_reference: !self.without_reference,
        }
    }
}

/// Plays the gateways until it is interrupted.
///
/// # Errors
/// The address is taken, or the directory cannot be used.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let options = args.options();
    let world = options.world.display().to_string();
    let simulator = PaymentSimulator::start(options).await.context("the gateways cannot be started")?;
    let (serdipay, pawapay) = (simulator.serdipay_url(), simulator.pawapay_url());
    tracing::info!(serdipay, pawapay, world, "payment gateways are listening");
    loop {
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => return Ok(interrupted?),
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Err(error) = simulator.deliver_due().await {
            tracing::error!(%error, "the books cannot be used");
        }
    }
}
