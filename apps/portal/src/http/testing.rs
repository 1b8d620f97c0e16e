//! A portal of layers alone, for tests: three tokens, a clock that stands still, and whatever routes a test wants.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    http::{StatusCode, header::HeaderMap},
    test::{self, TestRequest},
    web::Data,
};
use async_trait::async_trait;
use billing::use_cases::open_order::OpenOrderError;
use kernel::{
    Id, Locale, Origin, Permission, Permissions, Principal, Role, StoreError, id::ids::OrderId,
    testing::Surroundings,
};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    policy::{Authenticator, Rule},
    server::{Edge, app},
};
use crate::config::{Layers, Settings};

/// Knows the tokens `admin` and `user`, and cannot say anything about `broken`. The token `order` opens an order, and
/// whoever says `again` has guessed too often.
struct ThreeTokens;

#[async_trait]
impl Authenticator for ThreeTokens {
    async fn open_order(&self, _: &Origin, token: &str) -> Result<OrderId, OpenOrderError> {
        match token {
            "order" => Ok(Id::from_uuid(Uuid::nil())),
            "again" => {
                Err(OpenOrderError::TooManyGuesses { retry_after: std::time::Duration::from_secs(60) })
            }
            _ => Err(OpenOrderError::WrongToken),
        }
    }

    async fn redeem(&self, ticket: &str) -> Result<Option<Principal>, StoreError> {
        self.authenticate(ticket).await
    }

    async fn authenticate(&self, token: &str) -> Result<Option<Principal>, StoreError> {
        let (role, permissions) = match token {
            "admin" => (Role::Admin, Permissions::from_iter(Permission::ALL.iter().copied())),
            "user" => (Role::User, Permissions::from_iter([Permission::OrdersOwn])),
            "broken" => return Err(StoreError::Unavailable("secret host name".to_owned())),
            _ => return Ok(None),
        };
        Ok(Some(Principal {
            user_id: Id::from_uuid(Uuid::nil()),
            session_id: Id::from_uuid(Uuid::nil()),
            role,
            permissions,
            locale: Locale::En,
        }))
    }
}

/// The layers with an empty memory, in front of some routes.
pub(crate) struct Portal {
    edge: Data<Edge>,
    routes: fn(&mut ServiceConfig<'_>),
}

/// An answer, taken apart.
pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["meta"]["code"].as_str().unwrap().to_owned()
    }
}

impl Portal {
    /// Three requests a minute for guests, small bodies, one trusted proxy, one bypass token.
    pub(crate) fn new(rules: &'static [Rule], routes: fn(&mut ServiceConfig<'_>)) -> Self {
        let variables = [
            ("RATE_LIMIT_GUEST", "3"),
            ("RATE_LIMIT_BYPASS_TOKEN", "a-token-of-the-operator"),
            ("TRUSTED_PROXIES", "10.0.0.1"),
            ("BODY_LIMIT_BYTES", "1024"),
        ];
        let variables: BTreeMap<String, String> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let settings = Settings::read(&Layers::new(None, variables)).unwrap();
        let mut edge = Edge::new(settings.http, Surroundings::new().ambient(), Arc::new(ThreeTokens));
        edge.rules = rules;
        Self { edge: Data::new(edge), routes }
    }

    pub(crate) async fn call(&self, request: TestRequest) -> Told {
        let service = test::init_service(app(self.edge.clone(), |_| {}, self.routes)).await;
        let response = test::call_service(&service, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        Told { status, headers, body }
    }
}
