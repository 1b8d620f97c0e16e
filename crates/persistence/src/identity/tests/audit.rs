//! What is written down, and that it cannot be changed unnoticed.

use identity::{
    Identity, IdentityStore,
    audit_chain::{ChainBreak, ChainFault, ChainReport},
    audit_log::{AuditCursor, AuditEntry, AuditFilter},
};
use kernel::{Actor, Origin, audit::AuditRecord};
use sea_orm::ConnectionTrait;

use super::{Bench, on_both, visitor};

on_both! {
    what_people_do_with_their_sessions_is_written_down;
    pages_of_the_log_follow_each_other;
    a_sealed_log_is_whole_until_somebody_changes_it;
    lines_that_are_cut_off_are_missed;
    sealing_side_by_side_makes_one_chain;
    what_does_not_fit_one_batch_is_sealed_in_the_next;
}

async fn log(bench: &Bench, filter: AuditFilter) -> Vec<AuditEntry> {
    bench.identity.audit_log(&filter, None, 100).await.unwrap().entries
}

async fn what_people_do_with_their_sessions_is_written_down(bench: &Bench) {
    let user = bench.add_user(1).await;
    assert!(bench.log_in("my-secret-in-the-wrong-field", "x").await.is_err());
    assert!(bench.log_in("22-1", "wrong").await.is_err());
    let logged_in = bench.log_in("22-1", "secret").await.unwrap();
    let refresh = async || {
        let token = logged_in.tokens.refresh.expose();
        bench.identity.refresh_tokens(token, &visitor("192.0.2.7")).await
    };
    refresh().await.unwrap();
    assert!(refresh().await.is_err());
    let again = bench.log_in("22-1", "secret").await.unwrap();
    let caller = bench.identity.authenticate(again.tokens.access.expose()).await.unwrap().unwrap();
    let origin = Origin { actor: Actor::User(caller.user_id), ..visitor("192.0.2.7") };
    bench.identity.log_out(&caller, &origin).await.unwrap();
    bench.identity.log_out_everywhere(&caller, &origin).await.unwrap();

    let (by, resource) = (format!("user:{}", user.id), format!("user:{}", user.id));
    let (first, second) =
        (format!("session:{}", logged_in.session.id), format!("session:{}", again.session.id));
    let expected = [
        ("system:test", "create", "success", resource.as_str()),
        ("anonymous", "login", "failure", "login:unknown"),
        ("anonymous", "login", "failure", resource.as_str()),
        (by.as_str(), "login", "success", resource.as_str()),
        ("anonymous", "reuse_refresh_token", "failure", first.as_str()),
        (by.as_str(), "login", "success", resource.as_str()),
        (by.as_str(), "logout", "success", second.as_str()),
        (by.as_str(), "logout_all", "success", resource.as_str()),
    ];
    let entries = log(bench, AuditFilter::default()).await;
    for (actor, action, status, resource) in expected {
        let found = entries.iter().any(|entry| {
            (entry.actor.as_str(), entry.action.as_str(), entry.status.as_str(), entry.resource.as_str())
                == (actor, action, status, resource)
        });
        assert!(found, "{actor} {action} {status} {resource} in {entries:?}");
    }
    // One more: the roles got their permissions.
    assert_eq!(entries.len(), expected.len() + 1);
    assert!(!format!("{entries:?}").contains("secret"));
}

async fn pages_of_the_log_follow_each_other(bench: &Bench) {
    for number in 1..=4 {
        bench.add_user(number).await;
    }
    let all = log(bench, AuditFilter::default()).await;
    assert_eq!(all.len(), 5);
    let (mut seen, mut cursor) = (Vec::new(), None::<AuditCursor>);
    for expected in [2, 2, 1] {
        let page = bench.identity.audit_log(&AuditFilter::default(), cursor, 2).await.unwrap();
        assert_eq!(page.entries.len(), expected);
        seen.extend(page.entries);
        cursor = page.next;
    }
    assert_eq!((seen, cursor), (all, None));
}

