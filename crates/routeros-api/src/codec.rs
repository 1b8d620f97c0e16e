//! Sentences on the wire, read piece by piece within limits.

use std::{io, mem};

use bytes::{Buf, BufMut, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use crate::{
    length::{self, ReservedByte},
    sentence::Sentence,
};

/// How much of one sentence is put up with. What is over a limit is refused when its length is read, and memory
/// is taken only for bytes that have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodecLimits {
    /// Bytes of a word, at most.
    pub word_bytes: usize,
    /// Words of a sentence, at most.
    pub words: usize,
    /// Bytes of all words of a sentence together, at most.
    pub sentence_bytes: usize,
}

impl Default for CodecLimits {
    /// Far above what RouterOS says on the menus people use, far below what hurts.
    fn default() -> Self {
        Self { word_bytes: 256 * 1024, words: 1024, sentence_bytes: 512 * 1024 }
    }
}

/// Why what was read or is to be written is no sentence. The connection is of no use any more.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// A length that means nothing.
    #[error(transparent)]
    Reserved(#[from] ReservedByte),
    /// A word is too long.
    #[error("a word of {0} bytes is over the limit")]
    WordTooLong(usize),
    /// A sentence has too many words.
    #[error("a sentence of more than {0} words is over the limit")]
    TooManyWords(usize),
    /// A sentence is too long.
    #[error("a sentence of more than {0} bytes is over the limit")]
    SentenceTooLong(usize),
    /// The connection ended within a sentence.
    #[error("the connection ended within a sentence")]
    Truncated,
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads and writes [`Sentence`]s. Sentences without words, which mean nothing, are skipped when read.
#[derive(Debug, Default)]
pub struct SentenceCodec {
    limits: CodecLimits,
    /// What has been read of the sentence at hand.
    partial: Sentence,
    /// How many bytes of the word at hand are still to come.
    missing: usize,
}

impl SentenceCodec {
    /// A codec with these limits on what it reads.
    #[must_use]
    pub fn new(limits: CodecLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Moves what there is of the word at hand.
    fn fill_word(&mut self, source: &mut BytesMut) {
        let arrived = self.missing.min(source.len());
        self.partial.extend_word(source.get(..arrived).unwrap_or_default());
        source.advance(arrived);
        self.missing -= arrived;
        if self.missing == 0 {
            self.partial.end_word();
        }
    }

    fn admit(&self, length: usize) -> Result<(), CodecError> {
        let CodecLimits { word_bytes, words, sentence_bytes } = self.limits;
        if length > word_bytes {
            return Err(CodecError::WordTooLong(length));
        }
        if self.partial.len() >= words {
            return Err(CodecError::TooManyWords(words));
        }
        if self.partial.size().saturating_add(length) > sentence_bytes {
            return Err(CodecError::SentenceTooLong(sentence_bytes));
        }
        Ok(())
    }
}

impl Decoder for SentenceCodec {
    type Item = Sentence;
    type Error = CodecError;

    fn decode(&mut self, source: &mut BytesMut) -> Result<Option<Sentence>, CodecError> {
        loop {
            if self.missing > 0 {
                self.fill_word(source);
                if self.missing > 0 {
                    return Ok(None);
                }
            }
            let Some((length, taken)) = length::decode(source)? else {
                return Ok(None);
            };
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if length > 0 {
                self.admit(length)?;
                self.missing = length;
            }
            source.advance(taken);
            if length == 0 && !self.partial.is_empty() {
                return Ok(Some(mem::take(&mut self.partial)));
            }
        }
    }

    fn decode_eof(&mut self, source: &mut BytesMut) -> Result<Option<Sentence>, CodecError> {
        match self.decode(source)? {
            None if self.missing > 0 || !self.partial.is_empty() || !source.is_empty() => {
                Err(CodecError::Truncated)
            }
            decoded => Ok(decoded),
        }
    }
}

impl Encoder<&Sentence> for SentenceCodec {
    type Error = CodecError;

    fn encode(&mut self, sentence: &Sentence, target: &mut BytesMut) -> Result<(), CodecError> {
        let lengths = sentence
            .words()
            .map(|word| u32::try_from(word.len()).map_err(|_| CodecError::WordTooLong(word.len())));
        let lengths = lengths.collect::<Result<Vec<u32>, CodecError>>()?;
        target.reserve(sentence.size() + 5 * lengths.len() + 1);
        for (word, length) in sentence.words().zip(lengths) {
            length::encode(length).for_each(|byte| target.put_u8(byte));
            target.put_slice(word);
        }
        target.put_u8(0);
        Ok(())
    }
}

impl Encoder<Sentence> for SentenceCodec {
    type Error = CodecError;

    fn encode(&mut self, sentence: Sentence, target: &mut BytesMut) -> Result<(), CodecError> {
        self.encode(&sentence, target)
    }
}
