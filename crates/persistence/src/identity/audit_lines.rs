//! The shared table of the audit log, read and sealed. Commands of every domain write it through their unit of
//! work.

use identity::{
    audit_chain::Seal,
    audit_log::{AuditCursor, AuditEntry, AuditFilter},
};
use kernel::Id;
use sea_orm::{ColumnTrait, Condition};

pub(super) use crate::tx::audit_log::{Column, Entity, Model};

/// The lines that a filter wants.
pub(super) fn wanted(filter: &AuditFilter) -> Condition {
    Condition::all()
        .add_option(filter.event_type.as_deref().map(|kind| Column::EventType.eq(kind)))
        .add_option(filter.actor.as_deref().map(|actor| Column::Actor.eq(actor)))
        .add_option(filter.resource.as_deref().map(|resource| Column::Resource.eq(resource)))
        .add_option(filter.from.map(|from| Column::At.gte(from)))
        .add_option(filter.to.map(|to| Column::At.lt(to)))
}

/// The lines behind a cursor, newest first.
pub(super) fn behind(cursor: AuditCursor) -> Condition {
    let same_moment = Condition::all().add(Column::At.eq(cursor.at)).add(Column::Id.lt(cursor.id.as_uuid()));
    Condition::any().add(Column::At.lt(cursor.at)).add(same_moment)
}

impl From<Model> for AuditEntry {
    fn from(row: Model) -> Self {
        let seal = row.sequence.zip(row.hash);
        Self {
            id: Id::from_uuid(row.id),
            at: row.at,
            event_type: row.event_type,
            actor: row.actor,
            resource: row.resource,
            action: row.action,
            status: row.status,
            details: row.details,
            request_id: row.request_id,
            ip: row.ip,
            seal: seal.map(|(sequence, hash)| Seal { sequence, hash }),
        }
    }
}
