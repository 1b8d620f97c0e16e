//! A login and the tokens that follow from it.

use std::net::IpAddr;

use chrono::Duration;
use kernel::{
    Ambient, Id, Locale, Permissions, Principal, Role, Timestamp,
    id::ids::{SessionId, UserId},
};

use crate::token::{AccessToken, RefreshToken, TokenHash};

/// How long an access token is good for.
pub const ACCESS_LIFETIME: Duration = Duration::minutes(60);
/// How long a refresh token is good for; each use gives a new one, so a session in use does not end.
pub const REFRESH_LIFETIME: Duration = Duration::hours(24);
/// How far the noted last use of a session may be behind: it is written at most this often.
pub const LAST_USE_PRECISION: Duration = Duration::minutes(1);

/// One login of a user: the family of all tokens that follow from it, revoked as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginSession {
    /// Names the session.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Timestamp,
    /// The address the user signed in from.
    pub ip: Option<IpAddr>,
    /// The program the user signed in with, as it calls itself.
    pub user_agent: Option<String>,
    /// When it was ended; none of its tokens is accepted from then on.
    pub revoked_at: Option<Timestamp>,
}

impl LoginSession {
    /// The longest kept `User-Agent`, in characters.
    const MAX_USER_AGENT: usize = 255;

    /// A session that begins now.
    #[must_use]
    pub fn open(ambient: &Ambient, user_id: UserId, ip: Option<IpAddr>, user_agent: Option<&str>) -> Self {
        let printable = |text: &str| -> String {
            let kept = text.chars().filter(|character| !character.is_control());
            kept.take(Self::MAX_USER_AGENT).collect()
        };
        let now = ambient.now();
        Self {
            id: Id::generate(ambient),
            user_id,
            created_at: now,
            last_used_at: now,
            ip,
            user_agent: user_agent.map(printable),
            revoked_at: None,
        }
    }
}

/// A new pair of tokens, on its way to the client.
#[derive(Debug, Clone)]
pub struct IssuedTokens {
    /// Proves the session.
    pub access: AccessToken,
    /// Until when the access token is good.
    pub access_expires_at: Timestamp,
    /// Gets the next pair.
    pub refresh: RefreshToken,
    /// Until when the refresh token is good.
    pub refresh_expires_at: Timestamp,
}

impl IssuedTokens {
    /// A pair that is good from now on.
    #[must_use]
    pub fn issue(ambient: &Ambient) -> Self {
        let now = ambient.now();
        Self {
            access: AccessToken::generate(ambient),
            access_expires_at: now + ACCESS_LIFETIME,
            refresh: RefreshToken::generate(ambient),
            refresh_expires_at: now + REFRESH_LIFETIME,
        }
    }

    /// The access token as it is stored.
    #[must_use]
    pub fn stored_access(&self, session_id: SessionId) -> StoredToken {
        StoredToken { hash: self.access.hash(), session_id, expires_at: self.access_expires_at }
    }

    /// The refresh token as it is stored.
    #[must_use]
    pub fn stored_refresh(&self, session_id: SessionId) -> StoredToken {
        StoredToken { hash: self.refresh.hash(), session_id, expires_at: self.refresh_expires_at }
    }
}

/// A token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredToken {
    /// In place of the token itself.
    pub hash: TokenHash,
    /// The session it proves.
    pub session_id: SessionId,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What an access token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessGrant {
    /// The session it proves.
    pub session_id: SessionId,
    /// When that session was last used.
    pub last_used_at: Timestamp,
    /// When that session was ended.
    pub revoked_at: Option<Timestamp>,
    /// Until when the token is good.
    pub expires_at: Timestamp,
    /// Whose session it is.
    pub user_id: UserId,
    /// That user's role.
    pub role: Role,
    /// That user's language.
    pub locale: Locale,
    /// Whether that user's account is active.
    pub user_is_active: bool,
    /// The permissions of the role.
    pub permissions: Permissions,
}

impl AccessGrant {
    /// The caller, if the token is good at this moment.
    #[must_use]
    pub fn principal(self, now: Timestamp) -> Option<Principal> {
        let good = self.revoked_at.is_none() && self.user_is_active && now < self.expires_at;
        good.then_some(Principal {
            user_id: self.user_id,
            session_id: self.session_id,
            role: self.role,
            permissions: self.permissions,
            locale: self.locale,
        })
    }

