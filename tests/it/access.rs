//! Who may what: every route of the contract with every role. A new route without a row here fails.

use std::collections::BTreeSet;

use identity::{Identifiers, PersonName, use_cases::create_user::CreateUser};
use kernel::{EmailAddress, Locale, Origin, Role};
use persistence::{on_both_databases, testing::TestDatabase};
use portal::{http::openapi, startup::DEMO_PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

/// Who may call a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Who {
    /// Anybody, signed in or not.
    Anybody,
    /// Everybody who is signed in.
    SignedIn,
    /// Agents and admins.
    Agents,
    /// Admins alone.
    Admins,
}

use Who::{Admins, Agents, Anybody, SignedIn};

const MATRIX: &[(&str, &str, Who)] = &[
    ("GET", "/health/live", Anybody),
    ("GET", "/health/ready", Anybody),
    ("GET", "/api/openapi.json", Anybody),
    ("GET", "/api/v1/user-profiles", Anybody),
    ("GET", "/api/v1/user-profiles/{id}", Anybody),
    ("POST", "/api/v1/auth/register", Anybody),
    ("POST", "/api/v1/auth/login", Anybody),
    ("POST", "/api/v1/auth/token/refresh", Anybody),
    ("POST", "/api/v1/payments/callback/serdipay", Anybody),
    ("POST", "/api/v1/payments/callback/serdipay/{token}", Anybody),
    ("POST", "/api/v1/payments/callback/pawapay", Anybody),
    ("POST", "/api/v1/payments/callback/pawapay/{token}", Anybody),
    ("GET", "/api/v1/me", SignedIn),
    ("PATCH", "/api/v1/me", SignedIn),
    ("PUT", "/api/v1/me/password", SignedIn),
    ("PUT", "/api/v1/me/wifi-secret", SignedIn),
    ("GET", "/api/v1/me/credit", SignedIn),
    ("POST", "/api/v1/vouchers/redeem", Anybody),
    ("GET", "/api/v1/agent", Agents),
    ("POST", "/api/v1/agent/sales", Agents),
    ("GET", "/api/v1/agent/sales", Agents),
    ("GET", "/api/v1/agent/sales/{order}", Agents),
    ("POST", "/api/v1/agent/vouchers", Agents),
    ("GET", "/api/v1/agent/vouchers", Agents),
    ("GET", "/api/v1/agent/vouchers/{id}", Agents),
    ("POST", "/api/v1/agent/vouchers/{id}/print", Agents),
    ("GET", "/api/v1/agent/statement", Agents),
    ("GET", "/api/v1/agent/statement/export", Agents),
    ("GET", "/api/v1/orders", SignedIn),
    ("POST", "/api/v1/orders", Anybody),
    ("GET", "/api/v1/orders/{order}", SignedIn),
    ("POST", "/api/v1/orders/{order}/cancel", SignedIn),
    ("GET", "/api/v1/orders/{order}/credentials", SignedIn),
    ("GET", "/api/v1/orders/{order}/receipt", SignedIn),
    ("GET", "/api/v1/orders/{order}/receipt/pdf", SignedIn),
    ("GET", "/api/v1/payments", SignedIn),
    ("GET", "/api/v1/payments/{payment}", SignedIn),
    ("POST", "/api/v1/payments/{order}/initiate", SignedIn),
    ("POST", "/api/v1/payments/{order}/credit", SignedIn),
    ("GET", "/api/v1/hotspot-users", SignedIn),
    ("GET", "/api/v1/hotspot-users/{id}", SignedIn),
    ("GET", "/api/v1/hotspot-users/{id}/credentials", SignedIn),
    ("GET", "/api/v1/hotspot-users/{id}/sessions", SignedIn),
    ("GET", "/api/v1/hotspot-users/{id}/usage", SignedIn),
    ("GET", "/api/v1/sessions", SignedIn),
    ("GET", "/api/v1/radius-sessions", SignedIn),
    ("GET", "/api/v1/profile-usage/me", SignedIn),
    ("GET", "/api/v1/devices", SignedIn),
    ("PATCH", "/api/v1/devices/{id}", SignedIn),
    ("DELETE", "/api/v1/devices/{id}", SignedIn),
    ("GET", "/api/v1/notifications", SignedIn),
    ("GET", "/api/v1/notifications/unread-count", SignedIn),
    ("POST", "/api/v1/notifications/read-all", SignedIn),
    ("GET", "/api/v1/notifications/{id}", SignedIn),
    ("POST", "/api/v1/notifications/{id}/read", SignedIn),
    ("GET", "/api/v1/admin/users", Admins),
    ("POST", "/api/v1/admin/users", Admins),
    ("GET", "/api/v1/admin/users/export", Admins),
    ("GET", "/api/v1/admin/users/{id}", Admins),
    ("PATCH", "/api/v1/admin/users/{id}", Admins),
    ("DELETE", "/api/v1/admin/users/{id}", Admins),
    ("POST", "/api/v1/admin/guests/forget", Admins),
    ("POST", "/api/v1/admin/users/{id}/activate", Admins),
    ("POST", "/api/v1/admin/users/{id}/deactivate", Admins),
    ("POST", "/api/v1/admin/users/{id}/reset-password", Admins),
    ("GET", "/api/v1/admin/users/{id}/usage", Admins),
    ("GET", "/api/v1/promotions", Anybody),
    ("POST", "/api/v1/promotions/{id}/activate", Admins),
    ("POST", "/api/v1/promotions/{id}/deactivate", Admins),
    ("GET", "/api/v1/admin/promotions", Admins),
    ("POST", "/api/v1/admin/promotions", Admins),
    ("GET", "/api/v1/admin/promotions/{id}", Admins),
    ("PUT", "/api/v1/admin/promotions/{id}", Admins),
    ("DELETE", "/api/v1/admin/promotions/{id}", Admins),
    ("GET", "/api/v1/admin/promotions/{id}/users", Admins),
    ("GET", "/api/v1/admin/access-profiles", Admins),
    ("POST", "/api/v1/admin/access-profiles", Admins),
    ("GET", "/api/v1/admin/access-profiles/{id}", Admins),
    ("PUT", "/api/v1/admin/access-profiles/{id}", Admins),
    ("DELETE", "/api/v1/admin/access-profiles/{id}", Admins),
    ("GET", "/api/v1/admin/access-profiles/{id}/history", Admins),
    ("POST", "/api/v1/admin/users/{id}/wifi/enable", Admins),
    ("POST", "/api/v1/admin/users/{id}/wifi/disable", Admins),
    ("PUT", "/api/v1/admin/users/{id}/access-profile", Admins),
    ("GET", "/api/v1/admin/radius/explain/{username}", Admins),
    ("POST", "/api/v1/admin/radius/sessions/{id}/terminate", Admins),
    ("GET", "/api/v1/admin/radius/sessions/{id}/attempts", Admins),
    ("GET", "/api/v1/admin/audit-log", Admins),
    ("GET", "/api/v1/admin/hotspot-users", Admins),
    ("GET", "/api/v1/admin/hotspot-users/{id}", Admins),
    ("POST", "/api/v1/admin/hotspot-users/{id}/suspend", Admins),
    ("POST", "/api/v1/admin/hotspot-users/{id}/resume", Admins),
    ("POST", "/api/v1/admin/hotspot-users/{id}/revoke", Admins),
    ("POST", "/api/v1/admin/hotspot-users/{id}/extend", Admins),
    ("POST", "/api/v1/admin/hotspot-users/{id}/move", Admins),
    ("GET", "/api/v1/admin/routers", Admins),
    ("POST", "/api/v1/admin/routers", Admins),
    ("GET", "/api/v1/admin/routers/{id}", Admins),
    ("PUT", "/api/v1/admin/routers/{id}", Admins),
    ("DELETE", "/api/v1/admin/routers/{id}", Admins),
    ("POST", "/api/v1/admin/routers/{id}/default", Admins),
    ("POST", "/api/v1/admin/routers/{id}/test", Admins),
    ("GET", "/api/v1/admin/sites", Admins),
    ("POST", "/api/v1/admin/sites", Admins),
    ("GET", "/api/v1/admin/sessions", Admins),
    ("GET", "/api/v1/admin/sessions/export", Admins),
    ("POST", "/api/v1/admin/sessions/{id}/terminate", Admins),
    ("POST", "/api/v1/admin/sessions/{id}/rate-limit", Admins),
    ("GET", "/api/v1/admin/router-users", Admins),
    ("POST", "/api/v1/admin/router-users/{id}/adopt", Admins),
    ("POST", "/api/v1/admin/router-users/{id}/ignore", Admins),
    ("GET", "/api/v1/admin/blocks", Admins),
    ("POST", "/api/v1/admin/blocks", Admins),
    ("DELETE", "/api/v1/admin/blocks/{id}", Admins),
    ("GET", "/api/v1/admin/monitoring/interfaces", Admins),
    ("GET", "/api/v1/admin/radius/auth-log", Admins),
    ("GET", "/api/v1/admin/radius/auth-log/export", Admins),
    ("GET", "/api/v1/admin/radius/auth-log/stream", Admins),
    ("GET", "/api/v1/admin/radius/rates", Admins),
    ("GET", "/api/v1/admin/radius/servers", Admins),
    ("POST", "/api/v1/admin/radius/reload", Admins),
    ("GET", "/api/v1/admin/radius/sessions", Admins),
    ("GET", "/api/v1/admin/radius/nas-clients", Admins),
    ("POST", "/api/v1/admin/radius/nas-clients", Admins),
    ("GET", "/api/v1/admin/radius/nas-clients/{id}", Admins),
    ("PUT", "/api/v1/admin/radius/nas-clients/{id}", Admins),
    ("DELETE", "/api/v1/admin/radius/nas-clients/{id}", Admins),
    ("GET", "/api/v1/admin/login-locks", Admins),
    ("DELETE", "/api/v1/admin/login-locks/{id}", Admins),
    ("GET", "/api/v1/admin/receipts", Admins),
    ("GET", "/api/v1/admin/receipts/export", Admins),
    ("GET", "/api/v1/admin/orders/{order}/receipt/pdf", Admins),
    ("GET", "/api/v1/admin/sites/{id}/seller", Admins),
    ("PUT", "/api/v1/admin/sites/{id}/seller", Admins),
    ("GET", "/api/v1/admin/sites/{id}/payment-grace", Admins),
    ("PUT", "/api/v1/admin/sites/{id}/payment-grace", Admins),
    ("GET", "/api/v1/admin/agents", Admins),
    ("GET", "/api/v1/admin/agents/{id}", Admins),
    ("PUT", "/api/v1/admin/agents/{id}", Admins),
    ("POST", "/api/v1/admin/agents/{id}/transfers", Admins),
    ("GET", "/api/v1/admin/agents/{id}/statement", Admins),
    ("GET", "/api/v1/admin/agents/{id}/statement/export", Admins),
    ("GET", "/api/v1/admin/voucher-batches", Admins),
    ("POST", "/api/v1/admin/voucher-batches", Admins),
    ("GET", "/api/v1/admin/voucher-batches/{id}", Admins),
    ("GET", "/api/v1/admin/voucher-batches/{id}/vouchers", Admins),
    ("POST", "/api/v1/admin/voucher-batches/{id}/print", Admins),
    ("POST", "/api/v1/admin/voucher-batches/{id}/suspend", Admins),
    ("POST", "/api/v1/admin/voucher-batches/{id}/resume", Admins),
    ("POST", "/api/v1/admin/voucher-batches/{id}/revoke", Admins),
    ("POST", "/api/v1/admin/vouchers/{id}/revoke", Admins),
    ("GET", "/api/v1/admin/orders", Admins),
    ("GET", "/api/v1/admin/orders/export", Admins),
    ("GET", "/api/v1/admin/orders/totals", Admins),
    ("GET", "/api/v1/admin/orders/{order}", Admins),
    ("GET", "/api/v1/admin/orders/{order}/events", Admins),
    ("POST", "/api/v1/admin/orders/{order}/provision", Admins),
    ("GET", "/api/v1/admin/payments", Admins),
    ("GET", "/api/v1/admin/payments/export", Admins),
    ("GET", "/api/v1/admin/payments/totals", Admins),
    ("GET", "/api/v1/admin/payments/{payment}", Admins),
    ("POST", "/api/v1/admin/payments/{payment}/confirm", Admins),
    ("POST", "/api/v1/admin/payments/{payment}/reject", Admins),
    ("POST", "/api/v1/admin/payments/{payment}/refunds", Admins),
    ("GET", "/api/v1/admin/refunds", Admins),
    ("GET", "/api/v1/admin/refunds/{refund}", Admins),
    ("POST", "/api/v1/admin/refunds/{refund}/approve", Admins),
    ("POST", "/api/v1/admin/refunds/{refund}/confirm", Admins),
    ("POST", "/api/v1/admin/refunds/{refund}/reject", Admins),
    ("GET", "/api/v1/admin/gateway-limits", Admins),
    ("PUT", "/api/v1/admin/gateway-limits", Admins),
    ("GET", "/api/v1/admin/review-tasks", Admins),
    ("POST", "/api/v1/admin/review-tasks/{task}/close", Admins),
    ("POST", "/api/v1/admin/statements", Admins),
    ("GET", "/api/v1/admin/statements", Admins),
    ("GET", "/api/v1/admin/statements/{statement}", Admins),
    ("GET", "/api/v1/admin/statements/{statement}/lines", Admins),
    ("GET", "/api/v1/admin/agreements", Admins),
    ("GET", "/api/v1/admin/agreements/{date}", Admins),
    ("GET", "/api/v1/admin/agreements/{date}/export", Admins),
    ("GET", "/api/v1/admin/user-profiles", Admins),
    ("POST", "/api/v1/admin/user-profiles", Admins),
    ("GET", "/api/v1/admin/user-profiles/{id}", Admins),
    ("PUT", "/api/v1/admin/user-profiles/{id}", Admins),
    ("DELETE", "/api/v1/admin/user-profiles/{id}", Admins),
    ("POST", "/api/v1/auth/logout", SignedIn),
    ("POST", "/api/v1/auth/logout-all", SignedIn),
    ("POST", "/api/v1/auth/stream-tickets", SignedIn),
];

