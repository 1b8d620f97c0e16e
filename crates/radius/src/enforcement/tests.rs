//! The ladder, rung by rung.

use chrono::{TimeDelta, TimeZone as _, Utc};
use kernel::{Id, Timestamp};
use proptest::prelude::*;

use super::{Attempt, CALLED_OVER_WITHIN, CONFIRMED_WITHIN, Look, Next, Outcome, Rung, Settled, Wish, next};
use crate::session::SILENT_FOR;

fn at(seconds: i64) -> Timestamp {
    Utc.timestamp_opt(1_800_000_000 + seconds, 0).unwrap()
}

const OPEN: fn() -> Look = || Look { over: false, last_seen_at: at(0) };

/// Tries in their order, one a minute, each with its end.
fn tries(ended: &[(Rung, Option<Outcome>)]) -> Vec<Attempt> {
    let tries = ended.iter().enumerate();
    let attempt = |(index, (rung, outcome)): (usize, &(Rung, Option<Outcome>))| {
        let number = u32::try_from(index).unwrap() + 1;
        let begun_at = at(60 * i64::from(number));
        Attempt {
            id: Id::from_uuid(uuid::Uuid::nil()),
            session_id: Id::from_uuid(uuid::Uuid::nil()),
            revision: 1,
            number,
            rung: *rung,
            begun_at,
            ended: outcome.clone().map(|outcome| (begun_at + TimeDelta::seconds(1), outcome)),
            identifier: None,
            transmissions: 1,
        }
    };
    tries.map(attempt).collect()
}

const NOT_FOUND: Outcome = Outcome::Nak(Some(503));

fn not_sent() -> Outcome {
    Outcome::NotSent("away".to_owned())
}

/// What follows a long time after the last of these tries.
fn later(wish: Wish, ended: &[(Rung, Option<Outcome>)]) -> Next {
    next(wish, &tries(ended), OPEN(), at(100_000))
}

#[test]
fn accounting_has_the_last_word() {
    let over = Look { over: true, ..OPEN() };
    for ended in [vec![], vec![(Rung::Disconnect, None)], vec![(Rung::Disconnect, Some(Outcome::Silence))]] {
        assert_eq!(next(Wish::End, &tries(&ended), over, at(61)), Next::Settle(Settled::Closed));
    }
}

#[test]
fn every_answer_leads_up() {
    use Outcome::{Ack, Nak, Removed, Silence, Unknown};
    use Rung::{Change, ChangeUnnamed, Disconnect, DisconnectUnnamed, RouterApi};
    let throttle = Wish::rates(Some(64), Some(64));
    assert_eq!(later(Wish::End, &[]), Next::Try(Disconnect));
    assert_eq!(later(throttle, &[]), Next::Try(Change));
    assert_eq!(later(throttle, &[(Change, Some(Ack))]), Next::Settle(Settled::Acknowledged));
    for outcome in [Nak(Some(401)), Silence, not_sent()] {
        assert_eq!(later(throttle, &[(Change, Some(outcome))]), Next::Try(Disconnect));
    }
    assert_eq!(later(throttle, &[(Change, Some(NOT_FOUND))]), Next::Try(ChangeUnnamed));
    let unnamed = |outcome| [(Change, Some(NOT_FOUND)), (ChangeUnnamed, Some(outcome))];
    assert_eq!(later(throttle, &unnamed(Ack)), Next::Settle(Settled::Acknowledged));
    for outcome in [NOT_FOUND, Silence, not_sent()] {
        assert_eq!(later(throttle, &unnamed(outcome)), Next::Try(Disconnect));
    }
    for outcome in [Nak(None), Nak(Some(501)), Silence, not_sent()] {
        assert_eq!(later(Wish::End, &[(Disconnect, Some(outcome))]), Next::Try(RouterApi));
    }
    assert_eq!(later(Wish::End, &[(Disconnect, Some(NOT_FOUND))]), Next::Try(DisconnectUnnamed));
    let unnamed = [(Disconnect, Some(NOT_FOUND)), (DisconnectUnnamed, Some(NOT_FOUND))];
    assert_eq!(later(Wish::End, &unnamed), Next::Try(RouterApi));
    assert_eq!(later(Wish::End, &[(RouterApi, Some(Removed))]), Next::Settle(Settled::Removed));
    for outcome in [not_sent(), Silence] {
        assert_eq!(later(Wish::End, &[(RouterApi, Some(outcome))]), Next::Settle(Settled::Alerted));
    }
    assert_eq!(
        later(Wish::End, &[(Disconnect, Some(Unknown))]),
        Next::Try(Disconnect),
        "the process died in it"
    );
    assert_eq!(later(Wish::End, &[(Disconnect, None)]), Next::Try(Disconnect), "the process died in it");
    let twice = [(Disconnect, Some(Unknown)), (Disconnect, None)];
    assert_eq!(later(Wish::End, &twice), Next::Try(RouterApi));
}

