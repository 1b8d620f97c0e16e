//! Routers that are slow, silent or out to hurt: each call ends, and nobody else notices.

use std::time::Duration;

use hotspot::{adapters::mikrotik::MikrotikSettings, ports::RouterError, testing::sample_wanted};
use simulators::routeros::{Action, Effect, Options};

use crate::stage::{IMPATIENT, Stage};

async fn impatient() -> Stage {
    Stage::impatient(Options::default(), IMPATIENT).await
}

#[tokio::test]
async fn each_kind_of_bad_answer_ends_its_call_and_the_next_is_answered() {
    for effect in [
        Effect::Cut,
        Effect::LoseAnswer,
        Effect::NeverAnswer,
        Effect::HalfAnswer,
        Effect::Garbage,
        Effect::HugeWord,
        Effect::EndlessSentence,
        Effect::EndlessRows,
    ] {
        let stage = impatient().await;
        stage.fault("/ip/hotspot/user/print", effect, None);
        let error = stage.gateway().list_users().await.unwrap_err();
        let endless = matches!(&error, RouterError::Refused(text) if text.contains("over the limits"));
        assert!(error == RouterError::Timeout || endless, "{effect:?}: {error}");
        stage.heal();
        stage.gateway().list_users().await.unwrap();
    }
}

#[tokio::test]
async fn a_slow_answer_that_is_whole_is_an_answer() {
    let stage = Stage::new().await;
    stage.fault("/ip/hotspot/user/print", Effect::Trickle, None);
    stage.gateway().list_users().await.unwrap();
}

#[tokio::test]
async fn a_mute_router_ends_calls_in_time_and_other_routers_answer_meanwhile() {
    let (mute, well) = (impatient().await, Stage::new().await);
    mute.simulator.apply(Action::Mute { on: true }).unwrap();
    let (mute_gateway, well_gateway) = (mute.gateway(), well.gateway());
    let calls = (0..50).map(|_| {
        let gateway = mute_gateway.clone();
        tokio::spawn(async move { gateway.ping().await })
    });
    let calls: Vec<_> = calls.collect();
    well_gateway.ping().await.unwrap();
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(error, RouterError::Unreachable(_)), "nothing was sent: {error}");
    }
}

#[tokio::test]
async fn a_connection_that_was_silent_is_tried_before_anything_is_entrusted_to_it() {
    let settings = MikrotikSettings { probe_after: Duration::ZERO, ..IMPATIENT };
    let stage = Stage::impatient(Options::default(), settings).await;
    let wanted = sample_wanted(&stage.ambient());
    stage.gateway().ping().await.unwrap();
    stage.simulator.apply(Action::Mute { on: true }).unwrap();
    let error = stage.gateway().create_user(&wanted).await.unwrap_err();
    assert!(matches!(error, RouterError::Unreachable(_)), "certainly nothing was done: {error}");
    stage.heal();
    stage.gateway().create_user(&wanted).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_comes_too_late_counts_as_none() {
    let stage = impatient().await;
    stage.gateway().ping().await.unwrap();
    stage.simulator.apply(Action::Delay { ms: 60_000 }).unwrap();
    assert_eq!(stage.gateway().ping().await, Err(RouterError::Timeout));
}

#[tokio::test]
async fn more_calls_than_a_router_may_keep_waiting_are_turned_away_at_once() {
    let stage = impatient().await;
    stage.gateway().ping().await.unwrap();
    stage.simulator.apply(Action::Mute { on: true }).unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let gateway = stage.gateway();
        calls.spawn(async move { gateway.ping().await });
    }
    let outcomes = calls.join_all().await;
    let turned_away = outcomes.iter().filter(
        |outcome| matches!(outcome, Err(RouterError::Unreachable(text)) if text.contains("too many calls")),
    );
    assert!(turned_away.count() >= 700);
    assert!(outcomes.iter().all(Result::is_err));
}
