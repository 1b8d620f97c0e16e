//! What staff do with hotspot users and routers, on a real store and fake routers: what is asserted is what the
//! routers know.

use chrono::TimeDelta;
use kernel::{
    Id, JobOutcome,
    events::billing::ValidityStart,
    id::ids::{HotspotUserId, RouterId},
};

use super::{
    Outcome, sample_fact,
    stage::{Failure, Stage, origin},
};
use crate::{
    adapters::fake::FakeRouter,
    hotspot_user::{HotspotUser, HotspotUserStatus},
    ports::RouterError,
    router::{RouterMode, RouterTls},
    use_cases::{
        ChangeUser, ChangeUserError, ExtendUser, ExtendUserError, Extension, ManageRouterError, MoveUser,
        MoveUserError, RouterDescription,
    },
};

fn change(id: HotspotUserId) -> ChangeUser {
    ChangeUser { hotspot_user_id: id, reason: Some("test".to_owned()) }
}

async fn active_user(stage: &Stage) -> Result<HotspotUser, Failure> {
    let (_, users) = stage.prepared_order(1).await?;
    let id = users.first().ok_or("one user")?.id;
    stage.provision(id, 1).await?;
    stage.user(id).await
}

fn described(name: &str) -> RouterDescription {
    RouterDescription {
        name: name.to_owned(),
        enabled: true,
        mode: RouterMode::Fake,
        host: "demo".to_owned(),
        port: None,
        username: String::new(),
        password: None,
        tls: RouterTls::Off,
    }
}

/// A second router at the stage's site.
async fn second_router(stage: &Stage) -> Result<(RouterId, FakeRouter), Failure> {
    let name = format!("second of {}", stage.site);
    let id = stage.hotspot.add_router(stage.site, described(&name), &origin()).await?;
    Ok((id, stage.routers.router(&name)))
}

/// Whatever the order in which the jobs of several changes run, the router ends as the row is.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn the_router_ends_as_the_row_is(stage: &Stage) -> Outcome {
    let user = active_user(stage).await?;
    stage.router.open_session(&user.username, "02:00:00:00:00:01", "10.5.50.2".parse()?)?;
    for _ in 0..2 {
        stage.hotspot.suspend_user(change(user.id), &origin()).await?;
    }
    stage.router.change(|router| router.down = true)?;
    assert!(matches!(stage.converge(user.id).await?, JobOutcome::Waiting(_)));
    stage.router.change(|router| router.down = false)?;
    for _ in 0..2 {
        assert_eq!(stage.converge(user.id).await?, JobOutcome::Done);
    }
    let router = stage.on_router()?;
    assert!(router.users[&user.username].disabled && router.sessions.is_empty());

    stage.hotspot.resume_user(change(user.id), &origin()).await?;
    stage.hotspot.suspend_user(change(user.id), &origin()).await?;
    stage.hotspot.resume_user(change(user.id), &origin()).await?;
    let (one, other) = tokio::join!(stage.converge(user.id), stage.converge(user.id));
    assert_eq!((one?, other?), (JobOutcome::Done, JobOutcome::Done));
    assert!(!stage.on_router()?.users[&user.username].disabled);
    assert_eq!(stage.user(user.id).await?.expires_at, user.expires_at, "its time runs on");

    for _ in 0..2 {
        stage.hotspot.revoke_user(change(user.id), &origin()).await?;
    }
    stage.converge(user.id).await?;
    assert!(stage.on_router()?.users.is_empty());
    let late = stage.hotspot.resume_user(change(user.id), &origin()).await;
    assert!(matches!(late, Err(ChangeUserError::WrongState(HotspotUserStatus::Revoked))), "{late:?}");
    let nobody = stage.hotspot.suspend_user(change(Id::generate(&stage.ambient())), &origin()).await;
    assert!(matches!(nobody, Err(ChangeUserError::NotFound)));
    Ok(())
}

/// A user that is missing on its router while it is switched off is put there switched off.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_missing_suspended_user_comes_back_switched_off(stage: &Stage) -> Outcome {
    let user = active_user(stage).await?;
    stage.hotspot.suspend_user(change(user.id), &origin()).await?;
    stage.gateway().remove_user(&user.username).await?;
    assert_eq!(stage.converge(user.id).await?, JobOutcome::Done);
    assert!(stage.on_router()?.users[&user.username].disabled);
    Ok(())
}

