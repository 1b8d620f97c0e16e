//! The codec against bytes that real clients sent, bytes that nobody should send, and the committed corpus.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use bytes::BytesMut;
use proptest::prelude::*;
use routeros_api::{CodecError, CodecLimits, Reply, Sentence, SentenceCodec};
use tokio_util::codec::{Decoder, Encoder};

/// Limits that are soon reached.
const NARROW: CodecLimits = CodecLimits { word_bytes: 64, words: 8, sentence_bytes: 128 };

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex.split_whitespace().collect::<String>()).unwrap()
}

/// Every sentence, and how it ended, when the bytes arrive in pieces of `size`.
fn decode(wire: &[u8], size: usize, limits: CodecLimits) -> (Vec<Sentence>, Result<(), CodecError>) {
    let mut codec = SentenceCodec::new(limits);
    let (mut buffer, mut sentences) = (BytesMut::new(), Vec::new());
    for piece in wire.chunks(size.max(1)) {
        buffer.extend_from_slice(piece);
        loop {
            match codec.decode(&mut buffer) {
                Ok(Some(sentence)) => sentences.push(sentence),
                Ok(None) => break,
                Err(error) => return (sentences, Err(error)),
            }
        }
        assert!(buffer.len() < 5, "all but a part of a length is taken out at once");
    }
    match codec.decode_eof(&mut buffer) {
        Ok(None) => (sentences, Ok(())),
        Ok(Some(_)) => panic!("everything was decoded before"),
        Err(error) => (sentences, Err(error)),
    }
}

fn decode_all(wire: &[u8]) -> Vec<Sentence> {
    let (sentences, end) = decode(wire, wire.len(), CodecLimits::default());
    end.unwrap();
    sentences
}

fn encode(sentence: &Sentence) -> Vec<u8> {
    let mut buffer = BytesMut::new();
    SentenceCodec::default().encode(sentence, &mut buffer).unwrap();
    buffer.to_vec()
}

#[test]
fn what_real_clients_send_is_read_and_written_to_the_byte() {
    let login = || Sentence::of("/login").with("name", "admin").with("password", "pw");
    let print = || Sentence::of("/ip/hotspot/user/print");
    let add = || Sentence::of("/ip/hotspot/user/add");
    for (sentence, hex) in [
        (Sentence::of("foo").word("bar"), "03666f6f 03626172 00"),
        (login(), "062f6c6f67696e 0b3d6e616d653d61646d696e 0c3d70617373776f72643d7077 00"),
        (Sentence::of("/login"), "062f6c6f67696e 00"),
        (
            login().tagged("1"),
            "062f6c6f67696e 0b3d6e616d653d61646d696e 0c3d70617373776f72643d7077 062e7461673d31 00",
        ),
        (
            login().tagged("uSfs8emki"),
            "062f6c6f67696e 0b3d6e616d653d61646d696e 0c3d70617373776f72643d7077 0e2e7461673d755366733865 6d6b69 00",
        ),
        (
            print().with(".proplist", "name,.id").matching("name", "g2"),
            "162f69702f686f7473706f742f757365722f7072696e74 133d2e70726f706c6973743d6e616d652c2e6964 \
             093f3d6e616d653d6732 00",
        ),
        (
            print().word("?name=g3").tagged("5"),
            "162f69702f686f7473706f742f757365722f7072696e74 083f6e616d653d6733 062e7461673d35 00",
        ),
        (
            add().with("name", "g2").with("password", "p2").with("profile", "default").with("comment", ""),
            "142f69702f686f7473706f742f757365722f616464 083d6e616d653d6732 0c3d70617373776f72643d7032 \
             103d70726f66696c653d64656661756c74 093d636f6d6d656e743d 00",
        ),
        (
            add().with("name", "g3").with("password", "p2").flag("comment").tagged("3"),
            "142f69702f686f7473706f742f757365722f616464 083d6e616d653d6733 0c3d70617373776f72643d7032 \
             083d636f6d6d656e74 062e7461673d33 00",
        ),
        (
            Sentence::of("/ip/hotspot/user/set").with(".id", "*2").with("disabled", "yes"),
            "142f69702f686f7473706f742f757365722f736574 073d2e69643d2a32 0d3d64697361626c65643d796573 00",
        ),
        (
            Sentence::of("/ip/hotspot/user/remove").with(".id", "*2"),
            "172f69702f686f7473706f742f757365722f72656d6f7665 073d2e69643d2a32 00",
        ),
        (
            add().with("name", "gü").tagged("12"),
            "142f69702f686f7473706f742f757365722f616464 093d6e616d653d67c3bc 072e7461673d3132 00",
        ),
        (Sentence::of("/quit"), "052f71756974 00"),
    ] {
        let wire = bytes(hex);
        assert_eq!(encode(&sentence), wire, "{sentence:?}");
        assert_eq!(decode_all(&wire), [sentence]);
    }
}

#[test]
fn text_in_another_encoding_is_read() {
    let wire = bytes("142f69702f686f7473706f742f757365722f616464 083d6e616d653d67fc 00");
    assert_eq!(decode_all(&wire)[0].get("name"), Some(&b"g\xFC"[..]));
}

