//! Sites: places with routers.

use kernel::id::ids::SiteId;

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
