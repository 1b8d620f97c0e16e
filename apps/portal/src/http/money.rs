//! Money on the wire.

use serde::Serialize;
use utoipa::ToSchema;

/// An amount in a currency. The amount is a decimal text, so that no program takes it for a float.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Money)]
pub struct MoneyView {
    /// A plain decimal with all of the currency's decimals.
    #[schema(example = "1.50", pattern = r"^-?[0-9]+\.[0-9]{2}$")]
    amount: String,
    /// The currency's ISO 4217 code.
    currency: CurrencyView,
}

/// A currency by its ISO 4217 code: the Congolese franc or the United States dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Currency, example = "CDF")]
#[serde(rename_all = "UPPERCASE")]
pub enum CurrencyView {
    /// Congolese franc.
    Cdf,
    /// United States dollar.
    Usd,
}

impl From<kernel::Money> for MoneyView {
    fn from(money: kernel::Money) -> Self {
        Self { amount: money.amount(), currency: money.currency().into() }
    }
}

impl From<kernel::Currency> for CurrencyView {
    fn from(currency: kernel::Currency) -> Self {
        match currency {
            kernel::Currency::Cdf => Self::Cdf,
            kernel::Currency::Usd => Self::Usd,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money};

    use super::MoneyView;

    #[test]
    fn money_is_a_decimal_text_and_a_code() {
        let view = MoneyView::from(Money::from_minor(150, Currency::Cdf));
        assert_eq!(
            serde_json::to_value(view).unwrap(),
            serde_json::json!({"amount": "1.50", "currency": "CDF"})
        );
    }
}
