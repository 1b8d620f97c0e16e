//! The real adapter of hotspot's routers against the simulated router: the contract that every router must keep,
//! and what only real routers and networks do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod hostile;
mod reaching;
mod stage;
mod users;

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
};

use hotspot::{
    block::BlockTarget,
    ports::RateLimit,
    testing::{router_contract, sample_wanted},
};
use simulators::routeros::{Action, Options, RouterSimulator};
use stage::Stage;

/// The router of every version that does something otherwise than the one before it.
async fn routers() -> Vec<Stage> {
    let mut stages = Vec::new();
    for version in ["7.18", "7.9", "6.42"] {
        stages.push(Stage::with(Options { version: version.parse().unwrap(), ..Options::default() }).await);
    }
    stages
}

#[tokio::test]
async fn users_are_added_set_switched_and_removed_as_the_contract_has_it() {
    for stage in routers().await {
        router_contract::users(&*stage.gateway(), &stage.ambient()).await.unwrap();
    }
}

#[tokio::test]
async fn blocks_are_set_and_lifted_as_the_contract_has_it() {
    for stage in routers().await {
        router_contract::blocks(&*stage.gateway()).await.unwrap();
    }
}

#[tokio::test]
async fn a_domain_is_blocked_with_its_subdomains_before_other_entries_and_what_others_block_stays() {
    let stage = Stage::new().await;
    let gateway = stage.gateway();
    for words in [
        &["/ip/hotspot/walled-garden/add", "=dst-host=*.pay.example", "=action=allow"][..],
        &["/ip/hotspot/walled-garden/add", "=dst-host=theirs.example", "=action=deny"],
        &["/ip/firewall/address-list/add", "=list=hotspot-blocked", "=address=192.0.2.9"],
    ] {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        stage.simulator.apply(Action::Command { words }).unwrap();
    }
    gateway.block_domain("blocked.example").await.unwrap();
    let (old, new) = (IpAddr::from([192, 0, 2, 9]), "2001:db8::9".parse().unwrap());
    for address in [old, new] {
        gateway.block_address(address).await.unwrap();
        gateway.unblock_address(address).await.unwrap();
    }
    gateway.block_address(new).await.unwrap();
    let blocked = [BlockTarget::Domain("blocked.example".to_owned()), BlockTarget::Address(new)];
    assert_eq!(gateway.list_blocks().await.unwrap(), BTreeSet::from(blocked));
    let hosts: Vec<String> = stage
        .simulator
        .items("/ip/hotspot/walled-garden")
        .iter()
        .map(|entry| entry["dst-host"].clone())
        .collect();
    assert_eq!(hosts, ["blocked.example", "*.blocked.example", "*.pay.example", "theirs.example"]);
    gateway.unblock_domain("blocked.example").await.unwrap();
    gateway.unblock_domain("theirs.example").await.unwrap();
    assert_eq!(stage.simulator.items("/ip/hotspot/walled-garden").len(), 2);
    assert_eq!(stage.simulator.items("/ip/firewall/address-list").len(), 1, "the operator's entry");
}

#[tokio::test]
async fn a_router_tells_about_itself_as_the_contract_has_it() {
    for stage in routers().await {
        router_contract::looks(&*stage.gateway()).await.unwrap();
        let identity = stage.gateway().identity().await.unwrap();
        assert_eq!(identity.name, "MikroTik");
    }
}

#[tokio::test]
async fn sessions_are_listed_limited_and_ended_as_the_contract_has_it() {
    for stage in routers().await {
        let name = stage.signed_in().await;
        router_contract::sessions(&*stage.gateway(), &name).await.unwrap();
        assert_eq!(limits(&stage.simulator), 0, "the limit went with its session");
    }
}

fn limits(simulator: &RouterSimulator) -> usize {
    let queues = simulator.items("/queue/simple");
    queues.iter().filter(|queue| queue.get("comment").is_some_and(|it| it == "portal-live-limit")).count()
}

#[tokio::test]
async fn a_live_limit_comes_before_the_profiles_and_goes_when_all_sessions_are_looked_at() {
    let stage = Stage::new().await;
    let gateway = stage.gateway();
    let name = stage.signed_in().await;
    let queues = stage.simulator.items("/queue/simple");
    assert_eq!(queues[0]["dynamic"], "true", "the profile has made one");
    for (download, shown) in [(Some(256), "0/256000"), (Some(512), "0/512000"), (None, "0/0")] {
        let limit = RateLimit { upload_kbps: None, download_kbps: download };
        assert!(gateway.set_rate_limit(&name, limit).await.unwrap());
        let queues = stage.simulator.items("/queue/simple");
        assert_eq!((queues[0]["max-limit"].as_str(), limits(&stage.simulator)), (shown, 1));
    }
    gateway.list_active_sessions(None).await.unwrap();
    assert_eq!(limits(&stage.simulator), 1, "the session is still open");
    stage.simulator.apply(Action::SignOut { user: name }).unwrap();
    gateway.list_active_sessions(None).await.unwrap();
    assert_eq!(limits(&stage.simulator), 0);
}

#[tokio::test]
async fn sessions_have_the_counters_of_the_router_and_interfaces_their_users() {
    let stage = Stage::new().await;
    let name = stage.signed_in().await;
    let transfer = Action::Transfer { user: name.clone(), upload_bytes: 1000, download_bytes: 1 << 32 };
    stage.simulator.apply(transfer).unwrap();
    let sessions = stage.gateway().list_active_sessions(Some(&name)).await.unwrap();
    let [session] = sessions.as_slice() else {
        unreachable!("there is one session: {sessions:?}");
    };
    assert_eq!((session.uploaded_bytes, session.downloaded_bytes), (1000, 1 << 32));
    assert_eq!(session.address, Ipv4Addr::new(10, 5, 50, 9));
    let loads = stage.gateway().interface_load().await.unwrap();
    assert_eq!(loads.iter().map(|load| load.connected_users).sum::<u32>(), 1);
    assert_eq!(stage.gateway().list_active_sessions(Some("nobody")).await.unwrap(), []);
}

#[tokio::test]
async fn thousands_of_users_are_listed() {
    let stage = Stage::new().await;
    for number in 0..2000 {
        let words = ["/ip/hotspot/user/add".to_owned(), format!("=name=bulk{number}")].to_vec();
        stage.simulator.apply(Action::Command { words }).unwrap();
    }
    let ours = sample_wanted(&stage.ambient());
    stage.gateway().create_user(&ours).await.unwrap();
    let users = stage.gateway().list_users().await.unwrap();
    assert_eq!(users.len(), 2001, "the router's own trial user is not among them");
    assert_eq!(users.iter().filter(|user| user.is_ours(&ours.marker)).count(), 1);
}
