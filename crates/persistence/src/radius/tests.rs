//! Radius on real databases. Every test runs on SQLite, and on PostgreSQL when `TEST_POSTGRES_URL` names a server on
//! which databases may be created.

mod access;
mod activation;
mod directory;
mod sync;
mod usage;

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Ambient, Sealer, id::ids::RouterId};
use radius::{
    Radius, RadiusPorts, Settings,
    adapters::fake::FakeNases,
    policy::SiteForms,
    ports::{Kicked, KickedDevice, RouterKick},
    use_cases::NasChanges,
};

use crate::{Database, testing::TestDatabase};

/// Radius with a fake world: its NASes do what they are told, and there are no routers.
fn radius_on(database: &Database, test: &TestDatabase, ambient: &Ambient, zone: chrono_tz::Tz) -> Radius {
    radius_in(SiteForms::default(), database, test, ambient, zone)
}

/// The same, with tables in these forms.
fn radius_in(
    tables: SiteForms,
    database: &Database,
    test: &TestDatabase,
    ambient: &Ambient,
    zone: chrono_tz::Tz,
) -> Radius {
    let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let store = Arc::new(database.clone());
    let ports = RadiusPorts {
        store: store.clone(),
        reads: store,
        nas_changes: NasChanges::default(),
        nas: Arc::new(FakeNases::open(test.folder()).unwrap()),
        routers: Arc::new(NoRouters),
    };
    let sealer = Sealer::new(key, None, ambient.clone()).unwrap();
    let settings = Settings { zone, tables };
    Radius::new(ports, Arc::new(sealer), ambient.clone(), settings)
}

struct NoRouters;

#[async_trait]
impl RouterKick for NoRouters {
    async fn kick(&self, _: RouterId, _: &KickedDevice) -> Kicked {
        Kicked::Failed("there are no routers".to_owned())
    }
}
