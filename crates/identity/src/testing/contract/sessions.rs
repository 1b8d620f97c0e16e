//! Permissions of roles, sessions and their tokens.

use chrono::Duration;
use kernel::{Id, Permission, Permissions, Role, StoreError};

use super::Ports;
use crate::{
    login_lock::{FailureHistory, LockKey},
    login_name::LoginName,
    session::IssuedTokens,
};

/// A permission is introduced once, and reaches the tokens of its role alone.
pub async fn permissions_belong_to_roles(ports: Ports<'_>) {
    let user = ports.add_user(1).await;
    let (session, tokens) = ports.add_session(&user).await;
    let granted = async || {
        let grant = ports.reads.access_grant(&tokens.access.hash()).await.unwrap().unwrap();
        assert_eq!((grant.user_id, grant.session_id), (user.id, session.id));
        assert_eq!((grant.role, grant.locale, grant.user_is_active), (user.role, user.locale, true));
        assert_eq!(grant.expires_at, tokens.access_expires_at);
        grant.permissions
    };
    assert_eq!(granted().await, Permissions::default());
    let mut tx = ports.begin().await;
    for permission in [Permission::OrdersOwn, Permission::NotificationsOwn, Permission::AuditRead] {
        assert!(tx.introduce_permission(permission).await.unwrap());
        assert!(!tx.introduce_permission(permission).await.unwrap());
    }
    tx.grant(Role::User, Permission::OrdersOwn).await.unwrap();
    tx.grant(Role::User, Permission::OrdersOwn).await.unwrap();
    tx.grant(Role::User, Permission::NotificationsOwn).await.unwrap();
    tx.grant(Role::Admin, Permission::AuditRead).await.unwrap();
    tx.commit().await.unwrap();
    let expected = [Permission::OrdersOwn, Permission::NotificationsOwn];
    assert_eq!(granted().await, expected.into_iter().collect());
}

