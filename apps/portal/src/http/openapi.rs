//! The API's contract (OpenAPI 3.1), made from the routes themselves. What is the same for every route is added
//! here, once: security and refusals from the policy table, the form of errors, the list of codes.

use std::fmt::Write as _;

use actix_web::{
    App,
    http::{Method, StatusCode},
};
use kernel::Locale;
use serde_json::json;
use utoipa::{
    OpenApi,
    openapi::{
        self, Components, Content, HeaderBuilder, ObjectBuilder, PathItem, Ref, RefOr, Response,
        ResponseBuilder, SecurityRequirement, Type,
        path::Operation,
        schema::{ArrayItems, Schema},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_actix_web::AppExt as _;

use super::{
    envelope::ErrorEnvelope,
    error::{
        ApiErrorCode,
        render::{PROBLEM, Problem},
    },
    policy::{
        self, Access, Limit, Rule,
        rules::{RULES, access_rule},
    },
};

const BEARER: &str = "bearer";
const ORDER_TOKEN: &str = "order_token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hotspot portal",
        description = "Sells Wi-Fi access: packages, orders, mobile-money payments, and the credentials that they buy.\n\n\
            Every JSON answer is an envelope of `success`, `data`, `meta` and `errors`. What went wrong has a stable \
            `meta.code` and a sentence in the caller's language; a caller that accepts `application/problem+json` gets \
            the same as RFC 9457 has it. `meta.request_id` names the request: send your own as `X-Request-Id`, or \
            take ours from the answer's header.\n\n\
            Requests are limited per minute by session, or by address and route; the headers `RateLimit-Limit`, \
            `RateLimit-Remaining` and `RateLimit-Reset` say how things stand. `/x` is always the caller's own, \
            `/admin/x` is everybody's. Moments are UTC (RFC 3339), money is a decimal text and a currency.",
        license(name = "MIT", identifier = "MIT"),
    ),
    servers((url = "/", description = "The portal that serves this document")),
    components(schemas(ErrorEnvelope, Problem)),
    tags(
        (name = "Authentication", description = "Signing in and out"),
        (name = "Account", description = "The caller's own account"),
        (name = "Packages", description = "What is on sale"),
        (name = "Orders", description = "What was bought, and how far it is on its way"),
        (name = "Vouchers", description = "Codes that are good for one set of credentials"),
        (name = "Agents", description = "Selling over the counter, out of a wallet that was filled before"),
        (name = "Payments", description = "Attempts to pay an order by mobile money"),
        (name = "Gateway callbacks", description = "What payment gateways tell us"),
        (name = "Hotspot users", description = "Wi-Fi credentials"),
        (name = "Usage", description = "Sessions by RADIUS, and what was used of the quotas"),
        (name = "Devices", description = "What signs in with the caller's credentials"),
        (name = "Notifications", description = "The caller's inbox"),
        (name = "Administration", description = "Everybody's things, for those who run the portal"),
        (name = "Service", description = "Whether the service is well, and this document"),
    )
)]
struct Contract;

/// The document. It needs neither state nor a database.
#[must_use]
pub fn document() -> openapi::OpenApi {
    let (_, mut document) =
        App::new().into_utoipa_app().openapi(Contract::openapi()).configure(super::routes).split_for_parts();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            if let Some(rule) = access_rule(RULES, &method, path) {
                complete(operation, rule);
            }
        }
    }
    let components = document.components.get_or_insert_with(Components::new);
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The access token that signing in gives."))
        .build();
    components.security_schemes.insert(BEARER.to_owned(), SecurityScheme::Http(bearer).into());
    let description = "The token that a guest's order was answered with; it opens this order alone.";
    let order_token = ApiKeyValue::with_description(policy::ORDER_TOKEN.as_str(), description);
    let order_token = SecurityScheme::ApiKey(ApiKey::Header(order_token));
    components.security_schemes.insert(ORDER_TOKEN.to_owned(), order_token.into());
    for code in ApiErrorCode::ALL {
        components.responses.insert(code.as_str().to_owned(), refusal(*code).into());
    }
    if let Some(RefOr::T(Schema::Object(codes))) = components.schemas.get_mut("ApiErrorCode") {
        codes.description = Some(list_of_codes());
    }
    name_views(components);
    drop_unused(&mut document);
    document
}

/// A view stands written out in its envelope's schema; it gets a schema of its own, so that generated clients
/// have a type for it.
fn name_views(components: &mut Components) {
    let mut views = Vec::new();
    for (name, schema) in &mut components.schemas {
        let RefOr::T(Schema::Object(envelope)) = schema else {
            continue;
        };
        let Some(data) = envelope.properties.get_mut("data") else {
            continue;
        };
        let Some((_, view)) = name.split_once("Envelope_") else {
            continue;
        };
        let view = view.trim_start_matches("Vec_");
        let place = match data {
            RefOr::T(Schema::Array(list)) => {
                list.description.get_or_insert_with(|| "What was asked for.".to_owned());
                match &mut list.items {
                    ArrayItems::RefOrSchema(item) => item.as_mut(),
                    ArrayItems::False => continue,
                }
            }
            one => one,
        };
        views.push((view.to_owned(), std::mem::replace(place, Ref::from_schema_name(view).into())));
    }
    components.schemas.extend(views);
}

