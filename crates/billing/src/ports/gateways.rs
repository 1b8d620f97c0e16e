//! The gateways of a deployment: one that new payments go to, and others that payments went to before.

use std::sync::Arc;

use super::PaymentGateway;

/// Every gateway that is set up.
#[derive(Clone)]
pub struct Gateways {
    chosen: Arc<dyn PaymentGateway>,
    others: Vec<Arc<dyn PaymentGateway>>,
}

impl Gateways {
    /// New payments go to `chosen`; payments that went to one of `others` are still looked after there.
    #[must_use]
    pub fn new(chosen: Arc<dyn PaymentGateway>, others: Vec<Arc<dyn PaymentGateway>>) -> Self {
        Self { chosen, others }
    }

    /// The gateway for new payments.
    #[must_use]
    pub fn chosen(&self) -> &Arc<dyn PaymentGateway> {
        &self.chosen
    }

    /// Every gateway, the one for new payments first.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn PaymentGateway>> {
        std::iter::once(&self.chosen).chain(&self.others)
    }

    /// The gateway of a payment, by the name on it; `None` when it is not set up any more.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<dyn PaymentGateway>> {
        self.all().find(|gateway| gateway.name() == name)
    }

    /// The gateway whose callbacks come to an address.
    #[must_use]
    pub fn at_door(&self, door: &str) -> Option<&Arc<dyn PaymentGateway>> {
        self.all().find(|gateway| gateway.callback_door() == door)
    }

    /// The same gateways, each in a wrapping.
    #[must_use]
    pub fn map(self, wrap: impl Fn(Arc<dyn PaymentGateway>) -> Arc<dyn PaymentGateway>) -> Self {
        Self { chosen: wrap(self.chosen), others: self.others.into_iter().map(wrap).collect() }
    }
}
