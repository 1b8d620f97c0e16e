//! What every [`HotspotStore`] with its [`HotspotReads`] must do.

use chrono::TimeDelta;
use kernel::{Ambient, Event, Id, Origin, PageRequest, Sealed, events::billing::ValidityStart};

use super::{Outcome, sample_access, sample_fact, sample_router, sample_user, sample_user_on};
use crate::{
    hotspot_user::{HotspotUser, HotspotUserStatus, Transition},
    ports::{HotspotReads, HotspotStore, Insertion},
    queries::HotspotUserFilter,
    router::{Fingerprint, Router, RouterMode, RouterTls},
};

/// Writes a router and a pending user on it.
async fn stored_user(
    store: &dyn HotspotStore,
    ambient: &Ambient,
) -> Result<(HotspotUser, Router), Box<dyn std::error::Error + Send + Sync>> {
    let router = sample_router(ambient);
    let user = sample_user_on(&router, ambient);
    let mut tx = store.begin().await?;
    assert!(tx.insert_router(&router).await?);
    assert_eq!(tx.insert_user(&user).await?, Insertion::Inserted);
    tx.commit().await?;
    Ok((user, router))
}

/// What is written reads back whole, by every way of reading.
///
/// # Errors
/// Whatever the store says.
pub async fn rows_read_back(
    store: &dyn HotspotStore,
    reads: &dyn HotspotReads,
    ambient: &Ambient,
) -> Outcome {
    let (user, router) = stored_user(store, ambient).await?;
    let found = reads.user_and_router(user.id).await?;
    assert_eq!(found, Some((user.clone(), router.clone())));

    let mut guest = sample_user_on(&router, ambient);
    guest.order_id = user.order_id;
    guest.unit_number = 2;
    guest.contact.user_id = None;
    guest.contact.phone = None;
    guest.validity_start = ValidityStart::FirstUse;
    guest.policy = kernel::AccessPolicy::default();
    let mut tx = store.begin().await?;
    assert_eq!(tx.insert_user(&guest).await?, Insertion::Inserted);
    assert_eq!(tx.lock_users_of_order(user.order_id).await?, [user.clone(), guest.clone()]);
    assert_eq!(tx.lock_user(guest.id).await?, Some(guest));
    assert_eq!(tx.lock_user(Id::generate(ambient)).await?, None);
    assert_eq!(tx.default_router(router.site_id).await?, Some(router.clone()));
    assert_eq!(tx.default_router(Id::generate(ambient)).await?, None);
    tx.commit().await?;

    let view = reads.find_view(user.id).await?.ok_or("a stored user is shown")?;
    assert_eq!(view.username, user.username);
    assert_eq!(view.router_name, router.name);
    assert_eq!(view.policy, user.policy);
    assert_eq!(view.owner, user.contact.user_id);
    assert_eq!(reads.find_view(Id::generate(ambient)).await?, None);
    Ok(())
}

/// A second user of a unit and a second bearer of a name are told apart, and the transaction goes on.
///
/// # Errors
/// Whatever the store says.
pub async fn twins_are_turned_away(store: &dyn HotspotStore, ambient: &Ambient) -> Outcome {
    let (first, router) = stored_user(store, ambient).await?;
    let mut of_the_same_unit = sample_user_on(&router, ambient);
    of_the_same_unit.unit_id = first.unit_id;
    let mut of_the_same_name = sample_user_on(&router, ambient);
    of_the_same_name.username = first.username.clone();
    let last = sample_user_on(&router, ambient);

    let mut tx = store.begin().await?;
    assert_eq!(tx.insert_user(&of_the_same_unit).await?, Insertion::UnitHasOne);
    assert_eq!(tx.insert_user(&of_the_same_name).await?, Insertion::NameTaken);
    assert_eq!(tx.insert_user(&last).await?, Insertion::Inserted);
    tx.commit().await?;

    let mut tx = store.begin().await?;
    assert_eq!(tx.lock_user(first.id).await?, Some(first));
    assert_eq!(tx.lock_user(of_the_same_unit.id).await?, None);
    assert_eq!(tx.lock_user(of_the_same_name.id).await?, None);
    assert_eq!(tx.lock_user(last.id).await?, Some(last));
    Ok(())
}

