//! What a line of a statement means for the payment that it names: one pure function.
//!
//! A line may settle a payment that nobody has settled, and may make one wait for a person. It never undoes a
//! success: where it disagrees with one, that is told.

use chrono::Duration;
use kernel::{Money, Msisdn, Timestamp};

use super::{Entry, LineOutcome, SaidStatus};
use crate::{
    payment::{Payment, PaymentStatus, Wallet},
    ports::gateway::{GatewayReport, ReportedAmount, ReportedStatus},
    verdict::{Verdict, judge},
};

/// Gateways use their names again. A line dated this long before its payment was asked for, in hours, tells of
/// an earlier one of the same name.
const CLOCKS_DIFFER_HOURS: i64 = 24;

/// What is to be done about a payment because of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// Its money has arrived.
    Settle {
        /// Whether it had been given up.
        late: bool,
    },
    /// A person decides about it. The word says why.
    Hold(&'static str),
    /// It has succeeded, and a person looks at the difference.
    CallAPerson,
}

/// What a line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// For the line.
    pub outcome: LineOutcome,
    /// For its payment.
    pub act: Act,
}

impl Judgement {
    const fn new(outcome: LineOutcome, act: Act) -> Self {
        Self { outcome, act }
    }
}

/// What was to come in, or has, and what a line says: `None` when they agree.
#[must_use]
pub fn difference(expected: Money, said: Money) -> Option<LineOutcome> {
    if expected.currency() != said.currency() {
        return Some(LineOutcome::CurrencyMismatch);
    }
    match said.minor().cmp(&expected.minor()) {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(LineOutcome::Over),
        std::cmp::Ordering::Less => Some(LineOutcome::Under),
    }
}

/// Whether a line that names a payment by the gateway's name alone can be about it.
#[must_use]
pub fn is_of_its_time(entry: &Entry, asked_at: Timestamp) -> bool {
    entry.at >= asked_at - Duration::hours(CLOCKS_DIFFER_HOURS)
}

/// Judges a line that names this payment. `received` is what its success has brought, if it has succeeded;
/// `paid_by_another` says that another transaction of a statement has paid it.
#[must_use]
pub fn judge_line(
    entry: &Entry,
    payment: &Payment,
    received: Option<Money>,
    paid_by_another: bool,
) -> Judgement {
    let succeeded = payment.status == PaymentStatus::Success;
    match entry.status {
        SaidStatus::Failed if succeeded => Judgement::new(LineOutcome::Contradicted, Act::CallAPerson),
        SaidStatus::Failed | SaidStatus::Pending => Judgement::new(LineOutcome::NotPaid, Act::Nothing),
        SaidStatus::Succeeded if succeeded && paid_by_another => {
            Judgement::new(LineOutcome::Duplicate, Act::CallAPerson)
        }
        SaidStatus::Succeeded if succeeded => {
            match difference(received.unwrap_or(payment.amount), entry.amount) {
                None => Judgement::new(LineOutcome::Matched, Act::Nothing),
                Some(outcome) => Judgement::new(outcome, Act::CallAPerson),
            }
        }
        SaidStatus::Succeeded => judge_success(entry, payment),
    }
}

/// A line that tells of money for a payment without success: the same law as for a callback, with the amount
/// always told. A payment that was given up long ago is judged by when the money moved, not by when somebody
/// imported the file.
fn judge_success(entry: &Entry, payment: &Payment) -> Judgement {
    let provider_ref = match (&payment.provider_ref, &entry.transaction_id) {
        // Some gateways are asked about a payment by its session, some by its transaction.
        (Some(ours), Some(theirs)) if ours == theirs => Some(theirs.clone()),
        _ => entry.session_id.clone(),
    };
    let report = GatewayReport {
        reference: None,
        provider_ref,
        status: ReportedStatus::Succeeded,
        amount: ReportedAmount::Read(entry.amount),
    };
    let outcome = difference(payment.amount, entry.amount);
    match judge(payment, &report, false, entry.at) {
        Verdict::Settle { .. } if is_of_another_phone(entry, payment.wallet.as_ref()) => {
            Judgement::new(LineOutcome::Held, Act::Hold("payer_mismatch"))
        }
        Verdict::Settle { late } => Judgement::new(LineOutcome::Matched, Act::Settle { late }),
        Verdict::Hold(reason) => Judgement::new(outcome.unwrap_or(LineOutcome::Held), Act::Hold(reason)),
        Verdict::Ignore(_) | Verdict::Fail(_) | Verdict::Await => {
            Judgement::new(outcome.unwrap_or(LineOutcome::Held), Act::Nothing)
        }
    }
}

