//! An agent sells: out of their wallet, in one transaction with what is owed for it. Over the counter the customer's order
//! is paid at once; vouchers become a batch of their own, to be sold on.

use kernel::{
    Id, IdempotencyKey, Money, Origin, StoreError,
    audit::AuditRecord,
    events::{Contact, billing::AgentSold},
    id::ids::{OrderId, PackageId, UserId, VoucherBatchId},
    money::MoneyError,
    sealed::SealError,
};
use serde_json::json;

use super::{Billing, KeyReused, claimed, own_means::OwnPayment, place_order::Draft};
use crate::{
    agent::{AgentSale, AgentStatus, AgentTerms, SiteProblem, Sold},
    ledger::{Account, Line, Posting, Source},
    order::Quantity,
    package::{Offer, PackageStatus},
    payment::Means,
    ports::BillingTx,
    site::{Unserved, WantedPlace},
    voucher::{BatchStatus, VoucherBatch},
};

/// What an agent sells over the counter.
#[derive(Debug, Clone)]
pub struct Sell {
    /// The agent.
    pub agent_id: UserId,
    /// Which package.
    pub package_id: PackageId,
    /// How many sets of credentials.
    pub quantity: Quantity,
    /// Where the credentials are to be used; where the package says, at the agent's only site, or else at the main one, when
    /// it is not named.
    pub place: WantedPlace,
    /// Who buys. Where there is no phone, the agent hands the credentials over.
    pub contact: Contact,
    /// The client's promise that a repeat is the same sale.
    pub idempotency: Option<IdempotencyKey>,
}

/// Vouchers that an agent takes, to sell them on.
#[derive(Debug, Clone)]
pub struct SellVouchers {
    /// The agent.
    pub agent_id: UserId,
    /// Which package.
    pub package_id: PackageId,
    /// How many, from 1 to [`Quantity::MAX`].
    pub quantity: Quantity,
    /// Where they are good; where the package says, at the agent's only site, or else anywhere, when it is not named.
    pub place: WantedPlace,
    /// The client's promise that a repeat is the same sale.
    pub idempotency: Option<IdempotencyKey>,
}

