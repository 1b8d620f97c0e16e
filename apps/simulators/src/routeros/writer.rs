//! The writing half of a connection: sentences as they should be, and as they should not.

use std::io;

use routeros_api::{CodecError, Sentence, SentenceCodec};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio_util::bytes::BytesMut;
use tokio_util::codec::Encoder as _;

use super::conditions::Effect;

/// Written at once at most, if so much is waiting.
const BATCH_BYTES: usize = 32 * 1024;

/// What is no sentence: a reserved length, then noise.
const GARBAGE: &[u8] = b"\xF8\xFF\x00garbage\xFE\x80\x00\x00";

/// The five-byte length of a word of 2 GiB.
const HUGE_LENGTH: &[u8] = &[0xF0, 0x80, 0x00, 0x00, 0x00];

/// Something to write.
#[derive(Debug)]
pub(super) enum Outgoing {
    Sentence(Sentence),
    /// An answer that an effect spoils on its way.
    Spoiled(Effect, Vec<Sentence>),
    /// Told when everything before it is written.
    Tell(oneshot::Sender<()>),
    /// Ends the connection.
    Close,
}

/// Writes what comes until the connection ends.
pub(super) async fn write<W: AsyncWrite + Unpin>(mut writer: W, mut outgoing: mpsc::Receiver<Outgoing>) {
    let mut waiting = BytesMut::new();
    while let Some(next) = outgoing.recv().await {
        let outcome = match next {
            Outgoing::Sentence(sentence) => {
                encode(&sentence, &mut waiting);
                if !outgoing.is_empty() && waiting.len() < BATCH_BYTES {
                    continue;
                }
                flush(&mut writer, &mut waiting).await
            }
            Outgoing::Tell(told) => {
                let outcome = flush(&mut writer, &mut waiting).await;
                told.send(()).ok();
                outcome
            }
            Outgoing::Spoiled(effect, said) => match flush(&mut writer, &mut waiting).await {
                Ok(()) => spoil(&mut writer, effect, &said).await,
                failed => failed,
            },
            Outgoing::Close => {
                flush(&mut writer, &mut waiting).await.ok();
                return;
            }
        };
        // The client is gone, or is to believe that the router is.
        if outcome.is_err() {
            return;
        }
    }
}

async fn flush<W: AsyncWrite + Unpin>(writer: &mut W, waiting: &mut BytesMut) -> io::Result<()> {
    writer.write_all(waiting).await?;
    waiting.clear();
    writer.flush().await
}

/// Writes an answer with what happens to it; an error ends the connection.
async fn spoil<W: AsyncWrite + Unpin>(writer: &mut W, effect: Effect, said: &[Sentence]) -> io::Result<()> {
    let mut whole = BytesMut::new();
    said.iter().for_each(|sentence| encode(sentence, &mut whole));
    let cut = || io::Error::from(io::ErrorKind::ConnectionAborted);
    match effect {
        Effect::HalfAnswer => {
            writer.write_all(whole.get(..whole.len() / 2).unwrap_or_default()).await?;
            writer.flush().await?;
            Err(cut())
        }
        Effect::Trickle => {
            for byte in &whole {
                writer.write_all(std::slice::from_ref(byte)).await?;
                writer.flush().await?;
                tokio::task::yield_now().await;
            }
            Ok(())
        }
        Effect::Garbage => {
            writer.write_all(GARBAGE).await?;
            writer.flush().await
        }
        Effect::HugeWord => {
            writer.write_all(HUGE_LENGTH).await?;
            repeat(writer, &[b'x'; 1024]).await
        }
        Effect::EndlessSentence => {
            writer.write_all(b"\x03!re").await?;
            repeat(writer, b"\x0A=comment=x").await
        }
        Effect::EndlessRows => repeat(writer, b"\x03!re\x07=name=x\x00").await,
        Effect::Refuse | Effect::Fatal | Effect::Cut | Effect::LoseAnswer | Effect::NeverAnswer => Err(cut()),
    }
}

/// Writes the same until the client has had enough.
async fn repeat<W: AsyncWrite + Unpin>(writer: &mut W, bytes: &[u8]) -> io::Result<()> {
    let block = bytes.repeat(BATCH_BYTES / bytes.len());
    loop {
        writer.write_all(&block).await?;
    }
}

fn encode(sentence: &Sentence, into: &mut BytesMut) {
    let encoded: Result<(), CodecError> = SentenceCodec::default().encode(sentence, into);
    if let Err(error) = encoded {
        tracing::warn!(%error, "a sentence cannot be written");
    }
}
