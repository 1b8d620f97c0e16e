//! `portal radius explain`: would this user get in?

use std::process::ExitCode;

use ::radius::{login::Way, nas_client::Vendor, policy::Decision};
use clap::Args;
use serde::Serialize;

use super::super::output;
use crate::compose::Composition;

/// Say whether a user would get in now. Ends with 2 if not.
#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// The name to sign in with, in whatever case.
    username: String,
    /// Whose attributes the NAS understands; the site's when it is not said.
    #[arg(long)]
    vendor: Option<Vendor>,
}

#[derive(Serialize)]
struct Explained {
    username: String,
    accepted: bool,
    reason: Option<&'static str>,
    sign_in_by: Vec<&'static str>,
    hindrance: Option<String>,
    replies: Vec<(&'static str, String)>,
}

impl Explain {
    pub(super) async fn run(self, portal: &Composition, json: bool) -> anyhow::Result<ExitCode> {
        let explanation = portal.background.radius.explain(&self.username, self.vendor).await?;
        let (reason, replies) = match explanation.decision {
            Decision::Accept(replies) => (None, replies),
            Decision::Refuse(refusal) => (Some(refusal.code()), Vec::new()),
        };
        let explained = Explained {
            username: explanation.username,
            accepted: reason.is_none(),
            reason,
            sign_in_by: explanation.ways.into_iter().map(Way::as_str).collect(),
            hindrance: explanation.hindrance.map(|hindrance| hindrance.to_string()),
            replies: replies.into_iter().map(|reply| (reply.name, reply.value)).collect(),
        };
        output::print(json, &explained, |explained| {
            let answer = if explained.accepted { "accepted" } else { "refused" };
            let mut table = output::table(["what", "value"]);
            table.add_row([answer, explained.reason.unwrap_or("–")]);
            table.add_row(["password proved by", &explained.sign_in_by.join(", ")]);
            if let Some(hindrance) = &explained.hindrance {
                table.add_row(["cannot be enabled", hindrance]);
            }
            for (name, value) in &explained.replies {
                table.add_row([*name, value]);
            }
            table
        })?;
        Ok(if explained.accepted { ExitCode::SUCCESS } else { ExitCode::from(2) })
    }
}
