//! `portal serve`: run the service.

use std::process::ExitCode;

use clap::Args;
use hotspot::RouterMode;
use kernel::Ambient;

use super::output;
use crate::{
    compose::Composition,
    config::Settings,
    serve::{ProcessRole, Running},
    startup, telemetry,
};

/// Run the service.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Which parts to run in this process.
    #[arg(long, value_enum, default_value_t)]
    role: ProcessRole,
    /// Serve demonstration accounts and packages: never in production, and to this machine only.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let settings = Settings::of_process()?;
        if self.demo {
            settings.permit_demo()?;
        }
        telemetry::start(&settings.log);
        if settings.app.uses_development_key {
            tracing::warn!("APP_KEY is not set: secrets are sealed with the published development key");
        }
        let composition = std::sync::Arc::new(Composition::new(settings, Ambient::system()).await?);
        startup::bring_schema_up_to_date(&composition, self.demo).await?;
        startup::ensure_foundations(&composition).await?;
        if self.demo {
            startup::seed_demo(&composition).await?;
        }
        let running = Running::start(&composition, self.role).await?;
        for address in &running.addresses {
            tracing::info!(%address, role = ?self.role, "listening");
            if self.demo {
                output::line(welcome(&format!("http://{address}"), &composition))?;
            }
        }
        if let Some(radius) = &running.radius {
            let (auth, acct) = radius.addresses();
            tracing::info!(%auth, %acct, "answering RADIUS");
        }
        #[cfg(feature = "crash-points")]
        crate::compose::crash_points::arm();
        running.until_told_to_stop().await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What to try, for somebody who has just started the demonstration.
fn welcome(base: &str, portal: &Composition) -> String {
    let payments = match portal.adapters.fakes.gateway {
        Some(_) => "fake payments",
        None => "payments over the network",
    };
    let router = match portal.settings.hotspot.router_mode {
        RouterMode::Fake => "a fake router",
        RouterMode::Api => "a router over the network",
        RouterMode::Radius => "RADIUS",
    };
    let [admin, user, ..] = startup::DEMO_LOGINS;
    let password = startup::DEMO_PASSWORD;
    format!(
        "
The hotspot portal is running with {payments}, {router} and a fake phone.

  API and documentation   {base}/docs
  Packages on sale        curl {base}/api/v1/user-profiles

Buy something (accounts: {admin}, {user} … user5@demo.test; password: {password}):

  TOKEN=$(curl -s {base}/api/v1/auth/login -H 'Content-Type: application/json' \\
    -d '{{\"login\":\"{user}\",\"password\":\"{password}\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')
  PACKAGE=$(curl -s {base}/api/v1/user-profiles | sed 's/.*\"data\":\\[{{\"id\":\"\\([^\"]*\\)\".*/\\1/')
  ORDER=$(curl -s {base}/api/v1/orders -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\
    -d \"{{\\\"user_profile_id\\\":\\\"$PACKAGE\\\",\\\"quantity\\\":2}}\" | sed 's/.*\"data\":{{\"id\":\"\\([^\"]*\\)\".*/\\1/')
  curl -s {base}/api/v1/payments/$ORDER/initiate -H \"Authorization: Bearer $TOKEN\" \\
    -H 'Content-Type: application/json' -d '{{\"phone\":\"+243825550000\",\"operator\":\"MP\"}}'
  curl -s {base}/api/v1/orders/$ORDER -H \"Authorization: Bearer $TOKEN\"

Then look at the fake phone and at how things stand, from another terminal:

  cargo run -- fake show sms
  cargo run -- status
"
    )
}
