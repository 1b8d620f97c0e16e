//! Sessions and their tokens.

use chrono::Duration;
use identity::{
    session::{ACCESS_LIFETIME, REFRESH_LIFETIME},
    use_cases::refresh_tokens::RefreshError,
};
use kernel::{Actor, Origin, Principal};
use sea_orm::EntityTrait;

use super::{Bench, on_both, visitor};
use crate::identity::login_sessions;

on_both! {
    a_refreshed_session_goes_on;
    a_second_use_of_a_refresh_token_ends_the_session;
    of_refreshes_side_by_side_one_wins_and_the_session_ends;
    tokens_expire;
    log_out_counts_at_once_and_for_this_session_alone;
    log_out_everywhere_ends_every_session_of_the_user;
    the_last_use_is_noted_once_a_minute;
    pruning_leaves_a_session_in_use;
}

async fn principal(bench: &Bench, access: &str) -> Option<Principal> {
    bench.identity.authenticate(access).await.unwrap()
}

fn by(caller: &Principal) -> Origin {
    Origin { actor: Actor::User(caller.user_id), ..visitor("192.0.2.7") }
}

async fn a_refreshed_session_goes_on(bench: &Bench) {
    bench.add_user(1).await;
    let first = bench.log_in("22-1", "secret").await.unwrap();
    let second =
        bench.identity.refresh_tokens(first.tokens.refresh.expose(), &visitor("192.0.2.7")).await.unwrap();
    assert_eq!(second.user_id, first.user.id);
    let seen = principal(bench, second.tokens.access.expose()).await.unwrap();
    assert_eq!(seen.session_id, first.session.id);
    // The old access token stays good for its hour: requests that are under way must not fail.
    assert!(principal(bench, first.tokens.access.expose()).await.is_some());
}

async fn a_second_use_of_a_refresh_token_ends_the_session(bench: &Bench) {
    bench.add_user(1).await;
    let other = bench.log_in("22-1", "secret").await.unwrap();
    let stolen = bench.log_in("22-1", "secret").await.unwrap();
    let refresh = async |token: &str| bench.identity.refresh_tokens(token, &visitor("192.0.2.7")).await;
    let thief = refresh(stolen.tokens.refresh.expose()).await.unwrap();
    assert!(matches!(refresh(stolen.tokens.refresh.expose()).await, Err(RefreshError::Reused)));
    assert!(matches!(refresh(thief.tokens.refresh.expose()).await, Err(RefreshError::Invalid)));
    for access in [&stolen.tokens.access, &thief.tokens.access] {
        assert_eq!(principal(bench, access.expose()).await, None);
    }
    assert!(principal(bench, other.tokens.access.expose()).await.is_some());
    for unknown in ["", "hpr_", other.tokens.access.expose()] {
        assert!(matches!(refresh(unknown).await, Err(RefreshError::Invalid)), "{unknown}");
    }
}

async fn of_refreshes_side_by_side_one_wins_and_the_session_ends(bench: &Bench) {
    bench.add_user(1).await;
    let first = bench.log_in("22-1", "secret").await.unwrap();
    let mut refreshes = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (identity, token) = (bench.identity.clone(), first.tokens.refresh.clone());
        refreshes.spawn(async move { identity.refresh_tokens(token.expose(), &visitor("192.0.2.7")).await });
    }
    let (mut won, mut reused) = (0, 0);
    while let Some(refresh) = refreshes.join_next().await {
        match refresh.unwrap() {
            Ok(_) => won += 1,
            Err(RefreshError::Reused) => reused += 1,
            Err(RefreshError::Invalid) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won, 1);
    assert!(reused >= 1);
    assert_eq!(principal(bench, first.tokens.access.expose()).await, None);
}

async fn tokens_expire(bench: &Bench) {
    bench.add_user(1).await;
    let first = bench.log_in("22-1", "secret").await.unwrap();
    bench.around.clock.advance(ACCESS_LIFETIME - Duration::seconds(1));
    assert!(principal(bench, first.tokens.access.expose()).await.is_some());
    bench.around.clock.advance(Duration::seconds(1));
    assert_eq!(principal(bench, first.tokens.access.expose()).await, None);
    bench.around.clock.advance(REFRESH_LIFETIME - ACCESS_LIFETIME);
    let refresh = bench.identity.refresh_tokens(first.tokens.refresh.expose(), &visitor("192.0.2.7")).await;
    assert!(matches!(refresh, Err(RefreshError::Invalid)));
}

async fn log_out_counts_at_once_and_for_this_session_alone(bench: &Bench) {
    bench.add_user(1).await;
    let (here, there) =
        (bench.log_in("22-1", "secret").await.unwrap(), bench.log_in("22-1", "secret").await.unwrap());
    let caller = principal(bench, here.tokens.access.expose()).await.unwrap();
    bench.identity.log_out(&caller, &by(&caller)).await.unwrap();
    bench.identity.log_out(&caller, &by(&caller)).await.unwrap();
    assert_eq!(principal(bench, here.tokens.access.expose()).await, None);
    assert!(principal(bench, there.tokens.access.expose()).await.is_some());
    let refresh = bench.identity.refresh_tokens(here.tokens.refresh.expose(), &visitor("192.0.2.7")).await;
    assert!(matches!(refresh, Err(RefreshError::Invalid)));
}

async fn log_out_everywhere_ends_every_session_of_the_user(bench: &Bench) {
    bench.add_user(1).await;
    bench.add_user(2).await;
    let mine = [bench.log_in("22-1", "secret").await.unwrap(), bench.log_in("22-1", "secret").await.unwrap()];
    let other = bench.log_in("22-2", "secret").await.unwrap();
    let caller = principal(bench, mine[0].tokens.access.expose()).await.unwrap();
    assert_eq!(bench.identity.log_out_everywhere(&caller, &by(&caller)).await.unwrap(), 2);
    for session in &mine {
        assert_eq!(principal(bench, session.tokens.access.expose()).await, None);
    }
    assert!(principal(bench, other.tokens.access.expose()).await.is_some());
}

async fn the_last_use_is_noted_once_a_minute(bench: &Bench) {
    bench.add_user(1).await;
    let session = bench.log_in("22-1", "secret").await.unwrap();
    let begun = session.session.last_used_at;
    let mut noted = Vec::new();
    for _ in 0..3 {
        bench.around.clock.advance(Duration::seconds(40));
        principal(bench, session.tokens.access.expose()).await.unwrap();
        let row = login_sessions::Entity::find_by_id(session.session.id.as_uuid())
            .one(bench.database.reader())
            .await
            .unwrap()
            .unwrap();
        noted.push((row.last_used_at - begun).num_seconds());
    }
    assert_eq!(noted, [0, 80, 80]);
}

async fn pruning_leaves_a_session_in_use(bench: &Bench) {
    bench.add_user(1).await;
    let mut tokens = bench.log_in("22-1", "secret").await.unwrap().tokens;
    let idle = bench.log_in("22-1", "secret").await.unwrap();
    for _ in 0..3 {
        bench.around.clock.advance(Duration::hours(20));
        let refreshed = bench.identity.refresh_tokens(tokens.refresh.expose(), &visitor("192.0.2.7")).await;
        tokens = refreshed.unwrap().tokens;
        bench.identity.prune_tokens().await.unwrap();
    }
    assert!(principal(bench, tokens.access.expose()).await.is_some());
    let sessions = login_sessions::Entity::find().all(bench.database.reader()).await.unwrap();
    assert!(sessions.iter().all(|row| row.id != idle.session.id.as_uuid()));
    assert_eq!(sessions.len(), 1);
}