/// A role cannot be given a permission that was not introduced.
pub async fn an_unknown_permission_cannot_be_granted(ports: Ports<'_>) {
    let mut tx = ports.begin().await;
    let refused = tx.grant(Role::User, Permission::OrdersOwn).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

/// A session ends once, for all its tokens; the sessions of a user end together, and others' do not.
pub async fn a_session_ends_once(ports: Ports<'_>) {
    let (user, other) = (ports.add_user(1).await, ports.add_user(2).await);
    let (first, first_tokens) = ports.add_session(&user).await;
    let (_, second_tokens) = ports.add_session(&user).await;
    let (_, third_tokens) = ports.add_session(&other).await;
    let at = ports.around.ambient().now();
    let ended = async |tokens: &IssuedTokens| {
        let grant = ports.reads.access_grant(&tokens.access.hash()).await.unwrap().unwrap();
        grant.revoked_at
    };
    let mut tx = ports.begin().await;
    assert!(tx.revoke_session(first.id, at).await.unwrap());
    assert!(!tx.revoke_session(first.id, at).await.unwrap());
    let grant = tx.refresh_grant(&first_tokens.refresh.hash()).await.unwrap().unwrap();
    assert_eq!(grant.revoked_at, Some(at));
    tx.commit().await.unwrap();
    assert_eq!(ended(&first_tokens).await, Some(at));
    assert_eq!(ended(&second_tokens).await, None);

    let mut tx = ports.begin().await;
    assert_eq!(tx.revoke_sessions_of(user.id, at).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(ended(&second_tokens).await, Some(at));
    assert_eq!(ended(&third_tokens).await, None);
}

/// A session's last use only moves forward.
pub async fn a_use_is_noted_forwards(ports: Ports<'_>) {
    let user = ports.add_user(1).await;
    let (session, tokens) = ports.add_session(&user).await;
    let later = session.last_used_at + Duration::seconds(90);
    for (at, noted) in [(later, later), (later - Duration::seconds(60), later)] {
        let mut tx = ports.begin().await;
        tx.touch_session(session.id, at).await.unwrap();
        tx.commit().await.unwrap();
        let grant = ports.reads.access_grant(&tokens.access.hash()).await.unwrap().unwrap();
        assert_eq!(grant.last_used_at, noted);
    }
}

/// A refresh token is used once, and says so afterwards; one kind of token is not found as the other.
pub async fn a_refresh_token_is_used_once(ports: Ports<'_>) {
    let user = ports.add_user(1).await;
    let (session, tokens) = ports.add_session(&user).await;
    let (hash, at) = (tokens.refresh.hash(), ports.around.ambient().now());
    let mut tx = ports.begin().await;
    let grant = tx.refresh_grant(&hash).await.unwrap().unwrap();
    assert_eq!((grant.session_id, grant.user_id), (session.id, user.id));
    assert_eq!((grant.used_at, grant.revoked_at), (None, None));
    assert_eq!((grant.expires_at, grant.user_is_active), (tokens.refresh_expires_at, true));
    assert!(tx.use_refresh_token(&hash, at).await.unwrap());
    assert!(!tx.use_refresh_token(&hash, at).await.unwrap());
    assert_eq!(tx.refresh_grant(&hash).await.unwrap().unwrap().used_at, Some(at));
    assert_eq!(tx.refresh_grant(&tokens.access.hash()).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(ports.reads.access_grant(&hash).await.unwrap(), None);
}

/// Expired tokens go, with the sessions that nothing can continue; what is good or remembered stays.
pub async fn only_what_is_over_is_pruned(ports: Ports<'_>) {
    let user = ports.add_user(1).await;
    let (_, old) = ports.add_session(&user).await;
    let begun = ports.around.ambient().now();
    ports.around.clock.advance(Duration::hours(30));
    let (_, new) = ports.add_session(&user).await;
    let (quiet, fresh) = (LockKey::login(&LoginName::new("a")), LockKey::login(&LoginName::new("b")));
    let mut tx = ports.begin().await;
    for (key, at) in [(&quiet, begun), (&fresh, begun + Duration::hours(30))] {
        tx.track_failures(Id::generate(&ports.around.ambient()), key).await.unwrap();
        tx.save_failures(key, &FailureHistory::default().after_failure(at)).await.unwrap();
    }
    let hour_ago = begun + Duration::hours(29);
    assert_eq!(tx.prune_tokens(hour_ago).await.unwrap(), 3);
    assert_eq!(tx.prune_failures(hour_ago).await.unwrap(), 1);
    assert_eq!(tx.refresh_grant(&old.refresh.hash()).await.unwrap(), None);
    assert!(tx.refresh_grant(&new.refresh.hash()).await.unwrap().is_some());
    tx.commit().await.unwrap();
    assert_eq!(ports.reads.access_grant(&old.access.hash()).await.unwrap(), None);
    assert!(ports.reads.access_grant(&new.access.hash()).await.unwrap().is_some());
    assert_eq!(ports.reads.failures(&[quiet, fresh]).await.unwrap().len(), 1);
}

/// A user's other sessions end, one goes on, and nobody else's is touched.
pub async fn other_sessions_end_and_one_goes_on(ports: Ports<'_>) {
    let (user, stranger) = (ports.add_user(1).await, ports.add_user(2).await);
    let (kept, kept_tokens) = ports.add_session(&user).await;
    let (_, ended_tokens) = ports.add_session(&user).await;
    let (_, strange_tokens) = ports.add_session(&stranger).await;
    let at = ports.around.ambient().now();
    let mut tx = ports.begin().await;
    assert_eq!(tx.revoke_other_sessions(user.id, kept.id, at).await.unwrap(), 1);
    assert_eq!(tx.revoke_other_sessions(user.id, kept.id, at).await.unwrap(), 0);
    tx.commit().await.unwrap();
    for (tokens, revoked_at) in [(kept_tokens, None), (ended_tokens, Some(at)), (strange_tokens, None)] {
        let grant = ports.reads.access_grant(&tokens.access.hash()).await.unwrap().unwrap();
        assert_eq!(grant.revoked_at, revoked_at);
    }
}
