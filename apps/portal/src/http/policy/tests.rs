//! The layers as a caller meets them, on a few routes of their own.

use actix_web::{
    HttpResponse, Responder, get,
    http::{Method, StatusCode, header},
    post,
    test::TestRequest,
};
use billing::queries::Scope;
use kernel::Permission;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::{Access, Buyer, Caller, Limit, ORDER_TOKEN, RequestContext, Rule};
use crate::http::{
    envelope::Answer,
    error::ApiError,
    idempotency::IdempotencyHeader,
    input::{Json, PathId},
    testing::Portal,
};

#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Thing {
    #[validate(range(min = 1, max = 9))]
    count: u32,
}

#[derive(Debug, Serialize, ToSchema)]
struct Seen {
    actor: String,
    ip: Option<String>,
    locale: &'static str,
    key: bool,
}

#[utoipa::path]
#[get("/open")]
async fn open(context: RequestContext) -> impl Responder {
    Answer::ok(Seen {
        actor: context.origin.actor.to_string(),
        ip: context.origin.ip.map(|ip| ip.to_string()),
        locale: context.locale.tag(),
        key: false,
    })
}

#[utoipa::path]
#[get("/things/{id}")]
async fn thing(caller: Caller, id: PathId<kernel::id::of::Order>) -> String {
    format!("{} {}", caller.0.role, id.0)
}

#[utoipa::path]
#[post("/things")]
async fn add(
    context: RequestContext,
    key: IdempotencyHeader,
    body: Json<Thing>,
) -> Result<Answer<Seen>, ApiError> {
    let key = key.over(body.bytes()).is_some();
    if body.into_inner().count == 9 {
        return Err(ApiError::internal("the password is hunter2"));
    }
    let actor = context.origin.actor.to_string();
    Ok(Answer::created(Seen { actor, ip: None, locale: "", key }, "/things/1"))
}

#[utoipa::path]
#[get("/orders/{id}")]
async fn order(buyer: Buyer) -> String {
    match buyer.0 {
        Scope::Own(_) => "own",
        Scope::Order(_) => "order",
        Scope::All => "all",
    }
    .to_owned()
}

#[utoipa::path]
#[get("/shop")]
async fn shop() -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[utoipa::path]
#[get("/forgotten")]
async fn forgotten() -> HttpResponse {
    HttpResponse::Ok().finish()
}

static RULES: &[Rule] = &[
    Rule { method: Method::GET, pattern: "/open", access: Access::Public, limit: Limit::ByRole },
    Rule {
        method: Method::GET,
        pattern: "/things/{id}",
        access: Access::Permission(Permission::OrdersManage),
        limit: Limit::None,
    },
    Rule {
        method: Method::GET,
        pattern: "/orders/{id}",
        access: Access::TokenOr(Permission::OrdersOwn),
        limit: Limit::None,
    },
    Rule {
        method: Method::GET,
        pattern: "/shop",
        access: Access::GuestOr(Permission::OrdersManage),
        limit: Limit::None,
    },
    Rule { method: Method::POST, pattern: "/things", access: Access::Authenticated, limit: Limit::ByRole },
];

fn portal() -> Portal {
    Portal::new(RULES, |config| {
        config.service(open).service(thing).service(add).service(order).service(shop).service(forgotten);
    })
}

fn signed_in(request: TestRequest, token: &str) -> TestRequest {
    request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
}

