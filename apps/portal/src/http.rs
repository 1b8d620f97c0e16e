//! HTTP: one route, one file, all of them listed once in [`routes`].
//!
//! 1. [`server`]: the layers that every request passes, in their order.
//! 2. What handlers take: [`input`] (bodies, queries, paths), [`policy`] (`Caller`, `RequestContext`),
//!    [`idempotency`], [`pagination`].
//! 3. What handlers give: [`envelope`], [`error`], [`money`], [`etag`], [`event_stream`].
//! 4. The layers: [`request_id`], [`security_headers`], [`policy`], [`rate_limit`], [`client_address`].
//! 5. The routes: [`v1`], [`docs`] and [`health`], and their contract, [`openapi`].
//!
//! To add an endpoint: a file with the view types, a handler under `#[utoipa::path]` with its whole path, and the
//! mapping of its errors; a line in [`v1::routes`], literal paths before those with a parameter in their place; a row
//! in [`policy::rules`]. The tests say what is forgotten.

mod attachment;
pub mod client_address;
pub mod csv_body;
pub mod docs;
pub mod envelope;
pub mod error;
pub mod etag;
pub mod event_stream;
pub mod health;
pub mod idempotency;
pub mod input;
pub mod money;
pub mod openapi;
pub mod pagination;
pub mod policy;
pub mod rate_limit;
pub mod request_id;
pub mod security_headers;
pub mod server;
#[cfg(test)]
mod testing;
pub mod v1;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route, for the server, the tests and the OpenAPI document alike. The handlers take their state from
/// `web::Data`: the [`server::Edge`] and an `Arc` of the [`Services`](crate::compose::Services).
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(health::show_liveness)
        .service(health::show_readiness)
        .service(docs::show_contract)
        .configure(v1::routes)
        .configure(v1::admin::routes)
        .map(|config| {
            docs::pages(config);
            config
        });
}