/// More time: before the end, after it, and before the validity has begun.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn more_time_counts_from_the_end(stage: &Stage) -> Outcome {
    let user = active_user(stage).await?;
    let end = user.expires_at.ok_or("it has an end")?;
    let extend = |by| ExtendUser { hotspot_user_id: user.id, by, reason: None };
    let until = Extension::Until(end + TimeDelta::minutes(30));
    for _ in 0..2 {
        stage.hotspot.extend_user(extend(until), &origin()).await?;
    }
    stage.hotspot.extend_user(extend(Extension::Minutes(30)), &origin()).await?;
    assert_eq!(stage.user(user.id).await?.expires_at, Some(end + TimeDelta::hours(1)));
    let shorter = stage.hotspot.extend_user(extend(Extension::Until(end)), &origin()).await;
    assert!(matches!(shorter, Err(ExtendUserError::NotLater)), "{shorter:?}");

    stage.around.clock.advance(TimeDelta::hours(4));
    stage.hotspot.expire_users(1000, &origin()).await?;
    stage.converge(user.id).await?;
    assert!(stage.on_router()?.users.is_empty());
    stage.hotspot.extend_user(extend(Extension::Minutes(10)), &origin()).await?;
    let revived = stage.user(user.id).await?;
    let now = stage.ambient().now();
    assert_eq!(revived.status, HotspotUserStatus::Active);
    assert_eq!(revived.expires_at, Some(now + TimeDelta::minutes(10)));
    stage.converge(user.id).await?;
    assert_eq!(stage.on_router()?.users[&user.username].comment, user.marker.as_str());

    let mut fact = sample_fact(&stage.ambient(), stage.site, 1);
    fact.package.validity_start = ValidityStart::FirstUse;
    stage.consume(&stage.log(&fact).await?).await?;
    let unused = stage.users(fact.order_id).await?.pop().ok_or("one user")?;
    stage.provision(unused.id, 1).await?;
    let extend = |by| ExtendUser { hotspot_user_id: unused.id, by, reason: None };
    let early = stage.hotspot.extend_user(extend(Extension::Until(end)), &origin()).await;
    assert!(matches!(early, Err(ExtendUserError::NotBegun)), "{early:?}");
    stage.hotspot.extend_user(extend(Extension::Minutes(60)), &origin()).await?;
    stage.router.open_session(&unused.username, "02:00:00:00:00:01", "10.5.50.2".parse()?)?;
    assert_eq!(stage.sync_sessions().await?, JobOutcome::Done);
    let used = stage.user(unused.id).await?;
    assert_eq!(used.expires_at, Some(stage.ambient().now() + TimeDelta::hours(3)));
    Ok(())
}

/// A user moves with its credentials, whether or not the router that it leaves can be reached.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_user_moves_while_its_router_is_away(stage: &Stage) -> Outcome {
    let user = active_user(stage).await?;
    let (second, fake) = second_router(stage).await?;
    stage.router.open_session(&user.username, "02:00:00:00:00:01", "10.5.50.2".parse()?)?;
    let password = stage.on_router()?.users[&user.username].password.clone();
    stage.router.change(|router| router.down = true)?;
    let go = |router_id| MoveUser { hotspot_user_id: user.id, router_id, reason: None };
    for _ in 0..2 {
        stage.hotspot.move_user(go(second), &origin()).await?;
    }
    assert!(matches!(stage.converge_on(user.id, user.router_id).await?, JobOutcome::Waiting(_)));
    assert_eq!(stage.converge_on(user.id, second).await?, JobOutcome::Done);
    assert_eq!(fake.state()?.users[&user.username].password, password);
    assert_eq!(stage.user(user.id).await?.expires_at, user.expires_at);

    stage.router.change(|router| router.down = false)?;
    assert_eq!(stage.converge_on(user.id, user.router_id).await?, JobOutcome::Done);
    let left = stage.on_router()?;
    assert!(left.users.is_empty() && left.sessions.is_empty());
    let nowhere = stage.hotspot.move_user(go(Id::generate(&stage.ambient())), &origin()).await;
    assert!(matches!(nowhere, Err(MoveUserError::NoSuchRouter)));

    // There and back before any job has run.
    stage.hotspot.move_user(go(user.router_id), &origin()).await?;
    stage.hotspot.move_user(go(second), &origin()).await?;
    stage.hotspot.move_user(go(user.router_id), &origin()).await?;
    for router in [second, user.router_id, second, user.router_id] {
        assert_eq!(stage.converge_on(user.id, router).await?, JobOutcome::Done);
    }
    assert!(fake.state()?.users.is_empty());
    assert_eq!(stage.on_router()?.users[&user.username].password, password);
    Ok(())
}