#[test]
fn an_acknowledgement_is_no_proof() {
    let once = [(Rung::Disconnect, Some(Outcome::Ack))];
    let told_at = at(61);
    let soon = next(Wish::End, &tries(&once), OPEN(), told_at + TimeDelta::seconds(5));
    assert_eq!(soon, Next::Wait(told_at + CONFIRMED_WITHIN));
    assert_eq!(later(Wish::End, &once), Next::Try(Rung::Disconnect));
    let twice = [once[0].clone(), once[0].clone()];
    assert_eq!(later(Wish::End, &twice), Next::Try(Rung::RouterApi));
}

#[test]
fn who_acknowledged_and_knows_no_such_session_has_ended_it() {
    let tried = tries(&[(Rung::Disconnect, Some(Outcome::Ack)), (Rung::Disconnect, Some(NOT_FOUND))]);
    let told_at = at(121);
    let silent = told_at + SILENT_FOR + CALLED_OVER_WITHIN;
    assert_eq!(next(Wish::End, &tried, OPEN(), at(130)), Next::Wait(silent));
    assert_eq!(next(Wish::End, &tried, OPEN(), silent), Next::Settle(Settled::Alerted));
    let heard = Look { last_seen_at: at(200), ..OPEN() };
    assert_eq!(next(Wish::End, &tried, heard, at(210)), Next::Try(Rung::RouterApi));
}

#[test]
fn who_may_have_been_heard_by_nobody_has_perhaps_ended_it() {
    let died = (Rung::Disconnect, Some(Outcome::Unknown));
    let named = [died.clone(), (Rung::Disconnect, Some(NOT_FOUND))];
    assert_eq!(next(Wish::End, &tries(&named), OPEN(), at(130)), Next::Try(Rung::DisconnectUnnamed));
    let unnamed = tries(&[died, named[1].clone(), (Rung::DisconnectUnnamed, Some(NOT_FOUND))]);
    let silent = at(181) + SILENT_FOR + CALLED_OVER_WITHIN;
    assert_eq!(next(Wish::End, &unnamed, OPEN(), at(190)), Next::Wait(silent));
    assert_eq!(next(Wish::End, &unnamed, OPEN(), silent), Next::Settle(Settled::Alerted));
    let heard = Look { last_seen_at: at(200), ..OPEN() };
    assert_eq!(next(Wish::End, &unnamed, heard, at(210)), Next::Try(Rung::RouterApi));
}

#[test]
fn an_attempt_at_hand_is_waited_for() {
    let at_hand = tries(&[(Rung::Disconnect, None)]);
    assert!(matches!(next(Wish::End, &at_hand, OPEN(), at(61)), Next::Wait(until) if until > at(61)));
}

fn outcomes() -> impl Strategy<Value = Option<Outcome>> {
    prop_oneof![
        Just(None),
        Just(Some(Outcome::Ack)),
        Just(Some(Outcome::Silence)),
        Just(Some(Outcome::Unknown)),
        Just(Some(not_sent())),
        Just(Some(Outcome::Removed)),
        proptest::option::of(400_u32..510).prop_map(|cause| Some(Outcome::Nak(cause))),
    ]
}

proptest! {
    /// Whatever a NAS, a router or a dying process answers, the ladder ends, soon, and never waits for what is past.
    #[test]
    fn the_ladder_ends(answers in proptest::collection::vec(outcomes(), 12), change: bool) {
        let wish = if change { Wish::rates(None, Some(1)) } else { Wish::End };
        let mut ended = Vec::new();
        let mut now = at(0);
        for answer in answers {
            let done = loop {
                match next(wish, &tries(&ended), OPEN(), now) {
                    Next::Settle(_) => break true,
                    Next::Wait(until) => {
                        prop_assert!(until > now);
                        now = until;
                    }
                    Next::Try(rung) => {
                        ended.push((rung, answer));
                        break false;
                    }
                }
            };
            if done {
                return Ok(());
            }
        }
        prop_assert!(false, "twelve tries were not enough: {:?}", ended);
    }
}
