//! The RouterOS API (MikroTik manual, "API"): its wire format, and a client that speaks it.
//!
//! A conversation is made of *sentences*, a sentence of *words*, and a word is its length and its bytes. Whoever
//! asks sends a command (`/ip/hotspot/user/print`) with attributes (`=name=x`) and queries (`?name=x`); the
//! router answers with any number of rows (`!re`) and an end (`!done`). Commands that carry a tag may run at
//! once on one connection.
//!
//! Read in this order:
//!
//! 1. what is said: [`sentence`], the [`query`] words in it, and the [`reply`] that it may be;
//! 2. how it is written: [`length`] of a word, [`codec`] for whole sentences, with limits;
//!
//! Both sides of a connection are served by the same codec: a server decodes what a client encodes.

pub mod codec;
pub mod length;
pub mod query;
pub mod reply;
pub mod sentence;

pub use codec::{CodecError, CodecLimits, SentenceCodec};
pub use query::Query;
pub use reply::{Reply, Trap};
pub use sentence::{Attribute, Sentence};