/// A number that is masked, cannot be read or was forgotten tells nothing.
fn is_of_another_phone(entry: &Entry, wallet: Option<&Wallet>) -> bool {
    let said = entry.phone.as_deref().and_then(|phone| Msisdn::parse(phone).ok());
    let asked = wallet.and_then(|wallet| wallet.phone.as_ref());
    said.as_ref().zip(asked).is_some_and(|(said, asked)| said != asked)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use kernel::{Currency, Money};
    use proptest::prelude::*;

    use super::{Act, judge_line};
    use crate::{
        payment::PaymentStatus,
        statement::{Entry, LineOutcome, SaidStatus},
        testing::a_payment,
    };

    fn entry(minor: i64) -> Entry {
        Entry {
            line: 2,
            at: chrono::DateTime::UNIX_EPOCH + Duration::hours(1),
            transaction_id: Some("T1".into()),
            session_id: Some("7".into()),
            reference: None,
            phone: None,
            amount: Money::from_minor(minor, Currency::Cdf),
            status: SaidStatus::Succeeded,
            fee: None,
        }
    }

    fn judged(status: PaymentStatus, entry: &Entry) -> (LineOutcome, Act) {
        let judgement = judge_line(entry, &a_payment(status), None, false);
        (judgement.outcome, judgement.act)
    }

    #[test]
    fn a_line_settles_what_nobody_has_settled() {
        for status in [PaymentStatus::Submitting, PaymentStatus::Pending, PaymentStatus::Unknown] {
            assert_eq!(
                judged(status, &entry(300)),
                (LineOutcome::Matched, Act::Settle { late: false }),
                "{status:?}"
            );
        }
        for status in [PaymentStatus::Failed, PaymentStatus::Expired, PaymentStatus::Cancelled] {
            assert_eq!(
                judged(status, &entry(300)),
                (LineOutcome::Matched, Act::Settle { late: true }),
                "{status:?}"
            );
        }
        assert_eq!(judged(PaymentStatus::Held, &entry(300)), (LineOutcome::Held, Act::Nothing));
        assert_eq!(
            judged(PaymentStatus::Created, &entry(300)),
            (LineOutcome::Held, Act::Hold("never_submitted"))
        );
    }

    #[test]
    fn another_amount_waits_for_a_person_and_a_success_stays_one() {
        for (minor, outcome) in [(299, LineOutcome::Under), (301, LineOutcome::Over)] {
            assert_eq!(
                judged(PaymentStatus::Expired, &entry(minor)),
                (outcome, Act::Hold("amount_mismatch"))
            );
            assert_eq!(judged(PaymentStatus::Success, &entry(minor)), (outcome, Act::CallAPerson));
        }
        let dollars = Entry { amount: Money::from_minor(300, Currency::Usd), ..entry(300) };
        assert_eq!(judged(PaymentStatus::Unknown, &dollars).0, LineOutcome::CurrencyMismatch);
        let denial = Entry { status: SaidStatus::Failed, ..entry(300) };
        assert_eq!(judged(PaymentStatus::Success, &denial), (LineOutcome::Contradicted, Act::CallAPerson));
        assert_eq!(judged(PaymentStatus::Unknown, &denial), (LineOutcome::NotPaid, Act::Nothing));
    }

    #[test]
    fn what_has_come_in_counts_not_what_was_asked_for() {
        let payment = a_payment(PaymentStatus::Success);
        let received = Some(Money::from_minor(299, Currency::Cdf));
        assert_eq!(judge_line(&entry(299), &payment, received, false).outcome, LineOutcome::Matched);
        assert_eq!(judge_line(&entry(300), &payment, received, false).outcome, LineOutcome::Over);
        assert_eq!(judge_line(&entry(299), &payment, received, true).outcome, LineOutcome::Duplicate);
    }

    #[test]
    fn other_names_phones_and_times_wait_for_a_person() {
        let mut payment = a_payment(PaymentStatus::Unknown);
        payment.provider_ref = Some("8".into());
        assert_eq!(judge_line(&entry(300), &payment, None, false).act, Act::Hold("conflicting_reference"));
        payment.provider_ref = Some("T1".into());
        assert_eq!(judge_line(&entry(300), &payment, None, false).outcome, LineOutcome::Matched);
        for (phone, outcome) in [
            ("0810000000", LineOutcome::Matched),
            ("24381***000", LineOutcome::Matched),
            ("+243810000001", LineOutcome::Held),
        ] {
            let entry = Entry { phone: Some(phone.into()), ..entry(300) };
            assert_eq!(judge_line(&entry, &payment, None, false).outcome, outcome, "{phone}");
        }
        let mut expired = a_payment(PaymentStatus::Expired);
        expired.created_at -= Duration::days(40);
        assert_eq!(judge_line(&entry(300), &expired, None, false).act, Act::Hold("too_late"));
    }

    proptest! {
        #[test]
        fn only_the_exact_amount_settles_and_nothing_touches_a_success(
            status in prop::sample::select(PaymentStatus::ALL.to_vec()),
            said in prop::sample::select(SaidStatus::ALL.to_vec()),
            minor in prop_oneof![Just(300i64), 1i64..1_000],
            currency in prop::sample::select(Currency::ALL.to_vec()),
            twice: bool,
        ) {
            let payment = a_payment(status);
            let line = Entry { amount: Money::from_minor(minor, currency), status: said, ..entry(300) };
            let judgement = judge_line(&line, &payment, None, twice);
            prop_assert_ne!(judgement.outcome, LineOutcome::Waiting);
            match judgement.act {
                Act::Settle { .. } => {
                    prop_assert_eq!((said, line.amount), (SaidStatus::Succeeded, payment.amount));
                    prop_assert!(status.may_become(PaymentStatus::Success));
                }
                Act::Hold(_) => {
                    prop_assert_eq!(said, SaidStatus::Succeeded);
                    prop_assert!(status.may_become(PaymentStatus::Held));
                }
                Act::CallAPerson => prop_assert_eq!(status, PaymentStatus::Success),
                Act::Nothing => {}
            }
        }
    }
}
