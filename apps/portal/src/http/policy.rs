//! Who may do what: one table for every route ([`rules`]), and the layer that holds every request to it.
//!
//! A route without a row is refused, so that a new one cannot be forgotten. The table also tells which rate limit
//! counts, and the OpenAPI document takes its security from it. Whose a thing is (one's own order, one's own
//! hotspot user) is the query's affair: it asks for the caller's rows alone, so that others' are "not found".

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web::Data,
};
use async_trait::async_trait;
use billing::{queries::Scope, use_cases::open_order::OpenOrderError};
use kernel::{Actor, Locale, Origin, Permission, Principal, StoreError, id::ids::OrderId};

use super::{
    client_address,
    error::{ApiError, ApiErrorCode, render::asked_locale},
    request_id,
    server::Edge,
};

pub mod rules;

use rules::access_rule;

/// The header with the token of a guest's order.
pub const ORDER_TOKEN: header::HeaderName = header::HeaderName::from_static("order-token");

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in.
    Authenticated,
    /// Whoever is signed in and has this permission.
    Permission(Permission),
    /// The same, and guests: whoever is not signed in.
    GuestOr(Permission),
    /// The same as with the permission, and whoever shows the token of a guest's order.
    TokenOr(Permission),
    /// The same, who may also prove it with a ticket in the query, since a browser's `EventSource` sends no header.
    Stream(Permission),
}

impl Access {
    /// The permission that is asked for.
    #[must_use]
    pub const fn permission(self) -> Option<Permission> {
        match self {
            Self::Permission(permission)
            | Self::GuestOr(permission)
            | Self::TokenOr(permission)
            | Self::Stream(permission) => Some(permission),
            Self::Public | Self::Authenticated => None,
        }
    }
}

/// Which rate limit counts for a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// That of the caller's role, or of guests.
    ByRole,
    /// That of authentication routes, where passwords and tokens are guessed.
    Auth,
    /// None: what machines call on our behalf must never be turned away.
    None,
}

/// One row of the table.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The method.
    pub method: Method,
    /// The path's pattern, as the route declares it.
    pub pattern: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Which rate limit counts.
    pub limit: Limit,
}

/// Knows whose an access token is, and what an order token opens.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// The order that a guest's token opens.
    async fn open_order(&self, origin: &Origin, token: &str) -> Result<OrderId, OpenOrderError>;

    /// The session that a token belongs to; `None` for a token that is unknown, expired or revoked.
    async fn authenticate(&self, token: &str) -> Result<Option<Principal>, StoreError>;

    /// The session that a ticket for a stream belongs to; it works once.
    async fn redeem(&self, ticket: &str) -> Result<Option<Principal>, StoreError>;
}

/// What every handler may know of its request besides its input.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Who asks, from where, in which request; for commands.
    pub origin: Origin,
    /// The language to answer in: the user's own, else the one the request asks for, else French.
    pub locale: Locale,
}

/// The signed-in caller, for handlers of routes that are not public.
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

/// Whose orders the caller may see: the one whose token came along, else those of who is signed in. For handlers of
/// routes that guests may call with a token.
#[derive(Debug, Clone, Copy)]
pub struct Buyer(pub Scope);

/// What the layer has found out about a request.
#[derive(Debug, Clone)]
pub(super) struct Identified {
    pub(super) rule: Option<&'static Rule>,
    /// Every method of the route, when the path is known but not with this method.
    allowed: Vec<&'static Method>,
    pub(super) principal: Option<Principal>,
    pub(super) token: Option<Arc<str>>,
    /// The order whose token came along.
    order: Option<OrderId>,
}

/// Finds out which route is called and by whom. Nothing is refused yet, so that the refused are counted too.
///
/// # Errors
/// Those of the services within.
pub async fn identify(
    edge: Data<Edge>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // HEAD is GET whose body the connection leaves out (RFC 9110, section 9.3.2).
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let pattern = request.match_pattern().unwrap_or_default();
    let rule = access_rule(edge.rules, request.method(), &pattern);
    let rows = edge.rules.iter().filter(|rule| rule.pattern == pattern);
    let allowed = rows.map(|rule| &rule.method).collect();
    let token = bearer(&request).filter(|_| rule.is_some_and(matters_who_calls));
    let proved = match (&token, ticket(&request, rule)) {
        (Some(token), _) => edge.authenticator.authenticate(token).await,
        (None, Some(ticket)) => edge.authenticator.redeem(&ticket).await,
        (None, None) => Ok(None),
    };
    let principal = match proved {
        Ok(principal) => principal,
        Err(error) => return Ok(refuse(request, error.into())),
    };
    let context = context(&edge, &request, principal.as_ref());
    request.extensions_mut().insert(context);
    request.extensions_mut().insert(Identified { rule, allowed, principal, token, order: None });
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Whether it makes a difference. Where it does not, a database that is away must not matter either: a service
/// says that it lives without it.
fn matters_who_calls(rule: &Rule) -> bool {
    rule.access != Access::Public || rule.limit != Limit::None
}

fn context(edge: &Edge, request: &ServiceRequest, principal: Option<&Principal>) -> RequestContext {
    let origin = Origin {
        actor: principal.map_or(Actor::Anonymous, |principal| Actor::User(principal.user_id)),
        request_id: request_id::of(request.request()),
        ip: client_address::of(request, &edge.settings.trusted_proxies),
    };
    let locale = principal.map_or_else(|| asked_locale(request.request()), |principal| principal.locale);
    RequestContext { origin, locale }
}

/// Refuses what the table does not permit.
///
/// # Errors
/// Those of the services within.
pub async fn authorise(
    edge: Data<Edge>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Err(error) = open_order(&edge, &request).await {
        return Ok(refuse(request, error));
    }
    let identified = request.extensions().get::<Identified>().cloned();
    match permit(identified.as_ref()) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(error) => Ok(refuse(request, error)),
    }
}

