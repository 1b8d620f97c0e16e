//! How much a gateway takes at once, and how often a phone may be asked to pay. Data, not code: they differ by
//! merchant and change without notice.

use kernel::{Currency, Money};

use crate::payment::Operator;

/// What one gateway takes through one operator in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountLimits {
    /// The gateway.
    pub gateway: String,
    /// The operator.
    pub operator: Operator,
    /// The smallest amount.
    pub min: Money,
    /// The largest amount.
    pub max: Money,
    /// Every amount is a multiple of this.
    pub step: Money,
}

/// Why an amount is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AmountRefused {
    /// Less than the smallest amount.
    TooSmall(Money),
    /// More than the largest amount.
    TooLarge(Money),
    /// Not a multiple of the step.
    NotAMultiple(Money),
    /// The gateway does not serve this operator in this currency.
    NotServed(Currency),
}

impl AmountLimits {
    /// Whether the gateway takes this amount.
    ///
    /// # Errors
    /// [`AmountRefused`], with the limit at fault.
    pub fn check(&self, amount: Money) -> Result<(), AmountRefused> {
        if amount.currency() != self.min.currency() {
            return Err(AmountRefused::NotServed(amount.currency()));
        }
        if amount.minor() < self.min.minor() {
            return Err(AmountRefused::TooSmall(self.min));
        }
        if amount.minor() > self.max.minor() {
            return Err(AmountRefused::TooLarge(self.max));
        }
        if !self.is_multiple(amount) {
            return Err(AmountRefused::NotAMultiple(self.step));
        }
        Ok(())
    }

    /// Whether an amount of the same currency is a multiple of the step.
    #[must_use]
    pub const fn is_multiple(&self, amount: Money) -> bool {
        self.step.minor() <= 0 || amount.minor() % self.step.minor() == 0
    }
}

/// How often guests may order within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuestLimits {
    /// With one phone number.
    pub per_number: u64,
    /// From one network address, which all of a site may share.
    pub per_ip: u64,
}

/// How often guests may be online for nothing while a payment waits, within 24 hours. Whoever begins payments only for that
/// does not get far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraceLimits {
    /// While one phone is asked.
    pub per_number: u64,
    /// From one network address, which all of a site may share.
    pub per_ip: u64,
}

/// How often payments may be pushed to phones within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushLimits {
    /// To one number, and by one account.
    pub per_number: u64,
    /// From one network address.
    pub per_ip: u64,
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money};

    use super::{AmountLimits, AmountRefused};
    use crate::payment::Operator;

    #[test]
    fn amounts_outside_the_limits_are_refused_with_the_limit() {
        let cdf = |minor| Money::from_minor(minor, Currency::Cdf);
        let limits = AmountLimits {
            gateway: "serdipay".into(),
            operator: Operator::Airtel,
            min: cdf(230_000),
            max: cdf(575_000_000),
            step: cdf(100),
        };
        assert_eq!(limits.check(cdf(230_000)), Ok(()));
        assert_eq!(limits.check(cdf(229_900)), Err(AmountRefused::TooSmall(cdf(230_000))));
        assert_eq!(limits.check(cdf(575_000_100)), Err(AmountRefused::TooLarge(cdf(575_000_000))));
        assert_eq!(limits.check(cdf(230_050)), Err(AmountRefused::NotAMultiple(cdf(100))));
        let dollars = Money::from_minor(230_000, Currency::Usd);
        assert_eq!(limits.check(dollars), Err(AmountRefused::NotServed(Currency::Usd)));
    }
}