/// Every operation of a path, with its method.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    [
        (Method::GET, item.get.as_mut()),
        (Method::POST, item.post.as_mut()),
        (Method::PUT, item.put.as_mut()),
        (Method::PATCH, item.patch.as_mut()),
        (Method::DELETE, item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

/// Adds what the table and the layers in front of every handler make true of an operation.
fn complete(operation: &mut Operation, rule: &Rule) {
    let mut refusals =
        vec![ApiErrorCode::MalformedRequest, ApiErrorCode::InternalError, ApiErrorCode::ServiceUnavailable];
    operation.security = Some(match rule.access {
        Access::Public => Vec::new(),
        // What is required of nobody comes last: whoever can sign in should.
        Access::GuestOr(_) => vec![SecurityRequirement::new(BEARER, [""; 0]), SecurityRequirement::default()],
        Access::TokenOr(_) => {
            refusals.extend([ApiErrorCode::InvalidOrderToken, ApiErrorCode::TooManyGuesses]);
            [BEARER, ORDER_TOKEN].map(|scheme| SecurityRequirement::new(scheme, [""; 0])).into()
        }
        Access::Authenticated | Access::Permission(_) | Access::Stream(_) => {
            refusals.push(ApiErrorCode::Unauthenticated);
            vec![SecurityRequirement::new(BEARER, [""; 0])]
        }
    });
    if let Some(permission) = rule.access.permission() {
        refusals.push(ApiErrorCode::Forbidden);
        let description = operation.description.get_or_insert_default();
        if !description.is_empty() {
            description.push_str("\n\n");
        }
        let or_else = match rule.access {
            Access::GuestOr(_) => ", unless nobody is signed in",
            Access::TokenOr(_) => ", or the order's token in `Order-Token`",
            _ => "",
        };
        // Writing to a String cannot fail.
        write!(description, "Needs the permission `{permission}`{or_else}.").ok();
    }
    if rule.limit != Limit::None {
        refusals.push(ApiErrorCode::RateLimited);
    }
    let takes_body = operation.request_body.is_some();
    if takes_body {
        refusals.extend([ApiErrorCode::PayloadTooLarge, ApiErrorCode::UnsupportedMediaType]);
    }
    if takes_body || operation.parameters.as_ref().is_some_and(|list| !list.is_empty()) {
        refusals.push(ApiErrorCode::ValidationFailed);
    }
    let responses = &mut operation.responses.responses;
    for response in responses.iter_mut() {
        describe_body(response);
    }
    for code in refusals {
        responses
            .entry(code.status().as_str().to_owned())
            .or_insert_with(|| Ref::from_response_name(code.as_str()).into());
    }
}

/// An endpoint names its own refusals by status and description alone; their body is always the same.
fn describe_body((status, response): (&String, &mut RefOr<Response>)) {
    let is_refusal = status.starts_with('4') || status.starts_with('5');
    if let RefOr::T(response) = response
        && is_refusal
        && response.content.is_empty()
    {
        response.content = error_content(None).into_iter().collect();
    }
}

fn error_content(code: Option<ApiErrorCode>) -> [(String, RefOr<Content>); 2] {
    let content = |schema: &str, example: Option<serde_json::Value>| {
        let mut content = Content::new(Some(Ref::from_schema_name(schema)));
        content.example = example;
        RefOr::from(content)
    };
    let request_id = "0197f2a4-6a1e-4c53-9b7e-2f5d8c1a3e90";
    let envelope = code.map(|code| {
        json!({
            "success": false,
            "data": null,
            "meta": {"request_id": request_id, "code": code, "message": code.sentence(Locale::Fr)},
            "errors": {},
        })
    });
    let problem = code.map(|code| {
        json!({
            "type": format!("urn:hotspot-portal:problem:{}", code.as_str()),
            "status": code.status().as_u16(),
            "title": code.sentence(Locale::Fr),
            "code": code,
            "request_id": request_id,
            "errors": {},
        })
    });
    [
        ("application/json".to_owned(), content("ErrorEnvelope", envelope)),
        (PROBLEM.to_owned(), content("Problem", problem)),
    ]
}

fn refusal(code: ApiErrorCode) -> Response {
    let text = format!("`{}`: {}", code.as_str(), code.sentence(Locale::En));
    let mut response = ResponseBuilder::new().description(text);
    let header = |kind: Type, description: &str| {
        HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(kind)))
            .description(Some(description))
            .build()
    };
    if code.status() == StatusCode::TOO_MANY_REQUESTS {
        let retry = header(Type::Integer, "Seconds to wait before the next request");
        response = response.header("Retry-After", retry);
    }
    if code.status() == StatusCode::UNAUTHORIZED {
        let scheme = header(Type::String, "The scheme to sign in with: `Bearer`");
        response = response.header("WWW-Authenticate", scheme);
    }
    let mut response = response.build();
    response.content = error_content(Some(code)).into_iter().collect();
    response
}

fn list_of_codes() -> String {
    let mut text =
        "What went wrong, for programs. The list is closed.\n\n| code | status | meaning |\n|---|---|---|\n"
            .to_owned();
    for code in ApiErrorCode::ALL {
        let (name, status) = (code.as_str(), code.status().as_u16());
        // Writing to a String cannot fail.
        writeln!(text, "| `{name}` | {status} | {} |", code.sentence(Locale::En)).ok();
    }
    text
}

/// Leaves out the refusals that no operation refers to.
fn drop_unused(document: &mut openapi::OpenApi) {
    let paths = serde_json::to_string(&document.paths).unwrap_or_default();
    if let Some(components) = &mut document.components {
        components.responses.retain(|name, _| paths.contains(&format!("#/components/responses/{name}\"")));
    }
}

#[cfg(test)]
mod tests;
