//! The audit log: who did what to what, written in the transaction of the command itself.

use serde_json::Value;

use crate::{
    ambient::{Ambient, Timestamp},
    id::{Id, ids::AuditId},
    origin::Origin,
};

/// A line for the audit log. It never carries a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRecord {
    /// Names the line.
    pub id: AuditId,
    /// When it happened.
    pub at: Timestamp,
    /// The kind of thing that happened: `login`, `payment`, `settings`, …
    pub event_type: &'static str,
    /// Who did it, from where, in which request.
    pub origin: Origin,
    /// What it was done to, as `kind:id`.
    pub resource: String,
    /// What was done, as a verb: `create`, `confirm`, …
    pub action: &'static str,
    /// `success` or `failure`.
    pub status: &'static str,
    /// More, as a JSON object.
    pub details: Value,
}

impl AuditRecord {
    /// A line about something that succeeded just now.
    #[must_use]
    pub fn success(
        ambient: &Ambient,
        origin: &Origin,
        event_type: &'static str,
        action: &'static str,
        resource: String,
    ) -> Self {
        Self {
            id: Id::generate(ambient),
            at: ambient.now(),
            event_type,
            origin: origin.clone(),
            resource,
            action,
            status: "success",
            details: Value::Null,
        }
    }

    /// The same, with more to tell.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// The same, about something that was refused.
    #[must_use]
    pub const fn refused(mut self) -> Self {
        self.status = "failure";
        self
    }
}
