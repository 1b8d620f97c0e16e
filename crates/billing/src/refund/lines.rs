//! What a refund takes back, line by line: in reverse what its payment was credited to.

use kernel::{Money, money::MoneyError};

use super::{Refund, RefundWay};
use crate::{
    agent::AgentSale,
    ledger::{Account, Line},
    order::Order,
    payment::Payment,
};

/// What the money of a payment was credited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credited {
    /// It paid its order.
    Sale,
    /// It was too much, and became a customer's, on this account.
    Customer(Account),
}

impl Credited {
    /// Reads the posting of a payment's capture.
    #[must_use]
    pub fn of(capture: &[Line]) -> Self {
        let customers = |line: &&Line| {
            line.amount.minor() < 0 && matches!(line.account, Account::CustomerCredit | Account::CreditOf(_))
        };
        capture.iter().find(customers).map_or(Self::Sale, |line| Self::Customer(line.account))
    }
}

/// The tax in a refund of an order's price: its share, and with the last part whatever is left of it.
///
/// # Errors
/// [`MoneyError`] when amounts do not belong together.
pub fn tax_in(
    amount: Money,
    order: &Order,
    payment: &Payment,
    taxes_before: Money,
) -> Result<Money, MoneyError> {
    let whole = order.tax_rate.within(order.total)?;
    let left = whole.checked_add(taxes_before.checked_neg()?)?;
    let share = if amount == payment.refundable()? { left } else { order.tax_rate.within(amount)? };
    Ok(Money::from_minor(share.minor().clamp(0, left.minor().clamp(0, amount.minor())), amount.currency()))
}

/// What refunds of a payment that hold have come to before, by what was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Together.
    pub amount: Money,
    /// What of that came from where money waits that was never asked for.
    pub unsold: Money,
}

/// What is not ours any more once a refund is decided: it is owed back.
///
/// What came in beyond the price was never sold: it goes back last, from where it waits. What was missing when all goes back
/// was not sold either.
///
/// # Errors
/// [`MoneyError`] when amounts do not belong together.
pub fn reserve(
    refund: &Refund,
    credited: Credited,
    order: &Order,
    payment: &Payment,
    before: Before,
) -> Result<Vec<Line>, MoneyError> {
    let owed = Line { account: Account::RefundsOwed, amount: refund.amount.checked_neg()? };
    if let Credited::Customer(account) = credited {
        return Ok(vec![Line { account, amount: refund.amount }, owed]);
    }
    let after = before.amount.checked_add(refund.amount)?;
    let beyond_price = after.checked_add(order.total.checked_neg()?)?;
    let all_is_back = Some(after) == payment.received;
    let unsold =
        if all_is_back || beyond_price.minor() > 0 { beyond_price } else { Money::zero(after.currency()) };
    let unsold = unsold.checked_add(before.unsold.checked_neg()?)?;
    let not_ours = refund.tax.checked_add(unsold)?;
    let net = refund.amount.checked_add(not_ours.checked_neg()?)?;
    Ok(vec![
        Line { account: Account::Refunds, amount: net },
        Line { account: Account::TaxPayable, amount: refund.tax },
        Line { account: Account::Suspense, amount: unsold },
        owed,
    ])
}

/// What is owed back is paid out, after so much of the payment was. An agent who gives it to the customer gets back what they
/// have paid: not their share of it, which they have kept.
///
/// # Errors
/// [`MoneyError`] when amounts do not belong together.
pub fn pay_out(
    refund: &Refund,
    from: Account,
    sale: Option<&AgentSale>,
    paid_before: Money,
) -> Result<Vec<Line>, MoneyError> {
    let share = match sale {
        Some(sale) if refund.way == RefundWay::AgentWallet => {
            let after = paid_before.checked_add(refund.amount)?;
            commission_on(after, sale)?.checked_add(commission_on(paid_before, sale)?.checked_neg()?)?
        }
        _ => Money::zero(refund.amount.currency()),
    };
    let rest = refund.amount.checked_add(share.checked_neg()?)?;
    Ok(vec![
        Line { account: Account::RefundsOwed, amount: refund.amount },
        Line { account: from, amount: rest.checked_neg()? },
        Line { account: Account::AgentCommission, amount: share.checked_neg()? },
    ])
}

/// The part of a sale's commission that belongs to so much of its price, rounded down: all of it to all.
fn commission_on(part: Money, sale: &AgentSale) -> Result<Money, MoneyError> {
    let share = i128::from(sale.commission.minor()) * i128::from(part.minor())
        / i128::from(sale.price.minor().max(1));
    let share = i64::try_from(share).map_err(|_| MoneyError::OutOfRange)?;
    Ok(Money::from_minor(share, part.currency()))
}

