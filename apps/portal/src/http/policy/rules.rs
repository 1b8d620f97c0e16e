//! The table: every route of the service, who may call it, and which rate limit counts. A test compares it with
//! the routes there are.

use actix_web::http::Method;

use kernel::Permission::{
    AccessManage, AuditRead, BlocksManage, DevicesOwn, HotspotUsersManage, HotspotUsersOwn, LoginLocksManage,
    NotificationsOwn, OrdersManage, OrdersOwn, PackagesManage, PaymentsManage, RadiusManage, RoutersManage,
    SessionsManage, SessionsOwn, UsageOwn, UsersManage, VouchersManage,
};

use super::{
    Access::{self, Authenticated, GuestOr, Permission, Public, Stream, TokenOr},
    Limit, Rule,
};

const fn rule(method: Method, pattern: &'static str, access: Access) -> Rule {
    Rule { method, pattern, access, limit: Limit::ByRole }
}

const fn get(pattern: &'static str, access: Access) -> Rule {
    rule(Method::GET, pattern, access)
}

const fn post(pattern: &'static str, access: Access) -> Rule {
    rule(Method::POST, pattern, access)
}

impl Rule {
    const fn limited(mut self, limit: Limit) -> Self {
        self.limit = limit;
        self
    }
}

/// Every route.
#[rustfmt::skip] // a table, one route per row
pub static RULES: &[Rule] = &[
    get("/api/v1/user-profiles", Public),
    get("/api/v1/user-profiles/{id}", Public),
    post("/api/v1/orders", GuestOr(OrdersOwn)),
    post("/api/v1/vouchers/redeem", GuestOr(OrdersOwn)),
    get("/api/v1/orders", Permission(OrdersOwn)),
    get("/api/v1/orders/{order}", TokenOr(OrdersOwn)),
    post("/api/v1/orders/{order}/cancel", TokenOr(OrdersOwn)),
    get("/api/v1/orders/{order}/credentials", TokenOr(OrdersOwn)),
    get("/api/v1/payments", Permission(OrdersOwn)),
    get("/api/v1/payments/{payment}", TokenOr(OrdersOwn)),
    post("/api/v1/payments/{order}/initiate", TokenOr(OrdersOwn)),
    post("/api/v1/payments/{order}/credit", Permission(OrdersOwn)),
    post("/api/v1/payments/callback/serdipay", Public).limited(Limit::None),
    post("/api/v1/payments/callback/serdipay/{token}", Public).limited(Limit::None),
    post("/api/v1/payments/callback/pawapay", Public).limited(Limit::None),
    post("/api/v1/payments/callback/pawapay/{token}", Public).limited(Limit::None),
    get("/api/v1/admin/user-profiles", Permission(PackagesManage)),
    post("/api/v1/admin/user-profiles", Permission(PackagesManage)),
    get("/api/v1/admin/user-profiles/{id}", Permission(PackagesManage)),
    rule(Method::PUT, "/api/v1/admin/user-profiles/{id}", Permission(PackagesManage)),
    rule(Method::DELETE, "/api/v1/admin/user-profiles/{id}", Permission(PackagesManage)),
    get("/api/v1/admin/voucher-batches", Permission(VouchersManage)),
    post("/api/v1/admin/voucher-batches", Permission(VouchersManage)),
    get("/api/v1/admin/voucher-batches/{id}", Permission(VouchersManage)),
    get("/api/v1/admin/voucher-batches/{id}/vouchers", Permission(VouchersManage)),
    post("/api/v1/admin/voucher-batches/{id}/print", Permission(VouchersManage)),
    post("/api/v1/admin/voucher-batches/{id}/suspend", Permission(VouchersManage)),
    post("/api/v1/admin/voucher-batches/{id}/resume", Permission(VouchersManage)),
    post("/api/v1/admin/voucher-batches/{id}/revoke", Permission(VouchersManage)),
    post("/api/v1/admin/vouchers/{id}/revoke", Permission(VouchersManage)),
    get("/api/v1/admin/orders", Permission(OrdersManage)),
    get("/api/v1/admin/orders/totals", Permission(OrdersManage)),
    get("/api/v1/admin/orders/export", Permission(OrdersManage)),
    get("/api/v1/admin/orders/{order}", Permission(OrdersManage)),
    get("/api/v1/admin/orders/{order}/events", Permission(OrdersManage)),
    post("/api/v1/admin/orders/{order}/provision", Permission(OrdersManage)),
    get("/api/v1/admin/payments", Permission(PaymentsManage)),
    get("/api/v1/admin/payments/totals", Permission(PaymentsManage)),
    get("/api/v1/admin/payments/export", Permission(PaymentsManage)),
    get("/api/v1/admin/payments/{payment}", Permission(PaymentsManage)),
    post("/api/v1/admin/payments/{payment}/confirm", Permission(PaymentsManage)),
    post("/api/v1/admin/payments/{payment}/reject", Permission(PaymentsManage)),
    get("/api/v1/admin/gateway-limits", Permission(PaymentsManage)),
    rule(Method::PUT, "/api/v1/admin/gateway-limits", Permission(PaymentsManage)),
    get("/api/v1/admin/review-tasks", Permission(PaymentsManage)),
    post("/api/v1/admin/review-tasks/{task}/close", Permission(PaymentsManage)),
    post("/api/v1/admin/statements", Permission(PaymentsManage)),
    get("/api/v1/admin/statements", Permission(PaymentsManage)),
    get("/api/v1/admin/statements/{statement}", Permission(PaymentsManage)),
    get("/api/v1/admin/statements/{statement}/lines", Permission(PaymentsManage)),
    get("/api/v1/admin/agreements", Permission(PaymentsManage)),
    get("/api/v1/admin/agreements/{date}", Permission(PaymentsManage)),
    get("/api/v1/admin/agreements/{date}/export", Permission(PaymentsManage)),
    post("/api/v1/auth/register", Public).limited(Limit::Auth),
    post("/api/v1/auth/login", Public).limited(Limit::Auth),
    post("/api/v1/auth/token/refresh", Public).limited(Limit::Auth),
    post("/api/v1/auth/logout", Authenticated).limited(Limit::Auth),
    post("/api/v1/auth/logout-all", Authenticated).limited(Limit::Auth),
    post("/api/v1/auth/stream-tickets", Authenticated),
    get("/api/v1/me", Authenticated),
    get("/api/v1/me/credit", Authenticated),
    rule(Method::PATCH, "/api/v1/me", Authenticated),
    rule(Method::PUT, "/api/v1/me/password", Authenticated).limited(Limit::Auth),
    rule(Method::PUT, "/api/v1/me/wifi-secret", Authenticated).limited(Limit::Auth),
    get("/api/v1/hotspot-users", Permission(HotspotUsersOwn)),
    get("/api/v1/hotspot-users/{id}", Permission(HotspotUsersOwn)),
    get("/api/v1/hotspot-users/{id}/credentials", Permission(HotspotUsersOwn)),
    get("/api/v1/hotspot-users/{id}/sessions", Permission(SessionsOwn)),
    get("/api/v1/hotspot-users/{id}/usage", Permission(SessionsOwn)),
    get("/api/v1/sessions", Permission(SessionsOwn)),
    get("/api/v1/radius-sessions", Permission(UsageOwn)),
    get("/api/v1/profile-usage/me", Permission(UsageOwn)),
    get("/api/v1/devices", Permission(DevicesOwn)),
    rule(Method::PATCH, "/api/v1/devices/{id}", Permission(DevicesOwn)),
    rule(Method::DELETE, "/api/v1/devices/{id}", Permission(DevicesOwn)),
    get("/api/v1/notifications", Permission(NotificationsOwn)),
    get("/api/v1/notifications/unread-count", Permission(NotificationsOwn)),
    post("/api/v1/notifications/read-all", Permission(NotificationsOwn)),
    get("/api/v1/notifications/{id}", Permission(NotificationsOwn)),
    post("/api/v1/notifications/{id}/read", Permission(NotificationsOwn)),
    get("/api/v1/admin/users", Permission(UsersManage)),
    post("/api/v1/admin/users", Permission(UsersManage)),
    get("/api/v1/admin/users/export", Permission(UsersManage)),
    get("/api/v1/admin/users/{id}", Permission(UsersManage)),
    rule(Method::PATCH, "/api/v1/admin/users/{id}", Permission(UsersManage)),
    rule(Method::DELETE, "/api/v1/admin/users/{id}", Permission(UsersManage)),
    post("/api/v1/admin/users/{id}/activate", Permission(UsersManage)),
    post("/api/v1/admin/users/{id}/deactivate", Permission(UsersManage)),
    post("/api/v1/admin/users/{id}/reset-password", Permission(UsersManage)),
    get("/api/v1/admin/users/{id}/usage", Permission(UsersManage)),
    get("/api/v1/admin/audit-log", Permission(AuditRead)),
    get("/api/v1/admin/login-locks", Permission(LoginLocksManage)),
    rule(Method::DELETE, "/api/v1/admin/login-locks/{id}", Permission(LoginLocksManage)),
    get("/api/v1/admin/hotspot-users", Permission(HotspotUsersManage)),
    get("/api/v1/admin/hotspot-users/{id}", Permission(HotspotUsersManage)),
    post("/api/v1/admin/hotspot-users/{id}/suspend", Permission(HotspotUsersManage)),
    post("/api/v1/admin/hotspot-users/{id}/resume", Permission(HotspotUsersManage)),
    post("/api/v1/admin/hotspot-users/{id}/revoke", Permission(HotspotUsersManage)),
    post("/api/v1/admin/hotspot-users/{id}/extend", Permission(HotspotUsersManage)),
    post("/api/v1/admin/hotspot-users/{id}/move", Permission(HotspotUsersManage)),
    get("/api/v1/admin/routers", Permission(RoutersManage)),
    post("/api/v1/admin/routers", Permission(RoutersManage)),
    get("/api/v1/admin/routers/{id}", Permission(RoutersManage)),
    rule(Method::PUT, "/api/v1/admin/routers/{id}", Permission(RoutersManage)),
    rule(Method::DELETE, "/api/v1/admin/routers/{id}", Permission(RoutersManage)),
    post("/api/v1/admin/routers/{id}/default", Permission(RoutersManage)),
    post("/api/v1/admin/routers/{id}/test", Permission(RoutersManage)),
    get("/api/v1/admin/sites", Permission(RoutersManage)),
    post("/api/v1/admin/sites", Permission(RoutersManage)),
    get("/api/v1/admin/sessions", Permission(SessionsManage)),
    get("/api/v1/admin/sessions/export", Permission(SessionsManage)),
    post("/api/v1/admin/sessions/{id}/terminate", Permission(SessionsManage)),
    post("/api/v1/admin/sessions/{id}/rate-limit", Permission(SessionsManage)),
    get("/api/v1/admin/router-users", Permission(RoutersManage)),
    post("/api/v1/admin/router-users/{id}/adopt", Permission(RoutersManage)),
    post("/api/v1/admin/router-users/{id}/ignore", Permission(RoutersManage)),
    get("/api/v1/admin/blocks", Permission(BlocksManage)),
    post("/api/v1/admin/blocks", Permission(BlocksManage)),
    rule(Method::DELETE, "/api/v1/admin/blocks/{id}", Permission(BlocksManage)),
    get("/api/v1/admin/monitoring/interfaces", Permission(SessionsManage)),
    get("/api/v1/admin/radius/auth-log", Permission(RadiusManage)),
    get("/api/v1/admin/radius/auth-log/export", Permission(RadiusManage)),
    get("/api/v1/admin/radius/auth-log/stream", Stream(RadiusManage)),
    get("/api/v1/admin/radius/rates", Permission(RadiusManage)),
    get("/api/v1/admin/radius/servers", Permission(RadiusManage)),
    post("/api/v1/admin/radius/reload", Permission(RadiusManage)),
    get("/api/v1/promotions", Public),
    post("/api/v1/promotions/{id}/activate", Permission(AccessManage)),
    post("/api/v1/promotions/{id}/deactivate", Permission(AccessManage)),
    get("/api/v1/admin/promotions", Permission(AccessManage)),
    post("/api/v1/admin/promotions", Permission(AccessManage)),
    get("/api/v1/admin/promotions/{id}", Permission(AccessManage)),
    rule(Method::PUT, "/api/v1/admin/promotions/{id}", Permission(AccessManage)),
    rule(Method::DELETE, "/api/v1/admin/promotions/{id}", Permission(AccessManage)),
    get("/api/v1/admin/promotions/{id}/users", Permission(AccessManage)),
    get("/api/v1/admin/access-profiles", Permission(AccessManage)),
    post("/api/v1/admin/access-profiles", Permission(AccessManage)),
    get("/api/v1/admin/access-profiles/{id}", Permission(AccessManage)),
    rule(Method::PUT, "/api/v1/admin/access-profiles/{id}", Permission(AccessManage)),
    rule(Method::DELETE, "/api/v1/admin/access-profiles/{id}", Permission(AccessManage)),
    get("/api/v1/admin/access-profiles/{id}/history", Permission(AccessManage)),
    post("/api/v1/admin/users/{id}/wifi/enable", Permission(AccessManage)),
    post("/api/v1/admin/users/{id}/wifi/disable", Permission(AccessManage)),
    rule(Method::PUT, "/api/v1/admin/users/{id}/access-profile", Permission(AccessManage)),
    get("/api/v1/admin/radius/explain/{username}", Permission(RadiusManage)),
    get("/api/v1/admin/radius/nas-clients", Permission(RadiusManage)),
    post("/api/v1/admin/radius/nas-clients", Permission(RadiusManage)),
    get("/api/v1/admin/radius/nas-clients/{id}", Permission(RadiusManage)),
    rule(Method::PUT, "/api/v1/admin/radius/nas-clients/{id}", Permission(RadiusManage)),
    rule(Method::DELETE, "/api/v1/admin/radius/nas-clients/{id}", Permission(RadiusManage)),
    post("/api/v1/admin/radius/sessions/{id}/terminate", Permission(RadiusManage)),
    get("/api/v1/admin/radius/sessions/{id}/attempts", Permission(RadiusManage)),
    get("/api/v1/admin/radius/sessions", Permission(RadiusManage)),
    get("/health/live", Public).limited(Limit::None),
    get("/health/ready", Public).limited(Limit::None),
    get("/api/openapi.json", Public),
    get("/docs", Public),
    get("/docs/{_:.*}", Public),
];

/// The row of a route.
#[must_use]
pub fn access_rule(rules: &'static [Rule], method: &Method, pattern: &str) -> Option<&'static Rule> {
    rules.iter().find(|rule| rule.method == method && rule.pattern == pattern)
}
