//! The laws of a delivery, by cases and under random histories.

use kernel::{Id, Msisdn, Sealed, Timestamp, testing::Surroundings};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest},
};

use super::{Attempt, Delivery, DeliveryStatus, Message, PickUp};
use crate::ports::SendOutcome;

fn now() -> Timestamp {
    Surroundings::new().ambient().now()
}

fn queued() -> Delivery {
    let ambient = Surroundings::new().ambient();
    let message = Message::Sms {
        to: Msisdn::parse("+243812345678").unwrap(),
        text: Sealed::from_stored("s1.k.n.c".into()),
        segments: 1,
    };
    Delivery::new(Id::generate(&ambient), Id::generate(&ambient), message, now())
}

fn taken(delivery: &Delivery, idempotent: bool) -> Delivery {
    match delivery.pick_up(idempotent, now()) {
        PickUp::Send(taken) => taken,
        other => panic!("{other:?}"),
    }
}

fn ends(delivery: &Delivery, outcome: SendOutcome, last: bool) -> Option<Delivery> {
    let attempt = Attempt { number: delivery.attempts, outcome, latency_ms: 7, last };
    delivery.after(&attempt, now())
}

fn sent() -> SendOutcome {
    SendOutcome::Sent { provider_id: "p1".into() }
}

fn refused(permanent: bool) -> SendOutcome {
    SendOutcome::Refused { reason: "no".into(), permanent }
}

#[test]
fn the_legal_moves_are_these() {
    use DeliveryStatus::{Dead, Delivered, Failed, Queued, Sending, Sent};
    let legal = |from: DeliveryStatus| -> Vec<_> {
        DeliveryStatus::ALL.into_iter().filter(|to| from.may_become(*to)).collect()
    };
    assert_eq!(legal(Queued), [Sending, Sent]);
    assert_eq!(legal(Sending), [Queued, Sending, Sent, Dead]);
    assert_eq!(legal(Sent), [Delivered, Failed]);
    for over in [Delivered, Failed, Dead] {
        assert_eq!(legal(over), []);
    }
    for status in DeliveryStatus::ALL {
        assert_eq!(DeliveryStatus::parse(status.as_str()), Some(status));
    }
}

#[test]
fn an_entry_in_the_inbox_has_arrived_when_it_is_written() {
    let ambient = Surroundings::new().ambient();
    let entry = Delivery::new(Id::generate(&ambient), Id::generate(&ambient), Message::InApp, now());
    assert_eq!(entry.status, DeliveryStatus::Delivered);
    assert_eq!(entry.pick_up(false, now()), PickUp::Nothing);
}

#[test]
fn each_outcome_has_its_state() {
    use DeliveryStatus::{Dead, Queued, Sending, Sent};
    for (outcome, last, status, error) in [
        (sent(), false, Sent, None),
        (SendOutcome::Unreachable("down".into()), true, Queued, Some("down")),
        (SendOutcome::Unknown("no answer".into()), true, Sending, Some("no answer")),
        (refused(false), false, Queued, Some("no")),
        (refused(false), true, Dead, Some("no")),
        (refused(true), false, Dead, Some("no")),
    ] {
        let after = ends(&taken(&queued(), false), outcome.clone(), last).unwrap();
        assert_eq!((after.status, after.error.as_deref()), (status, error), "{outcome:?}");
        assert_eq!((after.attempts, after.latency_ms), (1, Some(7)));
    }
}

#[test]
fn a_lost_answer_is_repeated_once_where_a_repeat_is_not_recognised() {
    let first = taken(&queued(), false);
    let second = taken(&first, false);
    assert_eq!((second.attempts, second.unanswered), (2, 1));
    let PickUp::GiveUp(dead) = second.pick_up(false, now()) else { panic!("sent a third time") };
    assert_eq!((dead.status, dead.attempts), (DeliveryStatus::Dead, 2));
    assert!(matches!(second.pick_up(true, now()), PickUp::Send(_)));
}

#[test]
fn a_worker_thought_lost_may_still_say_that_it_sent() {
    let slow = taken(&queued(), true);
    let replacement = taken(&slow, true);
    let late = |delivery: &Delivery, outcome| {
        let attempt = Attempt { number: slow.attempts, outcome, latency_ms: 1, last: true };
        delivery.after(&attempt, now())
    };
    assert_eq!(late(&replacement, refused(true)), None);
    assert_eq!(late(&replacement, sent()).map(|d| d.status), Some(DeliveryStatus::Sent));
    let put_back = ends(&replacement, SendOutcome::Unreachable("down".into()), false).unwrap();
    assert_eq!(late(&put_back, sent()).map(|d| d.status), Some(DeliveryStatus::Sent));
}

#[test]
fn what_a_channel_says_is_kept_short_and_on_one_line() {
    let long = SendOutcome::Unreachable("a\r\nb".repeat(400));
    let error = ends(&taken(&queued(), true), long, false).unwrap().error.unwrap();
    assert_eq!(error.chars().count(), 500);
    assert!(!error.contains(char::is_control));
}

#[derive(Debug, Clone)]
enum Step {
    Crash,
    End(SendOutcome, bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let outcome = prop_oneof![
        Just(sent()),
        Just(SendOutcome::Unreachable("down".into())),
        Just(SendOutcome::Unknown("lost".into())),
        any::<bool>().prop_map(refused),
    ];
    let end = (outcome, proptest::bool::weighted(0.1)).prop_map(|(outcome, last)| Step::End(outcome, last));
    vec(prop_oneof![1 => Just(Step::Crash), 4 => end], 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_history_makes_an_illegal_move_or_a_blind_repeat(steps in steps(), idempotent in any::<bool>()) {
        let mut delivery = queued();
        let mut blind = 0;
        for step in steps {
            let picked = match delivery.pick_up(idempotent, now()) {
                PickUp::Send(picked) => picked,
                PickUp::GiveUp(dead) => {
                    prop_assert!(!idempotent);
                    prop_assert_eq!(dead.status, DeliveryStatus::Dead);
                    prop_assert_eq!(blind, Delivery::MOST_UNANSWERED);
                    break;
                }
                PickUp::Nothing => {
                    prop_assert!(matches!(delivery.status, DeliveryStatus::Sent | DeliveryStatus::Dead));
                    break;
                }
            };
            prop_assert!(delivery.status.may_become(picked.status));
            let next = match step {
                Step::Crash => picked.clone(),
                Step::End(outcome, last) => ends(&picked, outcome, last).unwrap(),
            };
            prop_assert!(picked.status.may_become(next.status));
            if next.status == DeliveryStatus::Sending {
                blind += 1;
            }
            prop_assert!(idempotent || blind <= Delivery::MOST_UNANSWERED);
            delivery = next;
        }
    }
}
