//! Sites: places with routers.

use kernel::id::ids::{RouterId, SiteId};

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