/// The same lines the other way round.
///
/// # Errors
/// [`MoneyError`] when an amount is out of range.
pub fn reversed(lines: &[Line]) -> Result<Vec<Line>, MoneyError> {
    let reverse = |line: &Line| Ok(Line { account: line.account, amount: line.amount.checked_neg()? });
    lines.iter().map(reverse).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kernel::{Currency, Id, Money};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{Before, Credited, commission_on, pay_out, reserve, reversed, tax_in};
    use crate::{
        agent::{AgentSale, Sold},
        basis_points::BasisPoints,
        ledger::{Account, Line},
        payment::PaymentStatus,
        refund::{Refund, RefundWay},
        testing::{self, a_payment, an_order},
    };

    fn cdf(minor: i64) -> Money {
        Money::from_minor(minor, Currency::Cdf)
    }

    fn a_refund(amount: Money, tax: Money) -> Refund {
        Refund { tax, ..testing::a_refund(amount, RefundWay::AgentWallet) }
    }

    fn sum_of(lines: &[Line], account: Account) -> i64 {
        lines.iter().filter(|line| line.account == account).map(|line| line.amount.minor()).sum()
    }

    proptest! {
        /// Given back in any parts, what came in goes back exactly: the tax to the last centime, and what was never sold,
        /// or never came, from where it waits.
        #[test]
        fn parts_add_up_to_the_whole(
            price in 1i64..100_000,
            more in -500i64..1_000,
            rate in 0u16..3_000,
            cuts in prop::collection::vec(1i64..50_000, 0..6),
        ) {
            let mut order = an_order(cdf(price));
            order.tax_rate = BasisPoints::new(rate).unwrap();
            let mut payment = a_payment(PaymentStatus::Success);
            let received = (price + more).max(1);
            payment.received = Some(cdf(received));
            let mut lines: Vec<Line> = Vec::new();
            let mut taxes = 0;
            while payment.refundable().unwrap().minor() > 0 {
                let left = payment.refundable().unwrap();
                let cut = cuts.get(lines.len() / 4).copied().unwrap_or(i64::MAX).min(left.minor());
                let tax = tax_in(cdf(cut), &order, &payment, cdf(taxes)).unwrap();
                let refund = a_refund(cdf(cut), tax);
                let unsold = cdf(sum_of(&lines, Account::Suspense));
                let before = Before { amount: payment.refunded, unsold };
                let part = reserve(&refund, Credited::Sale, &order, &payment, before).unwrap();
                prop_assert_eq!(part.iter().map(|line| line.amount.minor()).sum::<i64>(), 0);
                lines.extend(part);
                taxes += tax.minor();
                payment.refunded = cdf(payment.refunded.minor() + cut);
            }
            let whole = order.tax_rate.within(order.total).unwrap().minor();
            // Where less came in than is sold, the last part may be less than the tax that is left.
            prop_assert!(taxes == whole || (more < 0 && taxes < whole));
            let tax = taxes;
            prop_assert_eq!(sum_of(&lines, Account::TaxPayable), tax);
            prop_assert_eq!(sum_of(&lines, Account::Refunds), price - tax);
            prop_assert_eq!(sum_of(&lines, Account::Suspense), received - price);
            prop_assert_eq!(sum_of(&lines, Account::RefundsOwed), -received);
        }

        #[test]
        fn an_agent_keeps_no_share_of_what_went_back(
            price in 1i64..100_000,
            points in 0u16..10_000,
            cut in 1i64..100_000,
        ) {
            let share = BasisPoints::new(points).unwrap();
            let (agent_id, order) = (Id::from_uuid(Uuid::nil()), Id::from_uuid(Uuid::nil()));
            let commission = share.of(cdf(price)).unwrap();
            let what = Sold::Order(order);
            let at = DateTime::UNIX_EPOCH;
            let sale = AgentSale { agent_id, what, price: cdf(price), commission, share, at };
            let cut = cut.min(price);
            let wallet = Account::AgentWallet(agent_id);
            let mut lines = pay_out(&a_refund(cdf(cut), cdf(0)), wallet, Some(&sale), cdf(0)).unwrap();
            lines.extend(pay_out(&a_refund(cdf(price - cut), cdf(0)), wallet, Some(&sale), cdf(cut)).unwrap());
            prop_assert_eq!(sum_of(&lines, wallet), commission.minor() - price);
            prop_assert_eq!(sum_of(&lines, Account::AgentCommission), -commission.minor());
            prop_assert_eq!(commission_on(cdf(price), &sale).unwrap(), commission);
        }
    }

    #[test]
    fn what_was_too_much_goes_back_from_the_customers_account() {
        let user = Account::CreditOf(Id::from_uuid(Uuid::nil()));
        let capture = [
            Line { account: Account::GatewayClearing, amount: cdf(300) },
            Line { account: user, amount: cdf(-300) },
        ];
        assert_eq!(Credited::of(&capture), Credited::Customer(user));
        let refund = a_refund(cdf(300), cdf(0));
        let (order, payment) = (an_order(cdf(300)), a_payment(PaymentStatus::Success));
        let before = Before { amount: cdf(0), unsold: cdf(0) };
        let lines = reserve(&refund, Credited::of(&capture), &order, &payment, before).unwrap();
        assert_eq!((sum_of(&lines, user), sum_of(&lines, Account::RefundsOwed)), (300, -300));
        assert_eq!(sum_of(&reversed(&lines).unwrap(), user), -300);
    }
}