async fn change(bench: &Bench, sql: &str) {
    let changed = bench.database.writer().execute_unprepared(sql).await.unwrap();
    assert_eq!(changed.rows_affected(), 1, "{sql}");
}

fn broken(sequence: i64, fault: ChainFault) -> ChainReport {
    ChainReport { verified: sequence - 1, broken: Some(ChainBreak { sequence, fault }) }
}

async fn a_sealed_log_is_whole_until_somebody_changes_it(bench: &Bench) {
    let verify = async || bench.identity.verify_audit_log().await.unwrap();
    let whole = |verified| ChainReport { verified, broken: None };
    assert_eq!(verify().await, whole(0));
    bench.add_user(1).await;
    bench.log_in("22-1", "secret").await.unwrap();
    assert_eq!(verify().await, whole(0));
    assert_eq!(bench.identity.seal_audit_log().await.unwrap(), 3);
    assert_eq!(bench.identity.seal_audit_log().await.unwrap(), 0);
    assert_eq!(verify().await, whole(3));
    bench.log_in("22-1", "secret").await.unwrap();
    assert_eq!(bench.identity.seal_audit_log().await.unwrap(), 1);
    assert_eq!(verify().await, whole(4));

    change(bench, "UPDATE audit_log SET status = 'failure' WHERE sequence = 3").await;
    assert_eq!(verify().await, broken(3, ChainFault::Altered));
    change(bench, "UPDATE audit_log SET status = 'success' WHERE sequence = 3").await;
    assert_eq!(verify().await, whole(4));
    change(bench, "DELETE FROM audit_log WHERE sequence = 2").await;
    assert_eq!(verify().await, broken(2, ChainFault::Missing));
}

async fn lines_that_are_cut_off_are_missed(bench: &Bench) {
    bench.add_user(1).await;
    bench.log_in("22-1", "secret").await.unwrap();
    assert_eq!(bench.identity.seal_audit_log().await.unwrap(), 3);
    change(bench, "DELETE FROM audit_log WHERE sequence = 3").await;
    let report = bench.identity.verify_audit_log().await.unwrap();
    assert_eq!(report, broken(3, ChainFault::Missing));
}

async fn sealing_side_by_side_makes_one_chain(bench: &Bench) {
    for number in 1..=20 {
        bench.add_user(number).await;
    }
    let mut sealers = tokio::task::JoinSet::new();
    for number in 21..=28 {
        let identity = bench.identity.clone();
        sealers.spawn(async move {
            let command = super::account(&format!("22-{number}"), "", "");
            identity.create_user(command, &Origin::system("test")).await.unwrap();
            identity.seal_audit_log().await.unwrap()
        });
    }
    let mut sealed = 0;
    while let Some(sealer) = sealers.join_next().await {
        sealed += sealer.unwrap();
    }
    assert_eq!(sealed, 29);
    let report = bench.identity.verify_audit_log().await.unwrap();
    assert_eq!(report, ChainReport { verified: 29, broken: None });
}

async fn what_does_not_fit_one_batch_is_sealed_in_the_next(bench: &Bench) {
    let ambient = bench.around.ambient();
    let mut tx = IdentityStore::begin(&bench.database).await.unwrap();
    for number in 0..=Identity::SEAL_BATCH {
        let resource = format!("thing:{number}");
        let record = AuditRecord::success(&ambient, &Origin::system("test"), "test", "try", resource);
        tx.audit(record).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(bench.identity.seal_audit_log().await.unwrap(), Identity::SEAL_BATCH);
    assert_eq!(bench.identity.seal_audit_log().await.unwrap(), 1);
    let verified = i64::from(Identity::SEAL_BATCH) + 1;
    let report = bench.identity.verify_audit_log().await.unwrap();
    assert_eq!(report, ChainReport { verified, broken: None });
}
