//! What the fake gateway remembers.

use chrono::Duration;
use fake_world::World;
use kernel::{Currency, Money, Msisdn, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::script::{RefundPart, Script};
use crate::{
    ports::gateway::{RefundRequest, ReportedStatus},
    reason::FailureReason,
};

/// A request that the gateway took, as its own books have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The caller's name for it.
    pub reference: Uuid,
    /// The gateway's name for it.
    pub provider_ref: String,
    /// The wallet.
    pub phone: Msisdn,
    /// The wallet's operator.
    pub operator: String,
    /// How much.
    pub amount: Money,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What the gateway will say, and has said.
    pub callbacks: Vec<PlannedCallback>,
}

/// One message to the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCallback {
    /// What it says: `success`, `failed`, `wrong_amount`, `wrong_currency`, `garbage`, or one of
    /// [`WIRE_ONLY_CALLBACKS`](super::script::WIRE_ONLY_CALLBACKS).
    pub says: String,
    /// Not before this moment.
    pub due_at: Timestamp,
    /// Whether the caller has accepted it.
    pub accepted: bool,
    /// When it is sent again, if it was sent in vain or asked for once more.
    #[serde(default)]
    pub again_at: Option<Timestamp>,
    /// How often it was sent in vain.
    #[serde(default)]
    pub attempts: u32,
    /// Whether it will not be sent again.
    #[serde(default)]
    pub given_up: bool,
}

/// Money that the gateway pays back, as its own books have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidBack {
    /// The caller's name for the refund.
    pub reference: Uuid,
    /// The caller's name for the payment whose money it is.
    pub payment: Uuid,
    /// The gateway's name for the refund.
    pub provider_ref: String,
    /// How much.
    pub amount: Money,
    /// When it is paid out, or has come to nothing.
    pub done_at: Timestamp,
    /// Whether it comes to nothing.
    pub fails: bool,
}

impl PaidBack {
    /// How it stands at `now`.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> ReportedStatus {
        match self.fails {
            _ if now < self.done_at => ReportedStatus::Pending,
            true => ReportedStatus::Failed(FailureReason::PayerNotFound),
            false => ReportedStatus::Succeeded,
        }
    }
}

/// Why the gateway pays nothing back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPaidBack {
    /// It has no such payment, or none that has brought money.
    NoSuchPayment,
    /// That much of it is not left.
    TooMuch,
    /// Its part is to refuse.
    Refused,
}

/// Something that happened to the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A wallet was asked for money.
    Asked(Charge),
    /// Money is paid back.
    PaysBack(PaidBack),
    /// A request came with a token that had run out.
    TokenRefused {
        /// The caller's name for the payment.
        reference: Uuid,
    },
    /// The caller accepted a callback.
    CallbackAccepted {
        /// The charge, by its place.
        charge: usize,
        /// The callback, by its place.
        number: usize,
    },
    /// The caller did not accept a callback.
    CallbackRefused {
        /// The charge, by its place.
        charge: usize,
        /// The callback, by its place.
        number: usize,
        /// What came back: an HTTP status, or why there was none.
        answer: String,
        /// When it is sent again; never when missing.
        again_at: Option<Timestamp>,
    },
    /// The caller asked for the last callback of a charge once more.
    CallbackWanted {
        /// The charge, by its place.
        charge: usize,
        /// When it is to be sent.
        again_at: Timestamp,
    },
}

/// The gateway's books.
#[derive(Debug, Default)]
pub struct GatewayWorld {
    charges: Vec<Charge>,
    paid_back: Vec<PaidBack>,
    refused_tokens: Vec<Uuid>,
}

impl World for GatewayWorld {
    type Entry = Entry;

    fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Asked(charge) => self.charges.push(charge.clone()),
            Entry::PaysBack(refund) => self.paid_back.push(refund.clone()),
            Entry::TokenRefused { reference } => self.refused_tokens.push(*reference),
            Entry::CallbackAccepted { charge, number } => {
                if let Some(callback) = self.callback_mut(*charge, *number) {
                    callback.accepted = true;
                }
            }
            Entry::CallbackRefused { charge, number, again_at, .. } => {
                if let Some(callback) = self.callback_mut(*charge, *number) {
                    callback.attempts += 1;
                    callback.given_up = again_at.is_none();
                    callback.again_at = *again_at;
                }
            }
            Entry::CallbackWanted { charge, again_at } => {
                let last = self.charges.get_mut(*charge).and_then(|charge| charge.callbacks.last_mut());
                if let Some(callback) = last {
                    (callback.again_at, callback.accepted) = (Some(*again_at), false);
                    (callback.attempts, callback.given_up) = (0, false);
                }
            }
        }
    }
}

