//! The table: every route of the service, who may call it, and which rate limit counts. A test compares it with
//! the routes there are.

use actix_web::http::Method;

use super::{
    Access::{self, Public},
    Limit, Rule,
};

const fn rule(method: Method, pattern: &'static str, access: Access) -> Rule {
    Rule { method, pattern, access, limit: Limit::ByRole }
}

const fn get(pattern: &'static str, access: Access) -> Rule {
    rule(Method::GET, pattern, access)
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
    get("/health/live", Public).limited(Limit::None),
    get("/health/ready", Public).limited(Limit::None),
    get("/api/openapi.json", Public),
    get("/docs", Public),
    get("/docs/{_:.*}", Public),
];

/// The row of a route.
#[must_use]
pub fn access_rule(rules: &'static [Rule], method: &Method, pattern: &str) -> Option<&'static Rule> {
    rules
        .iter()
        .find(|rule| rule.method == method && rule.pattern == pattern)
}
