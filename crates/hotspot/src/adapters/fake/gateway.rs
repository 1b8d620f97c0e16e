//! The fake router as the portal sees it.

use std::{collections::BTreeSet, io, net::IpAddr, time::Duration};

use async_trait::async_trait;

use super::{
    FakeRouter,
    world::{FakeRouterState, FakeUser, Happening},
};
use crate::{
    block::BlockTarget,
    ports::{
        InterfaceLoad, RateLimit, RouterError, RouterGateway, RouterIdentity, RouterSession, SeenUser,
        WantedUser,
    },
};

/// What an operation decides: what happens, and the answer.
type Decision<T> = Result<(Vec<Happening>, T), RouterError>;

impl FakeRouter {
    /// One call from beginning to end: the delay, the conditions, the work, the count, and whether the answer
    /// arrives. The work is decided and done under the journal's lock.
    async fn call<T: Send + 'static>(
        &self,
        operation: &'static str,
        decide: impl FnOnce(&FakeRouterState) -> Decision<T> + Send + 'static,
    ) -> Result<T, RouterError> {
        let router = self.clone();
        let delay = blocking(move || router.delay()).await?;
        if !delay.is_zero() {
            tokio::time::sleep(delay.min(self.patience)).await;
        }
        let router = self.clone();
        let answer = blocking(move || router.answer(operation, decide)).await?;
        if delay > self.patience {
            return Err(RouterError::Timeout);
        }
        answer
    }

    fn delay(&self) -> io::Result<Duration> {
        self.journal.look(|world| Duration::from_millis(world.router(&self.name).conditions.delay_millis))
    }

    fn answer<T>(
        &self,
        operation: &'static str,
        decide: impl FnOnce(&FakeRouterState) -> Decision<T>,
    ) -> io::Result<Result<T, RouterError>> {
        self.journal.act(|world| {
            let state = world.router(&self.name);
            let decision = if state.conditions.down {
                Err(RouterError::Unreachable("connection refused".to_owned()))
            } else {
                decide(&state)
            };
            let (mut happenings, mut answer) = match decision {
                Ok((happenings, answer)) => (happenings, Ok(answer)),
                Err(error) => (Vec::new(), Err(error)),
            };
            let done = answer.is_ok();
            if !happenings.is_empty() && state.conditions.lost_answers > 0 {
                happenings.push(Happening::AnswerLost);
                answer = Err(RouterError::Timeout);
            }
            happenings.push(Happening::Called { operation: operation.to_owned(), done });
            (self.entries(happenings), answer)
        })
    }

    async fn switch(&self, operation: &'static str, name: &str, disabled: bool) -> Result<(), RouterError> {
        let name = name.to_owned();
        self.call(operation, move |state| {
            let user = state.users.get(&name).cloned().ok_or(RouterError::NoSuchUser)?;
            Ok((vec![Happening::UserSet(FakeUser { disabled, ..user })], ()))
        })
        .await
    }

    async fn block(&self, operation: &'static str, block: Happening) -> Result<(), RouterError> {
        self.call(operation, move |_| Ok((vec![block], ()))).await
    }
}

/// File work, off the threads that must not wait. A journal that fails is a router that cannot be reached.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, RouterError> {
    let outcome = tokio::task::spawn_blocking(work).await.map_err(io::Error::other);
    outcome.flatten().map_err(|error| RouterError::Unreachable(error.to_string()))
}

/// The user as the router keeps it, unless the router will not have it.
fn accepted(state: &FakeRouterState, wanted: &WantedUser) -> Result<FakeUser, RouterError> {
    if let Some(text) = state.conditions.refusal_of(&wanted.name, wanted.marker.as_str()) {
        return Err(RouterError::Refused(text.to_owned()));
    }
    Ok(FakeUser {
        name: wanted.name.clone(),
        password: wanted.password.reveal().to_owned(),
        comment: wanted.marker.as_str().to_owned(),
        policy: wanted.policy.clone(),
        disabled: false,
    })
}

fn seen(user: &FakeUser) -> SeenUser {
    SeenUser {
        name: user.name.clone(),
        comment: user.comment.clone(),
        disabled: user.disabled,
        policy: user.policy.clone(),
    }
}

#[async_trait]
impl RouterGateway for FakeRouter {
    async fn create_user(&self, user: &WantedUser) -> Result<(), RouterError> {
        let wanted = user.clone();
        self.call("create_user", move |state| {
            if state.users.contains_key(&wanted.name) {
                return Err(RouterError::AlreadyExists);
            }
            if state.conditions.full {
                return Err(RouterError::Full("no room for another user".to_owned()));
            }
            Ok((vec![Happening::UserSet(accepted(state, &wanted)?)], ()))
        })
        .await
    }

    async fn update_user(&self, user: &WantedUser) -> Result<(), RouterError> {
        let wanted = user.clone();
        self.call("update_user", move |state| {
            let disabled = state.users.get(&wanted.name).ok_or(RouterError::NoSuchUser)?.disabled;
            Ok((vec![Happening::UserSet(FakeUser { disabled, ..accepted(state, &wanted)? })], ()))
        })
        .await
    }

