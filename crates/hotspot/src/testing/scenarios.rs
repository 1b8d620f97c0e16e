//! The whole way of an order through hotspot, on a real store and the fake router: what is asserted is what the
//! router knows.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use kernel::{
    ConsumerError, Id, JobOutcome, Origin, PageRequest,
    events::billing::{Target, ValidityStart},
};

use super::{
    Outcome, sample_fact,
    stage::{Stage, origin},
};
use crate::{
    hotspot_user::{HotspotUserStatus, Transition},
    jobs::GIVE_UP_AFTER,
    queries::{CredentialsError, HotspotUserFilter},
    router::{Router, RouterMode},
    use_cases::{EnsureDefaultRouterError, ManageRouterError, ProvisionOrderError, Provisioning},
};

/// One user per unit, with a name, a password and an end of its own, however often it is told.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_paid_order_gets_its_users_once(stage: &Stage) -> Outcome {
    let (fact, event) = stage.paid_order(3).await?;
    for _ in 0..3 {
        stage.consume(&event).await?;
    }
    stage.drive(fact.order_id).await?;
    let users = stage.users(fact.order_id).await?;
    let units: Vec<_> = users.iter().map(|user| user.unit_id).collect();
    assert_eq!(units, fact.units.iter().map(|unit| unit.unit_id).collect::<Vec<_>>());
    for _ in 0..2 {
        for user in &users {
            assert_eq!(stage.provision(user.id, 1).await?, JobOutcome::Done);
        }
    }
    let router = stage.on_router()?;
    assert_eq!(router.users.len(), 3, "and their names differ");
    assert_eq!(router.calls["create_user"].asked, 3);
    let owner = fact.contact.user_id.ok_or("the sample has an owner")?;
    for user in &users {
        let shown = stage.hotspot.credentials(owner, user.id).await?;
        let there = &router.users[&shown.username];
        assert_eq!(there.password, shown.password.reveal());
        assert_eq!(there.comment, user.marker.as_str());
        assert_eq!(there.policy, fact.package.policy);
        let end = stage.ambient().now() + TimeDelta::minutes(120);
        assert_eq!(shown.expires_at, Some(end));
        assert_eq!(stage.user(user.id).await?.status, HotspotUserStatus::Active);
    }
    Ok(())
}

/// The consumer in two workers and a person, all at once.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn preparing_at_once_makes_no_twins(stage: &Stage) -> Outcome {
    let (fact, event) = stage.paid_order(5).await?;
    let (one, other, person) =
        tokio::join!(stage.consume(&event), stage.consume(&event), stage.drive(fact.order_id));
    one?;
    other?;
    person?;
    let users = stage.users(fact.order_id).await?;
    assert_eq!(users.len(), 5);
    let user = users.first().ok_or("five users")?.id;
    let (one, other) = tokio::join!(stage.provision(user, 1), stage.provision(user, 1));
    assert_eq!((one?, other?), (JobOutcome::Done, JobOutcome::Done));
    assert_eq!(stage.on_router()?.users.len(), 1);
    Ok(())
}

/// Large orders that are prepared at once, in the same second, get names of their own.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn names_of_one_second_differ(stage: &Stage) -> Outcome {
    let (a, b, c, d) = tokio::join!(
        stage.prepared_order(100),
        stage.prepared_order(100),
        stage.prepared_order(100),
        stage.prepared_order(100)
    );
    let mut names = BTreeSet::new();
    for (_, users) in [a?, b?, c?, d?] {
        names.extend(users.into_iter().map(|user| user.username));
    }
    assert_eq!(names.len(), 400);
    Ok(())
}

/// A router that does its work and loses its answer ends with one user.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_lost_answer_ends_with_one_user(stage: &Stage) -> Outcome {
    let (_, users) = stage.prepared_order(1).await?;
    let user = users.first().ok_or("one user")?;
    stage.router.change(|router| router.lost_answers = 1)?;
    assert!(matches!(stage.provision(user.id, 1).await?, JobOutcome::Waiting(_)));
    assert_eq!(stage.user(user.id).await?.status, HotspotUserStatus::Pending);
    assert_eq!(stage.provision(user.id, 1).await?, JobOutcome::Done);
    assert_eq!(stage.on_router()?.users.len(), 1);
    assert_eq!(stage.on_router()?.calls["create_user"].done, 1);
    Ok(())
}