/// What is not committed never was.
///
/// # Errors
/// Whatever the store says.
pub async fn a_dropped_transaction_leaves_nothing(store: &dyn HotspotStore, ambient: &Ambient) -> Outcome {
    let (_, router) = stored_user(store, ambient).await?;
    let user = sample_user_on(&router, ambient);
    let mut tx = store.begin().await?;
    tx.insert_user(&user).await?;
    drop(tx);
    let mut tx = store.begin().await?;
    assert_eq!(tx.lock_user(user.id).await?, None);
    Ok(())
}

/// A step is taken from where it begins and from nowhere else, and brings what it carries.
///
/// # Errors
/// Whatever the store says.
pub async fn steps_are_compare_and_set(store: &dyn HotspotStore, ambient: &Ambient) -> Outcome {
    let at = ambient.now();
    let expires_at = Some(at + TimeDelta::hours(2));
    let fail = Transition::Fail { reason: "no".to_owned() };
    let expire = Transition::Expire { at: at + TimeDelta::hours(2) };
    let too_early = Transition::Expire { at: at + TimeDelta::hours(1) };
    let activate = Transition::Activate { at, expires_at };

    let (user, _) = stored_user(store, ambient).await?;
    let mut tx = store.begin().await?;
    for (step, taken) in [
        (&Transition::Retry, false),
        (&Transition::Suspend, false),
        (&expire, false),
        (&fail, true),
        (&fail, false),
        (&activate, false),
        (&Transition::Retry, true),
        (&activate, true),
        (&activate, false),
        (&too_early, false),
        (&Transition::Suspend, true),
        (&Transition::Resume, true),
        (&expire, true),
        (&expire, false),
        (&Transition::Revoke, false),
    ] {
        assert_eq!(tx.transition(user.id, step).await?, taken, "{step:?}");
        let now = tx.lock_user(user.id).await?.ok_or("the user is there")?;
        if taken {
            assert_eq!(now.status, step.to());
        }
        let failed = now.status == HotspotUserStatus::Failed;
        assert_eq!(now.failure.as_deref(), failed.then_some("no"));
    }
    let ended = tx.lock_user(user.id).await?.ok_or("the user is there")?;
    assert_eq!((ended.activated_at, ended.expires_at), (Some(at), expires_at));
    Ok(())
}

/// A pending user gets another name once.
///
/// # Errors
/// Whatever the store says.
pub async fn a_user_is_renamed_once(store: &dyn HotspotStore, ambient: &Ambient) -> Outcome {
    let (user, _) = stored_user(store, ambient).await?;
    let names: Vec<_> = (0..2).map(|_| sample_user(ambient).username).collect();
    let mut tx = store.begin().await?;
    assert!(!tx.rename_user(user.id, "another", &names[0]).await?);
    assert!(tx.rename_user(user.id, &user.username, &names[0]).await?);
    assert!(!tx.rename_user(user.id, &names[0], &names[1]).await?);
    let renamed = tx.lock_user(user.id).await?.ok_or("the user is there")?;
    assert_eq!(renamed.username, names[0]);
    assert_eq!(renamed.renamed_from, Some(user.username));

    let (active, _) = {
        drop(tx);
        stored_user(store, ambient).await?
    };
    let mut tx = store.begin().await?;
    let at = ambient.now();
    tx.transition(active.id, &Transition::Activate { at, expires_at: None }).await?;
    assert!(!tx.rename_user(active.id, &active.username, &names[1]).await?);
    Ok(())
}

