//! Lines of gateways' statements, as rows.

use billing::statement::{Entry, LineOutcome, SaidStatus, StatementLine};
use kernel::{Id, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::{
    gateway_statements::count,
    words::{currency, money},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gateway_statement_lines")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) statement_id: Uuid,
    pub(super) line: i32,
    pub(super) gateway: String,
    pub(super) identity: String,
    pub(super) fingerprint: String,
    pub(super) transaction_id: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) at: DateTimeUtc,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: String,
    pub(super) fee: Option<i64>,
    pub(super) outcome: String,
    pub(super) note: Option<String>,
    pub(super) payment_id: Option<Uuid>,
    pub(super) current: bool,
    pub(super) judged_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&StatementLine> for ActiveModel {
    type Error = StoreError;

    fn try_from(line: &StatementLine) -> Result<Self, StoreError> {
        let entry = &line.entry;
        Ok(Self {
            id: Set(line.id.as_uuid()),
            statement_id: Set(line.statement_id.as_uuid()),
            line: Set(count(entry.line)?),
            gateway: Set(line.gateway.clone()),
            identity: Set(entry.identity().to_owned()),
            fingerprint: Set(entry.fingerprint()),
            transaction_id: Set(entry.transaction_id.clone()),
            session_id: Set(entry.session_id.clone()),
            reference: Set(entry.reference.clone()),
            phone: Set(entry.phone.clone()),
            at: Set(entry.at),
            amount: Set(entry.amount.minor()),
            currency: Set(entry.amount.currency().code().to_owned()),
            status: Set(entry.status.as_str().to_owned()),
            fee: Set(entry.fee.map(kernel::Money::minor)),
            outcome: Set(line.outcome.as_str().to_owned()),
            note: Set(line.note.clone()),
            payment_id: Set(line.payment_id.map(|payment| payment.as_uuid())),
            current: Set(line.current),
            judged_at: Set(line.judged_at),
        })
    }
}

impl TryFrom<Model> for StatementLine {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let currency = currency(&row.currency)?;
        let entry = Entry {
            line: u32::try_from(row.line).map_err(StoreError::corrupt)?,
            at: row.at,
            transaction_id: row.transaction_id,
            session_id: row.session_id,
            reference: row.reference,
            phone: row.phone,
            amount: money(row.amount, currency),
            status: SaidStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(&row.status))?,
            fee: row.fee.map(|fee| money(fee, currency)),
        };
        Ok(Self {
            id: Id::from_uuid(row.id),
            statement_id: Id::from_uuid(row.statement_id),
            gateway: row.gateway,
            entry,
            outcome: LineOutcome::parse(&row.outcome).ok_or_else(|| StoreError::corrupt(&row.outcome))?,
            note: row.note,
            payment_id: row.payment_id.map(Id::from_uuid),
            current: row.current,
            judged_at: row.judged_at,
        })
    }
}
