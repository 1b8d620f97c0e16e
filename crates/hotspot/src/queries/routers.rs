//! What staff see of routers.

use kernel::{StoreError, id::ids::RouterId};

use crate::{ports::RouterHealth, router::Router, use_cases::Hotspot};

/// A router as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterView {
    /// The router.
    pub router: Router,
    /// How it was found last, by this process or another.
    pub health: RouterHealth,
    /// How many hotspot users are on it and not over.
    pub users: u64,
}

impl Hotspot {
    /// The routers in use, or all that there ever were, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_routers(&self, with_retired: bool) -> Result<Vec<RouterView>, StoreError> {
        let routers = self.reads.list_routers(with_retired).await?;
        Ok(routers.into_iter().map(|view| self.as_found_here(view)).collect())
    }

    /// One router, in use or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_router(&self, id: RouterId) -> Result<Option<RouterView>, StoreError> {
        let found = self.reads.find_router_view(id).await?;
        Ok(found.map(|view| self.as_found_here(view)))
    }

    /// The routers that take users.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn serving_routers(&self) -> Result<Vec<Router>, StoreError> {
        let mut routers = self.reads.routers_to_sync().await?;
        routers.retain(|router| router.access.mode.is_router() && router.takes_users());
        Ok(routers)
    }

    /// This process may have spoken to the router since its health was last written down.
    fn as_found_here(&self, view: RouterView) -> RouterView {
        let here = self.routers.health(&view.router);
        RouterView { health: view.health.or_later(here), ..view }
    }
}