    /// Whether the session's last use should be noted again.
    #[must_use]
    pub fn last_use_is_stale(&self, now: Timestamp) -> bool {
        now - self.last_used_at >= LAST_USE_PRECISION
    }
}

/// What a refresh token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshGrant {
    /// The session it continues.
    pub session_id: SessionId,
    /// Whose session it is.
    pub user_id: UserId,
    /// Whether that user's account is active.
    pub user_is_active: bool,
    /// When the session was ended.
    pub revoked_at: Option<Timestamp>,
    /// Until when the token is good.
    pub expires_at: Timestamp,
    /// When the token was used.
    pub used_at: Option<Timestamp>,
}

/// What to do with a presented refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshVerdict {
    /// Give the next pair.
    Continue,
    /// Refuse, and leave everything as it is.
    Refuse,
    /// Two parties have the token, so one of them stole it: refuse, and end the session.
    Reused,
}

impl RefreshGrant {
    /// Judges the token at this moment.
    #[must_use]
    pub fn judge(&self, now: Timestamp) -> RefreshVerdict {
        if self.revoked_at.is_some() {
            RefreshVerdict::Refuse
        } else if self.used_at.is_some() {
            RefreshVerdict::Reused
        } else if self.user_is_active && now < self.expires_at {
            RefreshVerdict::Continue
        } else {
            RefreshVerdict::Refuse
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use kernel::{Id, Locale, Permissions, Role, Timestamp, testing::Surroundings};

    use super::{AccessGrant, LoginSession, RefreshGrant, RefreshVerdict};

    fn access(now: Timestamp) -> AccessGrant {
        let ambient = Surroundings::new().ambient();
        AccessGrant {
            session_id: Id::generate(&ambient),
            last_used_at: now,
            revoked_at: None,
            expires_at: now + Duration::microseconds(1),
            user_id: Id::generate(&ambient),
            role: Role::User,
            locale: Locale::En,
            user_is_active: true,
            permissions: Permissions::default(),
        }
    }

    #[test]
    fn an_access_token_is_good_until_it_expires_or_its_session_or_account_ends() {
        let now = Surroundings::new().ambient().now();
        let good = access(now);
        assert!(good.clone().principal(now).is_some());
        for bad in [
            AccessGrant { expires_at: now, ..good.clone() },
            AccessGrant { revoked_at: Some(now), ..good.clone() },
            AccessGrant { user_is_active: false, ..good },
        ] {
            assert_eq!(bad.principal(now), None);
        }
    }

    #[test]
    fn the_last_use_is_noted_once_a_minute() {
        let now = Surroundings::new().ambient().now();
        let grant = access(now);
        assert!(!grant.last_use_is_stale(now + Duration::seconds(59)));
        assert!(grant.last_use_is_stale(now + Duration::seconds(60)));
    }

    #[test]
    fn a_refresh_token_is_judged_by_its_session_first_and_by_its_use_next() {
        let ambient = Surroundings::new().ambient();
        let now = ambient.now();
        let fresh = RefreshGrant {
            session_id: Id::generate(&ambient),
            user_id: Id::generate(&ambient),
            user_is_active: true,
            revoked_at: None,
            expires_at: now + Duration::microseconds(1),
            used_at: None,
        };
        let used = RefreshGrant { used_at: Some(now), ..fresh };
        for (grant, verdict) in [
            (fresh, RefreshVerdict::Continue),
            (RefreshGrant { expires_at: now, ..fresh }, RefreshVerdict::Refuse),
            (RefreshGrant { user_is_active: false, ..fresh }, RefreshVerdict::Refuse),
            (RefreshGrant { revoked_at: Some(now), ..fresh }, RefreshVerdict::Refuse),
            (used, RefreshVerdict::Reused),
            (RefreshGrant { expires_at: now, ..used }, RefreshVerdict::Reused),
            (RefreshGrant { revoked_at: Some(now), ..used }, RefreshVerdict::Refuse),
        ] {
            assert_eq!(grant.judge(now), verdict, "{grant:?}");
        }
    }

    #[test]
    fn what_a_program_calls_itself_is_cut_and_cleaned() {
        let ambient = Surroundings::new().ambient();
        let agent = format!("a\0b\n{}", "x".repeat(400));
        let session = LoginSession::open(&ambient, Id::generate(&ambient), None, Some(&agent));
        assert_eq!(session.user_agent, Some(format!("ab{}", "x".repeat(253))));
    }
}
