//! Where credentials are to be used, as callers name it: a site, a router, or both. Asked of hotspot and billing
//! here, so that neither has to ask the other.

use billing::site::{Place, Served, Unserved, WantedPlace};
use hotspot::Router;
use kernel::{
    Id,
    id::ids::{RouterId, SiteId},
};
use uuid::Uuid;

use crate::{
    compose::Services,
    http::error::{ApiError, FieldProblem},
};

/// The place that is named, if one is, and where routers take users at this moment.
///
/// # Errors
/// 422 names `router_id` or `site_id`, whichever does not exist; a router that takes nobody is named, too.
pub async fn wanted_place(
    services: &Services,
    site_id: Option<Uuid>,
    router_id: Option<Uuid>,
) -> Result<WantedPlace, ApiError> {
    let routers = services.hotspot.serving_routers().await?;
    let site_id = site_id.map(Id::from_uuid);
    let named = match (router_id.map(Id::from_uuid), site_id) {
        (Some(router_id), site_id) => Some(at_router(&routers, router_id, site_id)?),
        (None, Some(site_id)) => Some(at_site(services, site_id).await?),
        (None, None) => None,
    };
    let defaults = routers.iter().filter(|router| router.is_default);
    let served = Served {
        sites: defaults.map(|router| router.site_id).collect(),
        routers: routers.iter().map(|router| router.id).collect(),
    };
    Ok(WantedPlace { named, served })
}

fn at_router(routers: &[Router], id: RouterId, site_id: Option<SiteId>) -> Result<Place, ApiError> {
    let router = routers.iter().find(|router| router.id == id);
    let router = router.ok_or_else(|| {
        said("router_id", "n'est pas un routeur en service", "is not a router that takes users")
    })?;
    if site_id.is_some_and(|site| site != router.site_id) {
        return Err(said("router_id", "se trouve sur un autre site", "stands at another site"));
    }
    Ok(Place { site_id: router.site_id, router_id: Some(router.id) })
}

async fn at_site(services: &Services, site_id: SiteId) -> Result<Place, ApiError> {
    let sites = services.billing.reads().sites().await?;
    let there = sites.iter().any(|site| site.id == site_id);
    let problem = || said("site_id", "n'est pas un site", "is not a site");
    there.then_some(Place { site_id, router_id: None }).ok_or_else(problem)
}

impl From<Unserved> for ApiError {
    fn from(unserved: Unserved) -> Self {
        match unserved {
            Unserved::NoRouter => said(
                "site_id",
                "n'est pas un site avec un routeur en service",
                "is not a site with a router that takes users",
            ),
            Unserved::RouterForRadius => said(
                "router_id",
                "ne va pas avec un forfait par RADIUS",
                "does not go with a package by RADIUS",
            ),
        }
    }
}

fn said(field: &'static str, fr: &str, en: &str) -> ApiError {
    ApiError::field(field, FieldProblem::Said(fr.to_owned(), en.to_owned()))
}

/// A package is named that is not on sale, or is not there at all.
pub fn package_not_on_sale() -> ApiError {
    said("user_profile_id", "n'est pas en vente", "is not on sale")
}
