//! Has the RADIUS server beside the portal read its configuration anew, by the command that the settings name.

use std::{process::Stdio, time::Duration};

use async_trait::async_trait;
use kernel::{Job, JobHandler, JobOutcome, JobSpec as _};
use radius::jobs::ReloadServer;
use tokio::{process::Command, time::timeout};

/// The command may take so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Does [`ReloadServer`].
pub struct ReloadRadiusHandler(pub Option<Vec<String>>);

#[async_trait]
impl JobHandler for ReloadRadiusHandler {
    fn kind(&self) -> &'static str {
        ReloadServer::KIND
    }

    async fn run(&self, _: &Job) -> JobOutcome {
        let Some((program, arguments)) = self.0.as_deref().and_then(<[String]>::split_first) else {
            return JobOutcome::Hopeless("RADIUS_RELOAD_COMMAND is not set".to_owned());
        };
        let mut command = Command::new(program);
        // What it prints is not ours to keep; it may hold what the server's log holds.
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.kill_on_drop(true);
        match timeout(PATIENCE, command.status()).await {
            Ok(Ok(status)) if status.success() => JobOutcome::Done,
            Ok(Ok(status)) => JobOutcome::Failed(format!("{program} ended with {status}")),
            Ok(Err(error)) => JobOutcome::Failed(format!("{program} cannot be run: {error}")),
            Err(_) => JobOutcome::Failed(format!("{program} was not done after {} s", PATIENCE.as_secs())),
        }
    }
}
