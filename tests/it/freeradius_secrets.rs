//! No password is found in anything that FreeRADIUS writes: neither those of the directory nor those that were tried.

use crate::{
    freeradius::{FreeRadius, SECRET},
    radius_wire::{Method, NAS},
};

const PASSWORD: &str = "Zebra-Quartz-4711";
const WRONG_GUESS: &str = "Almost-Right-0815";

/// Every text column of every table but those whose purpose it is to have secrets, with its values.
const TEXTS: &str = "SELECT format('SELECT %L || %I::text FROM %I WHERE %I IS NOT NULL', \
    table_name || '.' || column_name || '=', column_name, table_name, column_name) \
    FROM information_schema.columns WHERE table_schema = 'public' \
    AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea') \
    AND (table_name, column_name) NOT IN (('radcheck', 'value'), ('nas', 'secret'))";

#[tokio::test(flavor = "multi_thread")]
async fn no_password_is_found_in_what_freeradius_writes() {
    let Some(radius) = FreeRadius::start().await else { return };
    let database = &radius.database;
    database
        .execute(&format!(
            "INSERT INTO radcheck (username, attribute, op, value) \
             VALUES ('q08', 'Cleartext-Password', ':=', '{PASSWORD}')"
        ))
        .await;
    for method in [Method::Pap, Method::Chap] {
        for (username, password, code) in [
            ("q08", PASSWORD, "Access-Accept"),
            ("q08", WRONG_GUESS, "Access-Reject"),
            ("nobody", WRONG_GUESS, "Access-Reject"),
        ] {
            assert_eq!(radius.server.sign_in(method, username, password).unwrap().code, code);
        }
    }
    let started = [
        ("Acct-Status-Type", "Start"),
        ("User-Name", "q08"),
        ("Acct-Session-Id", "1"),
        ("NAS-IP-Address", NAS),
    ];
    assert!(radius.server.account(&started).is_some());
    // What a server with stock queries would do.
    database
        .execute(&format!("INSERT INTO radpostauth (username, pass) VALUES ('q08', '{WRONG_GUESS}')"))
        .await;

    let mut found = vec![("FreeRADIUS's log", radius.log())];
    for query in database.texts(TEXTS).await {
        found.extend(database.texts(&query).await.into_iter().map(|text| ("the database", text)));
    }
    assert!(
        found.iter().any(|(_, text)| text == "radpostauth.reason=wrong_password"),
        "the log was looked at"
    );
    assert!(radius.log().contains("Login incorrect"), "{}", radius.log());
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    for secret in [PASSWORD, WRONG_GUESS, SECRET, "portal_test_radius:portal_test_radius"] {
        for (place, text) in &found {
            let hidden = text.contains(secret) || text.to_lowercase().contains(&hex(secret));
            assert!(!hidden, "{secret} in {place}: {text}");
        }
    }
}
