//! Puts scheduled tasks in the queue when their time has come. Any number of processes may run it: a tick
//! belongs to the first that writes it down.

use std::time::Duration;

use chrono_tz::Tz;
use croner::Cron;
use kernel::{Ambient, NewJob, StoreError, Timestamp};
use persistence::Database;
use tokio_util::sync::CancellationToken;

use super::{
    pause,
    schedule::{RunTask, Task},
};
use crate::{compose::Composition, config::ScheduleSettings};

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Missed ticks are counted up to here.
const COUNTED: usize = 10_000;

/// Watches the clock.
pub struct Scheduler {
    database: Database,
    schedule: ScheduleSettings,
    timezone: Tz,
    ambient: Ambient,
    /// Ticks before this moment are nobody's duty, unless an earlier run was written down.
    since: Timestamp,
}

impl Scheduler {
    /// A scheduler on duty from now on.
    #[must_use]
    pub fn new(composition: &Composition) -> Self {
        Self {
            database: composition.background.database.clone(),
            schedule: composition.settings.schedule.clone(),
            timezone: composition.settings.app.timezone,
            ambient: composition.ambient.clone(),
            since: composition.ambient.now(),
        }
    }

    /// Watches until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.look().await {
                tracing::error!(%error, "scheduled tasks cannot be started");
            }
            pause(LOOK, &stop).await;
        }
    }

    /// Starts whatever is due. Says how many tasks were started here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn look(&self) -> Result<usize, StoreError> {
        let (mut started, now) = (0, self.ambient.now());
        for task in Task::ALL {
            let last = self.database.last_run(task.name(), now).await?.map_or(self.since, |run| run.tick_at);
            let Some((tick_at, missed)) = due(task.cron(&self.schedule), self.timezone, last, now) else {
                continue;
            };
            if missed > 0 {
                tracing::warn!(
                    task = task.name(),
                    missed,
                    "ticks were missed while nobody watched the clock"
                );
            }
            let job = NewJob::new(&self.ambient, &RunTask { task, tick_at }, None)?;
            started += usize::from(self.database.start_tick(task.name(), tick_at, missed, job).await?);
        }
        Ok(started)
    }

    /// When a task runs next.
    #[must_use]
    pub fn next(&self, task: Task) -> Option<Timestamp> {
        next(task.cron(&self.schedule), self.timezone, self.ambient.now())
    }
}

/// When a schedule ticks next after `now`.
#[must_use]
pub fn next(cron: &Cron, timezone: Tz, now: Timestamp) -> Option<Timestamp> {
    cron.find_next_occurrence(&now.with_timezone(&timezone), false).ok().map(|tick| tick.to_utc())
}

/// The latest tick after `last` that is not after `now`, and how many came between: those were missed.
fn due(cron: &Cron, timezone: Tz, last: Timestamp, now: Timestamp) -> Option<(Timestamp, u32)> {
    let tick = cron.find_previous_occurrence(&now.with_timezone(&timezone), true).ok()?.to_utc();
    if tick <= last {
        return None;
    }
    let between = cron.iter_after(last.with_timezone(&timezone)).take(COUNTED);
    let missed = between.take_while(|earlier| earlier.to_utc() < tick).count();
    Some((tick, u32::try_from(missed).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};
    use chrono_tz::Tz;

    use super::{due, next};

    #[test]
    fn the_latest_tick_is_due_and_those_before_it_were_missed() {
        let cron = "*/5 * * * *".parse().unwrap();
        let at = |hour, minute| Utc.with_ymd_and_hms(2026, 1, 17, hour, minute, 0).unwrap();
        assert_eq!(due(&cron, Tz::UTC, at(12, 0), at(12, 4)), None);
        assert_eq!(due(&cron, Tz::UTC, at(12, 0), at(12, 5)), Some((at(12, 5), 0)));
        assert_eq!(due(&cron, Tz::UTC, at(12, 0), at(12, 17)), Some((at(12, 15), 2)));
        assert_eq!(due(&cron, Tz::UTC, at(12, 15), at(12, 10)), None);
    }

    #[test]
    fn the_zone_decides_what_two_in_the_morning_is() {
        let cron = "0 2 * * *".parse().unwrap();
        let now = Utc.with_ymd_and_hms(2026, 1, 17, 12, 0, 0).unwrap();
        let tick = next(&cron, Tz::Africa__Kinshasa, now).unwrap();
        assert_eq!(tick, Utc.with_ymd_and_hms(2026, 1, 18, 1, 0, 0).unwrap());
    }
}
