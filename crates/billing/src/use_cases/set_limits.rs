//! Changing what a gateway is asked for: limits differ by contract and change without notice.

use kernel::{Origin, StoreError, audit::AuditRecord};

use super::Billing;
use crate::limits::AmountLimits;

/// Why limits were not changed.
#[derive(Debug, thiserror::Error)]
pub enum SetLimitsError {
    /// No gateway of this name is set up, or it does not serve the operator.
    #[error("no such gateway serves this operator")]
    NotServed,
    /// The amounts are not all in one currency.
    #[error("the amounts are in different currencies")]
    TwoCurrencies,
    /// Nothing would be between them: the smallest is not more than zero, or more than the largest.
    #[error("nothing is between the smallest and the largest amount")]
    Empty,
    /// The step is not more than zero.
    #[error("the step is not more than zero")]
    NoStep,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Writes down what a gateway takes through an operator in a currency, in place of what was there.
    ///
    /// # Errors
    /// [`SetLimitsError`].
    pub async fn set_limits(&self, origin: &Origin, limits: AmountLimits) -> Result<(), SetLimitsError> {
        let gateway = self.gateways.named(&limits.gateway).ok_or(SetLimitsError::NotServed)?;
        if !gateway.limits().iter().any(|served| served.operator == limits.operator) {
            return Err(SetLimitsError::NotServed);
        }
        let AmountLimits { min, max, step, .. } = limits;
        if min.currency() != max.currency() || min.currency() != step.currency() {
            return Err(SetLimitsError::TwoCurrencies);
        }
        if min.minor() <= 0 || min.minor() > max.minor() {
            return Err(SetLimitsError::Empty);
        }
        if step.minor() <= 0 {
            return Err(SetLimitsError::NoStep);
        }
        let mut tx = self.store.begin().await?;
        tx.set_limits(&limits).await?;
        let name = format!("limits:{}:{}", limits.gateway, limits.operator.as_str());
        let record = AuditRecord::success(&self.ambient, origin, "settings", "update", name);
        let details = serde_json::json!({
            "currency": min.currency().code(),
            "min": min.amount(),
            "max": max.amount(),
            "step": step.amount(),
        });
        tx.audit(record.with(details)).await?;
        Ok(tx.commit().await?)
    }
}
