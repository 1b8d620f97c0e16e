//! Black-box tests: a whole portal on a database of its own, over HTTP, with the fakes' own records as witnesses.

mod access;
mod app;
mod attempts;
mod callback_trust;
mod callbacks;
mod crashes;
mod flows;
mod orders;
mod process;
mod prompt_limits;
mod provisioning;
mod reconciliation;
mod secrets;
mod story;
mod witnesses;
