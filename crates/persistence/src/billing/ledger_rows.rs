//! The ledger, and what a person has to look at.

use async_trait::async_trait;
use billing::{
    ledger::{Account, Line, Posting},
    ports::LedgerRows,
    task::{Task, TaskKind},
};
use kernel::{
    Currency, Id, Money, StoreError, Timestamp,
    id::{
        ids::{OrderId, PaymentId, TaskId},
        of,
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{ledger_balances, ledger_lines, ledger_postings, review_tasks};
use crate::{Tx, error::store_error};

impl Tx {
    /// Adds a line to the balance of its account: what is credited is owed.
    async fn keep_balance(&self, line: &Line) -> Result<(), StoreError> {
        use ledger_balances::{
            ActiveModel,
            Column::{Account, Available, Currency},
            Entity,
        };
        let owed = line.amount.checked_neg().map_err(StoreError::corrupt)?.minor();
        let row = ActiveModel {
            account: Set(line.account.to_string()),
            currency: Set(line.amount.currency().code().to_owned()),
            available: Set(owed),
        };
        let key = || {
            let of_account = Condition::all().add(Account.eq(line.account.to_string()));
            of_account.add(Currency.eq(line.amount.currency().code()))
        };
        let changed = Entity::update_many()
            .col_expr(Available, Expr::col(Available).add(owed))
            .filter(key())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        if changed.rows_affected == 1 {
            return Ok(());
        }
        let added = OnConflict::columns([Account, Currency])
            .value(Available, Expr::col((Entity, Available)).add(owed))
            .to_owned();
        let insert = Entity::insert(row).on_conflict(added).exec_without_returning(self.connection());
        insert.await.map(drop).map_err(store_error)
    }
}

#[async_trait]
impl LedgerRows for Tx {
    async fn lock_available(&mut self, account: Account, currency: Currency) -> Result<Money, StoreError> {
        let key = (account.to_string(), currency.code().to_owned());
        let row = ledger_balances::Entity::find_by_id(key).lock_exclusive().one(self.connection()).await;
        let available = row.map_err(store_error)?.map_or(0, |row| row.available);
        Ok(Money::from_minor(available, currency))
    }

    async fn post(&mut self, posting: &Posting) -> Result<bool, StoreError> {
        use ledger_postings::Column::{SourceId, SourceKind};
        let id = Id::<of::Payment>::generate(&self.shared.ambient).as_uuid();
        let row = ledger_postings::ActiveModel {
            id: Set(id),
            source_kind: Set(posting.source().kind().to_owned()),
            source_id: Set(posting.source().id()),
            at: Set(posting.at()),
        };
        let inserted = ledger_postings::Entity::insert(row)
            .on_conflict(OnConflict::columns([SourceKind, SourceId]).do_nothing().to_owned())
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        if inserted == 0 {
            return Ok(false);
        }
        let lines = (1..).zip(posting.lines()).map(|(number, line)| ledger_lines::ActiveModel {
            posting_id: Set(id),
            line: Set(number),
            account: Set(line.account.to_string()),
            amount: Set(line.amount.minor()),
            currency: Set(line.amount.currency().code().to_owned()),
        });
        let insert = ledger_lines::Entity::insert_many(lines).exec_without_returning(self.connection());
        insert.await.map_err(store_error)?;
        for line in posting.lines().iter().filter(|line| line.account.holder().is_some()) {
            self.keep_balance(line).await?;
        }
        Ok(true)
    }

    async fn open_task(&mut self, task: &Task) -> Result<bool, StoreError> {
        use review_tasks::Column::{ClosedAt, Id, Kind, Message, OpenedAt, PaymentId};
        let mut known = OnConflict::columns([Kind, PaymentId]);
        if task.kind.comes_again() {
            let closed = Expr::col((review_tasks::Entity, ClosedAt)).is_not_null();
            known.update_columns([Id, Message, OpenedAt, ClosedAt]).action_and_where(closed);
        } else {
            known.do_nothing();
        }
        let inserted = review_tasks::Entity::insert(review_tasks::ActiveModel::from(task))
            .on_conflict(known)
            .exec_without_returning(self.connection())
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn has_open_task(&mut self, order: OrderId) -> Result<bool, StoreError> {
        let open = review_tasks::Entity::find()
            .filter(review_tasks::Column::OrderId.eq(order.as_uuid()))
            .filter(review_tasks::Column::ClosedAt.is_null())
            .one(self.connection())
            .await
            .map_err(store_error)?;
        Ok(open.is_some())
    }

    async fn close_task(&mut self, id: TaskId, at: Timestamp) -> Result<bool, StoreError> {
        let closed = review_tasks::Entity::update_many()
            .col_expr(review_tasks::Column::ClosedAt, Expr::value(at))
            .filter(review_tasks::Column::Id.eq(id.as_uuid()))
            .filter(review_tasks::Column::ClosedAt.is_null())
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(closed.rows_affected == 1)
    }

    async fn close_tasks(&mut self, payment: PaymentId, at: Timestamp) -> Result<(), StoreError> {
        self.close_tasks_of(payment, &TaskKind::ALL, at).await
    }

    async fn close_tasks_of(
        &mut self,
        payment: PaymentId,
        kinds: &[TaskKind],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        review_tasks::Entity::update_many()
            .col_expr(review_tasks::Column::ClosedAt, Expr::value(at))
            .filter(review_tasks::Column::PaymentId.eq(payment.as_uuid()))
            .filter(review_tasks::Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
            .filter(review_tasks::Column::ClosedAt.is_null())
            .exec(self.connection())
            .await
            .map(drop)
            .map_err(store_error)
    }
}
