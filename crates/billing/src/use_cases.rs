//! What billing does, one file per use case.

use std::sync::Arc;

use kernel::{
    Ambient, Claim, Event, EventPayload, Id, IdempotencyKey, JobSpec, NewJob, Origin, Sealer, StoreError,
};

use crate::{
    limits::{GraceLimits, GuestLimits, PushLimits},
    ports::{BillingReads, BillingStore, BillingTx, Gateways},
    queries::OnSale,
    refund::FourEyes,
};

pub mod agree_payments;
mod apply_report;
pub mod approve_refund;
pub mod cancel_order;
pub mod check_payment;
pub mod check_refund;
pub mod close_task;
mod count_guess;
pub mod decide_payment;
pub mod decide_refund;
pub mod expire_orders;
pub mod forget_order;
mod grant_grace;
pub mod import_statement;
pub mod initiate_payment;
mod issue_receipt;
pub mod issue_vouchers;
pub mod judge_statement_line;
pub mod manage_agents;
pub mod manage_packages;
pub mod manage_sites;
pub mod manage_vouchers;
pub mod open_order;
mod own_means;
pub mod pay_with_credit;
pub mod place_order;
pub mod process_callback;
pub mod receive_callback;
pub mod reconcile;
pub mod redeem_voucher;
mod refund_steps;
pub mod request_refund;
pub mod seed_catalogue;
pub mod sell;
pub mod set_limits;
mod settle;
pub mod submit_payment;
pub mod submit_refund;
pub(crate) mod track_units;

/// Billing, ready for use.
pub struct Billing {
    pub(crate) store: Arc<dyn BillingStore>,
    pub(crate) reads: Arc<dyn BillingReads>,
    pub(crate) gateways: Gateways,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) ambient: Ambient,
    pub(crate) settings: Settings,
    pub(crate) on_sale: OnSale,
}

/// What an operator may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// An unpaid order ends after this many minutes.
    pub order_ttl_minutes: i64,
    /// A customer has this many minutes to enter the PIN.
    pub payment_window_minutes: i64,
    /// How often phones may be asked to pay.
    pub push_limits: PushLimits,
    /// How often guests may order.
    pub guest_limits: GuestLimits,
    /// How often guests may be online while a payment waits.
    pub grace_limits: GraceLimits,
    /// After so many wrong order tokens in an hour from one source it has to wait for the next.
    pub guesses_per_hour: u64,
    /// Up to how much one person alone may give back.
    pub four_eyes: FourEyes,
    /// A callback that names no payment is worth an alert after this many minutes.
    pub unmatched_alert_minutes: i64,
    /// The zone of calendar days, and of dates in statements that name none.
    pub zone: chrono_tz::Tz,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            order_ttl_minutes: 60,
            payment_window_minutes: 15,
            push_limits: PushLimits { per_number: 5, per_ip: 20 },
            guest_limits: GuestLimits { per_number: 10, per_ip: 120 },
            grace_limits: GraceLimits { per_number: 2, per_ip: 200 },
            guesses_per_hour: 20,
            four_eyes: FourEyes { cdf: 5_000_000, usd: 2_000 },
            unmatched_alert_minutes: 15,
            zone: chrono_tz::Africa::Kinshasa,
        }
    }
}

/// An idempotency key was used for something else.
#[derive(Debug, thiserror::Error)]
#[error("the idempotency key was used with another body")]
pub struct KeyReused;

impl Billing {
    /// Billing over a store and gateways.
    #[must_use]
    pub fn new(
        store: Arc<dyn BillingStore>,
        reads: Arc<dyn BillingReads>,
        gateways: Gateways,
        sealer: Arc<Sealer>,
        ambient: Ambient,
        settings: Settings,
    ) -> Self {
        Self { store, reads, gateways, sealer, ambient, settings, on_sale: OnSale::default() }
    }

    async fn tell<P: EventPayload + Sync>(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        fact: &P,
    ) -> Result<(), StoreError> {
        tx.append(Event::new(&self.ambient, origin, fact)?).await
    }

    async fn enqueue<S: JobSpec + Sync>(
        &self,
        tx: &mut dyn BillingTx,
        origin: &Origin,
        spec: &S,
    ) -> Result<(), StoreError> {
        tx.enqueue(NewJob::new(&self.ambient, spec, origin.request_id.clone())?).await
    }
}

/// What the same command has made before, if it has.
async fn claimed<T, E: From<KeyReused> + From<StoreError>>(
    tx: &mut dyn BillingTx,
    key: Option<&IdempotencyKey>,
    id: Id<T>,
) -> Result<Option<Id<T>>, E> {
    let Some(key) = key else {
        return Ok(None);
    };
    match tx.claim(key, id.as_uuid()).await? {
        Claim::New => Ok(None),
        Claim::Repeated(earlier) => Ok(Some(Id::from_uuid(earlier))),
        Claim::OtherBody => Err(KeyReused.into()),
    }
}
