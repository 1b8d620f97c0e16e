//! Sites: places with routers.

use billing::site::Site;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub mod create;
pub mod list;
pub mod payment_grace;
pub mod seller;

/// A place with routers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Site)]
pub struct SiteView {
    /// Names it.
    #[schema(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95")]
    pub id: Uuid,
    /// A short unique code.
    #[schema(example = "main")]
    pub code: String,
    /// Its name for people.
    #[schema(example = "Main campus")]
    pub name: String,
}

impl From<Site> for SiteView {
    fn from(site: Site) -> Self {
        Self { id: site.id.as_uuid(), code: site.code, name: site.name }
    }
}
