//! Refunds: what is written of them, and their lists.

use async_trait::async_trait;
use billing::{
    ledger::{Account, Line, Source},
    ports::{RefundReads, RefundRows},
    queries::refunds::{RefundFilter, RefundMoveView},
    refund::{Refund, RefundMove, RefundStatus},
};
use kernel::{
    Id, Page, PageRequest, StoreError, Timestamp,
    id::{
        ids::{OrderId, PaymentId, RefundId},
        of,
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::{
    ledger_lines, ledger_postings, payments, refund_moves, refunds,
    words::{currency, money},
};
use crate::{Database, Tx, error::store_error};

impl Tx {
    /// Adds to what of a payment has gone back or is to; false when that would be more than came in.
    async fn reserve(&self, payment: Uuid, amount: i64) -> Result<bool, StoreError> {
        use payments::Column::{Id, Received, Refunded};
        let reserved = payments::Entity::update_many()
            .col_expr(Refunded, Expr::col(Refunded).add(amount))
            .filter(Id.eq(payment))
            .filter(Expr::col(Refunded).add(amount).lte(Expr::col(Received)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(reserved.rows_affected == 1)
    }

    async fn lines_of(&self, source: Source) -> Result<Vec<Line>, StoreError> {
        use ledger_postings::Column::{SourceId, SourceKind};
        let posting = ledger_postings::Entity::find()
            .filter(SourceKind.eq(source.kind()))
            .filter(SourceId.eq(source.id()))
            .one(self.connection())
            .await
            .map_err(store_error)?;
        let Some(posting) = posting else {
            return Ok(Vec::new());
        };
        let rows = ledger_lines::Entity::find()
            .filter(ledger_lines::Column::PostingId.eq(posting.id))
            .order_by_asc(ledger_lines::Column::Line)
            .all(self.connection())
            .await
            .map_err(store_error)?;
        let line = |row: ledger_lines::Model| {
            let account = Account::parse(&row.account).ok_or_else(|| StoreError::corrupt(&row.account))?;
            Ok(Line { account, amount: money(row.amount, currency(&row.currency)?) })
        };
        rows.into_iter().map(line).collect()
    }
}

#[async_trait]
impl RefundRows for Tx {
    async fn insert_refund(&mut self, refund: &Refund) -> Result<bool, StoreError> {
        if !self.reserve(refund.payment_id.as_uuid(), refund.amount.minor()).await? {
            return Ok(false);
        }
        let row = refunds::ActiveModel::try_from(refund)?;
        let insert = refunds::Entity::insert(row).exec_without_returning(self.connection());
        insert.await.map_err(store_error)?;
        Ok(true)
    }

    async fn find_refund(&mut self, id: RefundId) -> Result<Option<Refund>, StoreError> {
        let row = refunds::Entity::find_by_id(id.as_uuid()).one(self.connection()).await;
        row.map_err(store_error)?.map(Refund::try_from).transpose()
    }

    async fn refund_by_reference(
        &mut self,
        gateway: &str,
        reference: &str,
    ) -> Result<Option<(RefundId, PaymentId)>, StoreError> {
        let Ok(reference) = Uuid::parse_str(reference) else { return Ok(None) };
        let through = Query::select()
            .column(payments::Column::Id)
            .from(payments::Entity)
            .and_where(payments::Column::Gateway.eq(gateway))
            .to_owned();
        let row = refunds::Entity::find()
            .filter(refunds::Column::Reference.eq(reference))
            .filter(refunds::Column::PaymentId.in_subquery(through))
            .one(self.connection())
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| (Id::from_uuid(row.id), Id::from_uuid(row.payment_id))))
    }

    async fn has_refund_under_way(&mut self, order: OrderId) -> Result<bool, StoreError> {
        let open = RefundStatus::ALL.into_iter().filter(|status| !status.has_ended());
        let row = refunds::Entity::find()
            .filter(refunds::Column::OrderId.eq(order.as_uuid()))
            .filter(refunds::Column::Status.is_in(open.map(RefundStatus::as_str)))
            .one(self.connection())
            .await
            .map_err(store_error)?;
        Ok(row.is_some())
    }

    async fn refunds_of(&mut self, payment: PaymentId) -> Result<Vec<Refund>, StoreError> {
        use refunds::Column::{CreatedAt, Id, PaymentId};
        let of_payment = refunds::Entity::find().filter(PaymentId.eq(payment.as_uuid()));
        let rows = of_payment.order_by_asc(CreatedAt).order_by_asc(Id).all(self.connection()).await;
        rows.map_err(store_error)?.into_iter().map(Refund::try_from).collect()
    }

    async fn move_refund(&mut self, change: &RefundMove) -> Result<bool, StoreError> {
        if !change.from.may_become(change.to) {
            let (from, to) = (change.from.as_str(), change.to.as_str());
            return Err(StoreError::Conflict(format!("a refund does not go from {from} to {to}")));
        }
        let ended = change.to.has_ended().then_some(change.at);
        let moved = refunds::Entity::update_many()
            .col_expr(refunds::Column::Status, Expr::value(change.to.as_str()))
            .col_expr(refunds::Column::SettledAt, Expr::value(ended))
            .filter(refunds::Column::Id.eq(change.refund_id.as_uuid()))
            .filter(refunds::Column::Status.eq(change.from.as_str()))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        if moved.rows_affected != 1 {
            return Ok(false);
        }
        if !change.to.holds() {
            let row = refunds::Entity::find_by_id(change.refund_id.as_uuid()).one(self.connection()).await;
            let row = row.map_err(store_error)?.ok_or_else(|| StoreError::corrupt("a refund is gone"))?;
            self.reserve(row.payment_id, -row.amount).await?;
        }
        let row = refund_moves::ActiveModel {
            id: Set(Id::<of::Refund>::generate(&self.shared.ambient).as_uuid()),
            refund_id: Set(change.refund_id.as_uuid()),
            from_status: Set(change.from.as_str().to_owned()),
            to_status: Set(change.to.as_str().to_owned()),
            reason: Set(change.reason.clone()),
            moved_by: Set(change.by.clone()),
            evidence: Set(change.evidence.clone()),
            at: Set(change.at),
        };
        let insert = refund_moves::Entity::insert(row).exec_without_returning(self.connection());
        insert.await.map_err(store_error)?;
        Ok(true)
    }

    async fn refund_moved_at(&mut self, id: RefundId) -> Result<Option<Timestamp>, StoreError> {
        let of_refund = refund_moves::Entity::find().filter(refund_moves::Column::RefundId.eq(id.as_uuid()));
        let last = of_refund.order_by_desc(refund_moves::Column::At).one(self.connection()).await;
        Ok(last.map_err(store_error)?.map(|row| row.at))
    }

    async fn learn_refund_ref(&mut self, id: RefundId, provider_ref: &str) -> Result<(), StoreError> {
        refunds::Entity::update_many()
            .col_expr(refunds::Column::ProviderRef, Expr::value(provider_ref))
            .filter(refunds::Column::Id.eq(id.as_uuid()))
            .filter(refunds::Column::ProviderRef.is_null())
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn capture_of(&mut self, payment: PaymentId) -> Result<Vec<Line>, StoreError> {
        self.lines_of(Source::PaymentCapture(payment.as_uuid())).await
    }

    async fn approval_of(&mut self, refund: RefundId) -> Result<Vec<Line>, StoreError> {
        self.lines_of(Source::RefundApproval(refund.as_uuid())).await
    }
}

fn filtered(filter: &RefundFilter) -> Select<refunds::Entity> {
    use refunds::Column::{CreatedAt, OrderId, PaymentId, Status};
    let mut find = refunds::Entity::find();
    if let Some(payment) = filter.payment_id {
        find = find.filter(PaymentId.eq(payment.as_uuid()));
    }
    if let Some(order) = filter.order_id {
        find = find.filter(OrderId.eq(order.as_uuid()));
    }
    if let Some(status) = filter.status {
        find = find.filter(Status.eq(status.as_str()));
    }
    if let Some(from) = filter.from {
        find = find.filter(CreatedAt.gte(from));
    }
    if let Some(to) = filter.to {
        find = find.filter(CreatedAt.lt(to));
    }
    find
}

#[async_trait]
impl RefundReads for Database {
    async fn refunds(&self, filter: &RefundFilter, page: PageRequest) -> Result<Page<Refund>, StoreError> {
        let find = filtered(filter);
        let total = find.clone().count(self.reader()).await.map_err(store_error)?;
        let rows = find
            .order_by_desc(refunds::Column::CreatedAt)
            .order_by_desc(refunds::Column::Id)
            .offset(page.offset())
            .limit(u64::from(page.per_page()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let items = rows.into_iter().map(Refund::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, total, request: page })
    }

    async fn refund(&self, id: RefundId) -> Result<Option<Refund>, StoreError> {
        let row = refunds::Entity::find_by_id(id.as_uuid()).one(self.reader()).await;
        row.map_err(store_error)?.map(Refund::try_from).transpose()
    }

    async fn refund_moves(&self, id: RefundId) -> Result<Vec<RefundMoveView>, StoreError> {
        use refund_moves::Column::{At, Id, RefundId};
        let of_refund = refund_moves::Entity::find().filter(RefundId.eq(id.as_uuid()));
        let rows = of_refund.order_by_asc(At).order_by_asc(Id).all(self.reader()).await;
        rows.map_err(store_error)?.into_iter().map(RefundMoveView::try_from).collect()
    }
}
