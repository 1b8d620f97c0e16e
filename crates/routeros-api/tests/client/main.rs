//! The client against peers that follow a script: good routers, slow ones and hostile ones.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod noise;
mod peer;
mod sockets;

use std::time::Duration;

use peer::{Peer, With, connected, options, pair, print, row};
use routeros_api::{
    CommandError, ConnectError, ConnectionEnd, Limits, NotSent, Sentence, Step, Timeouts, Trap,
};

/// As long as nobody waits for in a test that goes well.
const LONG: Duration = Duration::from_secs(30);

fn refused(message: &str, category: Option<u32>) -> CommandError {
    CommandError::Refused { trap: Trap { message: message.to_owned(), category }, others: Vec::new() }
}

#[tokio::test]
async fn a_router_since_6_43_is_told_name_and_password() {
    let (client, mut peer) = pair(options());
    let login = peer.hear().await;
    assert_eq!(login, Sentence::of("/login").with("name", "portal").with("password", "test"));
    peer.say("!done").await;
    client.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_router_before_6_43_gets_the_response_to_its_challenge() {
    let (client, mut peer) = pair(options());
    peer.hear().await;
    peer.write(&Sentence::of("!done").with("ret", "259e0bc05acd6f46926dc2f809ed1bba")).await;
    let response =
        Sentence::of("/login").with("name", "portal").with("response", "00c7fd865183a43a772dde231f6d0bff13");
    assert_eq!(peer.hear().await, response);
    peer.say("!done").await;
    client.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_refused_login_has_the_routers_words() {
    for (category, text) in [("", "invalid user name or password (6)"), ("4", "cannot log in")] {
        let (client, mut peer) = pair(options());
        peer.hear().await;
        peer.write(&Sentence::of("!trap").with("category", category).with("message", text)).await;
        peer.say("!done").await;
        assert_eq!(client.await.unwrap().unwrap_err(), ConnectError::LoginRefused(text.to_owned()));
    }
}

#[tokio::test]
async fn a_login_that_makes_no_sense_ends() {
    let ended = |end| Err(ConnectError::Ended(end));
    for (answer, outcome) in [
        (
            Sentence::of("!done").with("ret", "Invalid Hex String"),
            ended(ConnectionEnd::Protocol("`Invalid Hex String` is no challenge".to_owned())),
        ),
        (Sentence::of("!fatal").word("not now"), ended(ConnectionEnd::Fatal("not now".to_owned()))),
        (Sentence::of("!what"), ended(ConnectionEnd::Protocol("`!what` is no reply".to_owned()))),
        (Sentence::of("!re"), Err(ConnectError::TimedOut(Step::Login))),
    ] {
        let mut options = options();
        options.timeouts.login = Duration::from_millis(100);
        let (client, mut peer) = pair(options);
        peer.hear().await;
        peer.write(&answer).await;
        assert_eq!(client.await.unwrap().map(drop), outcome);
    }
}

#[tokio::test]
async fn commands_run_at_once_and_each_gets_its_own_rows() {
    let (client, mut peer) = connected(options()).await;
    let (a, b) = (client.clone(), client);
    let a = tokio::spawn(async move { a.call(print("a")).await });
    let first = peer.hear_tag().await;
    let b = tokio::spawn(async move { b.call(print("b")).await });
    let second = peer.hear_tag().await;
    peer.write(&row("b1").tagged(&second)).await;
    peer.write(&Sentence::of("!re").tagged(&first).with("name", "a1")).await;
    peer.write(&row("b2").tagged(&second)).await;
    peer.write(&Sentence::of("!done").tagged(&second)).await;
    peer.write(&Sentence::of("!done").with("ret", "*7").tagged(&first)).await;
    let (a, b) = (a.await.unwrap().unwrap(), b.await.unwrap().unwrap());
    let names =
        |rows: &[Sentence]| rows.iter().map(|row| row.text("name").unwrap().into_owned()).collect::<Vec<_>>();
    assert_eq!(
        (names(&a.rows), names(&b.rows)),
        (vec!["a1".to_owned()], vec!["b1".to_owned(), "b2".to_owned()])
    );
    assert_eq!(a.done.text("ret").as_deref(), Some("*7"));
}

#[tokio::test]
async fn a_reply_may_come_byte_by_byte_with_empty_sentences_between() {
    let (client, mut peer) = connected(options()).await;
    let call = tokio::spawn(async move { client.call(print("a")).await });
    let tag = peer.hear_tag().await;
    let long = "x".repeat(20_000);
    peer.trickle(&[&Sentence::new(), &row(&long).tagged(&tag), &Sentence::new()]).await;
    peer.trickle(&[&Sentence::of("!done").tagged(&tag)]).await;
    assert_eq!(call.await.unwrap().unwrap().rows[0].text("name").as_deref(), Some(long.as_str()));
}

#[tokio::test]
async fn empty_means_no_rows() {
    let (client, mut peer) = connected(options()).await;
    let call = tokio::spawn(async move { client.call(print("a")).await });
    let tag = peer.hear_tag().await;
    for reply in ["!empty", "!empty", "!done"] {
        peer.write(&Sentence::of(reply).tagged(&tag)).await;
    }
    assert_eq!(call.await.unwrap().unwrap().rows, []);
}

#[tokio::test]
async fn a_refusal_disturbs_nobody_else() {
    let (client, mut peer) = connected(options()).await;
    let other = client.clone();
    let refusal = tokio::spawn(async move { client.call(print("a")).await });
    let first = peer.hear_tag().await;
    let other = tokio::spawn(async move { other.call(print("b")).await });
    let second = peer.hear_tag().await;
    peer.write(&row("b1").tagged(&second)).await;
    peer.write(&Sentence::of("!trap").tagged(&first).with("message", "no such item")).await;
    peer.write(&Sentence::of("!done").tagged(&first)).await;
    let error = refusal.await.unwrap().unwrap_err();
    assert_eq!(error, refused("no such item", None));
    assert!(!error.may_have_been_done());
    peer.write(&Sentence::of("!done").tagged(&second)).await;
    assert_eq!(other.await.unwrap().unwrap().rows.len(), 1);
}

#[tokio::test]
async fn several_refusals_are_all_told_and_one_may_be_silent() {
    let (client, mut peer) = connected(options()).await;
    let call = tokio::spawn(async move { client.call(print("a")).await });
    let tag = peer.hear_tag().await;
    peer.write(&Sentence::of("!trap").tagged(&tag)).await;
    for _ in 0..1000 {
        peer.write(&Sentence::of("!trap").with("category", "1").with("message", "two").tagged(&tag)).await;
    }
    peer.write(&Sentence::of("!done").tagged(&tag)).await;
    let Err(CommandError::Refused { trap, others }) = call.await.unwrap() else {
        panic!("it is refused");
    };
    assert_eq!(trap, Trap { message: String::new(), category: None });
    assert_eq!(others[0], Trap { message: "two".to_owned(), category: Some(1) });
    assert!(others.len() < 20, "not all of a thousand are kept");
}

#[tokio::test]
async fn replies_that_nobody_asked_for_are_passed_over() {
    let (client, mut peer) = connected(options()).await;
    let call = tokio::spawn(async move { client.call(print("a")).await });
    let tag = peer.hear_tag().await;
    for stray in ["999", "x", "", "-1", "99999999999999999999999"] {
        peer.write(&row("stray").tagged(stray)).await;
        peer.write(&Sentence::of("!done").tagged(stray)).await;
    }
    peer.say("!done").await;
    peer.write(&Sentence::of("!done").tagged(&tag)).await;
    assert_eq!(call.await.unwrap().unwrap().rows, []);
}

#[tokio::test]
async fn endless_rows_end_at_the_limit_and_others_go_on() {
    let limits = Limits { answer_rows: 10, ..Limits::default() };
    let (client, mut peer) = connected(options().with(limits)).await;
    let other = client.clone();
    let endless = tokio::spawn(async move { client.call(print("a")).await });
    let tag = peer.hear_tag().await;
    for _ in 0..500 {
        peer.write(&row("again").tagged(&tag)).await;
    }
    let error = endless.await.unwrap().unwrap_err();
    assert_eq!(error, CommandError::TooLarge);
    assert_eq!(peer.hear().await.text("tag").as_deref(), Some(tag.as_str()), "it is cancelled");
    let other = tokio::spawn(async move { other.call(print("b")).await });
    let second = peer.hear_tag().await;
    peer.write(&row("again").tagged(&tag)).await;
    peer.write(&Sentence::of("!trap").with("category", "2").tagged(&tag)).await;
    for tag in [&tag, &format!("c{tag}"), &second] {
        peer.write(&Sentence::of("!done").tagged(tag)).await;
    }
    other.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_long_answer_is_bounded_in_bytes() {
    let limits = Limits { answer_bytes: 100_000, ..Limits::default() };
    let (client, mut peer) = connected(options().with(limits)).await;
    let asking = client.clone();
    let call = tokio::spawn(async move { asking.call(print("a")).await });
    let tag = peer.hear_tag().await;
    for _ in 0..5 {
        peer.write(&row(&"x".repeat(30_000)).tagged(&tag)).await;
    }
    assert_eq!(call.await.unwrap().unwrap_err(), CommandError::TooLarge);
    assert_eq!(client.ended(), None);
}

#[tokio::test]
async fn a_router_that_never_answers_loses_the_connection() {
    let mut options = options();
    options.timeouts =
        Timeouts { command: Duration::from_millis(50), grace: Duration::from_millis(50), ..options.timeouts };
    let (client, mut peer) = connected(options).await;
    let bystander = client.stream(print("b"), LONG).await.unwrap();
    peer.hear().await;
    let error = client.call(print("a")).await.unwrap_err();
    assert_eq!(error, CommandError::TimedOut);
    assert!(error.may_have_been_done());
    let asked = peer.hear_tag().await;
    assert_eq!(peer.hear().await.text("tag").as_deref(), Some(asked.as_str()));
    let mut bystander = bystander;
    assert_eq!(bystander.next().await, Err(CommandError::Lost(ConnectionEnd::Stalled)));
    let after = client.call(print("c")).await;
    assert_eq!(after, Err(CommandError::NotSent(NotSent::Ended(ConnectionEnd::Stalled))));
}

#[tokio::test]
async fn a_router_that_takes_nothing_loses_the_connection() {
    let mut options = options();
    options.timeouts.grace = Duration::from_millis(50);
    let (client, peer) = connected(options).await;
    let heavy = Sentence::of("/x").with("y", "z".repeat(1_000_000));
    let error = client.call(heavy).await.unwrap_err();
    assert_eq!(error, CommandError::Lost(ConnectionEnd::Stalled));
    drop(peer);
}

#[tokio::test]
async fn what_was_sent_before_the_end_may_have_been_done_and_what_comes_after_was_not() {
    for (fatal, end) in [(true, ConnectionEnd::Fatal("rebooting".to_owned())), (false, ConnectionEnd::Closed)]
    {
        let (client, mut peer) = connected(options()).await;
        let sent = client.clone();
        let sent = tokio::spawn(async move { sent.call(print("a")).await });
        peer.hear().await;
        if fatal {
            peer.write(&Sentence::of("!fatal").word("rebooting")).await;
        } else {
            drop(peer);
        }
        let error = sent.await.unwrap().unwrap_err();
        assert!(error.may_have_been_done());
        assert_eq!(error, CommandError::Lost(end.clone()));
        assert_eq!(client.ended(), Some(&end));
        let error = client.call(print("b")).await.unwrap_err();
        assert!(!error.may_have_been_done());
        assert_eq!(error, CommandError::NotSent(NotSent::Ended(end)));
    }
}

#[tokio::test]
async fn what_is_no_sentence_ends_the_connection() {
    for wire in [vec![0xFF], vec![0xF0, 0xFF, 0xFF, 0xFF, 0xFF], vec![4, b'!', b'x', b'y', b'z', 0]] {
        let (client, mut peer) = connected(options()).await;
        let call = tokio::spawn(async move { client.call(print("a")).await });
        peer.hear().await;
        peer.write_bytes(&wire).await;
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(error, CommandError::Lost(ConnectionEnd::Protocol(_))), "{error}");
    }
}

#[tokio::test]
async fn commands_over_the_bounds_wait_or_are_told_at_once_and_are_never_sent() {
    let limits = Limits { in_flight: 1, waiting: 1, ..Limits::default() };
    let (client, mut peer) = connected(options().with(limits)).await;
    let mut first = client.stream(print("first"), LONG).await.unwrap();
    let tag = peer.hear_tag().await;
    let impatient = client.stream(print("impatient"), Duration::from_millis(20)).await.unwrap_err();
    assert_eq!(impatient, CommandError::NotSent(NotSent::TimedOut));

    let waiting = client.clone();
    let waiting = tokio::spawn(async move { waiting.call(print("waiting")).await });
    tokio::task::yield_now().await;
    assert_eq!(client.call(print("third")).await, Err(CommandError::NotSent(NotSent::Busy)));
    peer.write(&Sentence::of("!done").tagged(&tag)).await;
    assert_eq!(first.next().await, Ok(None));
    let heard = peer.hear().await;
    assert_eq!(heard.command(), Some("/waiting".as_bytes()));
    peer.write(&Sentence::of("!done").tagged(heard.tag().unwrap())).await;
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn rows_come_as_they_are_said_and_a_dropped_command_is_cancelled() {
    let (client, mut peer) = connected(options()).await;
    let mut rows = client.stream(print("a"), LONG).await.unwrap();
    let tag = peer.hear_tag().await;
    peer.write(&row("one").tagged(&tag)).await;
    assert_eq!(rows.next().await, Ok(Some(row("one").tagged(&tag))));
    drop(rows);
    let cancel = peer.hear().await;
    assert_eq!(
        (cancel.command(), cancel.text("tag").as_deref()),
        (Some("/cancel".as_bytes()), Some(tag.as_str()))
    );
}

#[tokio::test]
async fn the_connection_is_closed_when_nobody_holds_it() {
    let (client, mut peer): (_, Peer<_>) = connected(options()).await;
    drop(client);
    assert!(peer.is_left_alone().await);
}
