//! The answer to a login.

use chrono_tz::Tz;
use kernel::Timestamp;

use super::compile::{common_replies, quota_left, used_up_message};
use crate::{
    access_profile::{Exhaustion, Limits},
    attribute::{Attribute, SESSION_TIMEOUT},
    login_time::Window,
    nas_client::Vendor,
    subscriber::{Period, Subscriber},
    usage::Used,
};

/// Somebody signs in.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// Whether the secret is the one with which the login was made: by PAP the password itself is compared, by CHAP
    /// and MS-CHAP what was made of it. It is asked once at most, and not for names that may not sign in.
    pub proof: &'a (dyn Fn(&str) -> bool + Send + Sync),
    /// How many sessions with this name are open, by the accounting.
    pub open_sessions: u64,
    /// Whose attributes the NAS understands.
    pub vendor: Vendor,
    /// When.
    pub at: Timestamp,
    /// By whose clocks the times of the week are told.
    pub zone: Tz,
}

/// What is known of who signs in.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Who it is.
    pub subscriber: &'a Subscriber,
    /// The secret, opened.
    pub secret: &'a str,
    /// What is enforced: of its profile, or of what was sold. None when nothing is given to it any more.
    pub limits: Option<&'a Limits>,
    /// What was used in the periods that run at the time of the login.
    pub used: Used,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// In, with these replies.
    Accept(Vec<Attribute>),
    /// Not in.
    Refuse(Refusal),
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody has this name.
    Unknown,
    /// The name is known, and may not sign in: never activated, deactivated, or without a profile.
    Disabled,
    /// It is not the secret.
    WrongSecret,
    /// The access has ended.
    Expired,
    /// A quota is used up.
    QuotaUsedUp(Period),
    /// It is none of the times of the week at which somebody may sign in.
    OutsideLoginTime,
    /// So many devices are signed in as may be.
    TooManySessions {
        /// So many may be.
        limit: u16,
    },
}

impl Refusal {
    /// A stable word for it, for lists and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown_user",
            Self::Disabled => "disabled",
            Self::WrongSecret => "wrong_password",
            Self::Expired => "expired",
            Self::QuotaUsedUp(_) => "quota_used_up",
            Self::OutsideLoginTime => "outside_login_time",
            Self::TooManySessions { .. } => "too_many_sessions",
        }
    }

    /// What the person is told; nothing that would help somebody who guesses names and passwords.
    #[must_use]
    pub fn message(self, subscriber: &Subscriber) -> Option<Attribute> {
        match self {
            Self::QuotaUsedUp(period) => Some(used_up_message(period, subscriber.contact.locale)),
            Self::Unknown
            | Self::Disabled
            | Self::WrongSecret
            | Self::Expired
            | Self::OutsideLoginTime
            | Self::TooManySessions { .. } => None,
        }
    }
}

/// Answers a login of somebody; `None` when nobody has the name. FreeRADIUS gives the same answer from what
/// [`compile`](super::compile) has put into its tables: in, with the same replies, or not in.
#[must_use]
pub fn decide(login: &Login<'_>, known: Option<&Known<'_>>) -> Decision {
    match known.map(|known| admit(login, known)) {
        Some(Ok(replies)) => Decision::Accept(replies),
        Some(Err(refusal)) => Decision::Refuse(refusal),
        None => Decision::Refuse(Refusal::Unknown),
    }
}

fn admit(login: &Login<'_>, known: &Known<'_>) -> Result<Vec<Attribute>, Refusal> {
    let Known { subscriber, secret, used, .. } = *known;
    let limits = known.limits.filter(|_| subscriber.enabled).ok_or(Refusal::Disabled)?;
    if !(login.proof)(secret) {
        return Err(Refusal::WrongSecret);
    }
    // Whole seconds, as `Expiration` has them.
    let left = subscriber.expires_at.map(|end| end.timestamp() - login.at.timestamp());
    if left.is_some_and(|left| left <= 0) {
        return Err(Refusal::Expired);
    }
    let used_up = limits.quota.used_up(used);
    if let (Exhaustion::Block, Some(period)) = (limits.exhaustion, used_up) {
        return Err(Refusal::QuotaUsedUp(period));
    }
    let left = match limits.login_time.as_ref().map(|times| times.window(login.at, login.zone)) {
        Some(Window::Closed) => return Err(Refusal::OutsideLoginTime),
        Some(Window::Open(seconds)) => Some(left.unwrap_or(i64::MAX).min(seconds.into())),
        Some(Window::Always) | None => left,
    };
    if let Some(limit) = limits.simultaneous_use.filter(|limit| login.open_sessions >= u64::from(*limit)) {
        return Err(Refusal::TooManySessions { limit });
    }
    let mut replies = common_replies(limits, used_up.is_some(), login.vendor);
    shorten(&mut replies, left);
    replies.extend(quota_left(limits, used, login.vendor));
    Ok(replies)
}

/// Shortens the session timeout to what is left until the end of the access and of the permitted time, in seconds.
fn shorten(replies: &mut [Attribute], left: Option<i64>) {
    let Some(left) = left else { return };
    for reply in replies.iter_mut().filter(|reply| reply.name == SESSION_TIMEOUT) {
        let longest: i64 = reply.value.parse().unwrap_or(i64::MAX);
        reply.value = longest.min(left).to_string();
    }
}
