//! Accounts, passwords, and locks against guessing.

use chrono::Duration;
use identity::{
    login_lock::FailureHistory,
    roles::granted_at_first,
    use_cases::{create_user::CreateUserError, lift_login_lock::LiftLoginLockError, log_in::LogInError},
};
use kernel::{Origin, PageRequest, Permission, Role};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Bench, account, on_both, visitor};
use crate::identity::{role_permissions, users};

on_both! {
    every_name_signs_in;
    a_wrong_password_and_an_unknown_name_look_alike;
    the_fifth_failure_locks_even_the_right_password_out;
    guesses_side_by_side_are_not_more_than_five;
    an_address_is_locked_whatever_names_it_tries;
    a_success_forgets_the_name_and_not_the_address;
    an_inactive_account_is_refused_after_its_password;
    an_email_is_made_from_the_matricule;
    of_two_accounts_with_one_name_one_is_made;
    permissions_are_given_once_and_edits_stay;
}

fn refused<T>(result: Result<T, LogInError>) -> LogInError {
    result.err().unwrap()
}

async fn every_name_signs_in(bench: &Bench) {
    let user = bench.add_user(1).await;
    for login in ["22-1", "Someone-1@demo.test", "081 234 0001"] {
        let logged_in = bench.log_in(login, "secret").await.unwrap();
        assert_eq!(logged_in.user.id, user.id);
        let principal = bench.identity.authenticate(logged_in.tokens.access.expose()).await;
        let principal = principal.unwrap().unwrap();
        assert_eq!(principal.user_id, user.id);
        assert_eq!(principal.session_id, logged_in.session.id);
        assert!(principal.may(Permission::OrdersOwn));
        assert!(!principal.may(Permission::OrdersManage));
    }
    let seen = bench.identity.user(user.id).await.unwrap().unwrap();
    assert!(seen.last_login_at.is_some());
    let contact = bench.identity.find_contact(user.id).await.unwrap().unwrap();
    assert_eq!(contact.phone.as_ref(), user.identifiers.phone());
    assert_eq!(contact.email.as_ref(), user.identifiers.email());
}

async fn a_wrong_password_and_an_unknown_name_look_alike(bench: &Bench) {
    bench.add_user(1).await;
    for login in ["22-1", "22-2", "nobody at all", "\0"] {
        let error = refused(bench.log_in(login, "wrong").await);
        assert!(matches!(error, LogInError::InvalidCredentials), "{login}: {error}");
    }
}

async fn the_fifth_failure_locks_even_the_right_password_out(bench: &Bench) {
    bench.add_user(1).await;
    for _ in 0..FailureHistory::MOST_FAILURES {
        let error = refused(bench.log_in("22-1", "wrong").await);
        assert!(matches!(error, LogInError::InvalidCredentials), "{error}");
    }
    bench.around.clock.advance(Duration::seconds(20));
    let LogInError::Locked { retry_after } = refused(bench.log_in_from("192.0.2.8", "22-1", "secret").await)
    else {
        panic!("not locked");
    };
    assert_eq!(retry_after, Duration::seconds(40));

    let locks = bench.identity.login_locks(PageRequest::default()).await.unwrap();
    let keys: Vec<_> = locks.items.iter().map(|lock| lock.key.as_str()).collect();
    assert_eq!(keys.len(), 2);
    assert!(keys.contains(&"login:22-1") && keys.contains(&"ip:192.0.2.7"), "{keys:?}");

    let lock = locks.items.iter().find(|lock| lock.key.as_str() == "login:22-1").unwrap();
    let lift = async || bench.identity.lift_login_lock(lock.id, &Origin::system("test")).await;
    lift().await.unwrap();
    assert!(matches!(lift().await, Err(LiftLoginLockError::NotFound)));
    bench.log_in_from("192.0.2.8", "22-1", "secret").await.unwrap();

    assert!(matches!(refused(bench.log_in("22-1", "secret").await), LogInError::Locked { .. }));
    bench.around.clock.advance(Duration::seconds(40));
    bench.log_in("22-1", "secret").await.unwrap();
}

