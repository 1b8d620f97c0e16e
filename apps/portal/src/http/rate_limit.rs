//! How many requests a caller may send: a bucket per session, or for guests per address and route, that refills
//! evenly over a minute (the generic cell rate algorithm).
//!
//! Every counted answer says how things stand, in the older headers `RateLimit-Limit`, `-Remaining` and `-Reset`
//! and in the newer `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use actix_web::{
    Error, HttpMessage as _,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use governor::{
    Quota, RateLimiter, clock::Clock, middleware::StateInformationMiddleware, state::keyed::DashMapStateStore,
};
use kernel::{Ambient, Role, ip_networks::host_of};
use secrecy::ExposeSecret as _;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    error::{ApiError, ApiErrorCode},
    policy::{Identified, Limit, context_of, refuse},
    server::Edge,
};
use crate::config::settings::RateLimits;

/// Lifts the limits when it carries the operator's token.
const BYPASS: HeaderName = HeaderName::from_static("x-rate-limit-bypass");
/// After so many requests the buckets that are full again are forgotten.
const SWEEP_EVERY: u32 = 1024;
const WINDOW: Duration = Duration::from_secs(60);

/// Which quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Role(Role),
    Guest,
    Auth,
}

impl Class {
    const ALL: [Self; 5] =
        [Self::Role(Role::Admin), Self::Role(Role::Agent), Self::Role(Role::User), Self::Guest, Self::Auth];

    const fn name(self) -> &'static str {
        match self {
            Self::Role(role) => role.as_str(),
            Self::Guest => "guest",
            Self::Auth => "auth",
        }
    }

    const fn quota(self, limits: &RateLimits) -> u32 {
        match self {
            Self::Role(role) => limits.of_role(role),
            Self::Guest => limits.guest,
            Self::Auth => limits.auth,
        }
    }
}

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// A session, by a hash of its token.
    Session([u8; 16]),
    /// An address on one route.
    Guest(Option<IpAddr>, &'static str),
}

type Buckets = RateLimiter<Key, DashMapStateStore<Key>, AmbientClock, StateInformationMiddleware>;

/// The buckets of one process.
pub struct Limiter {
    classes: Vec<(Class, Buckets)>,
    since_sweep: AtomicU32,
}

/// How things stand for a caller after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    class: Class,
    quota: u32,
    remaining: u32,
    /// Until the bucket is full again; for one who is refused, until the next request is let through.
    reset: Duration,
    refused: bool,
}

impl Limiter {
    /// Full buckets.
    #[must_use]
    pub fn new(limits: &RateLimits, ambient: &Ambient) -> Self {
        let classes = Class::ALL.map(|class| {
            let quota = NonZeroU32::new(class.quota(limits)).unwrap_or(NonZeroU32::MIN);
            let buckets =
                RateLimiter::dashmap_with_clock(Quota::per_minute(quota), AmbientClock(ambient.clone()));
            (class, buckets.with_middleware())
        });
        Self { classes: classes.into(), since_sweep: AtomicU32::new(0) }
    }

    fn take(&self, class: Class, key: &Key) -> Option<Standing> {
        self.sweep();
        let (_, buckets) = self.classes.iter().find(|(candidate, _)| *candidate == class)?;
        Some(match buckets.check_key(key) {
            Ok(state) => {
                let quota = state.quota().burst_size().get();
                let remaining = state.remaining_burst_capacity().min(quota);
                Standing {
                    class,
                    quota,
                    remaining,
                    reset: WINDOW * (quota - remaining) / quota,
                    refused: false,
                }
            }
            Err(not_until) => Standing {
                class,
                quota: not_until.quota().burst_size().get(),
                remaining: 0,
                reset: not_until.wait_time_from(buckets.clock().now()),
                refused: true,
            },
        })
    }

    /// Counts a message that was refused as forged against the address it came from, as tightly as a guessed
    /// password; how long to wait once there were too many. What is genuine is never counted.
    #[must_use]
    pub fn count_forgery(&self, from: Option<IpAddr>) -> Option<Duration> {
        let standing = self.take(Class::Auth, &Key::Guest(from, "forgeries"))?;
        standing.refused.then_some(standing.reset)
    }

    /// Forgets full buckets now and then, so that memory holds the callers of the last minute and no more.
    fn sweep(&self) {
        if self.since_sweep.fetch_add(1, Ordering::Relaxed) < SWEEP_EVERY {
            return;
        }
        self.since_sweep.store(0, Ordering::Relaxed);
        for (_, buckets) in &self.classes {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
    }
}

/// The service's clock as the algorithm wants it, so that a test holds this time too.
struct AmbientClock(Ambient);

impl Clock for AmbientClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let microseconds = u64::try_from(self.0.now().timestamp_micros()).unwrap_or(0);
        Duration::from_micros(microseconds)
    }
}