on_both_databases!(every_role_may_call_what_it_should_and_nothing_else, nobody_sees_what_is_anothers);

#[test]
fn every_route_has_its_row() {
    let contract = serde_json::to_value(openapi::document()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, methods) in contract["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|name| *name != "parameters") {
            routes.insert((method.to_uppercase(), path.clone()));
        }
    }
    let rows: BTreeSet<_> =
        MATRIX.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(rows, routes);
}

async fn every_role_may_call_what_it_should_and_nothing_else(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let agent = an_agent(&app).await;
    for (caller, role) in [
        (None, "nobody"),
        (Some("user1@demo.test"), "user"),
        (Some(agent.as_str()), "agent"),
        (Some("admin@demo.test"), "admin"),
    ] {
        for (method, path, who) in MATRIX {
            // A token for this very request: some of the routes end sessions.
            let token = match caller {
                Some(login) => Some(app.log_in(login).await),
                None => None,
            };
            let may = match who {
                Anybody => true,
                SignedIn => caller.is_some(),
                Agents => role == "agent" || role == "admin",
                Admins => role == "admin",
            };
            let body = (*method != "GET").then(|| json!({}));
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let reply = app.send(method.clone(), &filled_in(path), token.as_deref(), body).await;
            let refused =
                matches!(reply.body["meta"]["code"].as_str(), Some("unauthenticated" | "forbidden"));
            assert_eq!(!refused, may, "{role} {method} {path}: {} {}", reply.status, reply.body);
            let expected = if caller.is_none() { 401 } else { 403 };
            assert!(may || reply.status.as_u16() == expected, "{role} {method} {path}: {}", reply.status);
            assert!(reply.status.as_u16() < 500, "{role} {method} {path}: {}", reply.body);
        }
    }
    app.end().await;
}