impl GatewayWorld {
    fn callback_mut(&mut self, charge: usize, number: usize) -> Option<&mut PlannedCallback> {
        self.charges.get_mut(charge)?.callbacks.get_mut(number)
    }

    /// How often a token was refused for a payment.
    #[must_use]
    pub fn refused_tokens(&self, reference: Uuid) -> usize {
        self.refused_tokens.iter().filter(|refused| **refused == reference).count()
    }

    /// Every charge, oldest first.
    #[must_use]
    pub fn charges(&self) -> &[Charge] {
        &self.charges
    }

    /// Every refund, oldest first.
    #[must_use]
    pub fn paid_back(&self) -> &[PaidBack] {
        &self.paid_back
    }

    /// What part the gateway plays when a payment is refunded.
    #[must_use]
    pub fn refund_part(&self, payment: Uuid) -> RefundPart {
        let paid = self.charges.iter().find(|charge| charge.reference == payment);
        paid.map_or(RefundPart::Pays, |charge| Script::of(&charge.phone).refund)
    }

    /// How much was paid back, as whoever asks is told.
    #[must_use]
    pub fn told_of(&self, refund: &PaidBack) -> Option<Money> {
        let (minor, currency) = (refund.amount.minor(), refund.amount.currency());
        match self.refund_part(refund.payment) {
            RefundPart::TellsNoAmount => None,
            RefundPart::TellsAnother => Some(Money::from_minor(minor - 1, currency)),
            _ => Some(refund.amount),
        }
    }

    /// What a refund that is asked for at `now` becomes.
    ///
    /// # Errors
    /// [`NotPaidBack`].
    pub fn refund(&self, request: &RefundRequest, now: Timestamp) -> Result<PaidBack, NotPaidBack> {
        let payment = request.payment.reference;
        let charge = self.charges.iter().find(|charge| charge.reference == payment);
        let charge = charge.filter(|charge| charge.status_at(now) == ReportedStatus::Succeeded);
        let charge = charge.ok_or(NotPaidBack::NoSuchPayment)?;
        let part = self.refund_part(payment);
        if part == RefundPart::Refuses {
            return Err(NotPaidBack::Refused);
        }
        let earlier = self.paid_back.iter().filter(|other| other.payment == payment && !other.fails);
        let earlier: i64 = earlier.map(|other| other.amount.minor()).sum();
        if request.amount.currency() != charge.amount.currency()
            || request.amount.minor() + earlier > charge.amount.minor()
        {
            return Err(NotPaidBack::TooMuch);
        }
        let wait = if part == RefundPart::PaysLate { Duration::minutes(2) } else { Duration::zero() };
        Ok(PaidBack {
            reference: request.reference,
            payment,
            provider_ref: format!("{}", 800_000_000 + self.paid_back.len()),
            amount: request.amount,
            done_at: now + wait,
            fails: part == RefundPart::Fails,
        })
    }

    /// The callbacks that should have been accepted by now, by the places of charge and callback.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Vec<(usize, usize)> {
        let mut due = Vec::new();
        for (place, charge) in self.charges.iter().enumerate() {
            let waiting = |callback: &PlannedCallback| {
                let due_at = callback.again_at.unwrap_or(callback.due_at);
                !callback.accepted && !callback.given_up && due_at <= now
            };
            due.extend(
                charge
                    .callbacks
                    .iter()
                    .enumerate()
                    .filter(|(_, c)| waiting(c))
                    .map(|(number, _)| (place, number)),
            );
        }
        due
    }

    /// The body of a callback, in SerdiPay's form, with the amount that it does not always tell.
    #[must_use]
    pub fn callback_body(&self, charge: usize, number: usize) -> Option<String> {
        let charge = self.charges.get(charge)?;
        let says = charge.callbacks.get(number)?.says.as_str();
        if says == "garbage" {
            return Some(format!("<html>{}</html>", charge.provider_ref));
        }
        let other_currency = match charge.amount.currency() {
            Currency::Cdf => Currency::Usd,
            Currency::Usd => Currency::Cdf,
        };
        let (amount, currency) = match says {
            "wrong_amount" => (
                Money::from_minor(charge.amount.minor() - 1, charge.amount.currency()),
                charge.amount.currency(),
            ),
            "wrong_currency" => (charge.amount, other_currency),
            _ => (charge.amount, charge.amount.currency()),
        };
        let failed = says == "failed";
        let body = serde_json::json!({
            "status": if failed { 400 } else { 200 },
            "message": charge.reference,
            "payment": {
                "status": if failed { "failed" } else { "success" },
                "sessionId": charge.provider_ref,
                "transactionId": format!("FAKE{}", charge.provider_ref),
                "amount": amount.amount(),
                "currency": currency.code(),
            }
        });
        Some(body.to_string())
    }
}