/// While a router is down the work waits, and the customer's time does not run.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_router_that_is_down_is_waited_for(stage: &Stage) -> Outcome {
    let (fact, users) = stage.prepared_order(1).await?;
    let user = users.first().ok_or("one user")?;
    let owner = fact.contact.user_id.ok_or("the sample has an owner")?;
    stage.router.change(|router| router.down = true)?;
    for _ in 0..3 {
        stage.around.clock.advance(TimeDelta::hours(1));
        assert!(matches!(stage.provision(user.id, GIVE_UP_AFTER).await?, JobOutcome::Waiting(_)));
    }
    let early = stage.hotspot.credentials(owner, user.id).await;
    assert!(matches!(early, Err(CredentialsError::NotReady(HotspotUserStatus::Pending))));
    stage.router.change(|router| router.down = false)?;
    assert_eq!(stage.provision(user.id, 1).await?, JobOutcome::Done);
    let end = stage.user(user.id).await?.expires_at;
    assert_eq!(end, Some(stage.ambient().now() + TimeDelta::hours(2)));
    Ok(())
}

/// Somebody else's user keeps its name; ours takes another, once, and it is stored.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_name_of_somebody_else_is_left_to_them(stage: &Stage) -> Outcome {
    let (_, users) = stage.prepared_order(1).await?;
    let user = users.first().ok_or("one user")?;
    stage.router.add_foreign_user(&user.username, "made by hand")?;
    let theirs = stage.on_router()?.users[&user.username].clone();
    stage.around.clock.advance(TimeDelta::seconds(1));
    assert_eq!(stage.provision(user.id, 1).await?, JobOutcome::Done);

    let ours = stage.user(user.id).await?;
    assert_eq!(ours.renamed_from.as_ref(), Some(&user.username));
    assert_eq!(ours.status, HotspotUserStatus::Active);
    let router = stage.on_router()?;
    assert_eq!(router.users[&user.username], theirs);
    assert_eq!(router.users[&ours.username].comment, user.marker.as_str());
    assert_eq!(router.users.len(), 2);
    Ok(())
}

/// A unit that is refused for good fails alone; its retry touches nothing else.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_refused_unit_fails_alone_and_is_retried_alone(stage: &Stage) -> Outcome {
    let (fact, users) = stage.prepared_order(3).await?;
    stage.router.change(|router| router.refuse("#2", "no such profile"))?;
    for user in &users {
        let outcome = stage.provision(user.id, 1).await?;
        assert_eq!(outcome == JobOutcome::Done, user.unit_number != 2, "{outcome:?}");
    }
    let refused = users.get(1).ok_or("three users")?.id;
    assert_eq!(stage.provision(refused, GIVE_UP_AFTER).await?, JobOutcome::Done);
    let failed = stage.user(refused).await?;
    assert_eq!(failed.status, HotspotUserStatus::Failed);
    assert!(failed.failure.is_some_and(|reason| reason.contains("no such profile")));

    stage.router.change(|router| router.refusals.clear())?;
    let before = stage.on_router()?.calls;
    let driven = Provisioning { prepared: 0, tried_again: 1, left_alone: 2 };
    assert_eq!(stage.drive(fact.order_id).await?, driven);
    assert_eq!(stage.drive(fact.order_id).await?, driven);
    for user in &users {
        assert_eq!(stage.provision(user.id, 1).await?, JobOutcome::Done);
    }
    let healed = stage.user(refused).await?;
    assert_eq!((healed.status, healed.failure), (HotspotUserStatus::Active, None));
    let router = stage.on_router()?;
    assert_eq!(router.users.len(), 3);
    assert_eq!(router.calls["create_user"].asked, before["create_user"].asked + 1);
    assert!(!router.calls.contains_key("update_user"));
    Ok(())
}

