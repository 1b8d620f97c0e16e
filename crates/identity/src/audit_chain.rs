//! The hash chain over the audit log: each sealed line carries a hash of itself and of the seal before it, so
//! that no line can be changed, removed, added in between or moved without it being found.
//!
//! The chain's head is kept apart from the lines; it shows when the newest sealed lines were cut off. Whoever can
//! write to the database can forge a whole new chain: against that, keep a copy of the head elsewhere.

use kernel::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::audit_log::AuditEntry;

/// A line's place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The place, from 1, without gaps.
    pub sequence: i64,
    /// SHA-256 over the hash before it and the line in canonical JSON, in hexadecimal.
    pub hash: String,
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHead {
    /// The place of the last sealed line; 0 when there is none.
    pub sequence: i64,
    /// The hash of that line's seal.
    pub hash: String,
}

impl ChainHead {
    /// The head of a chain without lines: place 0 and a hash of zeros.
    #[must_use]
    pub fn genesis() -> Self {
        Self { sequence: 0, hash: "0".repeat(64) }
    }

    /// The seal that the next line gets.
    #[must_use]
    pub fn seal(&self, entry: &AuditEntry) -> Seal {
        let mut hasher = Sha256::new();
        hasher.update(&self.hash);
        hasher.update(canonical_line(entry));
        Seal { sequence: self.sequence + 1, hash: hex::encode(hasher.finalize()) }
    }

    /// The head once the chain ends with this seal.
    #[must_use]
    pub fn moved_to(seal: &Seal) -> Self {
        Self { sequence: seal.sequence, hash: seal.hash.clone() }
    }
}

/// Where the chain is broken, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainBreak {
    /// The place of the break.
    pub sequence: i64,
    /// What is wrong there.
    pub fault: ChainFault,
}

/// What is wrong at a place of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainFault {
    /// There is no line at this place.
    Missing,
    /// The line is not what was sealed at this place, behind the line before it.
    Altered,
    /// The chain does not end with the hash that was noted as its end.
    OtherEnd,
}

impl ChainFault {
    /// The fault as it is shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Altered => "altered",
            Self::OtherEnd => "other_end",
        }
    }
}

/// What a look at the whole chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainReport {
    /// How many lines were found whole, from the first.
    pub verified: i64,
    /// The first break.
    pub broken: Option<ChainBreak>,
}

/// Walks the chain from its first line.
#[derive(Debug)]
pub struct ChainVerifier {
    reached: ChainHead,
}

impl ChainVerifier {
    /// A walk that has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self { reached: ChainHead::genesis() }
    }

    /// The place of the last line that was found whole.
    #[must_use]
    pub const fn reached(&self) -> i64 {
        self.reached.sequence
    }

    /// Takes the line with the next higher place.
    ///
    /// # Errors
    /// The [`ChainBreak`] at this place.
    pub fn step(&mut self, entry: &AuditEntry) -> Result<(), ChainBreak> {
        let expected = self.reached.seal(entry);
        let broken = |fault| ChainBreak { sequence: expected.sequence, fault };
        let stored = entry.seal.as_ref().ok_or(broken(ChainFault::Missing))?;
        if stored.sequence != expected.sequence {
            return Err(broken(ChainFault::Missing));
        }
        if stored.hash != expected.hash {
            return Err(broken(ChainFault::Altered));
        }
        self.reached = ChainHead::moved_to(&expected);
        Ok(())
    }

    /// Ends the walk where the chain was noted to end.
    ///
    /// # Errors
    /// The [`ChainBreak`] when it ends elsewhere.
    pub fn finish(&self, head: &ChainHead) -> Result<(), ChainBreak> {
        if self.reached.sequence < head.sequence {
            return Err(ChainBreak { sequence: self.reached.sequence + 1, fault: ChainFault::Missing });
        }
        if self.reached != *head {
            return Err(ChainBreak { sequence: self.reached.sequence, fault: ChainFault::OtherEnd });
        }
        Ok(())
    }
}

impl Default for ChainVerifier {
    fn default() -> Self {
        Self::new()
    }
}

/// Every field of a line but its seal, as JSON whose bytes depend on the values alone.
fn canonical_line(entry: &AuditEntry) -> String {
    let mut text = String::new();
    let line = json!({
        "id": entry.id.to_string(),
        "at": canonical_moment(entry.at),
        "event_type": entry.event_type,
        "actor": entry.actor,
        "resource": entry.resource,
        "action": entry.action,
        "status": entry.status,
        "details": entry.details,
        "request_id": entry.request_id,
        "ip": entry.ip,
    });
    write_canonical(&line, &mut text);
    text
}

/// Microseconds always, as both databases keep them.
fn canonical_moment(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// Writes JSON without white space and with the keys of objects in order: a database may give them back in
/// another.
fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (place, (name, field)) in fields.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_canonical(field, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_canonical(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests;
