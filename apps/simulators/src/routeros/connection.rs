//! One connection: sentences in, answers out, many commands at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use routeros_api::{CodecError, Sentence, SentenceCodec};
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::codec::FramedRead;
use tracing::{debug, info};

use super::login::Login;
use super::shared::Shared;
use super::trap::Trap;
use super::world::{Outcome, Wire, prevented, refusal, spoiled};
use super::writer::{self, Outgoing};

/// Commands of one connection that run at once; the next ones are read when some have ended.
const MOST_COMMANDS: usize = 256;

/// Sentences that wait to be written. A client that does not read holds its commands up, nobody else.
const WAITING_SENTENCES: usize = 64;

const BETWEEN_ROWS: Duration = Duration::from_secs(1);

type Tag = Vec<u8>;

/// Commands that run, by their numbers. Who takes one out of it, the command or its canceller, says `!done`.
type Running = Arc<Mutex<HashMap<u64, (Option<Tag>, AbortHandle)>>>;

/// Whether more is read from the connection.
#[derive(PartialEq, Eq)]
enum Next {
    Read,
    Close,
}

/// Talks with one client until either side ends it.
pub(super) async fn talk<S: AsyncRead + AsyncWrite + Send + 'static>(stream: S, shared: Arc<Shared>) {
    let mut wire = shared.watch();
    let began = *wire.borrow_and_update();
    let (reader, writer) = tokio::io::split(stream);
    let (out, outgoing) = mpsc::channel(WAITING_SENTENCES);
    let mut connection = Connection {
        sentences: FramedRead::new(reader, SentenceCodec::default()),
        login: Login::default(),
        running: Running::default(),
        started: 0,
        tasks: JoinSet::new(),
        out,
        shared,
    };
    tokio::select! {
        outcome = connection.converse() => {
            if let Err(error) = outcome {
                debug!(%error, "the client cannot be understood");
            }
            // What was asked for before the client went away is still done.
            connection.tasks.detach_all();
        }
        () = writer::write(writer, outgoing) => debug!("the connection ends"),
        () = cut(&mut wire, began) => info!("the connection is cut"),
    }
}

/// Until all connections are cut.
async fn cut(wire: &mut tokio::sync::watch::Receiver<Wire>, began: Wire) {
    // Without a router there is nothing left to talk to either.
    wire.wait_for(|wire| wire.cuts != began.cuts || wire.down).await.ok();
}

struct Connection<S> {
    sentences: FramedRead<ReadHalf<S>, SentenceCodec>,
    login: Login,
    running: Running,
    started: u64,
    tasks: JoinSet<()>,
    out: mpsc::Sender<Outgoing>,
    shared: Arc<Shared>,
}

impl<S: AsyncRead + AsyncWrite + Send + 'static> Connection<S> {
    async fn converse(&mut self) -> Result<(), CodecError> {
        while let Some(sentence) = self.sentences.next().await {
            if self.heed(sentence?).await == Next::Close {
                self.flushed().await;
                return Ok(());
            }
        }
        Ok(())
    }

    async fn heed(&mut self, sentence: Sentence) -> Next {
        let tag = sentence.tag().map(<[u8]>::to_vec);
        match sentence.command() {
            Some(b"/login") => self.log_in(&sentence, tag).await,
            Some(b"/quit") => self.fatal("session terminated on request").await,
            _ if !self.login.done => self.fatal("not logged in").await,
            Some(b"/cancel") => {
                self.cancel(&sentence, tag).await;
                Next::Read
            }
            _ => {
                self.start(sentence, tag).await;
                Next::Read
            }
        }
    }

    async fn log_in(&mut self, sentence: &Sentence, tag: Option<Tag>) -> Next {
        self.shared.delay().await;
        let Some(fault) = self.shared.world().meet(sentence) else {
            return Next::Read;
        };
        let outcome = match &fault {
            Some(fault) if !fault.effect.comes_after() => prevented(fault),
            _ => spoiled(fault.map(|fault| fault.effect), self.answer_login(sentence)),
        };
        match outcome {
            Outcome::Fatal(text) => self.fatal(&text).await,
            outcome => {
                let ending = Ending { tag, out: self.out.clone(), listed: None };
                ending.deliver(outcome, &self.shared).await
            }
        }
    }

    fn answer_login(&mut self, sentence: &Sentence) -> Vec<Sentence> {
        let Shared { account, ambient, version, .. } = &*self.shared;
        let user = sentence.text("name").unwrap_or_default().into_owned();
        match self.login.attempt(sentence, account, *version, ambient) {
            Ok(done) => {
                debug!(user, complete = self.login.done, "login");
                vec![done]
            }
            Err(trap) => {
                info!(user, "login refused");
                refusal(&trap.message(*version), trap.category())
            }
        }
    }

    /// Runs a command beside the others.
    async fn start(&mut self, sentence: Sentence, tag: Option<Tag>) {
        while self.tasks.len() >= MOST_COMMANDS {
            self.tasks.join_next().await;
        }
        while self.tasks.try_join_next().is_some() {}
        self.started += 1;
        let number = self.started;
        let listed = Some((number, self.running.clone()));
        let ending = Ending { tag: tag.clone(), out: self.out.clone(), listed };
        let shared = self.shared.clone();
        // The lock is held until the command is in the list, so that it cannot end before.
        let mut running = lock(&self.running);
        let handle = self.tasks.spawn(async move {
            shared.delay().await;
            debug!(?sentence, "command");
            let outcome = shared.perform(&sentence);
            ending.deliver(outcome, &shared).await;
        });
        running.insert(number, (tag, handle));
    }

    /// `/cancel`: one command by `=tag=`, or all of them.
    async fn cancel(&mut self, sentence: &Sentence, tag: Option<Tag>) {
        let wanted = sentence.get("tag");
        let is_meant = |of: &Option<Tag>| wanted.is_none() || of.as_deref() == wanted;
        let cancelled: Vec<_> =
            lock(&self.running).extract_if(|_, (of, _)| is_meant(of)).map(|(_, command)| command).collect();
        for (of, handle) in cancelled {
            handle.abort();
            let interrupted = Trap::Interrupted;
            let said = refusal(&interrupted.message(self.shared.version), interrupted.category());
            say(&self.out, said, of.as_deref()).await;
        }
        say(&self.out, vec![Sentence::of("!done")], tag.as_deref()).await;
    }

    /// `!fatal` with a bare word, then the end.
    async fn fatal(&self, text: &str) -> Next {
        say(&self.out, vec![Sentence::of("!fatal").word(text)], None).await;
        Next::Close
    }

    /// Waits until everything said is written.
    async fn flushed(&self) {
        let (done, written) = tokio::sync::oneshot::channel();
        if self.out.send(Outgoing::Tell(done)).await.is_ok() {
            written.await.ok();
        }
    }
}

