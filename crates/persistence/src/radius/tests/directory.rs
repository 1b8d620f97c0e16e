//! The tables that FreeRADIUS writes: whatever it does to them, every state of an accounting row is kept, and no
//! password is.

use kernel::testing::Surroundings;

use crate::testing::TestDatabase;

/// What is remembered of each state, in order.
const OBSERVED: &str = "SELECT acctuniqueid || ' ' || nasipaddress || ' ' || coalesce(framedipaddress, '-') || ' ' || \
    acctinputoctets || ' ' || coalesce(acctterminatecause, '-') FROM radacct_observations ORDER BY id";

async fn every_state_of_an_accounting_row_is_kept(on: TestDatabase) {
    on.connect(&Surroundings::new()).await;
    on.execute(
        "INSERT INTO radacct (acctsessionid, acctuniqueid, nasipaddress, framedipaddress, acctinputoctets) \
         VALUES ('s', 'u', '10.0.0.1', '10.5.50.2', 0)",
    )
    .await;
    on.execute("UPDATE radacct SET acctinputoctets = 70000000000 WHERE acctuniqueid = 'u'").await;
    on.execute("UPDATE radacct SET acctinputoctets = 5, acctterminatecause = 'User-Request'").await;
    let states = [
        "u 10.0.0.1 10.5.50.2 0 -",
        "u 10.0.0.1 10.5.50.2 70000000000 -",
        "u 10.0.0.1 10.5.50.2 5 User-Request",
    ];
    assert_eq!(on.texts(OBSERVED).await, states);
}

async fn a_change_of_many_rows_is_kept_row_by_row(on: TestDatabase) {
    on.connect(&Surroundings::new()).await;
    on.execute(
        "INSERT INTO radacct (acctsessionid, acctuniqueid, nasipaddress, acctinputoctets) \
         VALUES ('1', 'u1', '10.0.0.1', 1), ('2', 'u2', '2001:db8::1', 2)",
    )
    .await;
    on.execute("DELETE FROM radacct_observations").await;
    on.execute("UPDATE radacct SET acctterminatecause = 'NAS-Reboot'").await;
    let mut states = on.texts(OBSERVED).await;
    states.sort();
    assert_eq!(states, ["u1 10.0.0.1 - 1 NAS-Reboot", "u2 2001:db8::1 - 2 NAS-Reboot"]);
}

async fn what_was_undone_was_not_observed(on: TestDatabase) {
    on.connect(&Surroundings::new()).await;
    on.execute(
        "BEGIN; INSERT INTO radacct (acctsessionid, acctuniqueid, nasipaddress, acctinputoctets) \
         VALUES ('s', 'u', '10.0.0.1', 1); ROLLBACK",
    )
    .await;
    assert!(on.texts(OBSERVED).await.is_empty());
}

async fn no_password_stays_in_the_log(on: TestDatabase) {
    on.connect(&Surroundings::new()).await;
    on.execute(
        "INSERT INTO radpostauth (username, pass) VALUES ('stock', 'ocean4711'), ('ours', ''), ('none', NULL)",
    )
    .await;
    on.execute("UPDATE radpostauth SET pass = 'again' WHERE username = 'none'").await;
    let kept =
        on.texts("SELECT username || ' ' || coalesce(pass, '-') FROM radpostauth ORDER BY username").await;
    assert_eq!(kept, ["none withheld", "ours ", "stock withheld"]);
}

crate::on_both_databases!(
    every_state_of_an_accounting_row_is_kept,
    a_change_of_many_rows_is_kept_row_by_row,
    what_was_undone_was_not_observed,
    no_password_stays_in_the_log,
);
