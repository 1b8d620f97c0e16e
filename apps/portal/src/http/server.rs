//! The HTTP service: its layers in their order, and listening.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{
    App, Error, HttpServer,
    body::MessageBody,
    dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::{Compress, from_fn},
    web::{self, Data},
};
use kernel::Ambient;
use utoipa_actix_web::AppExt as _;

use super::{
    error::render,
    policy::{self, Authenticator, Rule, rules::RULES},
    rate_limit::{self, Limiter},
    request_id, security_headers,
};
use crate::config::settings::HttpSettings;

/// How long a client may take to send its request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long requests under way may go on after the service was told to stop, in seconds.
const SHUTDOWN_SECONDS: u64 = 30;

/// What the layers in front of the handlers need.
pub struct Edge {
    /// Time and chance.
    pub ambient: Ambient,
    /// Limits and proxies.
    pub settings: HttpSettings,
    /// Who may do what.
    pub rules: &'static [Rule],
    /// Knows whose a token is.
    pub authenticator: Arc<dyn Authenticator>,
    /// The callers' buckets.
    pub limiter: Limiter,
}

impl Edge {
    /// The layers of this service's own routes.
    #[must_use]
    pub fn new(settings: HttpSettings, ambient: Ambient, authenticator: Arc<dyn Authenticator>) -> Self {
        Self {
            limiter: Limiter::new(&settings.rate_limits, &ambient),
            ambient,
            settings,
            rules: RULES,
            authenticator,
        }
    }
}

/// The service with all its layers. `state` adds what the handlers take ([`super::routes`] says what); `routes`
/// are the routes themselves.
///
/// A request passes the layers from the last to the first: it gets its name, then what browsers are told is
/// promised, then its answer is compressed, then what fails gets a body; it is known whose it is, counted, and
/// permitted.
pub fn app(
    edge: Data<Edge>,
    state: impl FnOnce(&mut web::ServiceConfig),
    routes: impl FnOnce(&mut utoipa_actix_web::service_config::ServiceConfig),
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(web::PayloadConfig::new(edge.settings.body_limit))
        .app_data(edge)
        .configure(state)
        .into_utoipa_app()
        .configure(routes)
        .into_app()
        .wrap(from_fn(policy::authorise))
        .wrap(from_fn(rate_limit::limit))
        .wrap(from_fn(policy::identify))
        .wrap(from_fn(render::present))
        .wrap(Compress::default())
        .wrap(from_fn(security_headers::protect))
        .wrap(from_fn(request_id::name))
}

/// Listens, with one copy of the service per core. The addresses are where it really listens: a port 0 has been
/// chosen by then. The caller decides when it stops.
///
/// # Errors
/// The address cannot be listened on.
pub fn listen(
    edge: Data<Edge>,
    state: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> io::Result<(Server, Vec<SocketAddr>)> {
    let address = edge.settings.address;
    let server = HttpServer::new(move || app(edge.clone(), state.clone(), super::routes))
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .bind(address)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}
