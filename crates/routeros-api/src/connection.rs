//! The task that owns a connection: it writes the commands of all callers and hands each reply to the caller
//! whose tag it carries.
//!
//! Nothing that the router says or leaves unsaid makes it wait for one caller at the cost of another, and what it
//! keeps for each is bounded. Who loses interest is forgotten: the command is cancelled, and a router that does
//! not end a cancelled command in time loses the connection.

use std::{
    collections::HashMap,
    mem,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU8, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf},
    select,
    sync::{OwnedSemaphorePermit, mpsc},
    time::{Duration, Instant, sleep_until},
};
use tokio_util::{
    bytes::BytesMut,
    codec::{Decoder, Encoder},
};
use tracing::debug;

use crate::{
    codec::SentenceCodec,
    error::{CommandError, ConnectionEnd},
    login::Wire,
    reply::{Reply, Trap},
    sentence::Sentence,
};

/// What callers tell the connection.
pub(crate) enum Message {
    Run(Request),
    /// Nobody waits for the command of this tag any more.
    Abandon(u64),
}

/// A command on its way.
pub(crate) struct Request {
    pub(crate) tag: u64,
    pub(crate) sentence: Sentence,
    pub(crate) stage: Arc<Stage>,
    pub(crate) events: mpsc::UnboundedSender<Event>,
    /// Its places among those that wait and those in flight, given back when the router has ended it.
    pub(crate) permits: [OwnedSemaphorePermit; 2],
}

/// What a caller hears of its command.
pub(crate) enum Event {
    /// Some of its rows, in order: those that arrived together.
    Rows(Vec<Sentence>),
    End(Result<Sentence, CommandError>),
}

/// Whether a command has been sent; decided once, by whoever comes first.
#[derive(Default)]
pub(crate) struct Stage(AtomicU8);

impl Stage {
    const WAITING: u8 = 0;
    const SENT: u8 = 1;
    const WITHDRAWN: u8 = 2;

    /// Takes the command back; false if it has been sent.
    pub(crate) fn withdraw(&self) -> bool {
        self.leave(Self::WITHDRAWN)
    }

    fn send(&self) -> bool {
        self.leave(Self::SENT)
    }

    fn leave(&self, to: u8) -> bool {
        let left = self.0.compare_exchange(Self::WAITING, to, Ordering::AcqRel, Ordering::Acquire);
        left.is_ok() || left == Err(to)
    }
}

/// How much one answer may hold, and how long the router may be silent when it must not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
    pub(crate) grace: Duration,
}

/// A command in flight.
struct Pending {
    events: mpsc::UnboundedSender<Event>,
    /// What has arrived and is not handed on yet.
    arrived: Vec<Sentence>,
    rows: usize,
    bytes: usize,
    traps: Vec<Trap>,
    /// Set once it is cancelled: until then the router may take its time to end it.
    cancelled_until: Option<Instant>,
    _permits: [OwnedSemaphorePermit; 2],
}

/// More refusals of one command than these are not kept.
const MOST_TRAPS: usize = 8;
/// How many commands are written at once, at most.
const BATCH: usize = 32;
/// How much is read at once, in bytes.
const CHUNK: usize = 16 * 1024;
/// What a kept row costs besides its bytes.
const ROW_OVERHEAD: usize = 128;

pub(crate) struct Connection<S> {
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    talk: Talk,
}

/// What is said, apart from the stream that it is said on.
struct Talk {
    codec: SentenceCodec,
    inbox: BytesMut,
    outbox: BytesMut,
    /// Set while something is written: until then the router must take some of it.
    write_until: Option<Instant>,
    pending: HashMap<u64, Pending>,
    bounds: Bounds,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(wire: Wire<S>, bounds: Bounds) -> Self {
        let (reader, writer) = tokio::io::split(wire.stream);
        let talk = Talk {
            codec: wire.codec,
            inbox: wire.inbox,
            outbox: BytesMut::new(),
            write_until: None,
            pending: HashMap::new(),
            bounds,
        };
        Self { reader, writer, talk }
    }

    /// Runs until the connection ends, and notes how it did.
    pub(crate) async fn run(
        mut self,
        mut messages: mpsc::UnboundedReceiver<Message>,
        end: Arc<OnceLock<ConnectionEnd>>,
    ) {
        let how = self.talk_until_end(&mut messages).await;
        debug!(%how, in_flight = self.talk.pending.len(), "a RouterOS connection ended");
        // Before the callers' channels close, so that they find it.
        drop(end.set(how));
        drop((messages, self.talk));
        drop(tokio::time::timeout(Duration::from_secs(1), self.writer.shutdown()).await);
    }

    async fn talk_until_end(&mut self, messages: &mut mpsc::UnboundedReceiver<Message>) -> ConnectionEnd {
        let Self { reader, writer, talk } = self;
        // The login may have brought more than its own end.
        if let Err(end) = talk.take_in() {
            return end;
        }
        loop {
            talk.inbox.reserve(CHUNK);
            let (writing, flushing) = (!talk.outbox.is_empty(), talk.write_until.is_some());
            let deadline = talk.deadline();
            select! {
                read = reader.read_buf(&mut talk.inbox) => match read {
                    Ok(0) => return ConnectionEnd::Closed,
                    Ok(_) => if let Err(end) = talk.take_in() {
                        return end;
                    },
                    Err(error) => return ConnectionEnd::Failed(error.to_string()),
                },
                written = write_or_flush(writer, &mut talk.outbox), if writing || flushing => match written {
                    Ok(Written::Nothing) => return ConnectionEnd::Closed,
                    Ok(Written::Some) => talk.write_until = Some(Instant::now() + talk.bounds.grace),
                    Ok(Written::All) => talk.write_until = None,
                    Err(error) => return ConnectionEnd::Failed(error.to_string()),
                },
                // Only when all before is written: what is taken here counts as sent.
                message = messages.recv(), if !writing => match message {
                    Some(message) => talk.heed_all(message, messages),
                    None => return ConnectionEnd::Dropped,
                },
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    return ConnectionEnd::Stalled;
                }
            }
        }
    }
}

