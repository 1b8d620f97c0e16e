//! RADIUS as hotspot wants a router: what was sold is put into radius's directory, where every NAS of the operator asks
//! for it. Nothing here leaves the portal; the calls are transactions of radius's own, made from hotspot's jobs as
//! those to a router are, and as safe to repeat.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use async_trait::async_trait;
use hotspot::{
    Router, RouterMode,
    block::BlockTarget,
    ports::{
        InterfaceLoad, RateLimit, RouterError, RouterGateway, RouterGateways, RouterHealth, RouterIdentity,
        RouterSession, SeenUser, WantedUser,
    },
};
use kernel::{AccessPolicy, Ambient, Origin, StoreError, id::ids::RouterId};
use radius::{
    Radius,
    access_profile::{Exhaustion, Limits, Quota},
    session::Session,
    subscriber::Sold,
    use_cases::{NameHolder, SoldAccess, SoldAccessError},
};

/// The way into RADIUS. Radius asks hotspot to reach a NAS that is a router, and hotspot asks radius here: the one that
/// is made first hears of the other later, and does not keep it alive.
#[derive(Clone)]
pub(super) struct RadiusRouters {
    radius: Arc<OnceLock<Weak<Radius>>>,
    ambient: Ambient,
}

impl RadiusRouters {
    /// A way that leads nowhere yet.
    pub(super) fn new(ambient: Ambient) -> Self {
        Self { radius: Arc::default(), ambient }
    }

    /// Has the way lead to this one.
    pub(super) fn join(&self, radius: &Arc<Radius>) {
        self.radius.get_or_init(|| Arc::downgrade(radius));
    }
}

impl RouterGateways for RadiusRouters {
    fn gateway(&self, router: &Router) -> Arc<dyn RouterGateway> {
        Arc::new(RadiusRouter { way: self.clone(), router_id: router.id })
    }

    fn reaches(&self, mode: RouterMode) -> bool {
        mode == RouterMode::Radius
    }

    fn health(&self, _: &Router) -> RouterHealth {
        RouterHealth::default()
    }
}

/// What stands for RADIUS at one site.
struct RadiusRouter {
    way: RadiusRouters,
    router_id: RouterId,
}

impl RadiusRouter {
    fn radius(&self) -> Result<Arc<Radius>, RouterError> {
        let radius = self.way.radius.get().and_then(Weak::upgrade);
        radius.ok_or_else(|| RouterError::Unreachable("the portal is about to stop".to_owned()))
    }

    fn access(&self, user: &WantedUser) -> SoldAccess {
        SoldAccess {
            sold: Sold {
                router_id: self.router_id,
                marker: user.marker.as_str().to_owned(),
                name: user.name.clone(),
                limits: limits(&user.policy),
            },
            contact: user.contact.clone(),
            secret: user.password.reveal().to_owned().into(),
        }
    }

    async fn switch(&self, name: &str, on: bool) -> Result<(), RouterError> {
        let switched = self.radius()?.switch_sold_access(self.router_id, name, on, &origin()).await;
        switched.map_err(refused)
    }
}

#[async_trait]
impl RouterGateway for RadiusRouter {
    async fn create_user(&self, user: &WantedUser) -> Result<(), RouterError> {
        self.radius()?.create_sold_access(&self.access(user), &origin()).await.map_err(refused)
    }

    async fn update_user(&self, user: &WantedUser) -> Result<(), RouterError> {
        self.radius()?.set_sold_access(&self.access(user), &origin()).await.map_err(refused)
    }

    async fn find_user(&self, name: &str) -> Result<Option<SeenUser>, RouterError> {
        let holder = self.radius()?.find_sold_access(self.router_id, name).await.map_err(away)?;
        Ok(holder.map(|holder| match holder {
            NameHolder::Sold(sold, enabled) => seen(*sold, enabled),
            NameHolder::Account => SeenUser {
                name: name.to_owned(),
                comment: "an account".to_owned(),
                disabled: false,
                policy: AccessPolicy::default(),
            },
        }))
    }

    async fn remove_user(&self, name: &str) -> Result<(), RouterError> {
        self.radius()?.remove_sold_access(self.router_id, name, &origin()).await.map_err(away)
    }

    async fn suspend_user(&self, name: &str) -> Result<(), RouterError> {
        self.switch(name, false).await
    }

    async fn resume_user(&self, name: &str) -> Result<(), RouterError> {
        self.switch(name, true).await
    }

    async fn list_users(&self) -> Result<Vec<SeenUser>, RouterError> {
        let sold = self.radius()?.list_sold_access(self.router_id).await.map_err(away)?;
        Ok(sold.into_iter().map(|(sold, enabled)| seen(sold, enabled)).collect())
    }

