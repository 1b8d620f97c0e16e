//! A client: one connection on which many commands run at once.

use std::{
    fmt, mem,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    vec,
};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::{Semaphore, mpsc},
    time::{Duration, Instant, timeout, timeout_at},
};
use tokio_util::bytes::BytesMut;

use crate::{
    codec::{CodecLimits, SentenceCodec},
    connection::{Bounds, Connection, Event, Message, Request, Stage},
    error::{CommandError, ConnectError, ConnectionEnd, NotSent, Step},
    login::{Account, Wire, login},
    sentence::Sentence,
    tls::{self, Tls},
};

/// How a router is reached.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// A host name or an address.
    pub host: String,
    /// 8728 in the clear and 8729 with TLS, unless the router was told otherwise.
    pub port: u16,
    /// How its certificate is judged; `None` for a connection in the clear.
    pub tls: Option<Tls>,
    /// Who logs in.
    pub account: Account,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// How much is put up with.
    pub limits: Limits,
}

/// How long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To look up the name and connect.
    pub connect: Duration,
    /// To shake hands in TLS.
    pub tls: Duration,
    /// To log in.
    pub login: Duration,
    /// To answer a command, from the call to its end, waiting included.
    pub command: Duration,
    /// To end a cancelled command, or to take any of what is written, before the connection is given up.
    pub grace: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let [connect, tls, login, command, grace] = [3, 3, 3, 10, 5].map(Duration::from_secs);
        Self { connect, tls, login, command, grace }
    }
}

/// How much is put up with. An answer over its limits ends its command alone; a sentence over them ends the
/// connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Commands that the router works on at once.
    pub in_flight: usize,
    /// Commands that may wait for their turn besides.
    pub waiting: usize,
    /// Rows of one answer.
    pub answer_rows: usize,
    /// Bytes of one answer, with what it costs to keep them.
    pub answer_bytes: usize,
    /// Sentences.
    pub codec: CodecLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight: 8,
            waiting: 256,
            answer_rows: 100_000,
            answer_bytes: 32 * 1024 * 1024,
            codec: CodecLimits::default(),
        }
    }
}

/// A connection that is logged in. Clones share it; it is closed when the last is dropped.
#[derive(Clone)]
pub struct Client {
    messages: mpsc::UnboundedSender<Message>,
    end: Arc<OnceLock<ConnectionEnd>>,
    next_tag: Arc<AtomicU64>,
    in_flight: Arc<Semaphore>,
    /// Those in flight and those that wait.
    places: Arc<Semaphore>,
    patience: Duration,
}

impl Client {
    /// Connects and logs in.
    ///
    /// # Errors
    /// [`ConnectError`] names the step that failed.
    pub async fn connect(options: &ClientOptions) -> Result<Self, ConnectError> {
        let address = (options.host.as_str(), options.port);
        let connected = timeout(options.timeouts.connect, TcpStream::connect(address)).await;
        let unreachable = |error: std::io::Error| ConnectError::Unreachable(error.to_string());
        let stream = connected.map_err(|_| ConnectError::TimedOut(Step::Connect))?.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        let Some(tls) = &options.tls else {
            return Self::over(stream, options).await;
        };
        let failed = |error: &dyn fmt::Display| ConnectError::Tls(error.to_string());
        let name = ServerName::try_from(options.host.clone()).map_err(|error| failed(&error))?;
        let connector = tls::connector(tls).map_err(|error| failed(&error))?;
        let shaken = timeout(options.timeouts.tls, connector.connect(name, stream)).await;
        let stream =
            shaken.map_err(|_| ConnectError::TimedOut(Step::Tls))?.map_err(|error| failed(&error))?;
        Self::over(stream, options).await
    }

    /// Logs in on a stream that is connected already, as through a tunnel. Of the options it needs the account,
    /// the timeouts and the limits.
    ///
    /// # Errors
    /// [`ConnectError::LoginRefused`], [`ConnectError::TimedOut`] or [`ConnectError::Ended`].
    pub async fn over<S>(stream: S, options: &ClientOptions) -> Result<Self, ConnectError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let ClientOptions { account, timeouts, limits, .. } = options;
        let codec = SentenceCodec::new(limits.codec);
        let mut wire = Wire { stream, codec, inbox: BytesMut::new() };
        let logged_in = timeout(timeouts.login, login(&mut wire, account)).await;
        logged_in.map_err(|_| ConnectError::TimedOut(Step::Login))??;

