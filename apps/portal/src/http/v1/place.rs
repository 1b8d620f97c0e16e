//! Where credentials are to be used, as callers name it: a site, a router, or both. Asked of hotspot and billing
//! here, so that neither has to ask the other.

use billing::site::Place;
use hotspot::{Router, queries::RouterView};
use kernel::{
    Id,
    events::billing::Target,
    id::ids::{RouterId, SiteId},
};
use uuid::Uuid;

use crate::{
    compose::Services,
    http::error::{ApiError, FieldProblem},
};

/// The place that is named, if one is; its router and site take users at this moment. Any site takes those of RADIUS,
/// which needs no router.
///
/// # Errors
/// 422 names `router_id` or `site_id`, whichever does not exist or takes nobody.
pub async fn named_place(
    services: &Services,
    target: Target,
    site_id: Option<Uuid>,
    router_id: Option<Uuid>,
) -> Result<Option<Place>, ApiError> {
    let site_id = site_id.map(Id::from_uuid);
    match (router_id.map(Id::from_uuid), site_id) {
        (Some(router_id), site_id) => Ok(Some(at_router(services, router_id, site_id).await?)),
        (None, Some(site_id)) => Ok(Some(at_site(services, target, site_id).await?)),
        (None, None) => Ok(None),
    }
}

async fn at_router(
    services: &Services,
    router_id: RouterId,
    site_id: Option<SiteId>,
) -> Result<Place, ApiError> {
    let router = services.hotspot.find_router(router_id).await?.map(|view| view.router);
    let takes_users = |router: &Router| router.takes_users() && router.access.mode.is_router();
    let router = router.filter(takes_users).ok_or_else(|| {
        said("router_id", "n'est pas un routeur en service", "is not a router that takes users")
    })?;
    if site_id.is_some_and(|site| site != router.site_id) {
        return Err(said("router_id", "se trouve sur un autre site", "stands at another site"));
    }
    Ok(Place { site_id: router.site_id, router_id: Some(router.id) })
}

async fn at_site(services: &Services, target: Target, site_id: SiteId) -> Result<Place, ApiError> {
    if target == Target::Radius {
        let sites = services.billing.reads().sites().await?;
        let there = sites.iter().any(|site| site.id == site_id);
        let problem = || said("site_id", "n'est pas un site", "is not a site");
        return there.then_some(Place { site_id, router_id: None }).ok_or_else(problem);
    }
    let takes_users = |view: &RouterView| view.router.is_default && view.router.takes_users();
    let routers = services.hotspot.list_routers(false).await?;
    if !routers.iter().any(|view| view.router.site_id == site_id && takes_users(view)) {
        return Err(said(
            "site_id",
            "n'est pas un site avec un routeur en service",
            "is not a site with a router that takes users",
        ));
    }
    Ok(Place { site_id, router_id: None })
}

fn said(field: &'static str, fr: &str, en: &str) -> ApiError {
    ApiError::field(field, FieldProblem::Said(fr.to_owned(), en.to_owned()))
}

/// A router is named, and what is wanted there is enforced by RADIUS.
pub fn router_for_radius() -> ApiError {
    let said = ("ne va pas avec un forfait par RADIUS", "does not go with a package by RADIUS");
    ApiError::field("router_id", FieldProblem::Said(said.0.to_owned(), said.1.to_owned()))
}

/// A package is named that is not on sale, or is not there at all.
pub fn package_not_on_sale() -> ApiError {
    let said = ("n'est pas en vente", "is not on sale");
    ApiError::field("user_profile_id", FieldProblem::Said(said.0.to_owned(), said.1.to_owned()))
}