    async fn list_active_sessions(&self, username: Option<&str>) -> Result<Vec<RouterSession>, RouterError> {
        let open = self.radius()?.sessions_of_sold_access(self.router_id, username).await.map_err(away)?;
        Ok(open.into_iter().map(|(name, session)| self.listed(name, session)).collect())
    }

    /// The ladder of enforcement is begun: the session is listed until accounting says that it is over.
    async fn disconnect(&self, session_id: &str) -> Result<bool, RouterError> {
        let Ok(id) = session_id.parse() else { return Ok(false) };
        self.radius()?.end_sold_session(id).await.map_err(away)
    }

    async fn set_rate_limit(&self, _: &str, _: RateLimit) -> Result<bool, RouterError> {
        Err(RouterError::Refused("a session by RADIUS has the limits of what was sold".to_owned()))
    }

    /// A NAS has interfaces; RADIUS has none.
    async fn interface_load(&self) -> Result<Vec<InterfaceLoad>, RouterError> {
        Ok(Vec::new())
    }

    async fn ping(&self) -> Result<Duration, RouterError> {
        let asked_at = self.way.ambient.now();
        // Nobody has this name: what is looked at is whether the database answers.
        self.radius()?.find_sold_access(self.router_id, "").await.map_err(away)?;
        Ok((self.way.ambient.now() - asked_at).to_std().unwrap_or_default())
    }

    async fn identity(&self) -> Result<RouterIdentity, RouterError> {
        Ok(RouterIdentity { name: "RADIUS".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() })
    }

    async fn block_domain(&self, _: &str) -> Result<(), RouterError> {
        Err(blocks_nothing())
    }

    async fn unblock_domain(&self, _: &str) -> Result<(), RouterError> {
        Ok(())
    }

    async fn block_address(&self, _: IpAddr) -> Result<(), RouterError> {
        Err(blocks_nothing())
    }

    async fn unblock_address(&self, _: IpAddr) -> Result<(), RouterError> {
        Ok(())
    }

    async fn block_device(&self, _: &str) -> Result<(), RouterError> {
        Err(blocks_nothing())
    }

    async fn unblock_device(&self, _: &str) -> Result<(), RouterError> {
        Ok(())
    }

    async fn list_blocks(&self) -> Result<BTreeSet<BlockTarget>, RouterError> {
        Ok(BTreeSet::new())
    }
}

impl RadiusRouter {
    /// A session as a router would list it. A NAS reports every few minutes; a session that it has not ended goes on
    /// meanwhile.
    fn listed(&self, username: String, session: Session) -> RouterSession {
        let since = (self.way.ambient.now() - session.started_at).num_seconds();
        RouterSession {
            id: session.id.to_string(),
            username,
            mac: session.mac.unwrap_or_default(),
            address: session.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            uptime_seconds: u64::try_from(since).unwrap_or(0).max(session.seconds),
            uploaded_bytes: session.used.up,
            downloaded_bytes: session.used.down,
        }
    }
}

fn origin() -> Origin {
    Origin::system("hotspot")
}

fn seen(sold: Sold, enabled: bool) -> SeenUser {
    let policy = policy(&sold.limits);
    SeenUser { name: sold.name, comment: sold.marker, disabled: !enabled, policy }
}

/// What was sold, as RADIUS limits it: no calendar, one quota for all of the time, at whose end sessions end.
fn limits(policy: &AccessPolicy) -> Limits {
    Limits {
        upload_kbps: policy.upload_kbps,
        download_kbps: policy.download_kbps,
        quota: Quota { total: policy.data_cap_bytes, ..Quota::default() },
        session_timeout_seconds: policy.session_timeout_seconds,
        idle_timeout_seconds: policy.idle_timeout_seconds,
        simultaneous_use: policy.simultaneous_use,
        login_time: None,
        exhaustion: Exhaustion::Block,
    }
}

fn policy(limits: &Limits) -> AccessPolicy {
    AccessPolicy {
        upload_kbps: limits.upload_kbps,
        download_kbps: limits.download_kbps,
        data_cap_bytes: limits.quota.total,
        session_timeout_seconds: limits.session_timeout_seconds,
        idle_timeout_seconds: limits.idle_timeout_seconds,
        simultaneous_use: limits.simultaneous_use,
    }
}

fn blocks_nothing() -> RouterError {
    RouterError::Refused("RADIUS blocks nothing".to_owned())
}

/// The database does not do what it is asked: that may pass.
fn away(error: StoreError) -> RouterError {
    RouterError::Unreachable(error.to_string())
}

fn refused(error: SoldAccessError) -> RouterError {
    match error {
        SoldAccessError::NameTaken => RouterError::AlreadyExists,
        SoldAccessError::NotFound => RouterError::NoSuchUser,
        SoldAccessError::CannotEnable(_) | SoldAccessError::Seal(_) => {
            RouterError::Refused(error.to_string())
        }
        SoldAccessError::Store(error) => away(error),
    }
}
