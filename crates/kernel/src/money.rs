//! Exact amounts of money in a currency. Never a float, and never two currencies in one sum.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A currency by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Currency {
    /// Congolese franc, two decimals.
    #[serde(rename = "CDF")]
    Cdf,
    /// United States dollar, two decimals.
    #[serde(rename = "USD")]
    Usd,
}

impl Currency {
    /// Every currency that the portal deals in.
    pub const ALL: [Self; 2] = [Self::Cdf, Self::Usd];

    /// The ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cdf => "CDF",
            Self::Usd => "USD",
        }
    }

    /// How many decimals the minor unit has (ISO 4217's exponent).
    #[must_use]
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Cdf | Self::Usd => 2,
        }
    }

    /// How many minor units make a whole one.
    #[must_use]
    pub const fn minor_per_major(self) -> i64 {
        10_i64.pow(self.exponent())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|currency| currency.code() == text)
            .ok_or_else(|| MoneyError::UnknownCurrency(text.to_owned()))
    }
}

/// An amount in the minor unit of its currency (centimes, cents).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount could not be made or computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not a plain decimal number with at most the currency's decimals.
    #[error("`{0}` is not an amount")]
    NotAnAmount(String),
    /// The code is not one of [`Currency::ALL`].
    #[error("`{0}` is not a known currency")]
    UnknownCurrency(String),
    /// Amounts of two currencies do not add.
    #[error("{0} and {1} do not add")]
    CurrencyMismatch(Currency, Currency),
    /// The result does not fit 64 bits.
    #[error("the amount is out of range")]
    OutOfRange,
}

impl Money {
    /// An amount from its minor units.
    #[must_use]
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::from_minor(0, currency)
    }

    /// Reads a plain decimal such as `1.50`, `-3` or `0.5`.
    ///
    /// # Errors
    /// [`MoneyError::NotAnAmount`] for exponents, thousands separators, spaces, more decimals than the currency
    /// has, or anything else; [`MoneyError::OutOfRange`] beyond 64 bits.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let refuse = || MoneyError::NotAnAmount(text.chars().take(40).collect());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (major, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let decimals = currency.exponent() as usize;
        if !all_digits(major) || !all_digits(fraction) || fraction.len() > decimals {
            return Err(refuse());
        }
        let fraction: i64 = format!("{fraction:0<decimals$}").parse().map_err(|_| refuse())?;
        let major: i64 = major.parse().map_err(|_| MoneyError::OutOfRange)?;
        let minor = major
            .checked_mul(currency.minor_per_major())
            .and_then(|minor| minor.checked_add(fraction))
            .ok_or(MoneyError::OutOfRange)?;
        Ok(Self::from_minor(if negative { -minor } else { minor }, currency))
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount as a plain decimal with all of the currency's decimals, such as `1.50`.
    #[must_use]
    pub fn amount(self) -> String {
        let per_major = self.currency.minor_per_major().unsigned_abs();
        let (minor, sign) = (self.minor.unsigned_abs(), if self.minor < 0 { "-" } else { "" });
        let width = self.currency.exponent() as usize;
        format!("{sign}{}.{:0width$}", minor / per_major, minor % per_major)
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::OutOfRange`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self::from_minor(minor, self.currency))
    }

    /// The amount taken `count` times.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`].
    pub fn checked_mul(self, count: i64) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(count).ok_or(MoneyError::OutOfRange)?;
        Ok(Self::from_minor(minor, self.currency))
    }

    /// The same amount with the opposite sign.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] for the smallest 64-bit number.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_neg().ok_or(MoneyError::OutOfRange)?;
        Ok(Self::from_minor(minor, self.currency))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Currency, Money, MoneyError};

    proptest! {
        #[test]
        fn writing_and_reading_give_the_same_amount(minor in -i64::MAX..=i64::MAX) {
            let money = Money::from_minor(minor, Currency::Cdf);
            prop_assert_eq!(Money::parse(&money.amount(), Currency::Cdf), Ok(money));
        }

        #[test]
        fn addition_commutes_and_undoes(a in -1_000_000_000_000i64..1_000_000_000_000, b in -1_000_000_000_000i64..1_000_000_000_000) {
            let (a, b) = (Money::from_minor(a, Currency::Usd), Money::from_minor(b, Currency::Usd));
            prop_assert_eq!(a.checked_add(b), b.checked_add(a));
            let sum = a.checked_add(b).unwrap();
            prop_assert_eq!(sum.checked_add(b.checked_neg().unwrap()), Ok(a));
        }

        #[test]
        fn multiplying_is_adding_many_times(minor in -1_000_000i64..1_000_000, count in 0i64..100) {
            let price = Money::from_minor(minor, Currency::Cdf);
            let mut sum = Money::zero(Currency::Cdf);
            for _ in 0..count {
                sum = sum.checked_add(price).unwrap();
            }
            prop_assert_eq!(price.checked_mul(count), Ok(sum));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = Money::parse(&text, Currency::Cdf);
        }
    }

    #[test]
    fn only_plain_decimals_are_amounts() {
        for good in ["1.50", "0", "-3", "0.5", "12.00"] {
            assert!(Money::parse(good, Currency::Cdf).is_ok(), "{good}");
        }
        for bad in
            ["", ".", "1.", ".5", "1e3", "1,50", " 1", "1.505", "NaN", "inf", "+1", "--1", "1.5.0", "١"]
        {
            assert!(Money::parse(bad, Currency::Cdf).is_err(), "{bad}");
        }
    }

    #[test]
    fn currencies_never_mix() {
        let sum = Money::from_minor(1, Currency::Cdf).checked_add(Money::from_minor(1, Currency::Usd));
        assert_eq!(sum, Err(MoneyError::CurrencyMismatch(Currency::Cdf, Currency::Usd)));
    }

    #[test]
    fn overflow_is_an_error() {
        let most = Money::from_minor(i64::MAX, Currency::Cdf);
        assert_eq!(most.checked_add(Money::from_minor(1, Currency::Cdf)), Err(MoneyError::OutOfRange));
        assert_eq!(most.checked_mul(2), Err(MoneyError::OutOfRange));
    }
}
