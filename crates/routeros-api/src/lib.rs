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
//! 3. what values look like: [`value`];
//! 4. how to ask a router: [`client`], which owns one connection, with [`login`] and [`tls`]; its [`error`]s tell
//!    whether a command may have been done.
//!
//! ```ignore
//! let client = Client::connect(&options).await?;
//! let print = Sentence::of("/ip/hotspot/user/print").with(".proplist", ".id,name").matching("name", "g2");
//! for user in client.call(print).await?.rows {
//!     println!("{:?}", user.text(".id"));
//! }
//! ```
//!
//! Both sides of a connection are served by the same codec: a server decodes what a client encodes.

pub mod client;
pub mod codec;
mod connection;
pub mod error;
pub mod length;
pub mod login;
pub mod query;
pub mod reply;
pub mod sentence;
pub mod tls;
pub mod value;

pub use client::{Answer, Client, ClientOptions, Limits, Rows, Timeouts};
pub use codec::{CodecError, CodecLimits, SentenceCodec};
pub use error::{CommandError, ConnectError, ConnectionEnd, NotSent, Step};
pub use login::Account;
pub use query::Query;
pub use reply::{Reply, Trap};
pub use sentence::{Attribute, Sentence};
pub use tls::{Fingerprint, Tls};