fn get_to(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn add_thing(body: &'static str) -> TestRequest {
    let request = TestRequest::post().uri("/things").set_payload(body);
    signed_in(request.insert_header((header::CONTENT_TYPE, "application/json")), "user")
}

const SOME_THING: &str = "/things/0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90";

#[actix_web::test]
async fn the_table_decides_who_may_call_what() {
    let portal = portal();
    for (token, path, status) in [
        (None, "/open", 200),
        (Some("nobody's"), "/open", 200),
        (None, SOME_THING, 401),
        (Some("nobody's"), SOME_THING, 401),
        (Some("user"), SOME_THING, 403),
        (Some("admin"), SOME_THING, 200),
        (Some("admin"), "/forgotten", 404),
        (Some("admin"), "/nowhere", 404),
    ] {
        let request = match token {
            Some(token) => signed_in(get_to(path), token),
            None => get_to(path),
        };
        assert_eq!(portal.call(request).await.status.as_u16(), status, "{token:?} {path}");
    }
}

#[actix_web::test]
async fn a_guest_is_nobody_who_is_signed_in() {
    let portal = portal();
    assert_eq!(portal.call(get_to("/shop")).await.status.as_u16(), 200);
    for (token, status) in [("nobody's", 401), ("user", 403), ("admin", 200)] {
        let told = portal.call(signed_in(get_to("/shop"), token)).await;
        assert_eq!(told.status.as_u16(), status, "{token}");
    }
}

#[actix_web::test]
async fn the_token_of_an_order_stands_for_an_account() {
    let portal = portal();
    let with = |token: &'static str| get_to("/orders/1").insert_header((ORDER_TOKEN, token));
    assert_eq!(portal.call(get_to("/orders/1")).await.code(), "unauthenticated");
    assert_eq!(portal.call(signed_in(get_to("/orders/1"), "user")).await.body, "own");
    assert_eq!(portal.call(with("order")).await.body, "order");
    assert_eq!(portal.call(signed_in(with("order"), "user")).await.body, "order");
    assert_eq!(portal.call(signed_in(with("wrong"), "user")).await.code(), "invalid_order_token");
    let told = portal.call(with("again")).await;
    assert_eq!((told.code().as_str(), told.header("retry-after")), ("too_many_guesses", "60"));
    // Elsewhere it is looked at by nobody.
    assert_eq!(portal.call(get_to("/open").insert_header((ORDER_TOKEN, "wrong"))).await.status.as_u16(), 200);
}

#[actix_web::test]
async fn a_caller_without_a_session_is_told_how_to_get_one() {
    let told = portal().call(get_to(SOME_THING)).await;
    assert_eq!(told.header("www-authenticate"), "Bearer");
    assert_eq!(told.code(), "unauthenticated");
}

#[actix_web::test]
async fn a_wrong_method_names_the_right_ones() {
    let told = portal().call(TestRequest::delete().uri("/things")).await;
    assert_eq!((told.status.as_u16(), told.header("allow")), (405, "POST"));
    assert_eq!(told.code(), "method_not_allowed");
}

#[actix_web::test]
async fn head_is_answered_as_get() {
    let head = TestRequest::default().method(Method::HEAD).uri("/open");
    assert_eq!(portal().call(head).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn errors_are_an_envelope_or_a_problem_in_the_callers_language() {
    let portal = portal();
    let told = portal.call(get_to("/nowhere")).await;
    let json = told.json();
    assert_eq!(json["success"], false);
    assert_eq!(json["data"], Value::Null);
    assert_eq!(json["meta"]["message"], "Introuvable.");
    assert_eq!(json["meta"]["request_id"], told.header("x-request-id"));
    let asked = get_to("/nowhere")
        .insert_header((header::ACCEPT, "application/problem+json"))
        .insert_header((header::ACCEPT_LANGUAGE, "en-GB"));
    let told = portal.call(asked).await;
    assert_eq!(told.header("content-type"), "application/problem+json");
    assert_eq!(told.json()["title"], "Not found.");
    assert_eq!(told.json()["status"], 404);
}

#[actix_web::test]
async fn an_internal_error_tells_nothing_of_its_cause() {
    let told = portal().call(add_thing(r#"{"count": 9}"#)).await;
    assert_eq!((told.status.as_u16(), told.code().as_str()), (500, "internal_error"));
    assert!(!told.body.contains("hunter2"));
    let broken = portal().call(signed_in(get_to("/open"), "broken")).await;
    assert_eq!(broken.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!broken.body.contains("secret host name"));
}

#[actix_web::test]
async fn bodies_are_refused_by_what_is_wrong_with_them() {
    let portal = portal();
    for (body, status, field) in [
        (r#"{"count": 1}"#, 201, None),
        (r#"{"count": "#, 400, None),
        (r#"{"count": "x"}"#, 422, Some("count")),
        (r#"{"count": 10}"#, 422, Some("count")),
        (r#"{"count": 1, "more": 1}"#, 422, Some("more")),
    ] {
        let told = portal.call(add_thing(body)).await;
        assert_eq!(told.status.as_u16(), status, "{body}");
        let errors = told.json()["errors"].as_object().cloned().unwrap_or_default();
        assert_eq!(errors.keys().next().map(String::as_str), field, "{body}");
    }
    let large = add_thing("").set_payload(format!("{}1", " ".repeat(2000)));
    assert_eq!(portal.call(large).await.status.as_u16(), 413);
    let form = add_thing("count=1").insert_header((header::CONTENT_TYPE, "text/plain"));
    assert_eq!(portal.call(form).await.status.as_u16(), 415);
}

#[actix_web::test]
async fn an_id_that_is_none_is_named() {
    let told = portal().call(signed_in(get_to("/things/seven"), "admin")).await;
    assert_eq!(told.status.as_u16(), 422);
    assert_eq!(told.json()["errors"]["id"][0], "must be a UUID");
}

#[actix_web::test]
async fn an_idempotency_key_reaches_the_handler_or_is_refused() {
    let portal = portal();
    let with = |key: &'static str| add_thing(r#"{"count": 1}"#).insert_header(("Idempotency-Key", key));
    assert_eq!(portal.call(with(r#""abc""#)).await.json()["data"]["key"], true);
    assert_eq!(portal.call(add_thing(r#"{"count": 1}"#)).await.json()["data"]["key"], false);
    let told = portal.call(with("a b")).await;
    assert_eq!(told.status.as_u16(), 400);
    assert!(told.json()["errors"]["Idempotency-Key"].is_array());
}

#[actix_web::test]
async fn a_request_keeps_the_name_that_it_came_with() {
    let portal = portal();
    let named = |id: &'static str| get_to("/open").insert_header(("X-Request-Id", id));
    let told = portal.call(named("caller-0001")).await;
    assert_eq!(told.header("x-request-id"), "caller-0001");
    assert_eq!(told.json()["meta"]["request_id"], "caller-0001");
    let told = portal.call(named("x y")).await;
    assert_eq!(told.header("x-request-id").len(), 36);
}

#[actix_web::test]
async fn a_forwarded_address_is_believed_from_a_trusted_proxy_alone() {
    let portal = portal();
    for (peer, seen) in [("10.0.0.1:1", "198.51.100.7"), ("192.0.2.1:1", "192.0.2.1")] {
        let request = get_to("/open")
            .peer_addr(peer.parse().unwrap())
            .insert_header(("X-Forwarded-For", "198.51.100.7"));
        assert_eq!(portal.call(request).await.json()["data"]["ip"], seen);
    }
}

#[actix_web::test]
async fn a_user_is_answered_in_their_own_language() {
    let french = signed_in(get_to("/open"), "user").insert_header((header::ACCEPT_LANGUAGE, "fr"));
    assert_eq!(portal().call(french).await.json()["data"]["locale"], "en");
}

#[actix_web::test]
async fn who_sends_too_much_is_told_when_to_come_back() {
    let portal = portal();
    for remaining in ["2", "1", "0"] {
        let told = portal.call(get_to("/open")).await;
        assert_eq!(told.status, StatusCode::OK);
        assert_eq!(told.header("ratelimit-limit"), "3");
        assert_eq!(told.header("ratelimit-remaining"), remaining);
    }
    let told = portal.call(get_to("/open")).await;
    assert_eq!((told.status.as_u16(), told.code().as_str()), (429, "rate_limited"));
    assert_eq!(told.header("retry-after"), "20");
    assert_eq!(told.header("ratelimit"), "\"guest\";r=0;t=20");
    assert_eq!(told.header("ratelimit-policy"), "\"guest\";q=3;w=60");
    let operator = get_to("/open").insert_header(("X-Rate-Limit-Bypass", "a-token-of-the-operator"));
    assert_eq!(portal.call(operator).await.status, StatusCode::OK);
    let guess = get_to("/open").insert_header(("X-Rate-Limit-Bypass", "a-token-of-an-intruder"));
    assert_eq!(portal.call(guess).await.status.as_u16(), 429);
    let user = portal.call(signed_in(get_to("/open"), "user")).await;
    assert_eq!((user.status.as_u16(), user.header("ratelimit-limit")), (200, "120"));
}

#[actix_web::test]
async fn browsers_are_told_to_run_nothing_and_keep_nothing() {
    let told = portal().call(get_to("/open")).await;
    assert_eq!(told.header("x-content-type-options"), "nosniff");
    assert_eq!(told.header("cache-control"), "no-store");
    assert!(told.header("content-security-policy").starts_with("default-src 'none'"));
}