/// A site has one default router, a name one router, and a router changes as a whole.
///
/// # Errors
/// Whatever the store says.
pub async fn routers_are_told_apart(store: &dyn HotspotStore, ambient: &Ambient) -> Outcome {
    let first = sample_router(ambient);
    let mut of_the_same_site = sample_router(ambient);
    of_the_same_site.site_id = first.site_id;
    let mut of_the_same_name = sample_router(ambient);
    of_the_same_name.name = first.name.clone();

    let mut tx = store.begin().await?;
    assert!(tx.insert_router(&first).await?);
    assert!(!tx.insert_router(&of_the_same_site).await?);
    assert!(!tx.insert_router(&of_the_same_name).await?);
    of_the_same_site.is_default = false;
    assert!(tx.insert_router(&of_the_same_site).await?);

    let mut changed = first.clone();
    changed.name = format!("{} anew", first.name);
    changed.access.mode = RouterMode::Api;
    changed.access.host = "10.0.0.1".to_owned();
    changed.access.port = 8729;
    changed.access.tls = RouterTls::Pinned(Fingerprint::new([7; 32]));
    changed.access.sealed_password = Some(Sealed::from_stored("s1.key.nonce.text".to_owned()));
    changed.configured = true;
    assert_ne!(changed.access, sample_access());
    assert!(tx.update_router(&changed).await?);
    assert_eq!(tx.default_router(first.site_id).await?, Some(changed.clone()));
    assert_eq!(tx.configured_router(first.site_id).await?, Some(changed.clone()));
    assert_eq!(tx.configured_router(Id::generate(ambient)).await?, None);

    let disabled = Router { enabled: false, ..changed.clone() };
    assert!(tx.update_router(&disabled).await?);
    assert_eq!(tx.default_router(first.site_id).await?, None, "it takes nobody");
    let mut renamed = of_the_same_site.clone();
    renamed.name.clone_from(&changed.name);
    assert!(!tx.update_router(&renamed).await?, "the name is taken");
    let retired = Router { retired_at: Some(ambient.now()), ..changed };
    assert!(tx.update_router(&retired).await?);
    of_the_same_name.name = retired.name;
    assert!(tx.insert_router(&of_the_same_name).await?, "its name is free again");
    Ok(())
}

/// Lists are filtered, latest first, and paged.
///
/// # Errors
/// Whatever the store says.
pub async fn lists_are_filtered_and_paged(
    store: &dyn HotspotStore,
    reads: &dyn HotspotReads,
    ambient: &Ambient,
) -> Outcome {
    let (template, router) = stored_user(store, ambient).await?;
    let mut users = Vec::new();
    let mut tx = store.begin().await?;
    for seconds in 1..=3 {
        let mut user = sample_user_on(&router, ambient);
        user.contact = template.contact.clone();
        user.created_at = template.created_at + TimeDelta::seconds(seconds);
        tx.insert_user(&user).await?;
        users.push(user);
    }
    let at = ambient.now();
    tx.transition(users[0].id, &Transition::Activate { at, expires_at: None }).await?;
    tx.commit().await?;

    let own = HotspotUserFilter { owner: template.contact.user_id, ..HotspotUserFilter::default() };
    let page = reads.list_users(&own, PageRequest::new(1, 3)).await?;
    let ids: Vec<_> = page.items.iter().map(|view| view.id).collect();
    assert_eq!(ids, [users[2].id, users[1].id, users[0].id]);
    assert_eq!((page.total, page.pages()), (4, 2));
    let rest = reads.list_users(&own, PageRequest::new(2, 3)).await?;
    assert_eq!(rest.items.len(), 1);

    let part = users[1].username.to_lowercase();
    for (filter, expected) in [
        (HotspotUserFilter { status: Some(HotspotUserStatus::Active), ..own.clone() }, users[0].id),
        (
            HotspotUserFilter { order_id: Some(users[2].order_id), ..HotspotUserFilter::default() },
            users[2].id,
        ),
        (HotspotUserFilter { username: Some(part), ..HotspotUserFilter::default() }, users[1].id),
    ] {
        let page = reads.list_users(&filter, PageRequest::default()).await?;
        let ids: Vec<_> = page.items.iter().map(|view| view.id).collect();
        assert_eq!(ids, [expected], "{filter:?}");
    }
    let wildcard = HotspotUserFilter { username: Some("%".to_owned()), ..own };
    let none = reads.list_users(&wildcard, PageRequest::default()).await?;
    assert_eq!(none.total, 0, "a percent sign is a percent sign");
    Ok(())
}

