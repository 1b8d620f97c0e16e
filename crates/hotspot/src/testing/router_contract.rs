//! What every [`RouterGateway`] must do. The router may be in use: the suites touch only what they have made.

use std::net::{IpAddr, Ipv4Addr};

use kernel::{AccessPolicy, Ambient};

use super::{Outcome, sample_wanted};
use crate::{
    block::BlockTarget,
    ports::{RateLimit, RouterError, RouterGateway},
};

/// Users are added once, found, set, switched off and on, and removed.
///
/// # Errors
/// Whatever the router answered where it had to obey.
pub async fn users(router: &dyn RouterGateway, ambient: &Ambient) -> Outcome {
    let (wanted, other) = (sample_wanted(ambient), sample_wanted(ambient));
    let name = wanted.name.as_str();
    assert_eq!(router.find_user(name).await?, None, "nobody has made it yet");

    router.create_user(&wanted).await?;
    let seen = router.find_user(name).await?.ok_or("a created user is found")?;
    assert!(seen.is_ours(&wanted.marker) && !seen.is_ours(&other.marker));
    assert_eq!((seen.name.as_str(), seen.disabled), (name, false));
    assert_eq!(seen.policy, wanted.policy, "what was set reads back");

    let mut twin = wanted.clone();
    twin.marker = other.marker.clone();
    twin.policy = AccessPolicy { data_cap_bytes: Some(1), upload_kbps: None, ..AccessPolicy::default() };
    assert_eq!(router.create_user(&twin).await, Err(RouterError::AlreadyExists));
    let unchanged = router.find_user(name).await?;
    assert_eq!(unchanged.as_ref(), Some(&seen), "a refused twin leaves the first alone");

    router.update_user(&twin).await?;
    let updated = router.find_user(name).await?.ok_or("an updated user is found")?;
    assert!(updated.is_ours(&other.marker));
    assert_eq!(updated.policy, twin.policy);
    assert_eq!(router.update_user(&other).await, Err(RouterError::NoSuchUser));

    router.suspend_user(name).await?;
    router.update_user(&twin).await?;
    let suspended = router.find_user(name).await?;
    assert_eq!(suspended.map(|user| user.disabled), Some(true), "whatever else is set");
    router.resume_user(name).await?;
    let resumed = router.find_user(name).await?;
    assert_eq!(resumed.map(|user| user.disabled), Some(false));
    for nobody in [router.suspend_user(&other.name).await, router.resume_user(&other.name).await] {
        assert_eq!(nobody, Err(RouterError::NoSuchUser));
    }

    assert!(router.list_users().await?.iter().any(|user| user.name == name));
    router.remove_user(name).await?;
    router.remove_user(name).await?;
    assert_eq!(router.find_user(name).await?, None);
    assert!(router.list_users().await?.iter().all(|user| user.name != name));
    Ok(())
}

/// Blocking twice and lifting twice is blocking and lifting once, and what is blocked is listed.
///
/// # Errors
/// Whatever the router answered where it had to obey.
pub async fn blocks(router: &dyn RouterGateway) -> Outcome {
    let (domain, mac) = ("blocked.example", "02:00:5E:00:53:07");
    let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
    let targets = [
        BlockTarget::Domain(domain.to_owned()),
        BlockTarget::Address(address),
        BlockTarget::Device(mac.to_owned()),
    ];
    for _ in 0..2 {
        router.block_domain(domain).await?;
        router.block_address(address).await?;
        router.block_device(mac).await?;
        let listed = router.list_blocks().await?;
        assert!(targets.iter().all(|target| listed.contains(target)), "{listed:?}");
    }
    for _ in 0..2 {
        router.unblock_domain(domain).await?;
        router.unblock_address(address).await?;
        router.unblock_device(mac).await?;
        let listed = router.list_blocks().await?;
        assert!(targets.iter().all(|target| !listed.contains(target)), "{listed:?}");
    }
    Ok(())
}

/// A router tells about itself.
///
/// # Errors
/// Whatever the router answered where it had to obey.
pub async fn looks(router: &dyn RouterGateway) -> Outcome {
    router.ping().await?;
    assert!(!router.identity().await?.version.is_empty());
    assert!(!router.interface_load().await?.is_empty());
    Ok(())
}

/// The sessions of `username`, who has one or more open, are listed, limited and ended.
///
/// # Errors
/// Whatever the router answered where it had to obey.
pub async fn sessions(router: &dyn RouterGateway, username: &str) -> Outcome {
    let open = router.list_active_sessions(Some(username)).await?;
    assert!(!open.is_empty());
    assert!(open.iter().all(|session| session.username == username));
    let limit = RateLimit { upload_kbps: Some(256), download_kbps: None };
    assert!(router.set_rate_limit(username, limit).await?);
    for session in &open {
        assert!(router.disconnect(&session.id).await?);
        assert!(!router.disconnect(&session.id).await?, "it is closed already");
    }
    assert!(router.list_active_sessions(Some(username)).await?.is_empty());
    assert!(!router.set_rate_limit(username, limit).await?);
    Ok(())
}
