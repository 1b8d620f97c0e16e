//! Black-box tests: a whole portal on a database of its own, over HTTP, with the fakes' own records as witnesses.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod access;
mod agreement;
mod app;
mod attempts;
mod bad_input;
mod blocks;
mod callback_trust;
mod callbacks;
mod crashes;
mod devices;
mod first_use;
mod flows;
mod gateway_limits;
mod hotspot_users;
mod lifecycle;
mod nas_clients;
mod orders;
mod packages;
mod process;
mod prompt_limits;
mod provisioning;
mod random_sales;
mod reconciliation;
mod registration;
mod router_sync;
mod routers;
mod sale_model;
mod secrets;
mod sessions;
mod staff_crashes;
mod statement_workers;
mod statements;
mod story;
mod user_export;
mod users;
mod wire;
mod wire_callbacks;
mod wire_pawapay;
mod wire_payments;
mod wire_router_faults;
mod wire_routers;
mod wire_secrets;
mod wire_story;
mod witnesses;
