//! `portal radius check-config`, run as an operator runs it: the shipped configuration is found right, and each thing that
//! can be wrong with it is named.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use kernel::testing::Surroundings;
use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::Value;
use simulators::freeradius::copy;

use crate::{freeradius::shipped, process::binary};

on_both_databases!(what_is_shipped_is_right, each_trace_in_the_database_is_named, each_wrong_file_is_named);

/// Runs it, and returns its exit code and the codes that it found; those of the test's own database aside.
fn check(database: &TestDatabase, config: Option<&Path>) -> (i32, Vec<String>) {
    let mut portal = Command::new(binary());
    portal.args(["radius", "check-config", "--json"]).env_clear().env("APP_ENV", "test");
    portal.env("DATABASE_URL", database.url()).current_dir(database.folder());
    if let Some(config) = config {
        portal.arg("--config").arg(config);
    }
    let output = portal.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let found: Value = serde_json::from_str(&told).unwrap_or_else(|_| panic!("{told}{errors}"));
    let codes = found.as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap().to_owned());
    let codes = codes.filter(|code| code != "database_is_sqlite").collect();
    (output.status.code().unwrap(), codes)
}

async fn what_is_shipped_is_right(database: TestDatabase) {
    database.connect(&Surroundings::new()).await;
    assert_eq!(check(&database, Some(&shipped())), (0, vec![]));
}

async fn each_trace_in_the_database_is_named(database: TestDatabase) {
    database.connect(&Surroundings::new()).await;
    for sql in [
        "DROP INDEX radacct_username_open",
        "INSERT INTO radpostauth (username, pass, nasipaddress) VALUES ('q08', 'guess', '10.0.0.9')",
        "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress) \
         VALUES ('1', '1', 'q08', '10.0.0.1'), ('2', '2', 'q08', '10.0.0.1')",
        "INSERT INTO nas (nasname, shortname, secret) VALUES ('10.0.0.1', 'lab', 'secret')",
        "INSERT INTO radusergroup (username, groupname) VALUES ('q08', 'one')",
        "INSERT INTO radgroupcheck (groupname, attribute, op, value) VALUES ('one', 'Simultaneous-Use', ':=', '1')",
        "INSERT INTO radcheck (username, attribute, value) VALUES ('q08', 'Cleartext-Password', 'secret')",
        "INSERT INTO radreply (username, attribute, op, value) VALUES ('q08', 'Max-Daily-Megabytes', ':=', '1')",
    ] {
        database.execute(sql).await;
    }
    let expected = [
        "schema_incomplete",
        "passwords_logged",
        "nas_unknown",
        "simultaneous_use_not_enforced",
        "wrong_operator",
        "attribute_unknown",
    ];
    assert_eq!(check(&database, None), (2, expected.map(str::to_owned).to_vec()));
}

async fn each_wrong_file_is_named(database: TestDatabase) {
    database.connect(&Surroundings::new()).await;
    // A file, what is put into it for what, and what is found then.
    for (file, right, wrong, code) in [
        ("sites-enabled/portal", "session {\n\tsql", "session {\n#\tsql", "session_without_sql"),
        ("mods-config/queries.conf", "auto_escape = yes", "auto_escape = no", "auto_escape_off"),
        ("mods-config/queries.conf", "'%{reply:Packet-Type}'", "'%{User-Password}'", "password_query"),
        ("sites-enabled/portal", "\tinsert_acct_class\n", "", "no_class"),
        ("policy.d/portal", "&Message-Authenticator := 0x00", "&Class := 0x00", "answers_unproved"),
        (
            "sites-enabled/routers",
            "dynamic_clients = routers",
            "secret = s",
            "message_authenticator_by_version",
        ),
    ] {
        let copied = database.folder().join(code);
        copy(&shipped(), &copied).unwrap();
        spoil(&copied.join(file), right, wrong);
        let (_, found) = check(&database, Some(&copied));
        assert_eq!(found, [code], "{file}: {wrong}");
    }
    let (status, found) = check(&database, Some(&without_any_proof(&database)));
    assert_eq!((status, found), (2, vec!["message_authenticator_not_required".to_owned()]));
}

fn without_any_proof(database: &TestDatabase) -> PathBuf {
    let copied = database.folder().join("without");
    copy(&shipped(), &copied).unwrap();
    spoil(&copied.join("sites-enabled/routers"), "dynamic_clients = routers", "secret = s");
    spoil(
        &copied.join("radiusd.conf"),
        "require_message_authenticator = yes",
        "require_message_authenticator = no",
    );
    copied
}

fn spoil(file: &Path, right: &str, wrong: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(right), "{} has no {right}", file.display());
    fs::write(file, text.replace(right, wrong)).unwrap();
}
