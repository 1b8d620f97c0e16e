//! The fake keeps the contract of every router, misbehaves when it is told to, and shows what a converging
//! call makes of that.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use kernel::testing::Surroundings;
use tempfile::TempDir;

use super::{FakeRouter, FakeRouters};
use crate::{
    converge::{Converged, converge},
    ports::{RouterError, RouterGateway as _, WantedUser},
    testing::{router_contract, sample_wanted},
};

/// A fake router with the directory of its journal, and a user to put on it.
struct Bench {
    _directory: TempDir,
    router: FakeRouter,
    wanted: WantedUser,
}

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let router = FakeRouters::open(directory.path()).unwrap().router("main");
        Self { _directory: directory, router, wanted: sample_wanted(&Surroundings::new().ambient()) }
    }

    async fn converge(&self) -> Result<Converged, RouterError> {
        converge(&self.router, &self.wanted).await
    }

    fn names(&self) -> Vec<String> {
        self.router.state().unwrap().users.into_keys().collect()
    }
}

#[tokio::test]
async fn the_fake_keeps_the_contract_of_a_router() {
    let bench = Bench::new();
    let ambient = Surroundings::new().ambient();
    router_contract::users(&bench.router, &ambient).await.unwrap();
    router_contract::blocks(&bench.router).await.unwrap();
    router_contract::looks(&bench.router).await.unwrap();
}

#[tokio::test]
async fn sessions_end_by_their_id_and_take_live_limits() {
    let Bench { router, .. } = Bench::new();
    let address = IpAddr::V4(Ipv4Addr::new(10, 5, 50, 2));
    for name in ["a", "b"] {
        router.open_session(name, "02:00:00:00:00:01", address).unwrap();
    }
    router_contract::sessions(&router, "a").await.unwrap();
    let left = router.list_active_sessions(None).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].username, "b");
}

#[tokio::test]
async fn another_process_sees_the_same_router() {
    let directory = tempfile::tempdir().unwrap();
    let open = || FakeRouters::open(directory.path()).unwrap().router("main");
    let (one, other) = (open(), open());
    let wanted = sample_wanted(&Surroundings::new().ambient());
    one.create_user(&wanted).await.unwrap();
    assert_eq!(other.create_user(&wanted).await, Err(RouterError::AlreadyExists));
    other.change(|conditions| conditions.down = true).unwrap();
    assert!(matches!(one.ping().await, Err(RouterError::Unreachable(_))));
}

#[tokio::test]
async fn converging_twice_leaves_one_user() {
    let bench = Bench::new();
    for _ in 0..2 {
        assert_eq!(bench.converge().await, Ok(Converged::Ready));
    }
    let state = bench.router.state().unwrap();
    assert_eq!(bench.names(), std::slice::from_ref(&bench.wanted.name));
    assert_eq!(state.calls["create_user"].done, 1);
    assert_eq!(state.users[&bench.wanted.name].policy, bench.wanted.policy);
}

#[tokio::test]
async fn a_lost_answer_is_healed_by_converging_again() {
    let bench = Bench::new();
    bench.router.change(|conditions| conditions.lost_answers = 1).unwrap();
    assert_eq!(bench.converge().await, Err(RouterError::Timeout));
    assert_eq!(bench.converge().await, Ok(Converged::Ready));
    assert_eq!(bench.names(), std::slice::from_ref(&bench.wanted.name));
    assert_eq!(bench.router.state().unwrap().calls["create_user"].done, 1);
}

#[tokio::test]
async fn a_user_of_somebody_else_is_left_as_it_is() {
    let bench = Bench::new();
    bench.router.add_foreign_user(&bench.wanted.name, "by hand").unwrap();
    let before = bench.router.state().unwrap().users;
    assert_eq!(bench.converge().await, Ok(Converged::NameTaken));
    assert_eq!(bench.router.state().unwrap().users, before);
}

#[tokio::test]
async fn drift_of_our_own_user_is_set_right() {
    let bench = Bench::new();
    bench.converge().await.unwrap();
    bench.router.suspend_user(&bench.wanted.name).await.unwrap();
    bench.converge().await.unwrap();
    assert!(!bench.router.state().unwrap().users[&bench.wanted.name].disabled);
}

#[tokio::test]
async fn a_full_router_and_a_refused_user_say_so() {
    let bench = Bench::new();
    bench.router.change(|conditions| conditions.full = true).unwrap();
    assert!(matches!(bench.converge().await, Err(RouterError::Full(_))));
    bench
        .router
        .change(|conditions| {
            conditions.full = false;
            conditions.refuse("#", "input does not match any value of profile");
        })
        .unwrap();
    assert!(matches!(bench.converge().await, Err(RouterError::Refused(_))));
    assert!(bench.names().is_empty());
    assert_eq!(bench.router.state().unwrap().calls["create_user"].asked, 2);
}

#[tokio::test]
async fn a_router_slower_than_our_patience_works_and_its_answer_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let routers = FakeRouters::open(directory.path()).unwrap().patient_for(Duration::ZERO);
    let router = routers.router("main");
    let wanted = sample_wanted(&Surroundings::new().ambient());
    router.change(|conditions| conditions.delay_millis = 1).unwrap();
    assert_eq!(router.create_user(&wanted).await, Err(RouterError::Timeout));
    assert!(router.state().unwrap().users.contains_key(&wanted.name));
}
