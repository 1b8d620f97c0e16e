//! Lists and details of statements and agreement reports.

use async_trait::async_trait;
use billing::{
    agreement::{Agreement, DayBounds},
    ports::StatementReads,
    queries::statements::{AgreementFilter, LineFilter, OutcomeTotal},
    statement::{LineOutcome, Statement, StatementLine},
};
use kernel::{
    Id, Page, PageRequest, StoreError,
    id::ids::{StatementId, StatementLineId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{
    agreement_reports, gateway_statement_lines as lines, gateway_statements as statements,
    reads::sum_of,
    words::{currency, money},
};
use crate::{Database, error::store_error};

#[async_trait]
impl StatementReads for Database {
    async fn statements(
        &self,
        gateway: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<Statement>, StoreError> {
        let mut find = statements::Entity::find();
        if let Some(gateway) = gateway {
            find = find.filter(statements::Column::Gateway.eq(gateway));
        }
        let total = find.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = find
            .order_by_desc(statements::Column::ImportedAt)
            .order_by_desc(statements::Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Statement::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }

    async fn statement(&self, id: StatementId) -> Result<Option<Statement>, StoreError> {
        let row = statements::Entity::find_by_id(id.as_uuid()).one(self.reader()).await;
        row.map_err(store_error)?.map(Statement::try_from).transpose()
    }

    async fn outcomes(&self, id: StatementId) -> Result<Vec<OutcomeTotal>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            outcome: String,
            currency: String,
            rows: i64,
            total: i64,
        }
        let rows = lines::Entity::find()
            .select_only()
            .column(lines::Column::Outcome)
            .column(lines::Column::Currency)
            .column_as(lines::Column::Id.count(), "rows")
            .column_as(sum_of(lines::Column::Amount), "total")
            .filter(lines::Column::StatementId.eq(id.as_uuid()))
            .group_by(lines::Column::Outcome)
            .group_by(lines::Column::Currency)
            .order_by_asc(lines::Column::Outcome)
            .order_by_asc(lines::Column::Currency)
            .into_model::<Row>()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let total = |row: Row| {
            Ok(OutcomeTotal {
                outcome: LineOutcome::parse(&row.outcome).ok_or_else(|| StoreError::corrupt(&row.outcome))?,
                count: u64::try_from(row.rows).map_err(StoreError::corrupt)?,
                sum: money(row.total, currency(&row.currency)?),
            })
        };
        rows.into_iter().map(total).collect()
    }

    async fn statement_lines(
        &self,
        id: StatementId,
        filter: LineFilter,
        page: PageRequest,
    ) -> Result<Page<StatementLine>, StoreError> {
        let mut find = lines::Entity::find().filter(lines::Column::StatementId.eq(id.as_uuid()));
        if let Some(outcome) = filter.outcome {
            find = find.filter(lines::Column::Outcome.eq(outcome.as_str()));
        }
        let total = find.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = find
            .order_by_asc(lines::Column::Line)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(StatementLine::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }

    async fn statement_line(&self, id: StatementLineId) -> Result<Option<StatementLine>, StoreError> {
        let row = lines::Entity::find_by_id(id.as_uuid()).one(self.reader()).await;
        row.map_err(store_error)?.map(StatementLine::try_from).transpose()
    }

    async fn waiting_lines(
        &self,
        id: StatementId,
        (from, to): (u32, u32),
    ) -> Result<Vec<StatementLineId>, StoreError> {
        let ids: Vec<Uuid> = lines::Entity::find()
            .select_only()
            .column(lines::Column::Id)
            .filter(lines::Column::StatementId.eq(id.as_uuid()))
            .filter(lines::Column::Line.gte(i64::from(from)))
            .filter(lines::Column::Line.lte(i64::from(to)))
            .filter(lines::Column::Outcome.eq(LineOutcome::Waiting.as_str()))
            .order_by_asc(lines::Column::Line)
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Id::from_uuid).collect())
    }

    async fn orphans(&self, bounds: DayBounds, limit: u64) -> Result<Vec<StatementLineId>, StoreError> {
        let ids: Vec<Uuid> = lines::Entity::find()
            .select_only()
            .column(lines::Column::Id)
            .filter(lines::Column::Outcome.eq(LineOutcome::Orphan.as_str()))
            .filter(lines::Column::Current.eq(true))
            .filter(lines::Column::At.gte(bounds.from))
            .filter(lines::Column::At.lt(bounds.to))
            .order_by_asc(lines::Column::At)
            .limit(limit)
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(Id::from_uuid).collect())
    }

    async fn agreements(
        &self,
        filter: &AgreementFilter,
        page: PageRequest,
    ) -> Result<Page<Agreement>, StoreError> {
        use agreement_reports::Column;
        let mut find = agreement_reports::Entity::find();
        if let Some(gateway) = &filter.gateway {
            find = find.filter(Column::Gateway.eq(gateway.as_str()));
        }
        if let Some(currency) = filter.currency {
            find = find.filter(Column::Currency.eq(currency.code()));
        }
        if let Some(from) = filter.from {
            find = find.filter(Column::Day.gte(from.to_string()));
        }
        if let Some(to) = filter.to {
            find = find.filter(Column::Day.lte(to.to_string()));
        }
        if let Some(agrees) = filter.agrees {
            find = find.filter(Column::Agrees.eq(agrees));
        }
        let total = find.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = find
            .order_by_desc(Column::Day)
            .order_by_asc(Column::Gateway)
            .order_by_asc(Column::Currency)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Agreement::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, request: page, total })
    }
}
