//! The chain's law: any single change is found, at the first place that it touches.

use chrono::Duration;
use kernel::{Id, testing::Surroundings};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ChainBreak, ChainFault, ChainHead, ChainReport, ChainVerifier, write_canonical};
use crate::audit_log::AuditEntry;

fn chain(length: usize) -> (Vec<AuditEntry>, ChainHead) {
    let around = Surroundings::new();
    let ambient = around.ambient();
    let mut head = ChainHead::genesis();
    let entries = (0..length).map(|number| {
        around.clock.advance(Duration::microseconds(1));
        let mut entry = AuditEntry {
            id: Id::generate(&ambient),
            at: ambient.now(),
            event_type: "login".into(),
            actor: "anonymous".into(),
            resource: format!("user:{number}"),
            action: "login".into(),
            status: "success".into(),
            details: json!({ "number": number }),
            request_id: Some("request-1".into()),
            ip: None,
            seal: None,
        };
        let seal = head.seal(&entry);
        head = ChainHead::moved_to(&seal);
        entry.seal = Some(seal);
        entry
    });
    (entries.collect(), head)
}

fn verify(entries: &[AuditEntry], head: &ChainHead) -> ChainReport {
    let mut verifier = ChainVerifier::new();
    let walked = entries.iter().try_for_each(|entry| verifier.step(entry));
    ChainReport { verified: verifier.reached(), broken: walked.and_then(|()| verifier.finish(head)).err() }
}

/// One change to one field of one line.
fn change(entry: &mut AuditEntry, field: usize, text: &str) {
    let append = |old: &mut String| old.push_str(text);
    match field {
        0 => entry.id = Id::from_uuid(uuid::Uuid::from_u128(entry.id.as_uuid().as_u128() ^ 1)),
        1 => entry.at += Duration::microseconds(1),
        2 => append(&mut entry.event_type),
        3 => append(&mut entry.actor),
        4 => append(&mut entry.resource),
        5 => append(&mut entry.action),
        6 => append(&mut entry.status),
        7 => entry.details = json!({ "number": entry.details["number"], "more": text }),
        8 => entry.request_id = entry.request_id.as_ref().map(|id| format!("{id}{text}")),
        9 => entry.request_id = None,
        10 => entry.ip = Some(text.to_owned()),
        11 => entry.seal = None,
        12 => append(&mut entry.seal.as_mut().unwrap().hash),
        _ => entry.seal.as_mut().unwrap().sequence += 1,
    }
}

#[test]
fn an_untouched_chain_is_whole() {
    for length in [0, 1, 5] {
        let (entries, head) = chain(length);
        let report = verify(&entries, &head);
        assert_eq!(report, ChainReport { verified: i64::try_from(length).unwrap(), broken: None });
    }
}

#[test]
fn the_end_of_the_chain_cannot_be_cut_off_or_replaced() {
    let (entries, head) = chain(3);
    assert_eq!(
        verify(&entries[..2], &head).broken,
        Some(ChainBreak { sequence: 3, fault: ChainFault::Missing })
    );
    let other = ChainHead { hash: "f".repeat(64), ..head };
    assert_eq!(
        verify(&entries, &other).broken,
        Some(ChainBreak { sequence: 3, fault: ChainFault::OtherEnd })
    );
}

#[test]
fn the_order_of_keys_does_not_change_a_line() {
    let canonical = |json: &str| {
        let mut text = String::new();
        write_canonical(&serde_json::from_str::<Value>(json).unwrap(), &mut text);
        text
    };
    assert_eq!(
        canonical(r#"{ "b": [1, {"d": null, "c": "\u00e9\n"}], "a": 1.50 }"#),
        r#"{"a":1.5,"b":[1,{"c":"é\n","d":null}]}"#
    );
}

#[test]
fn the_form_of_a_sealed_line_never_changes() {
    let (entries, _) = chain(1);
    insta::assert_snapshot!(
        super::canonical_line(&entries[0]),
        @r#"{"action":"login","actor":"anonymous","at":"2026-01-17T12:00:00.000001Z","details":{"number":0},"event_type":"login","id":"019bcbd3-9600-7000-9d7b-39a820e2f465","ip":null,"request_id":"request-1","resource":"user:0","status":"success"}"#
    );
    insta::assert_snapshot!(entries[0].seal.as_ref().unwrap().hash, @"f3b4eb9c8f10e5ce22b177784651f041cf5ac22dc3cb83097dd5e2a6c847dac9");
}

proptest! {
    #[test]
    fn any_changed_field_is_found_at_its_line(
        length in 1usize..12,
        chosen in any::<prop::sample::Index>(),
        field in 0usize..14,
        text in "[a-z]{1,8}",
    ) {
        let (mut entries, head) = chain(length);
        let place = chosen.index(length);
        change(&mut entries[place], field, &text);
        let report = verify(&entries, &head);
        prop_assert_eq!(report.verified, i64::try_from(place).unwrap());
        prop_assert_eq!(report.broken.map(|found| found.sequence), i64::try_from(place + 1).ok());
    }

    #[test]
    fn any_removed_or_moved_line_is_found(
        length in 2usize..12,
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        removed in any::<bool>(),
    ) {
        let (mut entries, head) = chain(length);
        let (from, to) = (from.index(length), to.index(length));
        prop_assume!(removed || from != to);
        let entry = entries.remove(from);
        if !removed {
            // Moved with its place renumbered, as somebody who hides it would do.
            entries.insert(to, entry);
            for (place, entry) in entries.iter_mut().enumerate() {
                entry.seal.as_mut().unwrap().sequence = i64::try_from(place + 1).unwrap();
            }
        }
        prop_assert!(verify(&entries, &head).broken.is_some());
    }
}
