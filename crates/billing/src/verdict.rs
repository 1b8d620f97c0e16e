//! What a gateway's report means for a payment: one pure function, so that every case can be looked at.

use kernel::{Money, Timestamp};

use crate::{
    payment::{Payment, PaymentStatus},
    ports::gateway::{GatewayReport, ReportedAmount, ReportedStatus},
    reason::FailureReason,
};

/// For how long after it was asked for a given-up payment may still succeed by itself, in days. Later claims
/// wait for a person.
pub const LATE_SUCCESS_DAYS: i64 = 30;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The money has arrived.
    Settle {
        /// Whether the payment had been given up.
        late: bool,
    },
    /// Something is wrong: let a person decide. The word says what.
    Hold(&'static str),
    /// The payment has failed.
    Fail(FailureReason),
    /// The gateway has it.
    Await,
    /// Nothing new. The word says why.
    Ignore(&'static str),
}

/// Judges a report that was authenticated and names this payment. `amount_omitted` says that the gateway does
/// not tell amounts, so that a missing one is no mismatch.
#[must_use]
pub fn judge(payment: &Payment, report: &GatewayReport, amount_omitted: bool, now: Timestamp) -> Verdict {
    match &report.status {
        ReportedStatus::Succeeded => judge_success(payment, report, amount_omitted, now),
        ReportedStatus::Failed(reason) => match payment.status {
            PaymentStatus::Submitting | PaymentStatus::Pending | PaymentStatus::Unknown => {
                Verdict::Fail(*reason)
            }
            _ => Verdict::Ignore("failure_after_the_end"),
        },
        ReportedStatus::Pending => match payment.status {
            PaymentStatus::Submitting | PaymentStatus::Unknown => Verdict::Await,
            _ => Verdict::Ignore("nothing_new"),
        },
    }
}

fn judge_success(payment: &Payment, report: &GatewayReport, amount_omitted: bool, now: Timestamp) -> Verdict {
    let other_reference =
        matches!((&payment.provider_ref, &report.provider_ref), (Some(ours), Some(theirs)) if ours != theirs);
    match payment.status {
        PaymentStatus::Success => Verdict::Ignore("already_settled"),
        PaymentStatus::Held => Verdict::Ignore("already_held"),
        PaymentStatus::Created => Verdict::Hold("never_submitted"),
        _ if other_reference => Verdict::Hold("conflicting_reference"),
        _ if !amount_agrees(payment.amount, &report.amount, amount_omitted) => {
            Verdict::Hold("amount_mismatch")
        }
        PaymentStatus::Submitting | PaymentStatus::Pending | PaymentStatus::Unknown => {
            Verdict::Settle { late: false }
        }
        PaymentStatus::Failed | PaymentStatus::Expired | PaymentStatus::Cancelled => {
            if now - payment.created_at > chrono::Duration::days(LATE_SUCCESS_DAYS) {
                Verdict::Hold("too_late")
            } else {
                Verdict::Settle { late: true }
            }
        }
    }
}

/// Whether a report tells the amount that was expected. A gateway that tells none agrees by its silence, no other.
#[must_use]
pub fn amount_agrees(expected: Money, reported: &ReportedAmount, amount_omitted: bool) -> bool {
    match reported {
        ReportedAmount::Missing => amount_omitted,
        ReportedAmount::Unreadable => false,
        ReportedAmount::Read(amount) => *amount == expected,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use kernel::{Currency, Money};
    use proptest::prelude::*;

    use super::{LATE_SUCCESS_DAYS, Verdict, judge};
    use crate::{
        payment::PaymentStatus,
        ports::gateway::{GatewayReport, ReportedAmount, ReportedStatus},
        reason::FailureReason,
        testing::a_payment,
    };

    fn success(amount: ReportedAmount) -> GatewayReport {
        GatewayReport { reference: None, provider_ref: None, status: ReportedStatus::Succeeded, amount }
    }

    #[test]
    fn a_success_settles_holds_or_is_known_already() {
        let expected = [
            (PaymentStatus::Created, Verdict::Hold("never_submitted")),
            (PaymentStatus::Submitting, Verdict::Settle { late: false }),
            (PaymentStatus::Pending, Verdict::Settle { late: false }),
            (PaymentStatus::Unknown, Verdict::Settle { late: false }),
            (PaymentStatus::Held, Verdict::Ignore("already_held")),
            (PaymentStatus::Success, Verdict::Ignore("already_settled")),
            (PaymentStatus::Failed, Verdict::Settle { late: true }),
            (PaymentStatus::Expired, Verdict::Settle { late: true }),
            (PaymentStatus::Cancelled, Verdict::Settle { late: true }),
        ];
        for (status, verdict) in expected {
            let payment = a_payment(status);
            let report = success(ReportedAmount::Read(payment.amount));
            assert_eq!(judge(&payment, &report, false, payment.created_at), verdict, "{status:?}");
        }
    }

    #[test]
    fn an_amount_that_does_not_agree_is_held() {
        let payment = a_payment(PaymentStatus::Pending);
        let other = |minor, currency| ReportedAmount::Read(Money::from_minor(minor, currency));
        let amount = payment.amount.minor();
        for wrong in [
            other(amount - 1, Currency::Cdf),
            other(amount + 1, Currency::Cdf),
            other(amount, Currency::Usd),
            other(-amount, Currency::Cdf),
            ReportedAmount::Unreadable,
            ReportedAmount::Missing,
        ] {
            let verdict = judge(&payment, &success(wrong.clone()), false, payment.created_at);
            assert_eq!(verdict, Verdict::Hold("amount_mismatch"), "{wrong:?}");
        }
        let silent = judge(&payment, &success(ReportedAmount::Missing), true, payment.created_at);
        assert_eq!(silent, Verdict::Settle { late: false });
    }

    #[test]
    fn a_success_under_another_reference_is_held() {
        let mut payment = a_payment(PaymentStatus::Pending);
        payment.provider_ref = Some("1".into());
        let mut report = success(ReportedAmount::Read(payment.amount));
        report.provider_ref = Some("2".into());
        let verdict = judge(&payment, &report, false, payment.created_at);
        assert_eq!(verdict, Verdict::Hold("conflicting_reference"));
    }

    #[test]
    fn a_success_after_weeks_waits_for_a_person() {
        let payment = a_payment(PaymentStatus::Expired);
        let report = success(ReportedAmount::Read(payment.amount));
        let late = payment.created_at + Duration::days(LATE_SUCCESS_DAYS) + Duration::seconds(1);
        assert_eq!(judge(&payment, &report, false, late), Verdict::Hold("too_late"));
    }

    proptest! {
        #[test]
        fn every_verdict_is_a_legal_move(
            from in prop::sample::select(PaymentStatus::ALL.to_vec()),
            what in 0..3,
            agrees: bool,
            days in 0i64..60,
        ) {
            let payment = a_payment(from);
            let amount = if agrees { ReportedAmount::Read(payment.amount) } else { ReportedAmount::Unreadable };
            let status = match what {
                0 => ReportedStatus::Succeeded,
                1 => ReportedStatus::Failed(FailureReason::Declined),
                _ => ReportedStatus::Pending,
            };
            let report = GatewayReport { reference: None, provider_ref: None, status, amount };
            let to = match judge(&payment, &report, false, payment.created_at + Duration::days(days)) {
                Verdict::Settle { .. } => PaymentStatus::Success,
                Verdict::Hold(_) => PaymentStatus::Held,
                Verdict::Fail(_) => PaymentStatus::Failed,
                Verdict::Await => PaymentStatus::Pending,
                Verdict::Ignore(_) => return Ok(()),
            };
            prop_assert!(from.may_become(to), "{from:?} to {to:?}");
        }
    }
}
