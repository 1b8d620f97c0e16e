//! The scheduled tasks: what they are called, when they run, and what they do.

use std::{str::FromStr, sync::Arc};

use async_trait::async_trait;
use croner::Cron;
use kernel::{Ambient, Job, JobHandler, JobOutcome, JobSpec, Origin, Queue, Timestamp};
use radius::subscriber::Period;
use serde::{Deserialize, Serialize};

use crate::{
    compose::{Composition, Services},
    config::{ScheduleSettings, Settings},
};

/// How many orders or hotspot users one run ends at most; the next run goes on.
const BATCH: u64 = 500;

/// A task that runs by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Look after open payments and unmatched callbacks.
    ReconcilePayments,
    /// Compare yesterday's payments, ledger and statement.
    AgreePayments,
    /// End unpaid orders.
    ExpireOrders,
    /// End hotspot users whose time is over.
    ExpireUsers,
    /// Have each router asked who is online, and begin what waits for its first use.
    SyncSessions,
    /// Ask routers how they are.
    CheckRouters,
    /// Have each router's users and blocks compared with what they should be.
    SyncUsers,
    /// Pick up messages that nobody is sending.
    DispatchNotifications,
    /// Seal the audit log's new lines.
    SealAudit,
    /// Forget what is old enough.
    PruneLogs,
    /// Take in RADIUS accounting, and close the sessions of which nothing is heard.
    IngestAccounting,
    /// Open daily quotas.
    ResetDaily,
    /// Open weekly quotas.
    ResetWeekly,
    /// Open monthly quotas.
    ResetMonthly,
    /// Look at everybody's quotas and ends.
    CheckProfileAlerts,
}

impl Task {
    /// Every task.
    pub const ALL: [Self; 15] = [
        Self::ReconcilePayments,
        Self::AgreePayments,
        Self::ExpireOrders,
        Self::ExpireUsers,
        Self::SyncSessions,
        Self::CheckRouters,
        Self::SyncUsers,
        Self::DispatchNotifications,
        Self::SealAudit,
        Self::PruneLogs,
        Self::IngestAccounting,
        Self::ResetDaily,
        Self::ResetWeekly,
        Self::ResetMonthly,
        Self::CheckProfileAlerts,
    ];

    /// Its name in lists, commands and the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReconcilePayments => "reconcile-payments",
            Self::AgreePayments => "agree-payments",
            Self::ExpireOrders => "expire-orders",
            Self::ExpireUsers => "expire-users",
            Self::SyncSessions => "sync-sessions",
            Self::CheckRouters => "check-routers",
            Self::SyncUsers => "sync-users",
            Self::DispatchNotifications => "dispatch-notifications",
            Self::SealAudit => "seal-audit",
            Self::PruneLogs => "prune-logs",
            Self::IngestAccounting => "ingest-accounting",
            Self::ResetDaily => "reset-daily",
            Self::ResetWeekly => "reset-weekly",
            Self::ResetMonthly => "reset-monthly",
            Self::CheckProfileAlerts => "check-profile-alerts",
        }
    }

    /// When it runs.
    #[must_use]
    pub const fn cron(self, schedule: &ScheduleSettings) -> &Cron {
        match self {
            Self::ReconcilePayments => &schedule.reconcile_payments,
            Self::AgreePayments => &schedule.agreement,
            Self::ExpireOrders => &schedule.expire_orders,
            Self::ExpireUsers => &schedule.expire_users,
            Self::SyncSessions => &schedule.sync_sessions,
            Self::CheckRouters => &schedule.check_routers,
            Self::SyncUsers => &schedule.sync_users,
            Self::DispatchNotifications => &schedule.dispatch_notifications,
            Self::SealAudit => &schedule.seal_audit,
            Self::PruneLogs => &schedule.prune_logs,
            Self::IngestAccounting => &schedule.ingest_accounting,
            Self::ResetDaily => &schedule.reset_daily,
            Self::ResetWeekly => &schedule.reset_weekly,
            Self::ResetMonthly => &schedule.reset_monthly,
            Self::CheckProfileAlerts => &schedule.check_profile_alerts,
        }
    }

    /// Does it, and says in a few words what was done.
    ///
    /// # Errors
    /// Why it could not be done.
    pub async fn run(
        self,
        services: &Services,
        settings: &Settings,
        ambient: &Ambient,
    ) -> anyhow::Result<String> {
        let origin = Origin::system("scheduler");
        Ok(match self {
            Self::ReconcilePayments => {
                let batch = u64::from(settings.billing.reconcile_batch);
                format!("{} payments to check", services.billing.reconcile(batch).await?)
            }
            Self::AgreePayments => {
                let reports = services.billing.agree_yesterday().await?;
                let agreeing = reports.iter().filter(|report| report.agrees()).count();
                format!("{agreeing} of {} reports of yesterday agree", reports.len())
            }
            Self::ExpireOrders => format!("{} orders expired", services.billing.expire_orders(BATCH).await?),
            Self::ExpireUsers => {
                let expired = services.hotspot.expire_users(BATCH, &origin).await?;
                format!("{} hotspot users expired", expired.ended)
            }
            Self::SyncSessions => {
                format!("{} routers to be asked who is online", services.hotspot.sync_sessions().await?)
            }
            Self::SyncUsers => {
                services.hotspot.sync_blocks().await?;
                format!("{} routers to be compared", services.hotspot.sync_users().await?)
            }
            Self::CheckRouters => {
                let checked = services.hotspot.check_routers().await?;
                format!("{} routers are well, {} are not", checked.well, checked.away)
            }
            Self::DispatchNotifications => {
                let batch = settings.messages.dispatch_batch;
                format!("{} messages picked up", services.notifications.dispatch_pending(batch).await?)
            }
            Self::SealAudit => seal_audit(services).await?,
            Self::IngestAccounting => {
                let looks = services.radius.ingest_accounting().await?;
                let closed = services.radius.close_silent_sessions(BATCH).await?;
                format!("{looks} accounting rows taken in, {closed} silent sessions closed")
            }
            Self::ResetDaily => reset(services, Period::Day).await?,
            Self::ResetWeekly => reset(services, Period::Week).await?,
            Self::ResetMonthly => reset(services, Period::Month).await?,
            Self::CheckProfileAlerts => {
                format!("{} subscribers to be looked at", services.radius.check_everybody().await?)
            }
            Self::PruneLogs => prune(services, settings, ambient).await?,
        })
    }
}