async fn guesses_side_by_side_are_not_more_than_five(bench: &Bench) {
    bench.add_user(1).await;
    let mut guesses = tokio::task::JoinSet::new();
    for number in 0..24 {
        let identity = bench.identity.clone();
        let command = identity::use_cases::log_in::LogIn {
            login: "22-1".into(),
            password: format!("guess {number}").into(),
            user_agent: None,
        };
        let origin = visitor(&format!("192.0.2.{number}"));
        guesses.spawn(async move { identity.log_in(command, &origin).await });
    }
    let mut answered = 0;
    while let Some(guess) = guesses.join_next().await {
        match refused(guess.unwrap()) {
            LogInError::InvalidCredentials => answered += 1,
            LogInError::Locked { .. } => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(answered, FailureHistory::MOST_FAILURES);
}

async fn an_address_is_locked_whatever_names_it_tries(bench: &Bench) {
    bench.add_user(1).await;
    for number in 0..FailureHistory::MOST_FAILURES {
        let error = refused(bench.log_in(&format!("nobody-{number}"), "wrong").await);
        assert!(matches!(error, LogInError::InvalidCredentials), "{error}");
    }
    assert!(matches!(refused(bench.log_in("22-1", "secret").await), LogInError::Locked { .. }));
    bench.log_in_from("192.0.2.8", "22-1", "secret").await.unwrap();
}

async fn a_success_forgets_the_name_and_not_the_address(bench: &Bench) {
    bench.add_user(1).await;
    for (round, ip) in [(1, "192.0.2.1"), (2, "192.0.2.2")] {
        for _ in 1..FailureHistory::MOST_FAILURES {
            let error = refused(bench.log_in_from(ip, "22-1", "wrong").await);
            assert!(matches!(error, LogInError::InvalidCredentials), "round {round}: {error}");
        }
        bench.log_in_from(ip, "22-1", "secret").await.unwrap();
    }
    let fifth = refused(bench.log_in_from("192.0.2.1", "nobody", "wrong").await);
    assert!(matches!(fifth, LogInError::InvalidCredentials), "{fifth}");
    let locked = refused(bench.log_in_from("192.0.2.1", "22-1", "secret").await);
    assert!(matches!(locked, LogInError::Locked { .. }), "{locked}");
}

async fn an_inactive_account_is_refused_after_its_password(bench: &Bench) {
    let user = bench.add_user(1).await;
    let logged_in = bench.log_in("22-1", "secret").await.unwrap();
    users::Entity::update_many()
        .col_expr(users::Column::IsActive, Expr::value(false))
        .filter(users::Column::Id.eq(user.id.as_uuid()))
        .exec(bench.database.writer())
        .await
        .unwrap();
    assert!(matches!(refused(bench.log_in("22-1", "wrong").await), LogInError::InvalidCredentials));
    assert!(matches!(refused(bench.log_in("22-1", "secret").await), LogInError::Inactive));
    let access = logged_in.tokens.access.expose();
    assert_eq!(bench.identity.authenticate(access).await.unwrap(), None);
    let refresh = logged_in.tokens.refresh.expose();
    assert!(bench.identity.refresh_tokens(refresh, &visitor("192.0.2.7")).await.is_err());
}

async fn an_email_is_made_from_the_matricule(bench: &Bench) {
    let create = async |command| bench.identity.create_user(command, &Origin::system("test")).await;
    let user = create(account("22/ISC/017", "", "")).await.unwrap();
    assert_eq!(user.identifiers.username(), "22/ISC/017");
    assert_eq!(user.identifiers.email().unwrap().as_str(), "22/isc/017@univ.test");
    let stored = bench.identity.user(user.id).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&user));
    let taken = create(account("", "22/isc/017@univ.test", "")).await;
    assert!(matches!(taken, Err(CreateUserError::Taken(_))), "{taken:?}");
}

async fn of_two_accounts_with_one_name_one_is_made(bench: &Bench) {
    let mut creations = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let identity = bench.identity.clone();
        creations.spawn(async move {
            let command = account("22-1", "", "");
            identity.create_user(command, &Origin::system("test")).await
        });
    }
    let mut made = 0;
    while let Some(creation) = creations.join_next().await {
        match creation.unwrap() {
            Ok(_) => made += 1,
            Err(CreateUserError::Taken(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(made, 1);
}

async fn permissions_are_given_once_and_edits_stay(bench: &Bench) {
    let ensure = async || bench.identity.ensure_roles(&Origin::system("test")).await.unwrap();
    assert_eq!(ensure().await, Permission::ALL);
    role_permissions::Entity::delete_many()
        .filter(role_permissions::Column::Role.eq(Role::User.as_str()))
        .exec(bench.database.writer())
        .await
        .unwrap();
    assert_eq!(ensure().await, []);
    let granted = role_permissions::Entity::find().all(bench.database.reader()).await.unwrap();
    assert!(granted.iter().all(|row| row.role != "user"));
    assert_eq!(granted.iter().filter(|row| row.role == "admin").count(), Permission::ALL.len());
    let agents =
        Permission::ALL.iter().filter(|permission| granted_at_first(Role::Agent, **permission)).count();
    assert_eq!(granted.iter().filter(|row| row.role == "agent").count(), agents);
}