/// Why nothing was sold.
#[derive(Debug, thiserror::Error)]
pub enum SellError {
    /// The caller is no agent, or may not sell for now.
    #[error("the caller may not sell")]
    NotAnAgent,
    /// There is no such package on sale.
    #[error("there is no such package on sale")]
    PackageNotOnSale,
    /// The agent may not sell this package.
    #[error("the agent may not sell this package")]
    PackageNotAllowed,
    /// The agent may not sell for this site, or has to say for which.
    #[error(transparent)]
    Site(#[from] SiteProblem),
    /// It would be good for nothing at that place.
    #[error(transparent)]
    Unserved(#[from] Unserved),
    /// There is less in the wallet than the agent has to pay.
    #[error("there is {available} in the wallet, and {needed} is needed")]
    NotEnough {
        /// What is there.
        available: Money,
        /// What the agent has to pay.
        needed: Money,
    },
    /// The idempotency key was used for another sale.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The total is beyond what can be counted.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The codes cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an agent is about to sell.
struct Bargain {
    offer: Offer,
    terms: AgentTerms,
    sale: AgentSale,
}

impl Billing {
    /// Sells over the counter and gives the order. A repeat under the same idempotency key gives the first order's id.
    ///
    /// # Errors
    /// [`SellError`].
    pub async fn sell(&self, origin: &Origin, command: Sell) -> Result<OrderId, SellError> {
        let id = Id::generate(&self.ambient);
        let mut tx = self.store.begin().await?;
        if let Some(earlier) = claimed::<_, SellError>(tx.as_mut(), command.idempotency.as_ref(), id).await? {
            return Ok(earlier);
        }
        let (what, quantity) = (Sold::Order(id), command.quantity);
        let mut bargain =
            self.bargain(tx.as_mut(), command.agent_id, command.package_id, quantity, what).await?;
        let place = bargain.terms.place(command.place.named.or(bargain.offer.place))?;
        let place = self.place_or_main(tx.as_mut(), place).await?;
        place.check(bargain.offer.target, &command.place.served)?;
        let paid_by = self.take_from_wallet(tx.as_mut(), &mut bargain.sale).await?;
        let draft = Draft {
            id,
            contact: command.contact,
            place,
            package_id: command.package_id,
            package: bargain.offer.sold(),
            quantity,
            unit_price: bargain.offer.price,
            total: bargain.sale.price,
            expires_at: bargain.sale.at,
        };
        let order = self.write_order(tx.as_mut(), origin, draft).await?;
        let payment_id = Id::generate(&self.ambient);
        let own = OwnPayment { id: payment_id, means: Means::Agent, reason: "paid_by_agent", from: paid_by };
        self.pay_by_own_means(tx.as_mut(), origin, &order, own).await?;
        self.conclude(tx, origin, &bargain.sale, format!("order:{id}")).await?;
        Ok(id)
    }

    /// Sells vouchers to an agent and gives their batch. A repeat under the same idempotency key gives the first batch's
    /// id.
    ///
    /// # Errors
    /// [`SellError`].
    pub async fn sell_vouchers(
        &self,
        origin: &Origin,
        command: SellVouchers,
    ) -> Result<VoucherBatchId, SellError> {
        let id = Id::generate(&self.ambient);
        let mut tx = self.store.begin().await?;
        if let Some(earlier) = claimed::<_, SellError>(tx.as_mut(), command.idempotency.as_ref(), id).await? {
            return Ok(earlier);
        }
        let what = Sold::Vouchers(id);
        let Bargain { offer, terms, mut sale } =
            self.bargain(tx.as_mut(), command.agent_id, command.package_id, command.quantity, what).await?;
        let place = terms.place(command.place.named.or(offer.place))?;
        if let Some(place) = place {
            place.check(offer.target, &command.place.served)?;
        }
        let mut lines = self.take_from_wallet(tx.as_mut(), &mut sale).await?;
        lines.push(Line { account: Account::VoucherClearing, amount: sale.price.checked_neg()? });
        let posting = Posting::balanced(Source::VoucherSale(id.as_uuid()), lines, sale.at);
        if !tx.post(&posting).await? {
            return Err(StoreError::Conflict(format!("batch {id} was posted before")).into());
        }
        let batch = VoucherBatch {
            id,
            name: offer.name.clone(),
            package_id: command.package_id,
            package: offer.sold(),
            price: offer.price,
            place,
            prefix: String::new(),
            count: command.quantity.get(),
            agent_id: Some(command.agent_id),
            status: BatchStatus::Active,
            expires_at: None,
            prints: 0,
            created_at: sale.at,
        };
        tx.insert_batch(&batch).await?;
        tx.insert_vouchers(&self.new_vouchers(&batch)?).await?;
        self.conclude(tx, origin, &sale, format!("voucher_batch:{id}")).await?;
        Ok(id)
    }

    /// What an agent may sell, at what price and for which share of it, as it is now.
    async fn bargain(
        &self,
        tx: &mut dyn BillingTx,
        agent_id: UserId,
        package_id: PackageId,
        quantity: Quantity,
        what: Sold,
    ) -> Result<Bargain, SellError> {
        let agent = tx.hold_agent(agent_id).await?.filter(|agent| agent.status == AgentStatus::Active);
        let terms = agent.ok_or(SellError::NotAnAgent)?.terms;
        let package = tx.lock_package(package_id).await?;
        let package = package.filter(|package| package.status == PackageStatus::Active);
        let offer = package.ok_or(SellError::PackageNotOnSale)?.offer;
        let share = terms.commission_on(package_id).ok_or(SellError::PackageNotAllowed)?;
        let count = i64::from(quantity.get());
        let price = offer.price.checked_mul(count)?;
        // Once for each, so that it is the same whether they are sold together or one by one.
        let commission = share.of(offer.price)?.checked_mul(count)?;
        let sale = AgentSale { agent_id, what, price, commission, share, at: self.ambient.now() };
        Ok(Bargain { offer, terms, sale })
    }

    /// The lines by which a sale is paid: what the wallet gives, and the agent's part of the price. Whoever else sells out
    /// of this wallet waits.
    async fn take_from_wallet(
        &self,
        tx: &mut dyn BillingTx,
        sale: &mut AgentSale,
    ) -> Result<Vec<Line>, SellError> {
        let wallet = Account::AgentWallet(sale.agent_id);
        let needed = sale.price.checked_add(sale.commission.checked_neg()?)?;
        let available = tx.lock_available(wallet, needed.currency()).await?;
        if available.minor() < needed.minor() {
            return Err(SellError::NotEnough { available, needed });
        }
        // After whoever filled the wallet meanwhile.
        sale.at = self.ambient.now();
        Ok(AgentSale::paid_by(sale.agent_id, sale.price, sale.commission)?.to_vec())
    }

    async fn conclude(
        &self,
        mut tx: Box<dyn BillingTx>,
        origin: &Origin,
        sale: &AgentSale,
        what: String,
    ) -> Result<(), StoreError> {
        tx.insert_sale(sale).await?;
        let (order_id, voucher_batch_id) = match sale.what {
            Sold::Order(id) => (Some(id), None),
            Sold::Vouchers(id) => (None, Some(id)),
        };
        let sold = AgentSold {
            agent_id: sale.agent_id,
            order_id,
            voucher_batch_id,
            price: sale.price,
            commission: sale.commission,
        };
        self.tell(tx.as_mut(), origin, &sold).await?;
        let record = AuditRecord::success(&self.ambient, origin, "agent", "sell", what);
        let details = json!({ "price": sale.price.to_string(), "commission": sale.commission.to_string() });
        tx.audit(record.with(details)).await?;
        tx.commit().await
    }
}
