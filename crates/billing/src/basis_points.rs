//! Shares of prices: commissions and taxes.

use kernel::{Money, money::MoneyError};
use serde::{Deserialize, Serialize};

/// A share in basis points: hundredths of a percent, from none to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BasisPoints(u16);

impl BasisPoints {
    /// All of it.
    pub const MAX: u16 = 10_000;

    /// A share from 0 to [`BasisPoints::MAX`].
    #[must_use]
    pub fn new(points: u16) -> Option<Self> {
        (points <= Self::MAX).then_some(Self(points))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// This share of a price, rounded half up to a minor unit.
    ///
    /// # Errors
    /// [`MoneyError`] when the price is out of all range.
    pub fn of(self, price: Money) -> Result<Money, MoneyError> {
        self.part(price, i128::from(Self::MAX))
    }

    /// The part of a price that was added to it at this rate, rounded half up to a minor unit: a tax that the price
    /// includes.
    ///
    /// # Errors
    /// [`MoneyError`] when the price is out of all range.
    pub fn within(self, price: Money) -> Result<Money, MoneyError> {
        self.part(price, i128::from(Self::MAX) + i128::from(self.0))
    }

    /// So many of `whole` parts of a price, rounded half up.
    fn part(self, price: Money, whole: i128) -> Result<Money, MoneyError> {
        let half_up = i128::from(price.minor()) * i128::from(self.0) + whole / 2;
        let minor = i64::try_from(half_up.div_euclid(whole)).map_err(|_| MoneyError::OutOfRange)?;
        Ok(Money::from_minor(minor, price.currency()))
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money};
    use proptest::prelude::*;

    use super::BasisPoints;

    fn share(points: u16) -> BasisPoints {
        BasisPoints::new(points).unwrap()
    }

    fn cdf(minor: i64) -> Money {
        Money::from_minor(minor, Currency::Cdf)
    }

    #[test]
    fn a_share_is_rounded_half_up() {
        let of = |points, minor| share(points).of(cdf(minor)).unwrap().minor();
        assert_eq!(
            [of(1_000, 150), of(1_000, 154), of(1_000, 155), of(0, 155), of(10_000, 155)],
            [15, 15, 16, 0, 155]
        );
        assert_eq!(BasisPoints::new(10_001), None);
    }

    #[test]
    fn a_tax_is_part_of_the_price_that_includes_it() {
        let within = |points, minor| share(points).within(cdf(minor)).unwrap().minor();
        // 16 % on 1,000 make 1,160.
        assert_eq!(
            [within(1_600, 1_160), within(1_600, 150), within(0, 150), within(10_000, 150)],
            [160, 21, 0, 75]
        );
    }

    proptest! {
        #[test]
        fn a_share_is_never_more_than_the_whole(points in 0u16..=10_000, minor in 0i64..1_000_000_000_000) {
            let (price, share) = (cdf(minor), share(points));
            prop_assert!((0..=minor).contains(&share.of(price).unwrap().minor()));
            prop_assert!((0..=minor).contains(&share.within(price).unwrap().minor()));
        }
    }
}
