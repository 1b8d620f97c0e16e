//! Agents: what is written of them.

use async_trait::async_trait;
use billing::{
    agent::{Agent, AgentSale, AgentTransfer, Sold, VoucherReturn},
    ports::AgentRows,
};
use kernel::{
    Id, StoreError,
    id::{ids::UserId, of},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};

use super::{
    agent_sales, agent_transfers, agents,
    receipts::rate,
    voucher_returns,
    words::{currency, money},
};
use crate::{Tx, error::store_error};

#[async_trait]
impl AgentRows for Tx {
    async fn upsert_agent(&mut self, agent: &Agent) -> Result<(), StoreError> {
        use agents::Column::{Status, Terms, UpdatedAt, UserId};
        let known = OnConflict::column(UserId).update_columns([Status, Terms, UpdatedAt]).to_owned();
        let insert = agents::Entity::insert(agents::ActiveModel::try_from(agent)?).on_conflict(known);
        insert.exec_without_returning(self.connection()).await.map(drop).map_err(store_error)
    }

    async fn hold_agent(&mut self, id: UserId) -> Result<Option<Agent>, StoreError> {
        let row = agents::Entity::find_by_id(id.as_uuid()).lock_shared().one(self.connection()).await;
        row.map_err(store_error)?.map(Agent::try_from).transpose()
    }

    async fn insert_sale(&mut self, sale: &AgentSale) -> Result<(), StoreError> {
        let (order_id, batch_id) = match sale.what {
            Sold::Order(order) => (Some(order.as_uuid()), None),
            Sold::Vouchers(batch) => (None, Some(batch.as_uuid())),
        };
        let row = agent_sales::ActiveModel {
            id: Set(Id::<of::Payment>::generate(&self.shared.ambient).as_uuid()),
            agent_id: Set(sale.agent_id.as_uuid()),
            order_id: Set(order_id),
            batch_id: Set(batch_id),
            price: Set(sale.price.minor()),
            commission: Set(sale.commission.minor()),
            currency: Set(sale.price.currency().code().to_owned()),
            share: Set(i32::from(sale.share.get())),
            at: Set(sale.at),
        };
        let insert = agent_sales::Entity::insert(row).exec_without_returning(self.connection());
        insert.await.map(drop).map_err(store_error)
    }

    async fn sale_of(&mut self, what: Sold) -> Result<Option<AgentSale>, StoreError> {
        use agent_sales::Column::{BatchId, OrderId};
        let of_it = match what {
            Sold::Order(order) => OrderId.eq(order.as_uuid()),
            Sold::Vouchers(batch) => BatchId.eq(batch.as_uuid()),
        };
        let row = agent_sales::Entity::find().filter(of_it).one(self.connection()).await;
        let sale = |row: agent_sales::Model| {
            let currency = currency(&row.currency)?;
            Ok(AgentSale {
                agent_id: Id::from_uuid(row.agent_id),
                what,
                price: money(row.price, currency),
                commission: money(row.commission, currency),
                share: rate(row.share)?,
                at: row.at,
            })
        };
        row.map_err(store_error)?.map(sale).transpose()
    }

    async fn insert_return(&mut self, returned: &VoucherReturn) -> Result<(), StoreError> {
        let row = voucher_returns::ActiveModel {
            id: Set(returned.id.as_uuid()),
            batch_id: Set(returned.batch_id.as_uuid()),
            vouchers: Set(i32::try_from(returned.vouchers).map_err(StoreError::corrupt)?),
            price: Set(returned.price.minor()),
            commission: Set(returned.commission.minor()),
            currency: Set(returned.price.currency().code().to_owned()),
            at: Set(returned.at),
        };
        let insert = voucher_returns::Entity::insert(row).exec_without_returning(self.connection());
        insert.await.map(drop).map_err(store_error)
    }

    async fn insert_transfer(&mut self, transfer: &AgentTransfer) -> Result<(), StoreError> {
        let row = agent_transfers::ActiveModel {
            id: Set(transfer.id.as_uuid()),
            agent_id: Set(transfer.agent_id.as_uuid()),
            amount: Set(transfer.amount.minor()),
            currency: Set(transfer.amount.currency().code().to_owned()),
            note: Set(transfer.note.clone()),
            at: Set(transfer.at),
        };
        let insert = agent_transfers::Entity::insert(row).exec_without_returning(self.connection());
        insert.await.map(drop).map_err(store_error)
    }
}
