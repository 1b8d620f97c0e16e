//! Accounts and their names.

use chrono::Duration;
use kernel::Role;

use super::Ports;
use crate::{
    identifiers::{IdentifierKind, Identifiers},
    login_lock::LockKey,
    matricule::Matricule,
    password::PasswordHash,
    registration_count::RegistrationHistory,
    testing::someone,
    user::User,
    wifi_secret::WifiSecret,
};

/// A user reads back as it was stored, by its id and by each of its names.
pub async fn a_user_is_found_by_every_name(ports: Ports<'_>) {
    let user = ports.add_user(1).await;
    ports.add_user(2).await;
    assert_eq!(ports.reads.user(user.id).await.unwrap(), Some(user.clone()));
    for login in ["22-1", "SOMEONE-1@demo.test", "0812340001", "+243 81 234 0001"] {
        assert_eq!(ports.found(login).await, Some(user.clone()), "{login}");
    }
    for login in ["", "22-3", "nobody@demo.test", "0812340003", "' or 1=1 --", "\0"] {
        assert_eq!(ports.found(login).await, None, "{login}");
    }
}

/// Digits that are one user's matricule and another's phone number name the first.
pub async fn a_matricule_goes_before_a_phone_number(ports: Ports<'_>) {
    let by_phone = ports.add_user(1).await;
    let mut by_matricule = someone(&ports.around.ambient(), 2);
    by_matricule.identifiers = Identifiers::new(Matricule::parse("0812340001").ok(), None, None).unwrap();
    let mut tx = ports.begin().await;
    assert!(tx.insert_user(&by_matricule).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(ports.found("0812340001").await, Some(by_matricule));
    assert_eq!(ports.found("+243812340001").await, Some(by_phone));
}

/// A name belongs to one account, whatever its case, and the transaction goes on after the refusal.
pub async fn a_name_belongs_to_one_account(ports: Ports<'_>) {
    let first = ports.add_user(1).await;
    let ambient = ports.around.ambient();
    let shared = |matricule: bool, email: bool, phone: bool| {
        let (names, other) = (&first.identifiers, someone(&ambient, 2));
        let mut user = other.clone();
        user.identifiers = Identifiers::new(
            if matricule { Matricule::parse("22-1").ok() } else { other.identifiers.matricule().cloned() },
            if email { names.email() } else { other.identifiers.email() }.cloned(),
            if phone { names.phone() } else { other.identifiers.phone() }.cloned(),
        )
        .unwrap();
        user
    };
    let mut tx = ports.begin().await;
    for (user, taken) in [
        (shared(true, true, true), IdentifierKind::Matricule),
        (shared(false, true, true), IdentifierKind::Email),
        (shared(false, false, true), IdentifierKind::Phone),
    ] {
        assert!(!tx.insert_user(&user).await.unwrap(), "{taken}");
        assert_eq!(tx.taken(&user.identifiers, None).await.unwrap(), Some(taken));
    }
    let free = shared(false, false, false);
    assert_eq!(tx.taken(&free.identifiers, None).await.unwrap(), None);
    assert!(tx.insert_user(&free).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(ports.found("22-2").await, Some(free.clone()));
    let mut tx = ports.begin().await;
    assert_eq!(tx.taken(&free.identifiers, Some(free.id)).await.unwrap(), None);
    let matricule = tx.taken(&first.identifiers, Some(free.id)).await.unwrap();
    assert_eq!(matricule, Some(IdentifierKind::Matricule));
}

/// An account is replaced by its next revision alone, and keeps the last login that was noted meanwhile.
pub async fn an_account_is_replaced_by_its_next_revision(ports: Ports<'_>) {
    let user = ports.add_user(1).await;
    let at = ports.around.ambient().now();
    let mut tx = ports.begin().await;
    assert!(tx.record_login(&user, at).await.unwrap());
    assert_eq!(tx.user_to_change(user.id).await.unwrap().unwrap().last_login_at, Some(at));
    let mut next = someone(&ports.around.ambient(), 2);
    (next.id, next.created_at, next.revision) = (user.id, user.created_at, 2);
    next.wifi_secret = WifiSecret::Own;
    assert!(tx.save_user(&next).await.unwrap());
    assert!(!tx.save_user(&next).await.unwrap());
    tx.commit().await.unwrap();
    let stored = ports.reads.user(user.id).await.unwrap();
    assert_eq!(stored, Some(User { last_login_at: Some(at), ..next }));
    assert_eq!(ports.found("22-1").await, None);
}

/// Who is made now has been told of; nobody is left to announce.
pub async fn a_new_account_needs_no_announcement(ports: Ports<'_>) {
    ports.add_user(1).await;
    let mut tx = ports.begin().await;
    assert_eq!(tx.unannounced(10).await.unwrap(), []);
}

/// The case of a matricule is kept and does not distinguish.
pub async fn the_case_of_a_matricule_does_not_distinguish(ports: Ports<'_>) {
    let ambient = ports.around.ambient();
    let with = |number, matricule| {
        let mut user = someone(&ambient, number);
        user.identifiers = Identifiers::new(Matricule::parse(matricule).ok(), None, None).unwrap();
        user
    };
    let first = with(1, "22/Isc/017");
    let mut tx = ports.begin().await;
    assert!(tx.insert_user(&first).await.unwrap());
    assert!(!tx.insert_user(&with(2, "22/ISC/017")).await.unwrap());
    tx.commit().await.unwrap();
    let found = ports.found("22/isc/017").await.unwrap();
    assert_eq!(found.identifiers.username(), "22/Isc/017");
}

/// What is not committed never was.
pub async fn a_dropped_transaction_leaves_nothing(ports: Ports<'_>) {
    let user = someone(&ports.around.ambient(), 1);
    let mut tx = ports.begin().await;
    assert!(tx.insert_user(&user).await.unwrap());
    drop(tx);
    assert_eq!(ports.reads.user(user.id).await.unwrap(), None);
}

/// A login is noted for the account as it was read: another password or a closed account refuses it.
pub async fn a_login_is_noted_for_the_account_as_it_was_read(ports: Ports<'_>) {
    let user = ports.add_user(1).await;
    let mut inactive = someone(&ports.around.ambient(), 2);
    inactive.is_active = false;
    let mut changed = user.clone();
    changed.password_hash = PasswordHash::from_stored("$another".into());
    let at = ports.around.ambient().now();
    let mut tx = ports.begin().await;
    assert!(tx.insert_user(&inactive).await.unwrap());
    assert!(!tx.record_login(&inactive, at).await.unwrap());
    assert!(!tx.record_login(&changed, at).await.unwrap());
    assert!(tx.record_login(&user, at).await.unwrap());
    tx.commit().await.unwrap();
    let last = ports.reads.user(user.id).await.unwrap().unwrap().last_login_at;
    assert_eq!(last, Some(at));
}

/// A deleted account leaves none of its sessions and tokens, and its names are free.
pub async fn a_deleted_account_leaves_nothing(ports: Ports<'_>) {
    let (user, other) = (ports.add_user(1).await, ports.add_user(2).await);
    let (_, tokens) = ports.add_session(&user).await;
    let (_, others) = ports.add_session(&other).await;
    let mut tx = ports.begin().await;
    tx.delete_user(user.id).await.unwrap();
    assert_eq!(tx.taken(&user.identifiers, None).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(ports.reads.user(user.id).await.unwrap(), None);
    assert_eq!(ports.reads.access_grant(&tokens.access.hash()).await.unwrap(), None);
    assert!(ports.reads.access_grant(&others.access.hash()).await.unwrap().is_some());
    let mut tx = ports.begin().await;
    assert_eq!(tx.refresh_grant(&tokens.refresh.hash()).await.unwrap(), None);
    assert!(tx.refresh_grant(&others.refresh.hash()).await.unwrap().is_some());
}

/// Active admins are told from everybody else, in the order of their ids.
pub async fn active_admins_are_known(ports: Ports<'_>) {
    let ambient = ports.around.ambient();
    let mut tx = ports.begin().await;
    let mut admins = Vec::new();
    for (number, role, is_active) in
        [(1, Role::Admin, true), (2, Role::Admin, false), (3, Role::Agent, true), (4, Role::Admin, true)]
    {
        let user = User { role, is_active, ..someone(&ambient, number) };
        assert!(tx.insert_user(&user).await.unwrap());
        if role == Role::Admin && is_active {
            admins.push(user.id);
        }
    }
    assert_eq!(tx.admins_to_change().await.unwrap(), admins);
}

/// The tries of an address to register are kept until it has made none for a while.
pub async fn registrations_are_counted_per_address(ports: Ports<'_>) {
    let (one, other) =
        (LockKey::from_stored("ip:192.0.2.1".into()), LockKey::from_stored("ip:192.0.2.2".into()));
    let now = ports.around.ambient().now();
    let mut tx = ports.begin().await;
    assert_eq!(tx.registrations(&one).await.unwrap(), RegistrationHistory::default());
    let history = RegistrationHistory { recent: vec![now] };
    tx.save_registrations(&one, &history).await.unwrap();
    assert_eq!(tx.registrations(&one).await.unwrap(), history);
    assert_eq!(tx.registrations(&other).await.unwrap(), RegistrationHistory::default());
    assert_eq!(tx.prune_registrations(now).await.unwrap(), 0);
    assert_eq!(tx.prune_registrations(now + Duration::seconds(1)).await.unwrap(), 2);
    assert_eq!(tx.registrations(&one).await.unwrap(), RegistrationHistory::default());
}