        let bounds = Bounds { rows: limits.answer_rows, bytes: limits.answer_bytes, grace: timeouts.grace };
        let (messages, received) = mpsc::unbounded_channel();
        let end = Arc::new(OnceLock::new());
        tokio::spawn(Connection::new(wire, bounds).run(received, end.clone()));
        Ok(Self {
            messages,
            end,
            next_tag: Arc::default(),
            in_flight: Arc::new(Semaphore::new(limits.in_flight)),
            places: Arc::new(Semaphore::new(limits.in_flight.saturating_add(limits.waiting))),
            patience: timeouts.command,
        })
    }

    /// Sends a command and waits for its whole answer. The command carries no tag; it is given one.
    ///
    /// # Errors
    /// [`CommandError`] tells whether it may have been done.
    pub async fn call(&self, command: Sentence) -> Result<Answer, CommandError> {
        let mut stream = self.stream(command, self.patience).await?;
        let mut rows = Vec::new();
        while let Some(row) = stream.next().await? {
            rows.push(row);
        }
        Ok(Answer { rows, done: stream.into_done() })
    }

    /// Sends a command whose rows are handed out as they come; all of them within `patience`. If what is
    /// returned is dropped before its end, the command is cancelled.
    ///
    /// # Errors
    /// [`CommandError::NotSent`] if its turn did not come.
    pub async fn stream(&self, command: Sentence, patience: Duration) -> Result<Rows, CommandError> {
        let not_sent = CommandError::NotSent;
        let deadline = Instant::now() + patience;
        let place = self.places.clone().try_acquire_owned().map_err(|_| not_sent(NotSent::Busy))?;
        let turn = timeout_at(deadline, self.in_flight.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(not_sent(NotSent::TimedOut));
        };
        let (events, received) = mpsc::unbounded_channel();
        let rows = Rows {
            tag: self.next_tag.fetch_add(1, Ordering::Relaxed),
            stage: Arc::default(),
            events: received,
            arrived: Vec::new().into_iter(),
            messages: self.messages.clone(),
            end: self.end.clone(),
            deadline,
            is_over: false,
            done: Sentence::new(),
        };
        let (tag, stage) = (rows.tag, rows.stage.clone());
        let request = Request { tag, sentence: command, stage, events, permits: [place, turn] };
        match self.messages.send(Message::Run(request)) {
            Ok(()) => Ok(rows),
            Err(_) => Err(rows.cut_off()),
        }
    }

    /// Whether both share one connection.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.end, &other.end)
    }

    /// How the connection ended, once it has.
    #[must_use]
    pub fn ended(&self) -> Option<&ConnectionEnd> {
        self.end.get()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("ended", &self.end.get()).finish_non_exhaustive()
    }
}

/// The whole answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its rows (`!re`), in order.
    pub rows: Vec<Sentence>,
    /// Its end (`!done`), which may carry a result in `ret`.
    pub done: Sentence,
}

/// The rows of an answer that is still coming.
pub struct Rows {
    tag: u64,
    stage: Arc<Stage>,
    events: mpsc::UnboundedReceiver<Event>,
    /// Rows that came with the one that was handed out last.
    arrived: vec::IntoIter<Sentence>,
    messages: mpsc::UnboundedSender<Message>,
    end: Arc<OnceLock<ConnectionEnd>>,
    deadline: Instant,
    is_over: bool,
    done: Sentence,
}

impl Rows {
    /// The next row; `None` behind the last. After that or an error there are no more.
    ///
    /// # Errors
    /// [`CommandError`] tells whether the command may have been done.
    pub async fn next(&mut self) -> Result<Option<Sentence>, CommandError> {
        loop {
            if let Some(row) = self.arrived.next() {
                return Ok(Some(row));
            }
            if self.is_over {
                return Ok(None);
            }
            let Ok(event) = timeout_at(self.deadline, self.events.recv()).await else {
                // The command is left running, and cancelled when this is dropped.
                let withdrawn = self.stage.withdraw();
                return Err(if withdrawn {
                    CommandError::NotSent(NotSent::TimedOut)
                } else {
                    CommandError::TimedOut
                });
            };
            match event {
                Some(Event::Rows(rows)) => self.arrived = rows.into_iter(),
                Some(Event::End(outcome)) => {
                    self.is_over = true;
                    self.done = outcome?;
                }
                None => {
                    self.is_over = true;
                    return Err(self.cut_off());
                }
            }
        }
    }

    /// The end (`!done`) of the answer, once [`Rows::next`] has said that there are no more rows.
    #[must_use]
    pub fn into_done(mut self) -> Sentence {
        mem::take(&mut self.done)
    }

    /// What it means that the connection has ended.
    fn cut_off(&self) -> CommandError {
        let end = self.end.get().cloned().unwrap_or(ConnectionEnd::Dropped);
        if self.stage.withdraw() {
            CommandError::NotSent(NotSent::Ended(end))
        } else {
            CommandError::Lost(end)
        }
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        if !self.is_over {
            self.stage.withdraw();
            drop(self.messages.send(Message::Abandon(self.tag)));
        }
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("tag", &self.tag).finish_non_exhaustive()
    }
}
