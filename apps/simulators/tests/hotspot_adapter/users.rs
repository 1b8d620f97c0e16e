//! Users and their profiles, with others at work on the same router.

use hotspot::{
    converge::{Converged, converge},
    ports::{RouterError, WantedUser},
    testing::sample_wanted,
};
use kernel::AccessPolicy;
use simulators::routeros::{Action, Effect};

use crate::stage::Stage;

fn operator(stage: &Stage, words: &[&str]) {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    stage.simulator.apply(Action::Command { words }).unwrap();
}

fn profiles(stage: &Stage) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut profiles = stage.simulator.items("/ip/hotspot/user/profile");
    profiles.retain(|profile| profile["name"].starts_with("portal-"));
    profiles
}

#[tokio::test]
async fn what_the_policy_says_is_on_the_router() {
    let stage = Stage::new().await;
    let wanted = sample_wanted(&stage.ambient());
    stage.gateway().create_user(&wanted).await.unwrap();
    let user = stage.simulator.user(&wanted.name).unwrap();
    assert_eq!(user["profile"], "portal-u1024-d4096-s7200-i600-n1");
    assert_eq!(
        (user["limit-bytes-total"].as_str(), &user["comment"]),
        ("5000000000", &wanted.marker.to_string())
    );
    let [profile] = profiles(&stage).try_into().unwrap();
    assert_eq!((&*profile["rate-limit"], &*profile["session-timeout"]), ("1024k/4096k", "2h"));
    assert_eq!((&*profile["idle-timeout"], &*profile["shared-users"]), ("10m", "1"));

    let free = WantedUser { policy: AccessPolicy::default(), ..wanted };
    stage.gateway().update_user(&free).await.unwrap();
    let user = stage.simulator.user(&free.name).unwrap();
    assert_eq!((user["profile"].as_str(), user.get("limit-bytes-total")), ("portal-unlimited", None));
}

#[tokio::test]
async fn users_of_one_policy_share_a_profile_and_one_that_was_changed_is_put_right() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        stage.gateway().create_user(&sample_wanted(&stage.ambient())).await.unwrap();
    }
    let [profile] = profiles(&stage).try_into().unwrap();
    operator(
        &stage,
        &["/ip/hotspot/user/profile/set", &format!("=.id={}", profile[".id"]), "=rate-limit=1M/1M"],
    );
    // Another process, which has not seen it to be right.
    let other = stage.another_process();
    other.create_user(&sample_wanted(&stage.ambient())).await.unwrap();
    let [profile] = profiles(&stage).try_into().unwrap();
    assert_eq!(profile["rate-limit"], "1024k/4096k");
}

#[tokio::test]
async fn a_changed_profile_shows_in_its_users_and_setting_one_of_them_puts_it_right() {
    let stage = Stage::new().await;
    let wanted = sample_wanted(&stage.ambient());
    stage.gateway().create_user(&wanted).await.unwrap();
    let [profile] = profiles(&stage).try_into().unwrap();
    operator(
        &stage,
        &["/ip/hotspot/user/profile/set", &format!("=.id={}", profile[".id"]), "=shared-users=9"],
    );
    let seen = stage.gateway().list_users().await.unwrap();
    assert_eq!(seen[0].policy.simultaneous_use, Some(9));
    stage.gateway().update_user(&wanted).await.unwrap();
    let seen = stage.gateway().find_user(&wanted.name).await.unwrap().unwrap();
    assert_eq!(seen.policy, wanted.policy);
}

#[tokio::test]
async fn a_profile_that_was_removed_is_made_again() {
    let stage = Stage::new().await;
    let (first, second) = (sample_wanted(&stage.ambient()), sample_wanted(&stage.ambient()));
    stage.gateway().create_user(&first).await.unwrap();
    stage.gateway().remove_user(&first.name).await.unwrap();
    let [profile] = profiles(&stage).try_into().unwrap();
    operator(&stage, &["/ip/hotspot/user/profile/remove", &format!("=.id={}", profile[".id"])]);
    stage.gateway().create_user(&second).await.unwrap();
    assert_eq!(stage.simulator.user(&second.name).unwrap()["profile"], profile["name"]);
}

#[tokio::test]
async fn workers_of_two_processes_end_with_one_user_and_one_profile() {
    let stage = Stage::new().await;
    let (here, there) = (stage.gateway(), stage.another_process());
    for _ in 0..20 {
        let wanted = sample_wanted(&stage.ambient());
        let (one, other) = tokio::join!(converge(&*here, &wanted), converge(&*there, &wanted));
        assert_eq!((one, other), (Ok(Converged::Ready), Ok(Converged::Ready)));
        let users = stage.simulator.items("/ip/hotspot/user");
        assert_eq!(users.iter().filter(|user| user["name"] == wanted.name).count(), 1);
    }
    assert_eq!(profiles(&stage).len(), 1);
}

#[tokio::test]
async fn many_users_are_added_at_once_on_one_connection() {
    let stage = Stage::new().await;
    stage.gateway().ping().await.unwrap();
    stage.close_the_door();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (gateway, wanted) = (stage.gateway(), sample_wanted(&stage.ambient()));
        tasks.spawn(async move { converge(&*gateway, &wanted).await });
    }
    assert!(tasks.join_all().await.into_iter().all(|outcome| outcome == Ok(Converged::Ready)));
    assert_eq!(stage.gateway().list_users().await.unwrap().len(), 100);
}

#[tokio::test]
async fn a_name_that_somebody_else_has_is_told_and_left_alone() {
    let stage = Stage::new().await;
    let wanted = sample_wanted(&stage.ambient());
    operator(&stage, &["/ip/hotspot/user/add", &format!("=name={}", wanted.name), "=comment=Bob's phone"]);
    assert_eq!(stage.gateway().create_user(&wanted).await, Err(RouterError::AlreadyExists));
    assert_eq!(converge(&*stage.gateway(), &wanted).await, Ok(Converged::NameTaken));
    assert_eq!(stage.simulator.user(&wanted.name).unwrap()["comment"], "Bob's phone");
}

#[tokio::test]
async fn a_user_whose_answer_was_lost_is_found_afterwards() {
    for effect in [Effect::LoseAnswer, Effect::HalfAnswer, Effect::Garbage, Effect::HugeWord] {
        let stage = Stage::new().await;
        let wanted = sample_wanted(&stage.ambient());
        stage.fault("/ip/hotspot/user/add", effect, None);
        assert_eq!(converge(&*stage.gateway(), &wanted).await, Err(RouterError::Timeout), "{effect:?}");
        assert_eq!(converge(&*stage.gateway(), &wanted).await, Ok(Converged::Ready));
        assert_eq!(stage.simulator.times_executed("/ip/hotspot/user/add"), 1);
    }
}

#[tokio::test]
async fn a_full_router_says_so() {
    let stage = Stage::new().await;
    stage.simulator.change(|conditions| conditions.room = Some(1));
    let full = stage.gateway().create_user(&sample_wanted(&stage.ambient())).await;
    assert!(matches!(full, Err(RouterError::Full(_))), "{full:?}");
}

#[tokio::test]
async fn other_refusals_are_passed_on_in_the_routers_words() {
    let stage = Stage::new().await;
    stage.fault("/ip/hotspot/user/add", Effect::Refuse, Some("failure: moon in the wrong phase"));
    let refused = stage.gateway().create_user(&sample_wanted(&stage.ambient())).await;
    assert_eq!(refused, Err(RouterError::Refused("failure: moon in the wrong phase".to_owned())));
}
