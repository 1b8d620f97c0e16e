//! `portal radius nas`: who may ask the RADIUS server.

use std::{io, net::IpAddr, process::ExitCode};

use ::radius::{
    nas_client::{NasClient, Vendor},
    use_cases::NasDescription,
};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use kernel::Origin;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::super::output;
use crate::compose::Composition;

/// So many bytes of chance make a secret; it has twice as many characters.
const SECRET_BYTES: usize = 16;

/// Look after those who may ask the RADIUS server.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Nas {
    /// List the NAS clients.
    List,
    /// Make a NAS client known. Its secret is made up and printed, this once, unless it comes from standard input.
    Add(Add),
}

/// A new NAS client.
#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    /// Its name.
    name: String,
    /// Where its packets come from.
    address: IpAddr,
    /// Read the secret from the first line of standard input.
    #[arg(long)]
    secret_stdin: bool,
    /// Whose attributes it understands: mikrotik, wispr, coova_chilli or pfsense.
    #[arg(long, default_value = "mikrotik", value_parser = vendor)]
    vendor: Vendor,
    /// Where it takes Disconnect- and CoA-Requests; 0 if it takes none.
    #[arg(long, default_value_t = NasClient::COA_PORT)]
    coa_port: u16,
    /// Take requests without a Message-Authenticator too (CVE-2024-3596).
    #[arg(long)]
    without_message_authenticator: bool,
    /// Its counters come without Gigawords.
    #[arg(long)]
    without_gigawords: bool,
    /// The code of the site where it stands.
    #[arg(long, default_value = ::billing::site::MAIN_SITE)]
    site: String,
}

/// A NAS client on one line.
#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    address: IpAddr,
    vendor: &'static str,
    coa_port: u16,
    require_message_authenticator: bool,
    sends_gigawords: bool,
}

/// A NAS client that has just been made known.
#[derive(Serialize)]
struct Added {
    id: String,
    /// The secret, if it was made up.
    secret: Option<String>,
}

fn vendor(text: &str) -> Result<Vendor, String> {
    let names = || Vendor::ALL.map(Vendor::as_str).join(", ");
    Vendor::parse(text).ok_or_else(|| format!("expected one of {}", names()))
}

impl Nas {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        match self {
            Self::List => list(portal, json).await?,
            Self::Add(add) => add.run(portal, json).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(portal: &Composition, json: bool) -> anyhow::Result<()> {
    let clients = portal.background.radius.list_nas_clients().await?;
    let lines: Vec<_> = clients.into_iter().map(Line::from).collect();
    output::print(json, &lines, |lines| {
        let mut table =
            output::table(["name", "address", "vendor", "CoA port", "Message-Authenticator", "Gigawords"]);
        for line in lines {
            table.add_row([
                line.name.clone(),
                line.address.to_string(),
                line.vendor.to_owned(),
                line.coa_port.to_string(),
                if line.require_message_authenticator { "required" } else { "not required" }.to_owned(),
                if line.sends_gigawords { "yes" } else { "no" }.to_owned(),
            ]);
        }
        table
    })
}

impl Add {
    async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<()> {
        let services = &portal.background;
        let sites = services.billing.reads().sites().await?;
        let site = sites.into_iter().find(|site| site.code == self.site);
        let made_up = (!self.secret_stdin).then(|| {
            let mut bytes = [0; SECRET_BYTES];
            portal.ambient.fill(&mut bytes);
            hex::encode(bytes)
        });
        let secret = match &made_up {
            Some(secret) => SecretString::from(secret.clone()),
            None => read_secret()?,
        };
        let description = NasDescription {
            name: self.name,
            address: self.address,
            secret: Some(secret),
            vendor: self.vendor,
            coa_port: self.coa_port,
            require_message_authenticator: !self.without_message_authenticator,
            sends_gigawords: !self.without_gigawords,
            site_id: site.with_context(|| format!("there is no site {}", self.site))?.id,
            router_id: None,
        };
        let id = services.radius.add_nas_client(description, &Origin::system("cli")).await?;
        let added = Added { id: id.to_string(), secret: made_up };
        output::print(json, &added, |added| {
            let mut table = output::table(["id", "secret (not shown again)"]);
            table.add_row([added.id.clone(), added.secret.clone().unwrap_or_else(|| "as given".to_owned())]);
            table
        })
    }
}

fn read_secret() -> anyhow::Result<SecretString> {
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("the secret cannot be read from standard input")?;
    let secret = SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned());
    anyhow::ensure!(!secret.expose_secret().is_empty(), "there is no secret on standard input");
    Ok(secret)
}

impl From<NasClient> for Line {
    fn from(client: NasClient) -> Self {
        Self {
            id: client.id.to_string(),
            name: client.name,
            address: client.address,
            vendor: client.vendor.as_str(),
            coa_port: client.coa_port,
            require_message_authenticator: client.require_message_authenticator,
            sends_gigawords: client.sends_gigawords,
        }
    }
}
