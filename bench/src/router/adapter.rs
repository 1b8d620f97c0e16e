//! The portal's way to routers, as its worker goes it: the real adapter with its default settings.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Result, ensure};
use hotspot::{
    Router, RouterMode,
    adapters::mikrotik::{MikrotikRouters, MikrotikSettings},
    converge::{Converged, converge},
    ports::{RouterGateway, RouterGateways as _, WantedUser},
    router::{RouterAccess, RouterTls},
};
use kernel::{Ambient, Id, Sealer, sealed::Purpose};
use tokio::task::JoinSet;

use super::simulated::{PASSWORD, USER};

/// A key like any other: 32 bytes in base64.
const KEY: &str = "YmVuY2htYXJrLWJlbmNobWFyay1iZW5jaG1hcmstMTI=";

/// Routers that have been asked something, so that there is a connection to each.
pub(super) struct Adapter(Arc<[Arc<dyn RouterGateway>]>);

impl Adapter {
    pub(super) async fn connect(ports: &[u16]) -> Result<Self> {
        let ambient = Ambient::system();
        let sealer = Arc::new(Sealer::new(KEY, None, ambient.clone())?);
        let routers = MikrotikRouters::new(MikrotikSettings::default(), ambient.clone(), sealer.clone());
        let mut gateways = Vec::new();
        for port in ports {
            let gateway = routers.gateway(&router(*port, &ambient, &sealer)?);
            gateway.identity().await?;
            gateways.push(gateway);
        }
        Ok(Self(gateways.into()))
    }

    /// Puts users onto the routers in turn, so many at once.
    pub(super) async fn provision(&self, users: Vec<WantedUser>, at_once: usize) -> Result<()> {
        let (users, next) = (Arc::new(users), Arc::new(AtomicUsize::new(0)));
        let mut workers = JoinSet::new();
        for _ in 0..at_once {
            let (routers, users, next) = (self.0.clone(), users.clone(), next.clone());
            workers.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(user) = users.get(number) else { return anyhow::Ok(()) };
                    let Some(router) = routers.get(number % routers.len()) else { return Ok(()) };
                    let converged = converge(&**router, user).await?;
                    ensure!(converged == Converged::Ready, "the name {} is taken", user.name);
                }
            });
        }
        workers.join_all().await.into_iter().collect()
    }

    /// Lists the users of all routers, and tells how many there are.
    pub(super) async fn users(&self) -> Result<usize> {
        let mut count = 0;
        for router in &*self.0 {
            count += router.list_users().await?.len();
        }
        Ok(count)
    }

    /// Lists the sessions of all routers, and tells how many there are.
    pub(super) async fn sessions(&self) -> Result<usize> {
        let mut count = 0;
        for router in &*self.0 {
            count += router.list_active_sessions(None).await?.len();
        }
        Ok(count)
    }
}

fn router(port: u16, ambient: &Ambient, sealer: &Sealer) -> Result<Router> {
    let id = Id::generate(ambient);
    Ok(Router {
        id,
        name: format!("port {port}"),
        site_id: Id::generate(ambient),
        is_default: true,
        enabled: true,
        configured: false,
        access: RouterAccess {
            mode: RouterMode::Api,
            host: Ipv4Addr::LOCALHOST.to_string(),
            port,
            username: USER.to_owned(),
            sealed_password: Some(sealer.seal(Purpose::RouterPassword, &id, PASSWORD)?),
            tls: RouterTls::Off,
        },
        created_at: ambient.now(),
        retired_at: None,
    })
}
