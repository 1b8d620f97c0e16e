//! What subscribers have used in the periods of a calendar, and since their access began: the ledger's days, summed.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate};
use kernel::{Id, StoreError, Timestamp, id::ids::SubscriberId};
use radius::{
    Subscriber,
    usage::{Calendar, Used, day_of},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait as _, JoinType, QueryFilter, QuerySelect,
    QueryTrait as _, RelationTrait as _, Select,
    prelude::Uuid,
    sea_query::{CaseStatement, Expr},
};

use super::{
    number, radius_sessions as sessions,
    usage_ledger::{self as ledger, Column},
    usage_reads::together,
};
use crate::{Database, error::store_error};

/// How many subscribers one statement names.
const AT_ONCE: usize = 500;

/// A subscriber's sums of the day, the week, the month and the access.
type Sums = (Uuid, Option<i64>, Option<i64>, Option<i64>, Option<i64>);

impl Database {
    /// The statement that sums up what a subscriber has used in the periods that run now, for a look at how the database
    /// goes about it.
    #[must_use]
    pub fn usage_statement(&self, subscriber: SubscriberId, calendar: &Calendar) -> String {
        let of_month = Some(calendar.month.0);
        days(&[subscriber.as_uuid()], calendar, of_month)
            .build(self.reader().get_database_backend())
            .to_string()
    }
}

/// What each of these subscribers has used. Those whose access began at one moment, such as a promotion's, are asked for
/// together.
pub(super) async fn used_by(
    connection: &impl ConnectionTrait,
    subscribers: &[&Subscriber],
    calendar: &Calendar,
) -> Result<HashMap<SubscriberId, Used>, StoreError> {
    let mut by_beginning: BTreeMap<Option<Timestamp>, Vec<Uuid>> = BTreeMap::new();
    for subscriber in subscribers {
        by_beginning.entry(subscriber.begun_at).or_default().push(subscriber.id.as_uuid());
    }
    let mut used = HashMap::new();
    for (begun_at, ids) in by_beginning {
        for some in ids.chunks(AT_ONCE) {
            let first = begun_at.map(|begun_at| day_of(begun_at, calendar.zone));
            sum_days(connection, some, calendar, first, &mut used).await?;
            if let (Some(begun_at), Some(first)) = (begun_at, first) {
                leave_out_earlier(connection, some, first, begun_at, &mut used).await?;
            }
        }
    }
    Ok(used)
}

async fn sum_days(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
    calendar: &Calendar,
    first: Option<NaiveDate>,
    used: &mut HashMap<SubscriberId, Used>,
) -> Result<(), StoreError> {
    let rows = days(ids, calendar, first).into_tuple::<Sums>().all(connection).await.map_err(store_error)?;
    for (id, day, week, month, total) in rows {
        let bytes = |sum: Option<i64>| number::<i64, u64>(sum.unwrap_or(0));
        let sums = Used { day: bytes(day)?, week: bytes(week)?, month: bytes(month)?, total: bytes(total)? };
        used.insert(Id::from_uuid(id), sums);
    }
    Ok(())
}

/// The sums of some subscribers: of the periods of a calendar, and from a day on.
pub(super) fn days(ids: &[Uuid], calendar: &Calendar, first: Option<NaiveDate>) -> Select<ledger::Entity> {
    let within = |first: NaiveDate, last: Option<NaiveDate>| {
        let last = last.map(|last| Column::Day.lte(last));
        let these = Condition::all().add(Column::Day.gte(first)).add_option(last);
        let of_these = CaseStatement::new().case(these, together(Column::Up, Column::Down)).finally(0_i64);
        Expr::expr(Expr::expr(of_these).sum()).cast_as("bigint")
    };
    let Calendar { today, week, month, .. } = *calendar;
    let first = first.unwrap_or(DateTime::UNIX_EPOCH.date_naive());
    let needed = [first, week.0, month.0].into_iter().min().unwrap_or(first);
    ledger::Entity::find()
        .select_only()
        .column(Column::SubscriberId)
        .expr(within(today, Some(today)))
        .expr(within(week.0, Some(week.1)))
        .expr(within(month.0, Some(month.1)))
        .expr(within(first, None))
        .filter(Column::SubscriberId.is_in(ids.iter().copied()))
        .filter(Column::Day.gte(needed))
        .group_by(Column::SubscriberId)
}

/// What was used on the day on which an access began, through sessions that were over by then, is not of that access.
async fn leave_out_earlier(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
    first: NaiveDate,
    begun_at: Timestamp,
    used: &mut HashMap<SubscriberId, Used>,
) -> Result<(), StoreError> {
    let rows = earlier(ids, first, begun_at).into_tuple::<(Uuid, Option<i64>)>().all(connection).await;
    for (id, earlier) in rows.map_err(store_error)? {
        if let Some(used) = used.get_mut(&Id::from_uuid(id)) {
            used.total = used.total.saturating_sub(number(earlier.unwrap_or(0))?);
        }
    }
    Ok(())
}

/// The sums of some subscribers on a day, of sessions that were over at a moment.
pub(super) fn earlier(ids: &[Uuid], day: NaiveDate, over_at: Timestamp) -> Select<ledger::Entity> {
    ledger::Entity::find()
        .join(JoinType::InnerJoin, ledger::Relation::Session.def())
        .select_only()
        .column(Column::SubscriberId)
        .expr(together(Column::Up, Column::Down).sum().cast_as("bigint"))
        .filter(Column::SubscriberId.is_in(ids.iter().copied()))
        .filter(Column::Day.eq(day))
        .filter(sessions::Column::StoppedAt.lt(over_at))
        .group_by(Column::SubscriberId)
}
