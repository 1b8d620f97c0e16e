//! The contract as a document for programs and as a page for people. The page is served from this binary alone,
//! so that it works without a network.

use std::sync::OnceLock;

use actix_web::{HttpResponse, get, http::header, web::ServiceConfig};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::openapi;

const DOCUMENT: &str = "/api/openapi.json";

/// The OpenAPI document.
#[utoipa::path(
    tag = "Service",
    responses((
        status = 200,
        description = "This document.",
        body = Object,
        content_type = "application/json",
        example = json!({"openapi": "3.1.0"}),
    ))
)]
#[get("/api/openapi.json")]
pub(crate) async fn show_contract() -> HttpResponse {
    static JSON: OnceLock<String> = OnceLock::new();
    let json = JSON.get_or_init(|| openapi::document().to_json().unwrap_or_default());
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type("application/json")
        .body(json.as_str())
}

/// Where the page is.
#[get("/docs")]
async fn show_page() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// Adds the page.
pub fn pages(config: &mut ServiceConfig) {
    // The default would ask a server on the internet whether the document is valid.
    let settings = Config::new([DOCUMENT])
        .validator_url("none")
        .persist_authorization(true)
        .try_it_out_enabled(true)
        .display_operation_id(true);
    config.service(show_page).service(SwaggerUi::new("/docs/{_:.*}").config(settings));
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use crate::http::{openapi, policy::rules::RULES, routes, testing::Portal};

    #[actix_web::test]
    async fn the_page_finds_everything_it_needs_in_this_service() {
        let portal = Portal::new(RULES, routes);
        let get = |path: &str| {
            let bypass = ("X-Rate-Limit-Bypass", "a-token-of-the-operator");
            portal.call(TestRequest::get().uri(path).insert_header(bypass))
        };
        assert_eq!(get("/docs").await.header("location"), "/docs/");
        let page = get("/docs/").await;
        assert!(page.header("content-security-policy").contains("script-src 'self'"));
        let sources = page.body.split("src=\"").skip(1).chain(page.body.split("href=\"").skip(1));
        let sources: Vec<&str> = sources.filter_map(|rest| rest.split('"').next()).collect();
        assert!(sources.len() > 3, "{sources:?}");
        for source in sources.into_iter().filter(|source| !source.ends_with(".png")) {
            let file = get(&format!("/docs/{}", source.trim_start_matches("./"))).await;
            assert_eq!(file.status, 200, "{source}");
        }
    }

    #[actix_web::test]
    async fn the_document_is_the_one_that_the_command_line_prints() {
        let served = Portal::new(RULES, routes).call(TestRequest::get().uri("/api/openapi.json")).await;
        assert_eq!(served.json(), serde_json::to_value(openapi::document()).unwrap());
    }
}
