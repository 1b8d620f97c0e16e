//! Agreement reports, as rows. What does not agree is a list in JSON: it is read and replaced as a whole.

use billing::agreement::{Agreement, Disagreement, Item, Tally};
use kernel::{Id, Money, StoreError};
use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde::{Deserialize, Serialize};

use super::words::{currency, from_json, to_json};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agreement_reports")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: Uuid,
    pub(super) day: String,
    pub(super) gateway: String,
    pub(super) currency: String,
    pub(super) payments_count: i64,
    pub(super) payments_sum: i64,
    pub(super) ledger_count: i64,
    pub(super) ledger_sum: i64,
    pub(super) statement_count: i64,
    pub(super) statement_sum: i64,
    pub(super) expected_count: i64,
    pub(super) expected_sum: i64,
    pub(super) settled_elsewhen_count: i64,
    pub(super) settled_elsewhen_sum: i64,
    pub(super) dated_elsewhen_count: i64,
    pub(super) dated_elsewhen_sum: i64,
    pub(super) covered: bool,
    pub(super) agrees: bool,
    pub(super) items: Json,
    pub(super) computed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// One thing that does not agree, as it is stored.
#[derive(Serialize, Deserialize)]
struct ItemRow {
    kind: String,
    payment_id: Option<Uuid>,
    line_id: Option<Uuid>,
    expected: Option<Money>,
    found: Option<Money>,
}

impl From<&Item> for ItemRow {
    fn from(item: &Item) -> Self {
        Self {
            kind: item.kind.as_str().to_owned(),
            payment_id: item.payment_id.map(|payment| payment.as_uuid()),
            line_id: item.line_id.map(|line| line.as_uuid()),
            expected: item.expected,
            found: item.found,
        }
    }
}

impl TryFrom<ItemRow> for Item {
    type Error = StoreError;

    fn try_from(row: ItemRow) -> Result<Self, StoreError> {
        Ok(Self {
            kind: Disagreement::parse(&row.kind).ok_or_else(|| StoreError::corrupt(&row.kind))?,
            payment_id: row.payment_id.map(Id::from_uuid),
            line_id: row.line_id.map(Id::from_uuid),
            expected: row.expected,
            found: row.found,
        })
    }
}

fn stored(count: u64) -> Result<i64, StoreError> {
    i64::try_from(count).map_err(StoreError::corrupt)
}

fn tally(count: i64, sum: i64) -> Result<Tally, StoreError> {
    Ok(Tally { count: u64::try_from(count).map_err(StoreError::corrupt)?, sum })
}

impl TryFrom<&Agreement> for ActiveModel {
    type Error = StoreError;

    fn try_from(report: &Agreement) -> Result<Self, StoreError> {
        let items: Vec<_> = report.items.iter().map(ItemRow::from).collect();
        Ok(Self {
            id: Set(report.id.as_uuid()),
            day: Set(report.day.to_string()),
            gateway: Set(report.gateway.clone()),
            currency: Set(report.currency.code().to_owned()),
            payments_count: Set(stored(report.payments.count)?),
            payments_sum: Set(report.payments.sum),
            ledger_count: Set(stored(report.ledger.count)?),
            ledger_sum: Set(report.ledger.sum),
            statement_count: Set(stored(report.statement.count)?),
            statement_sum: Set(report.statement.sum),
            expected_count: Set(stored(report.expected.count)?),
            expected_sum: Set(report.expected.sum),
            settled_elsewhen_count: Set(stored(report.settled_on_other_days.count)?),
            settled_elsewhen_sum: Set(report.settled_on_other_days.sum),
            dated_elsewhen_count: Set(stored(report.dated_on_other_days.count)?),
            dated_elsewhen_sum: Set(report.dated_on_other_days.sum),
            covered: Set(report.covered),
            agrees: Set(report.agrees()),
            items: Set(to_json(&items)?),
            computed_at: Set(report.computed_at),
        })
    }
}

impl TryFrom<Model> for Agreement {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let items: Vec<ItemRow> = from_json(row.items)?;
        Ok(Self {
            id: Id::from_uuid(row.id),
            day: row.day.parse().map_err(StoreError::corrupt)?,
            gateway: row.gateway,
            currency: currency(&row.currency)?,
            payments: tally(row.payments_count, row.payments_sum)?,
            ledger: tally(row.ledger_count, row.ledger_sum)?,
            covered: row.covered,
            statement: tally(row.statement_count, row.statement_sum)?,
            expected: tally(row.expected_count, row.expected_sum)?,
            settled_on_other_days: tally(row.settled_elsewhen_count, row.settled_elsewhen_sum)?,
            dated_on_other_days: tally(row.dated_elsewhen_count, row.dated_elsewhen_sum)?,
            items: items.into_iter().map(Item::try_from).collect::<Result<_, _>>()?,
            computed_at: row.computed_at,
        })
    }
}