async fn seal_audit(services: &Services) -> anyhow::Result<String> {
    let mut sealed = 0;
    loop {
        let batch = services.identity.seal_audit_log().await?;
        sealed += batch;
        if batch < identity::Identity::SEAL_BATCH {
            return Ok(format!("{sealed} audit lines sealed"));
        }
    }
}

async fn prune(services: &Services, settings: &Settings, ambient: &Ambient) -> anyhow::Result<String> {
    let tokens = services.identity.prune_tokens().await?;
    let before = ambient.now() - settings.log.prune_after;
    let runs = services.database.prune_runs(before).await?;
    let a_day_ago = ambient.now() - chrono::Duration::hours(24);
    let keys = services.database.prune_idempotency_keys(a_day_ago).await?;
    let logins = services.radius.prune_auth_log(before).await?;
    services.billing.forget_guesses(before).await?;
    services.radius.have_directory_swept().await?;
    Ok(format!("{tokens} tokens, {runs} runs, {keys} idempotency keys and {logins} logins forgotten"))
}

async fn reset(services: &Services, period: Period) -> anyhow::Result<String> {
    let looked_at = services.radius.reset_quotas(period).await?;
    Ok(format!("quotas of {looked_at} subscribers to be counted anew for this {}", period.as_str()))
}

impl FromStr for Task {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|task| task.name() == text)
            .ok_or_else(|| format!("expected one of {}", names()))
    }
}

/// Run a task for a tick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunTask {
    /// Which.
    pub task: Task,
    /// The tick.
    pub tick_at: Timestamp,
}

impl JobSpec for RunTask {
    const KIND: &'static str = "scheduled_task";
    const QUEUE: Queue = Queue::Default;
    const MAX_ATTEMPTS: u16 = 3;
}

/// Does [`RunTask`].
pub struct ScheduledTaskHandler {
    services: Arc<Services>,
    settings: Settings,
    ambient: Ambient,
}

impl ScheduledTaskHandler {
    /// A handler with what every task needs.
    #[must_use]
    pub fn new(composition: &Composition) -> Self {
        Self {
            services: composition.background.clone(),
            settings: composition.settings.clone(),
            ambient: composition.ambient.clone(),
        }
    }
}

#[async_trait]
impl JobHandler for ScheduledTaskHandler {
    fn kind(&self) -> &'static str {
        RunTask::KIND
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let run: RunTask = match job.spec() {
            Ok(run) => run,
            Err(error) => return JobOutcome::Hopeless(error.to_string()),
        };
        let name = run.task.name();
        let outcome = run.task.run(&self.services, &self.settings, &self.ambient).await;
        let error = outcome.as_ref().err().map(|error| format!("{error:#}"));
        if let Ok(done) = &outcome {
            tracing::debug!(task = name, %done, "a scheduled task has run");
        }
        match (self.services.database.end_tick(name, run.tick_at, error.as_deref()).await, error) {
            (_, Some(error)) => JobOutcome::Failed(error),
            (ended, None) => ended.into(),
        }
    }
}
