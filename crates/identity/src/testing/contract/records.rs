//! Login failures and the audit log.

use chrono::Duration;
use kernel::{Id, PageRequest};

use super::Ports;
use crate::{
    audit_chain::{ChainHead, ChainVerifier},
    audit_log::{AuditCursor, AuditEntry, AuditFilter},
    login_lock::{FailureHistory, LockKey},
    login_name::LoginName,
};

/// A history reads back as it was saved, is listed while it is locked, and is forgotten when it is lifted.
pub async fn login_failures_are_kept_listed_and_lifted(ports: Ports<'_>) {
    let now = ports.around.ambient().now();
    let keys = LockKey::of_attempt(&LoginName::new("jean"), "192.0.2.7".parse().ok());
    let mut history = FailureHistory::default();
    let mut tx = ports.begin().await;
    for key in &keys {
        assert_eq!(tx.failures(key).await.unwrap(), None);
        tx.track_failures(Id::generate(&ports.around.ambient()), key).await.unwrap();
        tx.track_failures(Id::generate(&ports.around.ambient()), key).await.unwrap();
        assert_eq!(tx.failures(key).await.unwrap(), Some(history.clone()));
    }
    for _ in 0..FailureHistory::MOST_FAILURES {
        history = history.after_failure(now);
        tx.save_failures(&keys[0], &history).await.unwrap();
        assert_eq!(tx.failures(&keys[0]).await.unwrap(), Some(history.clone()));
    }
    tx.commit().await.unwrap();
    let stored = ports.reads.failures(&keys).await.unwrap();
    assert_eq!(stored.len(), 2);
    assert!(stored.contains(&history));

    let locks = ports.reads.login_locks(now, PageRequest::default()).await.unwrap();
    assert_eq!((locks.total, locks.items.len()), (1, 1));
    assert_eq!((&locks.items[0].key, &locks.items[0].history), (&keys[0], &history));
    let after = ports.reads.login_locks(now + Duration::minutes(1), PageRequest::default()).await;
    assert_eq!(after.unwrap().total, 0);

    let mut tx = ports.begin().await;
    assert_eq!(tx.lift_lock(locks.items[0].id).await.unwrap().as_ref(), Some(&keys[0]));
    assert_eq!(tx.lift_lock(locks.items[0].id).await.unwrap(), None);
    tx.forget_failures(&keys[1]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ports.reads.failures(&keys).await.unwrap(), []);
}

/// The log is read newest first, cursor by cursor, narrowed by each field of the filter.
pub async fn the_audit_log_is_read_newest_first(ports: Ports<'_>) {
    for number in 0..5 {
        ports.add_audit_line(&format!("thing:{number}")).await;
    }
    let all = ports.reads.audit_entries(&AuditFilter::default(), None, 10).await.unwrap();
    let resources = |entries: &[AuditEntry]| -> Vec<String> {
        entries.iter().map(|entry| entry.resource.clone()).collect()
    };
    assert_eq!(resources(&all), ["thing:4", "thing:3", "thing:2", "thing:1", "thing:0"]);
    let cursor = Some(AuditCursor::after(&all[1]));
    let older = ports.reads.audit_entries(&AuditFilter::default(), cursor, 2).await.unwrap();
    assert_eq!(older, all[2..4]);
    for (filter, expected) in [
        (AuditFilter { resource: Some("thing:3".into()), ..AuditFilter::default() }, &all[1..2]),
        (AuditFilter { actor: Some("system:test".into()), ..AuditFilter::default() }, &all[..]),
        (AuditFilter { actor: Some("anonymous".into()), ..AuditFilter::default() }, &[]),
        (AuditFilter { event_type: Some("login".into()), ..AuditFilter::default() }, &[]),
        (AuditFilter { from: Some(all[2].at), ..AuditFilter::default() }, &all[..3]),
        (AuditFilter { to: Some(all[2].at), ..AuditFilter::default() }, &all[3..]),
    ] {
        let found = ports.reads.audit_entries(&filter, None, 10).await.unwrap();
        assert_eq!(found, expected, "{filter:?}");
    }
}

/// Lines are sealed once, in the order of their time, and read back in the order of their seals.
pub async fn audit_lines_are_sealed_in_order(ports: Ports<'_>) {
    assert_eq!(ports.reads.chain_head().await.unwrap(), ChainHead::genesis());
    for number in 0..3 {
        ports.add_audit_line(&format!("thing:{number}")).await;
    }
    let mut tx = ports.begin().await;
    let mut head = tx.chain_head().await.unwrap();
    assert_eq!(tx.unsealed(2).await.unwrap().len(), 2);
    for entry in tx.unsealed(10).await.unwrap() {
        let seal = head.seal(&entry);
        assert!(tx.seal(entry.id, &seal).await.unwrap());
        assert!(!tx.seal(entry.id, &seal).await.unwrap());
        head = ChainHead::moved_to(&seal);
    }
    tx.move_chain_head(&head).await.unwrap();
    assert_eq!(tx.unsealed(10).await.unwrap(), []);
    tx.commit().await.unwrap();
    assert_eq!(ports.reads.chain_head().await.unwrap(), head);
    let sealed = ports.reads.sealed_entries(1, 1).await.unwrap();
    assert_eq!(sealed.len(), 1);
    assert_eq!(sealed[0].resource, "thing:1");
    // Read back, a line has the hash that it had when it was sealed.
    let mut verifier = ChainVerifier::new();
    for entry in ports.reads.sealed_entries(0, 10).await.unwrap() {
        verifier.step(&entry).unwrap();
    }
    verifier.finish(&head).unwrap();
}
