//! The audit log as it is read: lines that commands wrote, and the questions asked of them.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use kernel::{Id, Timestamp, id::ids::AuditId};
use serde_json::Value;
use uuid::Uuid;

use crate::audit_chain::Seal;

/// A line of the audit log as it is stored. Its words are text, since an older version of the code may have
/// written words that this one does not use.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Names the line.
    pub id: AuditId,
    /// When it happened.
    pub at: Timestamp,
    /// The kind of thing that happened.
    pub event_type: String,
    /// Who did it: `user:<id>`, `system:<part>` or `anonymous`.
    pub actor: String,
    /// What it was done to, as `kind:id`.
    pub resource: String,
    /// What was done, as a verb.
    pub action: String,
    /// `success` or `failure`.
    pub status: String,
    /// More, as a JSON object.
    pub details: Value,
    /// The request that did it.
    pub request_id: Option<String>,
    /// The network address it came from.
    pub ip: Option<String>,
    /// Its place in the hash chain; a job gives it one soon after the line was written.
    pub seal: Option<Seal>,
}

/// Which lines are wanted. What is `None` does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Exactly this kind of thing.
    pub event_type: Option<String>,
    /// Exactly this actor, such as `user:<id>`.
    pub actor: Option<String>,
    /// Exactly this resource, such as `order:<id>`.
    pub resource: Option<String>,
    /// At or after this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

/// A place in the log, newest first: the lines after it are older. As text it is opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCursor {
    /// The moment of the line before the place.
    pub at: Timestamp,
    /// The id of that line, since several lines may share a moment.
    pub id: AuditId,
}

/// The text is not a cursor that this service gave out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of the audit log")]
pub struct NotAnAuditCursor;

impl AuditCursor {
    /// The place just after a line.
    #[must_use]
    pub const fn after(entry: &AuditEntry) -> Self {
        Self { at: entry.at, id: entry.id }
    }

    /// Reads a cursor that a client gives back.
    ///
    /// # Errors
    /// [`NotAnAuditCursor`].
    pub fn parse(text: &str) -> Result<Self, NotAnAuditCursor> {
        let bytes = BASE64.decode(text).map_err(|_| NotAnAuditCursor)?;
        let (micros, uuid) = bytes.split_first_chunk::<8>().ok_or(NotAnAuditCursor)?;
        let at = Timestamp::from_timestamp_micros(i64::from_be_bytes(*micros)).ok_or(NotAnAuditCursor)?;
        let uuid = Uuid::from_slice(uuid).map_err(|_| NotAnAuditCursor)?;
        Ok(Self { at, id: Id::from_uuid(uuid) })
    }
}

impl fmt::Display for AuditCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.at.timestamp_micros().to_be_bytes().to_vec();
        bytes.extend(self.id.as_uuid().as_bytes());
        f.write_str(&BASE64.encode(bytes))
    }
}

/// Some lines of the log, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditPage {
    /// The lines.
    pub entries: Vec<AuditEntry>,
    /// Where the older ones begin; `None` when there are none.
    pub next: Option<AuditCursor>,
}

#[cfg(test)]
mod tests {
    use kernel::{Id, testing::Surroundings};

    use super::AuditCursor;

    #[test]
    fn a_cursor_reads_back_from_its_text_and_other_text_does_not() {
        let ambient = Surroundings::new().ambient();
        let cursor = AuditCursor { at: ambient.now(), id: Id::generate(&ambient) };
        let text = cursor.to_string();
        assert_eq!(AuditCursor::parse(&text), Ok(cursor));
        for bad in ["", "?", &text[1..], &text[..30], "__________________________________"] {
            assert!(AuditCursor::parse(bad).is_err(), "{bad}");
        }
    }
}