/// A time that is over ends the user, its entry on the router and its session, once.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_time_that_is_over_ends_everything(stage: &Stage) -> Outcome {
    let (_, users) = stage.prepared_order(2).await?;
    let (ours, other) = (users.first().ok_or("two users")?, users.last().ok_or("two users")?);
    for user in &users {
        stage.provision(user.id, 1).await?;
        stage.router.open_session(&user.username, "02:00:00:00:00:01", "10.5.50.2".parse()?)?;
    }
    stage.around.clock.advance(TimeDelta::minutes(119));
    stage.hotspot.expire_users(1000, &origin()).await?;
    assert_eq!(stage.user(ours.id).await?.status, HotspotUserStatus::Active);
    assert_eq!(stage.converge(ours.id).await?, JobOutcome::Done);
    assert_eq!(stage.on_router()?.users.len(), 2, "it has its time still");

    stage.around.clock.advance(TimeDelta::minutes(1));
    assert!(stage.hotspot.expire_users(1000, &origin()).await?.ended >= 2);
    assert_eq!(stage.hotspot.expire_users(1000, &origin()).await?.ended, 0);
    assert_eq!(stage.user(ours.id).await?.status, HotspotUserStatus::Expired);
    stage.router.change(|router| router.down = true)?;
    assert!(matches!(stage.converge(ours.id).await?, JobOutcome::Waiting(_)));
    stage.router.change(|router| router.down = false)?;
    for _ in 0..2 {
        assert_eq!(stage.converge(ours.id).await?, JobOutcome::Done);
    }
    let router = stage.on_router()?;
    let left: Vec<_> = router.users.keys().collect();
    assert_eq!(left, [&other.username]);
    assert_eq!(router.sessions.len(), 1);
    assert_eq!(stage.provision(ours.id, 1).await?, JobOutcome::Done, "a late job changes nothing");
    assert_eq!(stage.on_router()?.users.len(), 1);
    Ok(())
}

/// Whoever is signed in has used the credentials, once. A router that is away is waited for.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn who_is_signed_in_has_used_the_credentials(away: &Stage, there: &Stage) -> Outcome {
    let mut used = Vec::new();
    let mut unused = Vec::new();
    for stage in [away, there] {
        let mut fact = sample_fact(&stage.ambient(), stage.site, 2);
        fact.package.validity_start = ValidityStart::FirstUse;
        stage.consume(&stage.log(&fact).await?).await?;
        for user in stage.users(fact.order_id).await? {
            stage.provision(user.id, 1).await?;
            if user.unit_number == 1 { used.push(user) } else { unused.push(user) }
        }
    }
    // A name counts on its own router alone.
    for (stage, user) in [(away, &used[0]), (there, &used[1]), (there, &unused[0])] {
        stage.router.open_session(&user.username, "02:00:00:00:00:01", "10.5.50.2".parse()?)?;
    }
    away.router.change(|router| router.down = true)?;
    let (one, other) = tokio::join!(there.sync_sessions(), there.sync_sessions());
    assert_eq!((one?, other?), (JobOutcome::Done, JobOutcome::Done));
    assert!(matches!(away.sync_sessions().await?, JobOutcome::Waiting(_)));
    let first = there.ambient().now();
    there.around.clock.advance(TimeDelta::minutes(10));
    away.router.change(|router| router.down = false)?;
    for stage in [away, there, away] {
        assert_eq!(stage.sync_sessions().await?, JobOutcome::Done);
    }

    for (user, began) in [(&used[0], there.ambient().now()), (&used[1], first)] {
        let user = there.user(user.id).await?;
        let end = began + TimeDelta::minutes(120);
        assert_eq!((user.first_used_at, user.expires_at), (Some(began), Some(end)));
    }
    for user in &unused {
        let user = there.user(user.id).await?;
        assert_eq!((user.status, user.expires_at), (HotspotUserStatus::Active, None));
    }
    Ok(())
}

/// A removal does not touch a user that somebody else has put under the same name.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_removal_spares_somebody_else(stage: &Stage) -> Outcome {
    let (_, users) = stage.prepared_order(1).await?;
    let user = users.first().ok_or("one user")?;
    let mut tx = stage.store.begin().await?;
    assert!(tx.transition(user.id, &Transition::Revoke).await?);
    tx.commit().await?;
    stage.router.add_foreign_user(&user.username, "made by hand")?;
    stage.router.open_session(&user.username, "02:00:00:00:00:01", "10.5.50.2".parse()?)?;
    assert_eq!(stage.converge(user.id).await?, JobOutcome::Done);
    let router = stage.on_router()?;
    assert_eq!((router.users.len(), router.sessions.len()), (1, 1));
    Ok(())
}

/// What is not paid, not for a router, or at a site without one, gets nothing.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn what_is_not_owed_here_is_not_made(stage: &Stage) -> Outcome {
    let unpaid = sample_fact(&stage.ambient(), stage.site, 1);
    assert!(matches!(stage.drive(unpaid.order_id).await, Err(ProvisionOrderError::NotPaid)));

    let elsewhere = sample_fact(&stage.ambient(), Id::generate(&stage.ambient()), 1);
    let event = stage.log(&elsewhere).await?;
    let refused = stage.consume(&event).await;
    assert!(matches!(refused, Err(ConsumerError::Refused(_))), "{refused:?}");
    assert!(stage.users(elsewhere.order_id).await?.is_empty());
    Ok(())
}