async fn nobody_sees_what_is_anothers(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (owner, other) = (app.log_in("user1@demo.test").await, app.log_in("user2@demo.test").await);
    let admin = app.log_in("admin@demo.test").await;
    let order = app.order(&owner, "2H", 1).await;
    let payment = app.pay(&owner, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;
    let users = app.get("/api/v1/hotspot-users", &owner).await.data(200);
    let user = users[0]["id"].as_str().unwrap();
    let inbox = app.get("/api/v1/notifications", &owner).await.data(200);
    let entry = inbox[0]["id"].as_str().unwrap();
    for path in [
        format!("/api/v1/orders/{order}"),
        format!("/api/v1/payments/{payment}"),
        format!("/api/v1/hotspot-users/{user}"),
        format!("/api/v1/hotspot-users/{user}/credentials"),
        format!("/api/v1/notifications/{entry}"),
    ] {
        assert_eq!(app.get(&path, &owner).await.status, 200, "{path}");
        // Even an admin sees no more than their own there.
        for stranger in [&other, &admin] {
            assert_eq!(app.get(&path, stranger).await.code(404), "not_found", "{path}");
        }
    }
    for list in ["orders", "payments", "hotspot-users", "notifications"] {
        assert_eq!(app.get(&format!("/api/v1/{list}"), &other).await.data(200), json!([]), "{list}");
    }
    let cancelled = app.post(&format!("/api/v1/orders/{order}/cancel"), &other, Value::Null).await;
    assert_eq!(cancelled.code(404), "not_found");
    app.end().await;
}

/// A path with something in the place of its parameters.
fn filled_in(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix('{') {
        Some("token}") => "a-token",
        Some(_) => "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90",
        None => part,
    });
    let filled_in = parts.collect::<Vec<_>>().join("/");
    // A stream has no end to be waited for; what cannot be read is refused after the caller was let in.
    if filled_in.ends_with("/stream") { filled_in + "?ip=nowhere" } else { filled_in }
}

/// Makes an account with the role of an agent, and gives its login.
pub async fn an_agent(app: &TestApp) -> String {
    somebody(app, "agent@demo.test", Role::Agent).await
}

/// Makes an account with a role, and gives its login.
pub async fn somebody(app: &TestApp, login: &str, role: Role) -> String {
    let command = CreateUser {
        first_name: PersonName::parse("Agent").unwrap(),
        last_name: PersonName::parse("Demo").unwrap(),
        identifiers: Identifiers::new(None, EmailAddress::parse(login).ok(), None).unwrap(),
        promotion_id: None,
        role,
        locale: Locale::En,
        password: DEMO_PASSWORD.into(),
        activate_wifi: false,
    };
    app.composition.services.identity.create_user(command, &Origin::system("test")).await.unwrap();
    login.to_owned()
}
