//! What the fake gateway remembers.

use fake_world::World;
use kernel::{Currency, Money, Msisdn, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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
    /// What it says: `success`, `failed`, `wrong_amount`, `wrong_currency` or `garbage`.
    pub says: String,
    /// Not before this moment.
    pub due_at: Timestamp,
    /// Whether the caller has accepted it.
    pub accepted: bool,
}

/// Something that happened to the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A wallet was asked for money.
    Asked(Charge),
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
}

/// The gateway's books.
#[derive(Debug, Default)]
pub struct GatewayWorld {
    charges: Vec<Charge>,
}

impl World for GatewayWorld {
    type Entry = Entry;

    fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Asked(charge) => self.charges.push(charge.clone()),
            Entry::TokenRefused { .. } => {}
            Entry::CallbackAccepted { charge, number } => {
                let callback =
                    self.charges.get_mut(*charge).and_then(|charge| charge.callbacks.get_mut(*number));
                if let Some(callback) = callback {
                    callback.accepted = true;
                }
            }
        }
    }
}

impl GatewayWorld {
    /// Every charge, oldest first.
    #[must_use]
    pub fn charges(&self) -> &[Charge] {
        &self.charges
    }

    /// The callbacks that should have been accepted by now, by the places of charge and callback.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Vec<(usize, usize)> {
        let mut due = Vec::new();
        for (place, charge) in self.charges.iter().enumerate() {
            let waiting = |callback: &PlannedCallback| !callback.accepted && callback.due_at <= now;
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
