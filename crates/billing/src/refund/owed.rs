//! What customers are owed of refunds that have come to nothing after their credentials were withdrawn.

use std::cmp::Ordering;

use kernel::{Money, money::MoneyError};

use super::{Refund, RefundStatus};

/// How much of what was to go back of a payment has not, and was not given back in another way since.
///
/// What is asked for after a failure, and withdraws nothing, is another try at the same money: nothing is left to withdraw by
/// then. Whatever goes back beyond the price of its own units makes up for what failed before.
///
/// # Errors
/// [`MoneyError`] when amounts do not belong together.
pub fn still_owed(refunds: &[Refund], unit_price: Money) -> Result<Money, MoneyError> {
    let mut ended: Vec<&Refund> = refunds.iter().filter(|refund| refund.settled_at.is_some()).collect();
    ended.sort_by_key(|refund| refund.settled_at);
    let nothing = Money::zero(unit_price.currency());
    let mut owed = nothing;
    for refund in ended {
        match refund.status {
            RefundStatus::Failed if refund.units.is_empty() => owed = larger(owed, refund.amount),
            RefundStatus::Failed => owed = owed.checked_add(refund.amount)?,
            RefundStatus::Success => {
                let units = i64::try_from(refund.units.len()).unwrap_or(i64::MAX);
                let its_own = unit_price.checked_mul(units)?;
                let beyond = larger(refund.amount.checked_add(its_own.checked_neg()?)?, nothing);
                owed = larger(owed.checked_add(beyond.checked_neg()?)?, nothing);
            }
            _ => {}
        }
    }
    Ok(owed)
}

fn larger(one: Money, other: Money) -> Money {
    match one.minor().cmp(&other.minor()) {
        Ordering::Less => other,
        Ordering::Equal | Ordering::Greater => one,
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money};

    use super::still_owed;
    use crate::{
        refund::{Refund, RefundStatus, RefundWay},
        testing::a_refund,
    };

    fn cdf(minor: i64) -> Money {
        Money::from_minor(minor, Currency::Cdf)
    }

    /// What became of a refund, how much it was, and of which units.
    type Step<'a> = (RefundStatus, i64, &'a [u32]);

    /// What is owed after refunds of units at 1.50, one after the other.
    fn owed(story: &[Step<'_>]) -> i64 {
        let minutes = (1..).map(chrono::Duration::minutes);
        let refunds = story.iter().zip(minutes).map(|((status, amount, units), after)| Refund {
            status: *status,
            units: units.to_vec(),
            settled_at: status.has_ended().then_some(chrono::DateTime::UNIX_EPOCH + after),
            ..a_refund(cdf(*amount), RefundWay::Gateway)
        });
        still_owed(&refunds.collect::<Vec<_>>(), cdf(150)).unwrap().minor()
    }

    #[test]
    fn what_failed_is_owed_until_as_much_has_gone_back() {
        use RefundStatus::{Failed, Pending, Rejected, Success};
        let cases: [(&[Step<'_>], i64); 10] = [
            (&[], 0),
            (&[(Success, 150, &[1]), (Rejected, 150, &[2]), (Pending, 150, &[2])], 0),
            (&[(Failed, 150, &[1])], 150),
            (&[(Failed, 150, &[1]), (Success, 150, &[])], 0),
            // What went back before has nothing to do with it.
            (&[(Success, 150, &[]), (Failed, 150, &[1])], 150),
            // Tried again, and again in vain: it is the same money.
            (&[(Failed, 150, &[1]), (Failed, 150, &[]), (Success, 150, &[])], 0),
            // Two units are twice the money.
            (&[(Failed, 150, &[1]), (Failed, 150, &[2]), (Success, 150, &[])], 150),
            // Another unit's price makes up for nothing, but what goes back with it does.
            (&[(Failed, 150, &[1]), (Success, 150, &[2])], 150),
            (&[(Failed, 150, &[1]), (Success, 300, &[2])], 0),
            // A part of the price was to be kept.
            (&[(Failed, 100, &[1]), (Success, 100, &[])], 0),
        ];
        for (story, expected) in cases {
            assert_eq!(owed(story), expected, "{story:?}");
        }
    }
}
