//! Sites: places with routers.

use std::collections::BTreeSet;

use kernel::{
    events::billing::Target,
    id::ids::{RouterId, SiteId},
};

/// The code of the site that every deployment has from the start.
pub const MAIN_SITE: &str = "main";

/// A place with routers. An order belongs to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Names it.
    pub id: SiteId,
    /// A short unique code, such as `main`.
    pub code: String,
    /// Its name for people.
    pub name: String,
}

/// Where credentials are to be used. What it names was looked at by whoever asked for it; what becomes of it until
/// the credentials are made is not billing's to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The site.
    pub site_id: SiteId,
    /// The router there, if it has to be a certain one.
    pub router_id: Option<RouterId>,
}

/// Where credentials are wanted, as whoever asks has said and found it.
#[derive(Debug, Clone)]
pub struct WantedPlace {
    /// The place that is named, if one is.
    pub named: Option<Place>,
    /// Where routers take users at this moment.
    pub served: Served,
}

/// Where routers take users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Served {
    /// Sites whose default router does.
    pub sites: BTreeSet<SiteId>,
    /// Routers that do.
    pub routers: BTreeSet<RouterId>,
}

/// Why credentials would be good for nothing at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unserved {
    /// No router takes users there.
    #[error("no router takes users there")]
    NoRouter,
    /// A router is named, and RADIUS enforces what is sold.
    #[error("credentials by radius are on no router")]
    RouterForRadius,
}

impl Place {
    /// Whether credentials can be used there. Those by RADIUS need no router; where the router that is named takes nobody,
    /// the site's default one does.
    ///
    /// # Errors
    /// [`Unserved`].
    pub fn check(&self, target: Target, served: &Served) -> Result<(), Unserved> {
        let takes_users = || {
            served.sites.contains(&self.site_id)
                || self.router_id.is_some_and(|id| served.routers.contains(&id))
        };
        match target {
            Target::Radius if self.router_id.is_some() => Err(Unserved::RouterForRadius),
            Target::Router if !takes_users() => Err(Unserved::NoRouter),
            Target::Radius | Target::Router => Ok(()),
        }
    }
}