/// Those past their end are found, until they have been ended.
///
/// # Errors
/// Whatever the store says.
pub async fn the_overdue_are_found(
    store: &dyn HotspotStore,
    reads: &dyn HotspotReads,
    ambient: &Ambient,
) -> Outcome {
    let at = ambient.now();
    let end = at + TimeDelta::minutes(5);
    let (user, _) = stored_user(store, ambient).await?;
    let (endless, _) = stored_user(store, ambient).await?;
    let mut tx = store.begin().await?;
    for (id, expires_at) in [(user.id, Some(end)), (endless.id, None)] {
        tx.transition(id, &Transition::Activate { at, expires_at }).await?;
    }
    tx.commit().await?;
    assert!(!reads.overdue_users(end - TimeDelta::microseconds(1), 1000).await?.contains(&user.id));
    let overdue = reads.overdue_users(end, 1000).await?;
    assert!(overdue.contains(&user.id) && !overdue.contains(&endless.id));
    assert_eq!(reads.overdue_users(end, 0).await?, []);

    let mut tx = store.begin().await?;
    tx.transition(user.id, &Transition::Expire { at: end }).await?;
    tx.commit().await?;
    assert!(!reads.overdue_users(end, 1000).await?.contains(&user.id));
    Ok(())
}

/// Users whose validity waits for its first use are found by router and name; their validity begins once.
///
/// # Errors
/// Whatever the store says.
pub async fn a_validity_begins_with_its_first_use_once(
    store: &dyn HotspotStore,
    reads: &dyn HotspotReads,
    ambient: &Ambient,
) -> Outcome {
    let (router, another) = (sample_router(ambient), sample_router(ambient));
    let [waiting, mut begun, pending, elsewhere] = [&router, &router, &router, &another]
        .map(|at| HotspotUser { validity_start: ValidityStart::FirstUse, ..sample_user_on(at, ambient) });
    begun.validity_start = ValidityStart::Creation;
    let at = ambient.now();
    let end = at + TimeDelta::hours(2);
    let mut tx = store.begin().await?;
    for router in [&router, &another] {
        tx.insert_router(router).await?;
    }
    for user in [&waiting, &begun, &pending, &elsewhere] {
        tx.insert_user(user).await?;
    }
    for user in [&waiting, &begun, &elsewhere] {
        let expires_at = user.end_of_validity(at);
        tx.transition(user.id, &Transition::Activate { at, expires_at }).await?;
    }
    tx.commit().await?;

    let names = [&waiting, &begun, &pending, &elsewhere].map(|user| user.username.as_str());
    let found = reads.users_awaiting_first_use(router.id, &names).await?;
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [waiting.id]);
    assert_eq!(reads.users_awaiting_first_use(router.id, &names[1..]).await?, []);
    assert_eq!(reads.users_awaiting_first_use(router.id, &[]).await?, []);

    let mut tx = store.begin().await?;
    assert!(!tx.begin_validity(begun.id, at, end).await?);
    assert!(!tx.begin_validity(pending.id, at, end).await?);
    assert!(tx.begin_validity(waiting.id, at, end).await?);
    assert!(!tx.begin_validity(waiting.id, end, end + TimeDelta::hours(2)).await?);
    let used = tx.lock_user(waiting.id).await?.ok_or("the user is there")?;
    assert_eq!((used.first_used_at, used.expires_at), (Some(at), Some(end)));
    tx.commit().await?;
    assert_eq!(reads.users_awaiting_first_use(router.id, &names).await?, []);
    Ok(())
}

/// The fact of a payment is found by its order.
///
/// # Errors
/// Whatever the store says.
pub async fn the_payment_of_an_order_is_found(
    store: &dyn HotspotStore,
    reads: &dyn HotspotReads,
    ambient: &Ambient,
) -> Outcome {
    let fact = sample_fact(ambient, Id::generate(ambient), 2);
    assert_eq!(reads.payment_succeeded(fact.order_id).await?, None);
    let mut tx = store.begin().await?;
    tx.append(Event::new(ambient, &Origin::system("test"), &fact)?).await?;
    tx.commit().await?;
    assert_eq!(reads.payment_succeeded(fact.order_id).await?, Some(fact));
    Ok(())
}