#[test]
fn sentences_without_words_are_skipped() {
    assert_eq!(decode_all(&[0, 0, 0, 1, b'a', 0, 0]), [Sentence::of("a")]);
    assert_eq!(decode_all(&[0x80, 0, 0xC0, 0, 0]), []);
}

#[test]
fn each_limit_holds_to_the_byte() {
    let of = |sentence: Sentence| decode(&encode(&sentence), 1, NARROW).1;
    assert!(of(Sentence::of("x".repeat(64))).is_ok());
    assert!(matches!(of(Sentence::of("x".repeat(65))), Err(CodecError::WordTooLong(65))));
    let words = |count: usize| (0..count).fold(Sentence::new(), |sentence, _| sentence.word("w"));
    assert!(of(words(8)).is_ok());
    assert!(matches!(of(words(9)), Err(CodecError::TooManyWords(8))));
    let long = || Sentence::of("x".repeat(64)).word("y".repeat(63));
    assert!(of(long().word("z")).is_ok());
    assert!(matches!(of(long().word("zz")), Err(CodecError::SentenceTooLong(128))));
}

#[test]
fn a_length_is_refused_before_anything_is_kept_for_it() {
    let mut codec = SentenceCodec::default();
    let mut buffer = BytesMut::from(&[0xF0, 0xFF, 0xFF, 0xFF, 0xFF][..]);
    assert!(matches!(codec.decode(&mut buffer), Err(CodecError::WordTooLong(_))));

    let generous = CodecLimits { word_bytes: usize::MAX, sentence_bytes: usize::MAX, words: 8 };
    let (sentences, end) = decode(&[0xF0, 0xFF, 0xFF, 0xFF, 0xFF, b'a'], 1, generous);
    assert!(sentences.is_empty() && matches!(end, Err(CodecError::Truncated)));
}

#[test]
fn an_end_within_a_sentence_is_told_from_an_end_between_two() {
    let whole = encode(&Sentence::of("!re").with("name", "x"));
    for end in 1..whole.len() {
        let (sentences, ended) = decode(&whole[..end], 1, NARROW);
        assert!(sentences.is_empty() && matches!(ended, Err(CodecError::Truncated)), "{end}");
    }
}

/// What every input must leave true.
fn survives(wire: &[u8]) {
    let (at_once, end) = decode(wire, wire.len(), NARROW);
    let (byte_by_byte, same_end) = decode(wire, 1, NARROW);
    assert_eq!(at_once, byte_by_byte);
    assert_eq!(end.is_ok(), same_end.is_ok());
    for sentence in at_once {
        assert!(sentence.size() <= NARROW.sentence_bytes && sentence.len() <= NARROW.words);
        assert!(decode_all(&encode(&sentence)).iter().eq([&sentence]));
        sentence.queries().for_each(drop);
        assert!(format!("{sentence:?} {:?}", sentence.tag()).len() < 16 * NARROW.sentence_bytes);
        drop(Reply::from_sentence(sentence));
    }
}

#[test]
fn the_corpus_is_survived() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files = 0;
    for file in fs::read_dir(corpus).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "hex") {
            let text = fs::read_to_string(&path).unwrap();
            let hex: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            survives(&bytes(&hex.join(" ")));
            files += 1;
        }
    }
    assert!(files >= 10, "the corpus is where it was");
}

/// Bytes that often make sense: words with a length before them, right or wrong, and noise between them.
fn wire() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::collection::vec(any::<u8>(), 0..40).prop_map(|word| {
        let length = u32::try_from(word.len()).unwrap_or_default();
        routeros_api::length::encode(length).chain(word).collect::<Vec<u8>>()
    });
    let known = prop::sample::select(vec!["!re", "!done", "!trap", "!fatal", ".tag=1", "=message=x", "?#!"])
        .prop_map(|word| encode(&Sentence::of(word))[..=word.len()].to_vec());
    let end = Just(vec![0]);
    let noise = prop::collection::vec(any::<u8>(), 0..8);
    let piece = prop_oneof![4 => word, 4 => known, 3 => end, 1 => noise];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn noise_is_survived(noise in prop::collection::vec(any::<u8>(), 0..2000)) {
        survives(&noise);
    }

    #[test]
    fn damaged_conversations_are_survived(wire in wire()) {
        survives(&wire);
    }

    #[test]
    fn a_sentence_is_read_as_it_was_written(
        words in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..400), 1..30),
        piece in 1_usize..50,
    ) {
        let sentence = words.iter().fold(Sentence::new(), Sentence::word);
        let (read, end) = decode(&encode(&sentence), piece, CodecLimits::default());
        prop_assert!(end.is_ok());
        prop_assert_eq!(&read, &[sentence]);
        prop_assert!(read[0].words().eq(words.iter().map(Vec::as_slice)));
    }
}

#[test]
fn a_word_of_every_form_of_length_is_read_as_it_was_written() {
    let limits = CodecLimits { word_bytes: usize::MAX, sentence_bytes: usize::MAX, words: 1 };
    for length in [1, 0x7F, 0x80, 0x3FFF, 0x4000, 0x1F_FFFF, 0x20_0000] {
        let sentence = Sentence::of(vec![b'x'; length]);
        let (read, end) = decode(&encode(&sentence), 65_521, limits);
        end.unwrap();
        assert!(read == [sentence], "{length}");
    }
}
