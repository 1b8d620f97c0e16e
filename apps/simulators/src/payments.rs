//! Payment gateways on the wire: SerdiPay and pawaPay under one address, for the real adapters to talk to.
//!
//! The phone number chooses what happens, by the same table as for the fake gateway
//! ([`billing::adapters::fake::script`]); the parts that need a wire are played here alone. Charges and what is
//! to be called back are in journals, so that a restart loses nothing and two prompts for one payment do not go
//! unseen.

mod answers;
mod args;
mod books;
mod callbacks;
mod http;
mod pawapay;
mod serdipay;
mod tokens;

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use billing::adapters::fake::world::{Charge, PaidBack};
use fake_world::Journal;
use kernel::Ambient;
use outbound::{HttpClient, HttpSettings};
use tokio::{net::TcpListener, task::JoinHandle};
use uuid::Uuid;

pub use self::{
    args::{Args, run},
    http::Received,
    pawapay::Behaviour as PawaPayBehaviour,
    serdipay::{Account, Behaviour as SerdiPayBehaviour},
};
use self::{
    books::Books,
    http::{Reply, Surface},
    pawapay::SigningKey,
    tokens::Tokens,
};

/// How many requests are remembered word by word.
const REMEMBERED: usize = 1_000;
/// How long a callback may take to be answered.
const CALLBACK_PATIENCE: Duration = Duration::from_secs(10);

/// What a simulator needs to start.
pub struct Options {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The directory of its journals and its key. It is made when it is missing.
    pub world: PathBuf,
    /// A PEM file with the private key that signs pawaPay's callbacks. Without it, one in `world`.
    pub pawapay_key: Option<PathBuf>,
    /// Tells the time.
    pub ambient: Ambient,
    /// How the gateways behave at first.
    pub behaviour: Behaviour,
}

/// How the gateways behave.
#[derive(Clone, Default)]
pub struct Behaviour {
    /// SerdiPay.
    pub serdipay: SerdiPayBehaviour,
    /// pawaPay.
    pub pawapay: PawaPayBehaviour,
    /// Whether every request is cut off before anything is done about it.
    pub down: bool,
}

/// Everything behind the address.
struct Gateways {
    behaviour: RwLock<Behaviour>,
    serdipay: Books,
    pawapay: Books,
    tokens: Tokens,
    key: SigningKey,
    received: Mutex<VecDeque<Received>>,
    client: HttpClient,
    delivering: tokio::sync::Mutex<()>,
    ambient: Ambient,
}

impl Gateways {
    fn open(options: &Options) -> anyhow::Result<Self> {
        let books = |name| Journal::open(&options.world, name).map(Books::new);
        let (serdipay, pawapay) = (books("gateway")?, books("pawapay")?);
        let key_file = options.pawapay_key.clone();
        let key = SigningKey::open(&key_file.unwrap_or_else(|| options.world.join("pawapay-key.pem")))?;
        let settings = HttpSettings { answer_timeout: CALLBACK_PATIENCE, ..HttpSettings::default() };
        Ok(Self {
            behaviour: RwLock::new(options.behaviour.clone()),
            serdipay,
            pawapay,
            tokens: Tokens::default(),
            key,
            received: Mutex::default(),
            client: HttpClient::new(settings)?,
            delivering: tokio::sync::Mutex::default(),
            ambient: options.ambient.clone(),
        })
    }

    fn behaviour(&self) -> Behaviour {
        self.behaviour.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, request: Received) {
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        if received.len() == REMEMBERED {
            received.pop_front();
        }
        received.push_back(request);
    }
}

impl Surface for Gateways {
    async fn answer(&self, request: Received) -> Reply {
        self.remember(request.clone());
        let answer = match request.path.as_str() {
            _ if self.behaviour().down => return Reply::Cut,
            path if path.starts_with(serdipay::BASE_PATH) => serdipay::answer(self, &request).await,
            path if path.starts_with("/v2/") => pawapay::answer(self, &request).await,
            _ => return Reply::Json(404, serde_json::json!({ "message": "Not Found" })),
        };
        answer.unwrap_or_else(|error| {
            tracing::error!(%error, "the books cannot be used");
            Reply::Cut
        })
    }
}

/// Both gateways, listening until they are dropped.
pub struct PaymentSimulator {
    gateways: Arc<Gateways>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for PaymentSimulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl PaymentSimulator {
    /// Opens the books and listens. Callbacks are sent by [`deliver_due`](Self::deliver_due) alone.
    ///
    /// # Errors
    /// The address is taken, the directory cannot be used, or there is no HTTP client.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let gateways = Arc::new(Gateways::open(&options)?);
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(http::serve(listener, Arc::clone(&gateways)));
        Ok(Self { gateways, address, server })
    }

    /// Where SerdiPay's interface begins.
    #[must_use]
    pub fn serdipay_url(&self) -> String {
        format!("http://{}{}", self.address, serdipay::BASE_PATH)
    }

    /// Where pawaPay's interface begins.
    #[must_use]
    pub fn pawapay_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes how the gateways behave from now on.
    pub fn change(&self, how: impl FnOnce(&mut Behaviour)) {
        how(&mut self.gateways.behaviour.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes back every token that SerdiPay has given out.
    pub fn forget_tokens(&self) {
        self.gateways.tokens.forget_all();
    }

    /// How often SerdiPay was asked for a token.
    #[must_use]
    pub fn token_requests(&self) -> usize {
        self.gateways.tokens.requests()
    }

    /// Every charge of SerdiPay's, oldest first.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn charges(&self) -> io::Result<Vec<Charge>> {
        self.gateways.serdipay.charges()
    }

    /// Every deposit of pawaPay's, oldest first.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn deposits(&self) -> io::Result<Vec<Charge>> {
        self.gateways.pawapay.charges()
    }

    /// What pawaPay pays back under a reference.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn paid_back(&self, reference: Uuid) -> io::Result<Option<PaidBack>> {
        Ok(self.gateways.pawapay.find_refund(reference)?.map(|(refund, _)| refund))
    }

    /// How many prompts were pushed to wallets for a payment, by either gateway.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn prompts(&self, reference: Uuid) -> io::Result<usize> {
        let (charges, deposits) = (self.charges()?, self.deposits()?);
        Ok(charges.iter().chain(&deposits).filter(|charge| charge.reference == reference).count())
    }

    /// The last thousand requests, word by word, oldest first. They hold the merchant's secrets.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        let received = self.gateways.received.lock().unwrap_or_else(PoisonError::into_inner);
        received.iter().cloned().collect()
    }

    /// Sends every callback whose time has come, and says how many were accepted.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub async fn deliver_due(&self) -> io::Result<usize> {
        self.gateways.deliver_due().await
    }
}