/// Finds out which order a token opens, where one may be shown. It is late for that, so that guesses are counted by the
/// rate limit first.
async fn open_order(edge: &Edge, request: &ServiceRequest) -> Result<(), ApiError> {
    let takes = |identified: &Identified| {
        identified.rule.is_some_and(|rule| matches!(rule.access, Access::TokenOr(_)))
    };
    let Some(sent) = request.headers().get(ORDER_TOKEN) else {
        return Ok(());
    };
    let Some(context) = context_of(request.request()) else {
        return Ok(());
    };
    if !request.extensions().get::<Identified>().is_some_and(takes) {
        return Ok(());
    }
    let order = edge.authenticator.open_order(&context.origin, sent.to_str().unwrap_or_default()).await?;
    if let Some(identified) = request.extensions_mut().get_mut::<Identified>() {
        identified.order = Some(order);
    }
    Ok(())
}

impl From<OpenOrderError> for ApiError {
    fn from(error: OpenOrderError) -> Self {
        match error {
            OpenOrderError::WrongToken => ApiErrorCode::InvalidOrderToken.into(),
            OpenOrderError::TooManyGuesses { retry_after } => {
                Self::new(ApiErrorCode::TooManyGuesses).retry_after(retry_after)
            }
            OpenOrderError::Seal(error) => Self::internal(error),
            OpenOrderError::Store(error) => error.into(),
        }
    }
}

fn permit(identified: Option<&Identified>) -> Result<(), ApiError> {
    let Some(Identified { rule, allowed, principal, token, order }) = identified else {
        return Err(ApiError::internal("the policy layer is not complete"));
    };
    let Some(rule) = rule else {
        if allowed.is_empty() {
            return Err(ApiErrorCode::NotFound.into());
        }
        let methods: Vec<&str> = allowed.iter().map(|method| method.as_str()).collect();
        return Err(
            ApiError::new(ApiErrorCode::MethodNotAllowed).with_header(header::ALLOW, &methods.join(", "))
        );
    };
    match (rule.access, rule.access.permission(), principal) {
        (Access::Public, ..) => Ok(()),
        // Whoever sends a token that has expired is no guest.
        (Access::GuestOr(_), _, None) if token.is_none() => Ok(()),
        (Access::TokenOr(_), ..) if order.is_some() => Ok(()),
        (_, None, Some(_)) => Ok(()),
        (_, Some(permission), Some(principal)) if principal.may(permission) => Ok(()),
        (_, Some(_), Some(_)) => Err(ApiErrorCode::Forbidden.into()),
        (_, _, None) => Err(ApiErrorCode::Unauthenticated.into()),
    }
}

/// Answers in place of the services within. The body comes from [`super::error::render::present`].
pub(super) fn refuse(request: ServiceRequest, error: ApiError) -> ServiceResponse<BoxBody> {
    request.error_response(error)
}

/// The token of an `Authorization: Bearer …` header (RFC 6750, section 2.1).
fn bearer(request: &ServiceRequest) -> Option<Arc<str>> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| Arc::from(token))
}

/// The ticket in the query of a stream's address.
fn ticket(request: &ServiceRequest, rule: Option<&'static Rule>) -> Option<String> {
    let is_stream = rule.is_some_and(|rule| matches!(rule.access, Access::Stream(_)));
    let pairs = request.query_string().split('&').filter(|_| is_stream);
    // A ticket has no character that an address would write otherwise.
    pairs.filter_map(|pair| pair.strip_prefix("ticket=")).map(str::to_owned).next()
}

/// The context of a request that [`identify`] has seen.
pub(super) fn context_of(request: &HttpRequest) -> Option<RequestContext> {
    request.extensions().get::<RequestContext>().cloned()
}

impl FromRequest for RequestContext {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(context_of(request).ok_or_else(|| ApiError::internal("the policy layer is not complete")))
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let principal =
            request.extensions().get::<Identified>().and_then(|identified| identified.principal.clone());
        ready(principal.map(Self).ok_or_else(|| ApiErrorCode::Unauthenticated.into()))
    }
}

impl FromRequest for Buyer {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let scope = extensions.get::<Identified>().and_then(|identified| match identified.order {
            Some(order) => Some(Scope::Order(order)),
            None => identified.principal.as_ref().map(|principal| Scope::Own(principal.user_id)),
        });
        ready(scope.map(Self).ok_or_else(|| ApiErrorCode::Unauthenticated.into()))
    }
}

#[cfg(test)]
mod tests;