enum Written {
    Nothing,
    Some,
    All,
}

/// Writes some of what there is, or flushes when there is nothing. Dropping it loses nothing.
async fn write_or_flush(
    writer: &mut (impl AsyncWrite + Unpin),
    outbox: &mut BytesMut,
) -> std::io::Result<Written> {
    if outbox.is_empty() {
        writer.flush().await.map(|()| Written::All)
    } else {
        writer.write_buf(outbox).await.map(|count| if count == 0 { Written::Nothing } else { Written::Some })
    }
}

impl Talk {
    /// When the router's patience with us, or ours with it, is over.
    fn deadline(&self) -> Option<Instant> {
        let cancelled = self.pending.values().filter_map(|pending| pending.cancelled_until);
        cancelled.chain(self.write_until).min()
    }

    fn heed_all(&mut self, first: Message, messages: &mut mpsc::UnboundedReceiver<Message>) {
        self.heed(first);
        for _ in 1..BATCH {
            match messages.try_recv() {
                Ok(message) => self.heed(message),
                Err(_) => return,
            }
        }
    }

    fn heed(&mut self, message: Message) {
        match message {
            Message::Run(request) => {
                if !request.stage.send() {
                    return;
                }
                self.write(&request.sentence.tagged(request.tag.to_string()));
                let pending = Pending {
                    events: request.events,
                    arrived: Vec::new(),
                    rows: 0,
                    bytes: 0,
                    traps: Vec::new(),
                    cancelled_until: None,
                    _permits: request.permits,
                };
                self.pending.insert(request.tag, pending);
            }
            Message::Abandon(tag) => self.cancel(tag),
        }
    }

    fn cancel(&mut self, tag: u64) {
        let grace = self.bounds.grace;
        if let Some(pending) = self.pending.get_mut(&tag)
            && pending.cancelled_until.is_none()
        {
            pending.cancelled_until = Some(Instant::now() + grace);
            // Its own tag is none of the numbers, so that its end is nobody's.
            let cancel = Sentence::of("/cancel").with("tag", tag.to_string()).tagged(format!("c{tag}"));
            self.write(&cancel);
        }
    }

    fn write(&mut self, sentence: &Sentence) {
        if let Err(error) = self.codec.encode(sentence, &mut self.outbox) {
            // A word of 4 GiB, which nobody has memory for.
            debug!(%error, "a sentence cannot be written");
        }
        self.write_until.get_or_insert_with(|| Instant::now() + self.bounds.grace);
    }

    /// Hands on everything that has arrived: to each caller at once, since to wake one costs more than a row.
    fn take_in(&mut self) -> Result<(), ConnectionEnd> {
        let taken = self.sort_in();
        self.pending.values_mut().for_each(Pending::hand_on);
        taken
    }

    /// Gives each caller its replies.
    fn sort_in(&mut self) -> Result<(), ConnectionEnd> {
        let protocol = |error: &dyn std::fmt::Display| ConnectionEnd::Protocol(error.to_string());
        while let Some(sentence) = self.codec.decode(&mut self.inbox).map_err(|error| protocol(&error))? {
            let tag = sentence.tag().and_then(|tag| std::str::from_utf8(tag).ok()?.parse().ok());
            let reply = Reply::from_sentence(sentence).map_err(|error| protocol(&error))?;
            match (reply, tag) {
                (Reply::Fatal(text), _) => return Err(ConnectionEnd::Fatal(text)),
                (reply, Some(tag)) => self.give(tag, reply),
                // The ends of our cancellations, or of what was not asked.
                (_, None) => {}
            }
        }
        Ok(())
    }

    fn give(&mut self, tag: u64, reply: Reply) {
        let Some(pending) = self.pending.get_mut(&tag) else {
            return;
        };
        match reply {
            Reply::Row(_) if pending.cancelled_until.is_some() => {}
            Reply::Row(row) => {
                pending.rows += 1;
                pending.bytes += row.size() + row.len() * mem::size_of::<usize>() + ROW_OVERHEAD;
                if pending.rows > self.bounds.rows || pending.bytes > self.bounds.bytes {
                    pending.end(Err(CommandError::TooLarge));
                    self.cancel(tag);
                } else {
                    pending.arrived.push(row);
                }
            }
            Reply::Trap(trap) if pending.traps.len() < MOST_TRAPS => pending.traps.push(trap),
            Reply::Done(done) => {
                if let Some(mut pending) = self.pending.remove(&tag) {
                    let mut traps = mem::take(&mut pending.traps).into_iter();
                    let outcome = traps.next().map_or(Ok(done), |trap| {
                        Err(CommandError::Refused { trap, others: traps.collect() })
                    });
                    pending.end(outcome);
                }
            }
            Reply::Trap(_) | Reply::Empty | Reply::Fatal(_) => {}
        }
    }
}

impl Pending {
    fn hand_on(&mut self) {
        if !self.arrived.is_empty() {
            let rows = mem::take(&mut self.arrived);
            drop(self.events.send(Event::Rows(rows)));
        }
    }

    /// A caller that does not listen any more says so by itself.
    fn end(&mut self, outcome: Result<Sentence, CommandError>) {
        self.hand_on();
        drop(self.events.send(Event::End(outcome)));
    }
}