impl Clone for AmbientClock {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Turns away who has sent too much.
///
/// # Errors
/// Those of the services within.
pub async fn limit(
    edge: Data<Edge>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(standing) = count(&edge, &request) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let mut response = if standing.refused {
        let error = ApiError::new(ApiErrorCode::RateLimited).retry_after(standing.reset);
        refuse(request, error)
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    stamp(response.headers_mut(), standing);
    Ok(response)
}

/// Takes one request out of the caller's bucket; `None` when nothing counts.
fn count(edge: &Edge, request: &ServiceRequest) -> Option<Standing> {
    let identified = request.extensions().get::<Identified>().cloned()?;
    let limit = identified.rule.map_or(Limit::ByRole, |rule| rule.limit);
    if limit == Limit::None || is_bypassed(edge, request) {
        return None;
    }
    let session = identified.principal.as_ref().zip(identified.token.as_deref());
    let class = match (limit, session) {
        (Limit::Auth, _) => Class::Auth,
        (_, Some((principal, _))) => Class::Role(principal.role),
        (_, None) => Class::Guest,
    };
    let key = match session {
        Some((_, token)) => Key::Session(hash(token)),
        None => {
            let address = context_of(request.request()).and_then(|context| context.origin.ip);
            let route = identified.rule.map_or("", |rule| rule.pattern);
            Key::Guest(address.map(host_of), route)
        }
    };
    edge.limiter.take(class, &key)
}

fn is_bypassed(edge: &Edge, request: &ServiceRequest) -> bool {
    let (Some(token), Some(sent)) = (&edge.settings.rate_limit_bypass, request.headers().get(BYPASS)) else {
        return false;
    };
    token.expose_secret().as_bytes().ct_eq(sent.as_bytes()).into()
}

fn hash(token: &str) -> [u8; 16] {
    let digest = Sha256::digest(token);
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(digest) {
        *to = from;
    }
    short
}

fn stamp(headers: &mut HeaderMap, standing: Standing) {
    let Standing { class, quota, remaining, reset, .. } = standing;
    let reset = reset.as_secs() + u64::from(reset.subsec_nanos() > 0);
    let name = class.name();
    let values = [
        ("ratelimit-limit", quota.to_string()),
        ("ratelimit-remaining", remaining.to_string()),
        ("ratelimit-reset", reset.to_string()),
        ("ratelimit-policy", format!("\"{name}\";q={quota};w={}", WINDOW.as_secs())),
        ("ratelimit", format!("\"{name}\";r={remaining};t={reset}")),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{Role, testing::Surroundings};

    use super::{Class, Key, Limiter, SWEEP_EVERY};
    use crate::config::settings::RateLimits;

    const LIMITS: RateLimits = RateLimits { admin: 600, agent: 300, user: 120, guest: 3, auth: 2 };

    fn guest(last: u8) -> Key {
        Key::Guest(Some([192, 0, 2, last].into()), "/api/v1/user-profiles")
    }

    #[test]
    fn a_bucket_empties_and_refills_evenly() {
        let around = Surroundings::new();
        let limiter = Limiter::new(&LIMITS, &around.ambient());
        let take = || limiter.take(Class::Guest, &guest(1)).unwrap();
        assert_eq!([take().remaining, take().remaining, take().remaining], [2, 1, 0]);
        let refused = take();
        assert!(refused.refused);
        assert_eq!(refused.reset.as_secs(), 20);
        around.clock.advance(TimeDelta::seconds(20));
        assert!(!take().refused);
        assert!(take().refused);
        around.clock.advance(TimeDelta::seconds(60));
        assert_eq!(take().remaining, 2);
    }

    #[test]
    fn callers_and_classes_have_buckets_of_their_own() {
        let limiter = Limiter::new(&LIMITS, &Surroundings::new().ambient());
        for _ in 0..3 {
            limiter.take(Class::Guest, &guest(1));
        }
        assert!(limiter.take(Class::Guest, &guest(1)).unwrap().refused);
        assert!(!limiter.take(Class::Guest, &guest(2)).unwrap().refused);
        assert!(!limiter.take(Class::Auth, &guest(1)).unwrap().refused);
        let admin = limiter.take(Class::Role(Role::Admin), &Key::Session([0; 16])).unwrap();
        assert_eq!((admin.quota, admin.remaining), (600, 599));
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let around = Surroundings::new();
        let limiter = Limiter::new(&LIMITS, &around.ambient());
        for last in 0..=255 {
            limiter.take(Class::Guest, &guest(last));
        }
        around.clock.advance(TimeDelta::minutes(2));
        for _ in 0..=SWEEP_EVERY {
            limiter.take(Class::Guest, &guest(1));
        }
        let buckets: usize = limiter.classes.iter().map(|(_, buckets)| buckets.len()).sum();
        assert!(buckets <= 1, "{buckets} buckets");
    }
}