    async fn find_user(&self, name: &str) -> Result<Option<SeenUser>, RouterError> {
        let name = name.to_owned();
        self.call("find_user", move |state| Ok((Vec::new(), state.users.get(&name).map(seen)))).await
    }

    async fn remove_user(&self, name: &str) -> Result<(), RouterError> {
        let name = name.to_owned();
        self.call("remove_user", move |state| {
            let known = state.users.contains_key(&name);
            let removals = known.then_some(Happening::UserRemoved(name));
            Ok((removals.into_iter().collect(), ()))
        })
        .await
    }

    async fn suspend_user(&self, name: &str) -> Result<(), RouterError> {
        self.switch("suspend_user", name, true).await
    }

    async fn resume_user(&self, name: &str) -> Result<(), RouterError> {
        self.switch("resume_user", name, false).await
    }

    async fn list_users(&self) -> Result<Vec<SeenUser>, RouterError> {
        self.call("list_users", |state| Ok((Vec::new(), state.users.values().map(seen).collect()))).await
    }

    async fn list_active_sessions(&self, username: Option<&str>) -> Result<Vec<RouterSession>, RouterError> {
        let username = username.map(str::to_owned);
        let router = self.clone();
        self.call("list_active_sessions", move |state| {
            let wanted = state
                .sessions
                .iter()
                .filter(|session| username.as_ref().is_none_or(|name| *name == session.username));
            let sessions = wanted.map(|session| RouterSession {
                id: session.id.clone(),
                username: session.username.clone(),
                mac: session.mac.clone(),
                address: session.address,
                uptime_seconds: router.age_of(session),
                uploaded_bytes: session.uploaded_bytes,
                downloaded_bytes: session.downloaded_bytes,
            });
            Ok((Vec::new(), sessions.collect()))
        })
        .await
    }

    async fn disconnect(&self, session_id: &str) -> Result<bool, RouterError> {
        let id = session_id.to_owned();
        self.call("disconnect", move |state| {
            let open = state.sessions.iter().any(|session| session.id == id);
            let closings = open.then_some(Happening::SessionClosed(id));
            Ok((closings.into_iter().collect(), open))
        })
        .await
    }

    async fn set_rate_limit(&self, username: &str, limit: RateLimit) -> Result<bool, RouterError> {
        let username = username.to_owned();
        self.call("set_rate_limit", move |state| {
            let open = state.sessions.iter().any(|session| session.username == username);
            let limited = open.then_some(Happening::RateLimited {
                username,
                limit: (limit.upload_kbps, limit.download_kbps),
            });
            Ok((limited.into_iter().collect(), open))
        })
        .await
    }

    async fn interface_load(&self) -> Result<Vec<InterfaceLoad>, RouterError> {
        self.call("interface_load", |state| {
            let bridge = InterfaceLoad {
                interface: "bridge-hotspot".to_owned(),
                connected_users: u32::try_from(state.sessions.len()).unwrap_or(u32::MAX),
                receive_bps: 0,
                transmit_bps: 0,
            };
            Ok((Vec::new(), vec![bridge]))
        })
        .await
    }

    async fn ping(&self) -> Result<Duration, RouterError> {
        self.call("ping", |state| Ok((Vec::new(), Duration::from_millis(state.conditions.delay_millis))))
            .await
    }

    async fn identity(&self) -> Result<RouterIdentity, RouterError> {
        let name = self.name.clone();
        self.call("identity", move |_| {
            let version = "7.18 (fake)".to_owned();
            Ok((Vec::new(), RouterIdentity { name, version }))
        })
        .await
    }

    async fn block_domain(&self, domain: &str) -> Result<(), RouterError> {
        let domain = domain.to_owned();
        self.block("block_domain", Happening::DomainBlocked { domain, blocked: true }).await
    }

    async fn unblock_domain(&self, domain: &str) -> Result<(), RouterError> {
        let domain = domain.to_owned();
        self.block("unblock_domain", Happening::DomainBlocked { domain, blocked: false }).await
    }

    async fn block_address(&self, address: IpAddr) -> Result<(), RouterError> {
        self.block("block_address", Happening::AddressBlocked { address, blocked: true }).await
    }

    async fn unblock_address(&self, address: IpAddr) -> Result<(), RouterError> {
        self.block("unblock_address", Happening::AddressBlocked { address, blocked: false }).await
    }

    async fn block_device(&self, mac: &str) -> Result<(), RouterError> {
        let mac = mac.to_owned();
        self.block("block_device", Happening::DeviceBlocked { mac, blocked: true }).await
    }

    async fn unblock_device(&self, mac: &str) -> Result<(), RouterError> {
        let mac = mac.to_owned();
        self.block("unblock_device", Happening::DeviceBlocked { mac, blocked: false }).await
    }

    async fn list_blocks(&self) -> Result<BTreeSet<BlockTarget>, RouterError> {
        self.call("list_blocks", |state| {
            let domains = state.blocked_domains.iter().cloned().map(BlockTarget::Domain);
            let addresses = state.blocked_addresses.iter().copied().map(BlockTarget::Address);
            let devices = state.blocked_devices.iter().cloned().map(BlockTarget::Device);
            Ok((Vec::new(), domains.chain(addresses).chain(devices).collect()))
        })
        .await
    }
}