/// What is sold by RADIUS lives on the one router of its site that stands for RADIUS, which nobody has to set up.
///
/// # Errors
/// Whatever the store says.
pub async fn radius_is_one_router_of_a_site(stage: &Stage) -> Outcome {
    let elsewhere = Id::generate(&stage.ambient());
    let mut routers = Vec::new();
    for site in [stage.site, elsewhere, stage.site, elsewhere] {
        let mut fact = sample_fact(&stage.ambient(), site, 1);
        fact.package.target = Target::Radius;
        let event = stage.log(&fact).await?;
        stage.consume(&event).await?;
        let users = stage.users(fact.order_id).await?;
        routers.push(users.first().ok_or("a user is made")?.router_id);
    }
    let [here, there, here_again, there_again] = routers[..] else { return Err("four users".into()) };
    assert_eq!((here, there), (here_again, there_again));
    assert_ne!(here, there);
    for (id, name, site) in [(here, "RADIUS", stage.site), (there, "RADIUS 2", elsewhere)] {
        let view = stage.hotspot.find_router(id).await?.ok_or("the router is shown")?;
        let Router { site_id, is_default, enabled, access, .. } = view.router;
        assert_eq!((view.router.name.as_str(), site_id, access.mode), (name, site, RouterMode::Radius));
        assert_eq!((is_default, enabled, view.users), (false, true, 2));
        let origin = Origin::system("test");
        let retired = stage.hotspot.retire_router(id, &origin).await;
        assert!(matches!(retired, Err(ManageRouterError::IsRadius)), "{retired:?}");
        let chosen = stage.hotspot.make_default_router(id, &origin).await;
        assert!(matches!(chosen, Err(ManageRouterError::IsRadius)), "{chosen:?}");
    }
    Ok(())
}

/// Somebody else's hotspot users are as if they were not there.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn owners_see_their_own(stage: &Stage) -> Outcome {
    let (fact, users) = stage.prepared_order(2).await?;
    let user = users.first().ok_or("two users")?;
    let owner = fact.contact.user_id.ok_or("the sample has an owner")?;
    let stranger = Id::generate(&stage.ambient());
    let hotspot = &stage.hotspot;
    let own = hotspot.list_own_users(owner, HotspotUserFilter::default(), PageRequest::default()).await?;
    assert_eq!(own.total, 2);
    let forged = HotspotUserFilter { owner: Some(owner), ..HotspotUserFilter::default() };
    let page = PageRequest::default();
    assert_eq!(hotspot.list_own_users(stranger, forged, page).await?.total, 0);
    assert!(hotspot.find_own_user(owner, user.id).await?.is_some());
    assert!(hotspot.find_own_user(stranger, user.id).await?.is_none());
    assert!(matches!(hotspot.credentials(stranger, user.id).await, Err(CredentialsError::NotFound)));
    Ok(())
}

/// Every process describes the default router at its start: it is one router, and follows the configuration.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn the_configured_router_is_one(stage: &Stage) -> Outcome {
    let mut described = stage.described_router();
    described.site_id = Id::generate(&stage.ambient());
    described.name = format!("router of {}", described.site_id);
    let origin = origin();
    let (one, other) = tokio::join!(
        stage.hotspot.ensure_default_router(&described, &origin),
        stage.hotspot.ensure_default_router(&described, &origin)
    );
    let first = one?;
    assert_eq!(other?, first);
    described.host = "10.0.0.1".to_owned();
    described.password = Some("first".into());
    for _ in 0..2 {
        assert_eq!(stage.hotspot.ensure_default_router(&described, &origin).await?, first);
    }
    let mut tx = stage.store.begin().await?;
    let router = tx.configured_router(described.site_id).await?.ok_or("it is written down")?;
    drop(tx);
    assert!(router.is_default && router.enabled);
    assert_eq!(router.access.host, "10.0.0.1");
    let sealed = router.access.sealed_password.ok_or("the password is kept")?;
    assert!(!sealed.as_str().contains("first"));

    described.site_id = Id::generate(&stage.ambient());
    let stolen = stage.hotspot.ensure_default_router(&described, &origin).await;
    assert!(matches!(stolen, Err(EnsureDefaultRouterError::NameTaken(_))), "{stolen:?}");
    Ok(())
}
