//! The way to one router: its connection, and what happens when there is none.

use std::{
    collections::HashMap,
    fmt, mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kernel::Ambient;
use outbound::breaker::{self, Breaker, BreakerSettings};
use routeros_api::{Answer, Client, ClientOptions, CommandError, ConnectError, Sentence};
use tokio::{
    sync::{Mutex as AsyncMutex, Semaphore},
    time::Instant,
};

use super::refusals;
use crate::ports::{BreakerState, RouterError, RouterHealth};

/// How many calls of one router may be under way or waiting; more are turned away at once.
pub(super) const MOST_CALLS: usize = 256;
/// How long a connection that was silent may take to show that it still is one.
const PROBE: Duration = Duration::from_secs(2);
/// A connection that nobody has used for longer than this is closed.
const IDLE: Duration = Duration::from_secs(600);
/// How long a profile that was seen to be right is taken to be.
const PROFILE_TRUSTED: Duration = Duration::from_secs(60);
/// Lists may take so many times as long as other operations.
const LIST_FACTOR: u32 = 3;

/// How the router is reached.
pub(super) struct LinkSettings {
    pub(super) client: ClientOptions,
    pub(super) call_timeout: Duration,
    pub(super) probe_after: Duration,
}

/// The way to one router.
pub(super) struct Link {
    /// The error is the answer to every call.
    settings: Result<LinkSettings, RouterError>,
    ambient: Ambient,
    breaker: Breaker,
    health: Mutex<RouterHealth>,
    calls: Semaphore,
    line: AsyncMutex<Line>,
    /// Counts the connections that could not be made.
    failed: AtomicU64,
    /// The profiles that were seen to be right, and when.
    profiles: Mutex<HashMap<String, Instant>>,
}

#[derive(Default)]
struct Line {
    client: Option<(Client, Instant)>,
    last_failure: Option<RouterError>,
}

struct Connected {
    client: Client,
    /// Whether nothing was asked on it yet.
    is_new: bool,
}

impl Link {
    pub(super) fn new(
        settings: Result<LinkSettings, RouterError>,
        breaker: BreakerSettings,
        ambient: Ambient,
    ) -> Self {
        Self {
            settings,
            breaker: Breaker::new(breaker, ambient.clone()),
            ambient,
            health: Mutex::default(),
            calls: Semaphore::new(MOST_CALLS),
            line: AsyncMutex::default(),
            failed: AtomicU64::default(),
            profiles: Mutex::default(),
        }
    }

    /// One operation: asks the breaker, finds the connection, works, and remembers how the router did.
    pub(super) async fn visit<'s, T, W>(
        &'s self,
        kind: Kind,
        work: impl Fn(Visit<'s>) -> W + Send,
    ) -> Result<T, RouterError>
    where
        W: Future<Output = Result<T, RouterError>> + Send,
    {
        let settings = self.settings.as_ref().map_err(Clone::clone)?;
        let Ok(_place) = self.calls.try_acquire() else {
            return Err(RouterError::Unreachable("too many calls are waiting for it".to_owned()));
        };
        let attempt = self.breaker.admit().map_err(|open| self.left_alone(open))?;
        let outcome = self.work_on_a_connection(settings, kind, work).await;
        let error = outcome.as_ref().err();
        if error.is_some_and(RouterError::may_pass) {
            attempt.failed();
        } else {
            attempt.succeeded();
        }
        self.note(error);
        outcome
    }

    /// A connection that was made for an earlier call may have ended without our knowledge. Then what only looks
    /// is done again, once, on a new one.
    async fn work_on_a_connection<'s, T, W>(
        &'s self,
        settings: &LinkSettings,
        kind: Kind,
        work: impl Fn(Visit<'s>) -> W,
    ) -> Result<T, RouterError>
    where
        W: Future<Output = Result<T, RouterError>>,
    {
        let patience = settings.call_timeout * if kind == Kind::List { LIST_FACTOR } else { 1 };
        loop {
            let Connected { client, is_new } = self.client(settings).await?;
            let visit = Visit { link: self, client: client.clone(), deadline: Instant::now() + patience };
            let outcome = work(visit).await;
            let is_lost = matches!(outcome, Err(RouterError::Timeout | RouterError::Unreachable(_)));
            if is_lost {
                self.give_up(&client).await;
            }
            if !(is_lost && client.ended().is_some() && !is_new && kind != Kind::Change) {
                return outcome;
            }
        }
    }

    /// Lets nobody else rely on a connection that did not answer. Who is using it may go on; it is closed when
    /// the last of them is done.
    async fn give_up(&self, client: &Client) {
        let mut line = self.line.lock().await;
        line.client.take_if(|(known, _)| known.is_same(client));
    }

    pub(super) fn health(&self) -> RouterHealth {
        let breaker = match self.breaker.state() {
            breaker::BreakerState::Closed { .. } => BreakerState::Closed,
            breaker::BreakerState::Open { .. } => BreakerState::Open,
            breaker::BreakerState::HalfOpen => BreakerState::HalfOpen,
        };
        RouterHealth { breaker, ..self.lock_health().clone() }
    }

    /// Closes a connection that nobody has used for long.
    pub(super) fn close_if_idle(&self) {
        if let Ok(mut line) = self.line.try_lock() {
            line.client.take_if(|(_, used)| used.elapsed() > IDLE);
        }
    }

    fn left_alone(&self, open: breaker::CircuitOpen) -> RouterError {
        let why = self.lock_health().last_error.as_ref().map(|(_, text)| text.clone());
        RouterError::Unreachable(format!("{open}: {}", why.unwrap_or_default()))
    }

    fn note(&self, error: Option<&RouterError>) {
        let mut health = self.lock_health();
        *health = mem::take(&mut *health).after(self.ambient.now(), error);
    }

    fn lock_health(&self) -> MutexGuard<'_, RouterHealth> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection, made anew if need be. Who has waited while another could not make one shares its failure
    /// instead of trying in turn.
    async fn client(&self, settings: &LinkSettings) -> Result<Connected, RouterError> {
        let failed_before = self.failed.load(Ordering::Acquire);
        let mut line = self.line.lock().await;
        if let Some((client, used)) = &mut line.client
            && client.ended().is_none()
            && (used.elapsed() < settings.probe_after || answers(client, settings.call_timeout).await)
        {
            *used = Instant::now();
            return Ok(Connected { client: client.clone(), is_new: false });
        }
        line.client = None;
        if self.failed.load(Ordering::Acquire) != failed_before
            && let Some(error) = &line.last_failure
        {
            return Err(error.clone());
        }
        match Client::connect(&settings.client).await {
            Ok(client) => {
                line.client = Some((client.clone(), Instant::now()));
                Ok(Connected { client, is_new: true })
            }
            Err(error) => {
                let error = no_connection(error);
                line.last_failure = Some(error.clone());
                self.failed.fetch_add(1, Ordering::AcqRel);
                Err(error)
            }
        }
    }

    /// Whether a profile was seen to be right not long ago.
    pub(super) fn trusts_profile(&self, name: &str) -> bool {
        self.lock_profiles().get(name).is_some_and(|seen| seen.elapsed() < PROFILE_TRUSTED)
    }

    pub(super) fn trust_profile(&self, name: &str) {
        let mut profiles = self.lock_profiles();
        profiles.retain(|_, seen| seen.elapsed() < PROFILE_TRUSTED);
        profiles.insert(name.to_owned(), Instant::now());
    }

    pub(super) fn distrust_profile(&self, name: &str) {
        self.lock_profiles().remove(name);
    }

    fn lock_profiles(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.profiles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answers(client: &Client, patience: Duration) -> bool {
    let question = Sentence::of("/system/identity/print").with(".proplist", "name");
    let Ok(mut rows) = client.stream(question, patience.min(PROBE)).await else {
        return false;
    };
    loop {
        match rows.next().await {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(error) => return !error.may_have_been_done() && client.ended().is_none(),
        }
    }
}

fn no_connection(error: ConnectError) -> RouterError {
    match error {
        ConnectError::LoginRefused(text) => RouterError::LoginRefused(text),
        error @ (ConnectError::Unreachable(_)
        | ConnectError::TimedOut(_)
        | ConnectError::Tls(_)
        | ConnectError::Ended(_)) => RouterError::Unreachable(error.to_string()),
    }
}

/// What kind of operation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It changes something: only its caller knows whether it may be done twice.
    Change,
    /// It looks at a few things.
    Look,
    /// It looks at perhaps thousands.
    List,
}

/// One operation on a router: all its commands must be answered before the deadline.
pub(super) struct Visit<'s> {
    pub(super) link: &'s Link,
    client: Client,
    deadline: Instant,
}

impl Visit<'_> {
    /// Runs a command to its end.
    pub(super) async fn run(&self, command: Sentence) -> Result<Answer, RouterError> {
        self.attempt(command).await.map_err(refusals::read)
    }

    /// The same, when it matters why it was refused.
    pub(super) async fn attempt(&self, command: Sentence) -> Result<Answer, CommandError> {
        let mut answer = Answer { rows: Vec::new(), done: Sentence::new() };
        let mut rows = self.client.stream(command, self.patience()).await?;
        while let Some(row) = rows.next().await? {
            answer.rows.push(row);
        }
        answer.done = rows.into_done();
        Ok(answer)
    }

    /// Runs a command whose rows are read as they come; those that read as `None` are left out.
    pub(super) async fn read<T>(
        &self,
        command: Sentence,
        read: impl Fn(&Sentence) -> Option<T> + Send + Sync,
    ) -> Result<Vec<T>, RouterError> {
        let mut rows = self.client.stream(command, self.patience()).await.map_err(refusals::read)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().await.map_err(refusals::read)? {
            found.extend(read(&row));
        }
        Ok(found)
    }

    /// Runs a command on an item that may be gone by now; false if it is.
    pub(super) async fn run_if_there(&self, command: Sentence) -> Result<bool, RouterError> {
        match self.attempt(command).await {
            Ok(_) => Ok(true),
            Err(error) if refusals::is_no_such_item(&error) => Ok(false),
            Err(error) => Err(refusals::read(error)),
        }
    }

    fn patience(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("breaker", &self.breaker).finish_non_exhaustive()
    }
}
