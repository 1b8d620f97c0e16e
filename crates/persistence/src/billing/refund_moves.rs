//! The moves of refunds, as rows.

use sea_orm::entity::prelude::*;

use super::refunds::status;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refund_moves")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) refund_id: Uuid,
    pub(super) from_status: String,
    pub(super) to_status: String,
    pub(super) reason: String,
    pub(super) moved_by: String,
    pub(super) evidence: Option<String>,
    pub(super) at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for billing::queries::refunds::RefundMoveView {
    type Error = kernel::StoreError;

    fn try_from(row: Model) -> Result<Self, kernel::StoreError> {
        Ok(Self {
            from: status(&row.from_status)?,
            to: status(&row.to_status)?,
            reason: row.reason,
            by: row.moved_by,
            at: row.at,
            evidence: row.evidence,
        })
    }
}
