//! The portal's binary: the command line and nothing else.

use std::process::ExitCode;

use clap::Parser as _;
use portal::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    // One cryptographic library for everything that speaks TLS. It can only have been chosen before by us.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    match Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("portal: {error:#}");
            ExitCode::FAILURE
        }
    }
}