/// How a command's answer is given.
struct Ending {
    tag: Option<Tag>,
    out: mpsc::Sender<Outgoing>,
    /// Its place among the commands that can be cancelled.
    listed: Option<(u64, Running)>,
}

impl Ending {
    async fn deliver(self, outcome: Outcome, shared: &Shared) -> Next {
        match outcome {
            Outcome::Watching(interfaces) => self.watch(&interfaces, shared).await,
            Outcome::Answer(said) => self.answer(said).await,
            Outcome::Silence => drop(self.is_mine()),
            Outcome::Cut => self.send(Outgoing::Close).await,
            Outcome::Fatal(text) => {
                say(&self.out, vec![Sentence::of("!fatal").word(text)], None).await;
                self.send(Outgoing::Close).await;
            }
            Outcome::Spoiled(effect, said) => {
                if self.is_mine() {
                    let tag = self.tag.as_deref();
                    let said = said.into_iter().map(|sentence| tagged(sentence, tag)).collect();
                    self.send(Outgoing::Spoiled(effect, said)).await;
                }
            }
        }
        Next::Read
    }

    /// Says everything, unless somebody cancels it in between.
    async fn answer(&self, mut said: Vec<Sentence>) {
        let done = said.pop();
        say(&self.out, said, self.tag.as_deref()).await;
        if self.is_mine() {
            say(&self.out, done.into_iter().collect(), self.tag.as_deref()).await;
        }
    }

    /// Whether nobody has cancelled the command; from now on nobody can.
    fn is_mine(&self) -> bool {
        self.listed.as_ref().is_none_or(|(number, running)| lock(running).remove(number).is_some())
    }

    async fn watch(&self, interfaces: &Vec<String>, shared: &Shared) {
        let mut ticks = tokio::time::interval(BETWEEN_ROWS);
        while !self.out.is_closed() {
            ticks.tick().await;
            let rows = shared.up_to_date(|world| world.router.traffic_rows(interfaces));
            say(&self.out, rows.unwrap_or_default(), self.tag.as_deref()).await;
        }
    }

    async fn send(&self, outgoing: Outgoing) {
        // Fails when the connection is gone, and then nobody listens.
        self.out.send(outgoing).await.ok();
    }
}

async fn say(out: &mpsc::Sender<Outgoing>, said: Vec<Sentence>, tag: Option<&[u8]>) {
    for sentence in said {
        // Fails when the connection is gone, and then nobody listens.
        out.send(Outgoing::Sentence(tagged(sentence, tag))).await.ok();
    }
}

fn tagged(sentence: Sentence, tag: Option<&[u8]>) -> Sentence {
    match tag {
        Some(tag) => sentence.tagged(tag),
        None => sentence,
    }
}

fn lock(running: &Running) -> std::sync::MutexGuard<'_, HashMap<u64, (Option<Tag>, AbortHandle)>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}