/// A user that its router refused is tried on another, and one that is on its way goes to the new one alone.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_refused_user_is_tried_elsewhere(stage: &Stage) -> Outcome {
    let (fact, users) = stage.prepared_order(2).await?;
    let (second, fake) = second_router(stage).await?;
    stage.router.change(|router| router.full = true)?;
    let refused = users.first().ok_or("two users")?;
    stage.provision(refused.id, crate::jobs::GIVE_UP_AFTER).await?;
    assert_eq!(stage.user(refused.id).await?.status, HotspotUserStatus::Failed);
    for user in &users {
        let command = MoveUser { hotspot_user_id: user.id, router_id: second, reason: None };
        stage.hotspot.move_user(command, &origin()).await?;
        assert_eq!(stage.provision(user.id, 1).await?, JobOutcome::Done);
    }
    assert_eq!(fake.state()?.users.len(), 2);
    assert!(stage.on_router()?.users.is_empty());
    let statuses = stage.users(fact.order_id).await?.into_iter().map(|user| user.status);
    assert!(statuses.into_iter().all(|status| status == HotspotUserStatus::Active));
    Ok(())
}

/// A router is put out of use when nobody needs it, and its name is free again.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_router_is_retired_when_nobody_is_on_it(stage: &Stage) -> Outcome {
    let user = active_user(stage).await?;
    let (second, _) = second_router(stage).await?;
    let hotspot = &stage.hotspot;
    let first = hotspot.retire_router(user.router_id, &origin()).await;
    assert!(matches!(first, Err(ManageRouterError::IsDefault)), "{first:?}");
    hotspot.make_default_router(second, &origin()).await?;
    let in_use = hotspot.retire_router(user.router_id, &origin()).await;
    assert!(matches!(in_use, Err(ManageRouterError::InUse(1))), "{in_use:?}");
    let (_, newcomers) = stage.prepared_order(1).await?;
    assert_eq!(newcomers.first().map(|user| user.router_id), Some(second));

    hotspot.revoke_user(change(user.id), &origin()).await?;
    hotspot.retire_router(user.router_id, &origin()).await?;
    let again = hotspot.retire_router(user.router_id, &origin()).await;
    assert!(matches!(again, Err(ManageRouterError::NotFound)), "{again:?}");
    let shown = hotspot.list_routers(false).await?;
    assert!(!shown.iter().any(|view| view.router.id == user.router_id));
    let name = stage.described_router().name;
    let successor = hotspot.add_router(stage.site, described(&name), &origin()).await?;
    let twin = hotspot.add_router(stage.site, described(&name), &origin()).await;
    assert!(matches!(twin, Err(ManageRouterError::NameTaken)), "{twin:?}");
    let renamed = hotspot.change_router(second, described(&name), &origin()).await;
    assert!(matches!(renamed, Err(ManageRouterError::NameTaken)), "{renamed:?}");
    assert!(hotspot.find_router(successor).await?.is_some_and(|view| !view.router.is_default));
    Ok(())
}

/// How a router is reached: the settings have the last word of theirs, a password is never lost nor shown, and
/// a test says what came of it.
///
/// # Errors
/// Whatever the store or the fake says.
pub async fn a_router_is_described_and_tested(stage: &Stage) -> Outcome {
    let hotspot = &stage.hotspot;
    let (second, fake) = second_router(stage).await?;
    let name = format!("second of {}", stage.site);
    let with_password = RouterDescription { password: Some("secret".into()), ..described(&name) };
    hotspot.change_router(second, with_password, &origin()).await?;
    hotspot.change_router(second, described(&name), &origin()).await?;
    let view = hotspot.find_router(second).await?.ok_or("it is there")?;
    assert!(view.router.access.sealed_password.is_some(), "it keeps its password");
    assert_eq!(view.router.access.port, 8728);

    let answer = hotspot.test_router(second, &origin()).await?.ok_or("it is there")?.answer;
    assert!(answer.is_ok());
    fake.change(|router| router.down = true)?;
    for _ in 0..2 {
        let answer = hotspot.test_router(second, &origin()).await?.ok_or("it is there")?.answer;
        assert!(matches!(answer, Err(RouterError::Unreachable(_))));
    }
    let health = hotspot.find_router(second).await?.ok_or("it is there")?.health;
    assert_eq!((health.failures, health.last_seen_at.is_some()), (2, true));
    fake.change(|router| router.down = false)?;
    hotspot.check_routers().await?;
    let health = hotspot.find_router(second).await?.ok_or("it is there")?.health;
    assert_eq!((health.failures, health.last_error.is_some()), (0, true));

    let configured = active_user(stage).await?.router_id;
    let elsewhere = RouterDescription { host: "10.0.0.9".to_owned(), ..described(&name) };
    let refused = hotspot.change_router(configured, elsewhere, &origin()).await;
    assert!(matches!(refused, Err(ManageRouterError::Configured)), "{refused:?}");
    let real = RouterDescription { mode: RouterMode::Api, ..described("real") };
    let unreachable = hotspot.add_router(stage.site, real, &origin()).await;
    assert!(
        matches!(unreachable, Err(ManageRouterError::Description { field: "mode", .. })),
        "{unreachable:?}"
    );
    Ok(())
}
