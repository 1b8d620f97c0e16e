//! The client against peers that say anything at all: every call ends, and nothing else happens.

use std::time::Duration;

use proptest::prelude::*;
use routeros_api::{Client, ClientOptions, Sentence, Timeouts};

use crate::peer::{Peer, connected, options, pair, print};

/// Sentences that a router might say and some that none would, to the tags of the commands under way or to others.
fn sentence() -> impl Strategy<Value = Sentence> {
    let kinds = vec!["!re", "!done", "!trap", "!empty", "!fatal", "!what", "/login"];
    let words = vec!["=ret=00", "=message=no", "=category=2", "=name", "bare", ".tag="];
    let tag = prop::option::weighted(0.8, 0_u64..5);
    let kind = prop::sample::select(kinds);
    (kind, prop::collection::vec(prop::sample::select(words), 0..4), tag).prop_map(|(kind, words, tag)| {
        let sentence = words.iter().fold(Sentence::of(kind), Sentence::word);
        tag.map_or(sentence.clone(), |tag| sentence.tagged(tag.to_string()))
    })
}

/// What a peer says, in one piece: sentences with bytes between them that are none.
fn speech() -> impl Strategy<Value = Vec<Result<Sentence, Vec<u8>>>> {
    let noise = prop::collection::vec(any::<u8>(), 0..12);
    let piece = prop_oneof![12 => sentence().prop_map(Ok), 1 => noise.prop_map(Err)];
    prop::collection::vec(piece, 0..25)
}

async fn say(peer: &mut Peer<tokio::io::DuplexStream>, speech: Vec<Result<Sentence, Vec<u8>>>) {
    for piece in speech {
        match piece {
            Ok(sentence) => peer.try_write(&sentence).await,
            Err(noise) => peer.try_write_bytes(&noise).await,
        }
    }
}

fn impatient() -> ClientOptions {
    let short = Duration::from_millis(20);
    let timeouts = Timeouts { login: short, command: short, grace: short, ..options().timeouts };
    ClientOptions { timeouts, ..options() }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_login_ends_whatever_is_said(speech in speech(), closes: bool) {
        run(async {
            let (client, mut peer) = pair(impatient());
            say(&mut peer, speech).await;
            let held = (!closes).then_some(peer);
            drop(client.await.unwrap());
            drop(held);
        });
    }

    #[test]
    fn commands_end_whatever_is_said(speech in speech(), closes: bool) {
        run(async {
            let (client, mut peer): (Client, _) = connected(impatient()).await;
            let calls: Vec<_> = (0..3)
                .map(|_| {
                    let client = client.clone();
                    tokio::spawn(async move { client.call(print("x")).await })
                })
                .collect();
            peer.hear().await;
            say(&mut peer, speech).await;
            let held = (!closes).then_some(peer);
            for call in calls {
                drop(call.await.unwrap());
            }
            drop(held);
        });
    }
}
