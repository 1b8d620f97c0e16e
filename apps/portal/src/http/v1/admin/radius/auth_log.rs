//! The authentication log: how logins were answered, by FreeRADIUS or the portal itself. No password is in it.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use radius::auth_log::{AuthEntry, AuthFilter, AuthStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::http::error::{ApiError, FieldProblem};

pub mod export;
pub mod list;
pub mod stream;

/// Which lines are wanted.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct AuthLogQuery {
    /// Only those answered so.
    pub status: Option<AuthStatusWord>,
    /// Only of users with these characters in their name.
    #[validate(length(min = 1, max = 64))]
    #[param(example = "ada")]
    pub username: Option<String>,
    /// Only those from this NAS, or of a device with this address.
    #[validate(length(min = 2, max = 45))]
    #[param(example = "10.5.50.1")]
    pub ip: Option<String>,
}

/// Of which period lines are wanted.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// Only at or after this moment.
    #[param(example = "2026-01-17T00:00:00Z")]
    pub from: Option<DateTime<Utc>>,
    /// Only before this moment.
    #[param(example = "2026-01-18T00:00:00Z")]
    pub to: Option<DateTime<Utc>>,
}

/// How a login was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuthStatus, example = "rejected")]
#[serde(rename_all = "snake_case")]
pub enum AuthStatusWord {
    /// Let in.
    Accepted,
    /// Turned away.
    Rejected,
}

/// A line of the authentication log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuthLogLine)]
pub struct AuthLogLineView {
    /// Its place in the log.
    #[schema(example = 4711)]
    id: i64,
    /// When.
    #[schema(example = "2026-01-17T12:00:00Z")]
    at: DateTime<Utc>,
    /// Who.
    #[schema(example = "ada")]
    username: String,
    /// How it was answered.
    status: AuthStatusWord,
    /// Why it was turned away: `unknown_user`, `disabled`, `wrong_password`, `expired`, `quota_used_up`,
    /// `outside_login_time`, `too_many_sessions`, or what FreeRADIUS says.
    #[schema(example = "wrong_password")]
    reason: Option<String>,
    /// The device, as its NAS writes it.
    #[schema(example = "02:00:5E:00:53:01")]
    mac: Option<String>,
    /// What it signed in to.
    #[schema(example = "hotspot1")]
    called_station: Option<String>,
    /// The NAS that asked.
    #[schema(example = "10.5.50.1")]
    nas: Option<String>,
    /// The address that the device has or asked for.
    #[schema(example = "10.5.50.20")]
    address: Option<String>,
}

impl AuthLogQuery {
    /// The filter that is meant; 422 names what is no address.
    fn filter(self, period: &PeriodQuery) -> Result<AuthFilter, ApiError> {
        let ip: Option<IpAddr> = self.ip.map(|ip| ip.parse()).transpose().map_err(|_| {
            let problem =
                FieldProblem::Said("doit être une adresse IP".to_owned(), "must be an IP address".to_owned());
            ApiError::field("ip", problem)
        })?;
        Ok(AuthFilter {
            status: self.status.map(AuthStatus::from),
            username: self.username,
            ip,
            from: period.from,
            to: period.to,
        })
    }
}

impl From<AuthStatusWord> for AuthStatus {
    fn from(word: AuthStatusWord) -> Self {
        match word {
            AuthStatusWord::Accepted => Self::Accepted,
            AuthStatusWord::Rejected => Self::Rejected,
        }
    }
}

impl From<AuthStatus> for AuthStatusWord {
    fn from(status: AuthStatus) -> Self {
        match status {
            AuthStatus::Accepted => Self::Accepted,
            AuthStatus::Rejected => Self::Rejected,
        }
    }
}

impl From<AuthEntry> for AuthLogLineView {
    fn from(entry: AuthEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            username: entry.username,
            status: entry.status.into(),
            reason: entry.reason,
            mac: entry.calling_station,
            called_station: entry.called_station,
            nas: entry.nas_address,
            address: entry.address,
        }
    }
}
