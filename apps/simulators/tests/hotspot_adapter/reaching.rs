//! How a router is reached, found again and left alone.

use std::net::{Ipv4Addr, SocketAddr};

use chrono::TimeDelta;
use hotspot::{
    ports::{BreakerState, RouterError, RouterGateways as _},
    router::{Fingerprint, RouterTls},
};
use kernel::sealed::Purpose;
use simulators::routeros::{Action, Effect, Options};

use crate::stage::Stage;

async fn with_tls() -> Stage {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut stage = Stage::with(Options { tls_addr: Some(any), ..Options::default() }).await;
    stage.router.access.port = stage.simulator.tls_addr().unwrap().port();
    stage
}

#[tokio::test]
async fn a_router_with_the_pinned_certificate_is_reached_and_another_is_not() {
    let mut stage = with_tls().await;
    let shown: Fingerprint = stage.simulator.certificate().unwrap().sha256.parse().unwrap();
    for tls in [RouterTls::Pinned(shown), RouterTls::Unchecked] {
        stage.router.access.tls = tls;
        stage.gateway().ping().await.unwrap();
    }
    for tls in [RouterTls::Pinned(Fingerprint::new([7; 32])), RouterTls::System] {
        stage.router.access.tls = tls;
        let error = stage.gateway().ping().await.unwrap_err();
        assert!(matches!(&error, RouterError::Unreachable(_)), "{error}");
        let told = error.to_string().contains(&shown.to_string());
        assert_eq!(told, tls != RouterTls::System, "an operator learns which certificate is there: {error}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_in_the_routers_words_and_shown_nowhere() {
    let mut stage = Stage::new().await;
    let wrong = stage.sealer.seal(Purpose::RouterPassword, &stage.router.id, "wrong-one").unwrap();
    stage.router.access.sealed_password = Some(wrong);
    let error = stage.gateway().ping().await.unwrap_err();
    assert_eq!(error, RouterError::LoginRefused("invalid user name or password (6)".to_owned()));
    assert!(error.may_pass());
    assert!(!format!("{:?} {:?}", stage.routers.health(&stage.router), stage.router).contains("wrong-one"));
}

#[tokio::test]
async fn a_password_that_does_not_open_reaches_nobody() {
    let mut stage = Stage::new().await;
    let of_another = stage.sealer.seal(Purpose::RouterPassword, &"another", "secret").unwrap();
    stage.router.access.sealed_password = Some(of_another);
    let Err(RouterError::LoginRefused(text)) = stage.gateway().ping().await else {
        unreachable!("there is no password to try");
    };
    assert_eq!(text, "its password: the sealed value does not open");
}

#[tokio::test]
async fn one_connection_serves_all_calls_until_the_way_changes() {
    let mut stage = Stage::new().await;
    stage.gateway().ping().await.unwrap();
    stage.close_the_door();
    stage.gateway().ping().await.unwrap();
    stage.router.name = "another name".to_owned();
    stage.gateway().ping().await.unwrap();
    stage.router.access.host = "localhost".to_owned();
    let refused = RouterError::LoginRefused("cannot log in".to_owned());
    assert_eq!(stage.gateway().ping().await, Err(refused));
}

#[tokio::test]
async fn a_connection_that_was_cut_is_made_anew() {
    let stage = Stage::new().await;
    for action in [Action::Cut, Action::Reboot] {
        stage.gateway().ping().await.unwrap();
        stage.simulator.apply(action).unwrap();
        stage.gateway().ping().await.unwrap();
    }
    stage.fault("/system/identity/print", Effect::Fatal, Some("too many sessions"));
    stage.gateway().ping().await.unwrap();
}

#[tokio::test]
async fn a_router_that_is_down_is_left_alone_for_a_while_and_found_again() {
    let stage = Stage::new().await;
    assert_eq!(stage.routers.health(&stage.router).last_seen_at, None);
    stage.simulator.apply(Action::Down).unwrap();
    stage.settle().await;
    for _ in 0..3 {
        assert!(matches!(stage.gateway().ping().await, Err(RouterError::Unreachable(_))));
    }
    let health = stage.routers.health(&stage.router);
    assert_eq!((health.breaker, health.failures), (BreakerState::Open, 3));
    let why = health.last_error.unwrap().1;

    stage.heal();
    stage.simulator.apply(Action::Up).unwrap();
    stage.settle().await;
    let Err(RouterError::Unreachable(text)) = stage.gateway().ping().await else {
        unreachable!("nobody asks the router");
    };
    assert!(text.contains(&why), "why it is left alone is said: {text}");
    stage.surroundings.clock.advance(TimeDelta::seconds(2));
    stage.gateway().ping().await.unwrap();
    let health = stage.routers.health(&stage.router);
    assert_eq!((health.breaker, health.failures), (BreakerState::Closed, 0));
    assert!(health.last_seen_at.is_some());
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_opens_no_circuit() {
    let stage = Stage::new().await;
    for _ in 0..10 {
        assert_eq!(stage.gateway().suspend_user("nobody").await, Err(RouterError::NoSuchUser));
    }
    assert_eq!(stage.routers.health(&stage.router).breaker, BreakerState::Closed);
}
