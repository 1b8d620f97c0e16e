//! One table of logins for every RADIUS server: what stands in the directory, who asks, and the answer, attribute by
//! attribute. FreeRADIUS answers it from the shipped configuration; whatever else answers RADIUS has to answer alike.

use persistence::testing::TestDatabase;

use crate::{
    freeradius::FreeRadius,
    radius_wire::{Answer, FRAMED, MAC, Method, NAS, RadiusServer},
};

/// The password of everybody in the table, with what needs care in SQL, in shells and in RADIUS. No backslash: radclient
/// doubles it in a CHAP-Password.
const PASSWORD: &str = "it's %{User-Name} \"é\" `x`+1";

/// One login.
struct Case {
    /// What it shows.
    name: &'static str,
    /// Who stands in the directory, folded.
    username: &'static str,
    /// What stands there of them.
    entry: Entry,
    /// Who asks, as typed.
    login: &'static str,
    password: &'static str,
    expected: Expected,
}

/// What stands in the directory of somebody, attribute and value.
#[derive(Clone, Copy)]
struct Entry {
    /// Whether there is a password.
    enabled: bool,
    /// Other rows of `radcheck`.
    check: &'static [(&'static str, &'static str)],
    /// Rows of `radreply`.
    reply: &'static [(&'static str, &'static str)],
    /// Rows of `radgroupcheck`.
    group_check: &'static [(&'static str, &'static str)],
    /// Rows of `radgroupreply`.
    group_reply: &'static [(&'static str, &'static str)],
    /// How many sessions are open.
    open_sessions: u32,
}

/// The answer.
enum Expected {
    /// Accepted with exactly these.
    Accept(&'static [(&'static str, &'static str)]),
    /// Refused, with this message to the customer and this reason in the log.
    Reject { message: Option<&'static str>, reason: &'static str },
}

/// Somebody with rates, timeouts and two devices.
const STUDENT: Entry = Entry {
    enabled: true,
    check: &[],
    reply: &[],
    group_check: &[("Simultaneous-Use", "2")],
    group_reply: &[
        ("Acct-Interim-Interval", "300"),
        ("Idle-Timeout", "600"),
        ("Mikrotik-Rate-Limit", "512k/2048k"),
        ("Session-Timeout", "3600"),
    ],
    open_sessions: 0,
};

/// What a student gets.
const GRANTED: Expected = Expected::Accept(&[
    ("Acct-Interim-Interval", "300"),
    ("Idle-Timeout", "600"),
    ("Mikrotik-Rate-Limit", "512k/2048k"),
    ("Session-Timeout", "3600"),
]);

const fn student(name: &'static str, username: &'static str, login: &'static str) -> Case {
    Case { name, username, entry: STUDENT, login, password: PASSWORD, expected: GRANTED }
}

/// Somebody of whose quota something is left, and what a MikroTik is told of it: low 32 bits and the rest apart.
const fn left(
    name: &'static str,
    username: &'static str,
    reply: &'static [(&'static str, &'static str)],
) -> Case {
    let entry = Entry { reply, group_check: &[], group_reply: &[], ..STUDENT };
    Case { name, username, entry, login: username, password: PASSWORD, expected: Expected::Accept(reply) }
}

const fn refused(case: Case, message: Option<&'static str>, reason: &'static str) -> Case {
    Case { expected: Expected::Reject { message, reason }, ..case }
}

const fn with(case: Case, entry: Entry) -> Case {
    Case { entry, ..case }
}

fn cases() -> Vec<Case> {
    let deactivated = Entry { enabled: false, ..STUDENT };
    let expired = Entry { check: &[("Expiration", "1700000000")], ..STUDENT };
    let long = Entry { check: &[("Expiration", "4102444800")], ..STUDENT };
    let blocked = Entry {
        check: &[("Auth-Type", "Reject")],
        reply: &[("Reply-Message", "Your data of today is used up")],
        ..STUDENT
    };
    let one_device = Entry { open_sessions: 1, ..STUDENT };
    let two_devices = Entry { open_sessions: 2, ..STUDENT };
    vec![
        student("a plain login", "etu2026001", "etu2026001"),
        student("a name with a plus", "+243810000001", "+243810000001"),
        student("a name with an accent", "josé.müller", "josé.müller"),
        student("a name with a domain", "prof@lab.example", "prof@lab.example"),
        student("a name with a quote and a backslash", "o'brien\\x", "o'brien\\x"),
        student("capitals do not count", "capital", "CaPiTaL"),
        student("an access that lasts long", "long", "long").with_entry(long),
        left("3 GiB are left", "three", &[("Mikrotik-Total-Limit", "3221225472")]),
        left(
            "5 GiB are left",
            "five",
            &[("Mikrotik-Total-Limit", "1073741824"), ("Mikrotik-Total-Limit-Gigawords", "1")],
        ),
        left(
            "10 GiB are left",
            "ten",
            &[("Mikrotik-Total-Limit", "2147483648"), ("Mikrotik-Total-Limit-Gigawords", "2")],
        ),
        with(student("a second device", "second", "second"), one_device),
        refused(with(student("a third device", "third", "third"), two_devices), None, "too_many_sessions"),
        refused(with(student("switched off", "off", "off"), deactivated), None, "unknown_user"),
        refused(with(student("expired", "expired", "expired"), expired), None, "expired"),
        refused(
            with(student("over quota", "over", "over"), blocked),
            Some("Your data of today is used up"),
            "blocked",
        ),
        refused(student("nobody", "somebody", "nobody"), None, "unknown_user"),
        refused(student("a space is part of a name", "marie", "marie "), None, "unknown_user"),
        refused(student("a name with a space", "claire", "marie claire"), None, "unknown_user"),
        refused(
            Case { password: "Wrong-Guess-7", ..student("a wrong password", "guessed", "guessed") },
            None,
            "wrong_password",
        ),
        refused(
            Case { password: "", ..student("an empty password", "empty", "empty") },
            None,
            "wrong_password",
        ),
    ]
}

impl Case {
    const fn with_entry(self, entry: Entry) -> Self {
        with(self, entry)
    }

    /// The statements that put its entry into the directory.
    fn rows(&self) -> Vec<String> {
        let group = format!("group of {}", self.username);
        let check = self.entry.enabled.then_some(("Cleartext-Password", PASSWORD));
        let rows = |table: &str, column: &str, key: &str, rows: &[(&str, &str)]| -> Vec<String> {
            let insert = |(attribute, value): &(&str, &str)| {
                let (key, value) = (key.replace('\'', "''"), value.replace('\'', "''"));
                format!(
                    "INSERT INTO {table} ({column}, attribute, op, value) \
                     VALUES ('{key}', '{attribute}', ':=', '{value}')"
                )
            };
            rows.iter().map(insert).collect()
        };
        let name = self.username.replace('\'', "''");
        let mut sql = rows("radcheck", "username", self.username, check.as_slice());
        sql.extend(rows("radcheck", "username", self.username, self.entry.check));
        sql.extend(rows("radreply", "username", self.username, self.entry.reply));
        sql.extend(rows("radgroupcheck", "groupname", &group, self.entry.group_check));
        sql.extend(rows("radgroupreply", "groupname", &group, self.entry.group_reply));
        let group = group.replace('\'', "''");
        sql.push(format!("INSERT INTO radusergroup (username, groupname) VALUES ('{name}', '{group}')"));
        for session in 0..self.entry.open_sessions {
            sql.push(format!(
                "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime) \
                 VALUES ('{session}', '{name} {session}', '{name}', '{NAS}', now())"
            ));
        }
        sql
    }

    /// Holds an answer against what is expected.
    fn hold(&self, method: Method, answer: &Answer) {
        let place = format!("{} by {method:?}: {answer:?}", self.name);
        assert!(answer.attributes.contains_key("Message-Authenticator"), "{place}");
        let own = |replies: &[(&str, &str)]| -> Vec<(String, String)> {
            replies.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        match self.expected {
            Expected::Accept(replies) => {
                assert_eq!(
                    (answer.code.as_str(), answer.replies()),
                    ("Access-Accept", own(replies)),
                    "{place}"
                );
                assert!(answer.attributes.contains_key("Class"), "{place}");
            }
            Expected::Reject { message, .. } => {
                let message: Vec<_> = message.iter().map(|message| ("Reply-Message", *message)).collect();
                assert_eq!(
                    (answer.code.as_str(), answer.replies()),
                    ("Access-Reject", own(&message)),
                    "{place}"
                );
                assert!(!answer.attributes.contains_key("Class"), "{place}");
            }
        }
    }

    /// What the log has to say of it.
    fn logged(&self) -> String {
        let (reply, reason) = match self.expected {
            Expected::Accept(_) => ("Access-Accept", "-"),
            Expected::Reject { reason, .. } => ("Access-Reject", reason),
        };
        let username = self.login.to_ascii_lowercase();
        format!("{username}|{reply}|{reason}|-|{MAC}|{NAS}|{FRAMED}")
    }
}

/// Each row of the log in one line, oldest first.
const LOGGED: &str = "SELECT concat_ws('|', username, reply, coalesce(reason, '-'), coalesce(pass, '-'), \
    callingstationid, nasipaddress, framedipaddress) FROM radpostauth ORDER BY id";

/// Asks a server every case of the table, and looks at what it has logged.
async fn every_case_is_answered_as_the_table_says(server: &RadiusServer, database: &TestDatabase) {
    let cases = cases();
    let rows: Vec<_> = cases.iter().flat_map(Case::rows).collect();
    database.execute(&rows.join("; ")).await;
    let mut logged = Vec::new();
    for case in &cases {
        for method in [Method::Pap, Method::Chap] {
            let answer = server.sign_in(method, case.login, case.password);
            case.hold(method, &answer.unwrap_or_else(|| panic!("{}: no answer", case.name)));
            logged.push(case.logged());
        }
    }
    assert_eq!(database.texts(LOGGED).await, logged);
}

#[tokio::test(flavor = "multi_thread")]
async fn freeradius_answers_every_case_as_the_table_says() {
    let Some(radius) = FreeRadius::start().await else { return };
    every_case_is_answered_as_the_table_says(&radius.server, &radius.database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_an_access_shortens_the_session() {
    let Some(radius) = FreeRadius::start().await else { return };
    let case = student("ends soon", "soon", "soon");
    radius.database.execute(&case.rows().join("; ")).await;
    let expiry = "INSERT INTO radcheck (username, attribute, op, value) \
        SELECT 'soon', 'Expiration', ':=', (extract(epoch FROM now())::bigint + 1800)::text";
    radius.database.execute(expiry).await;
    let answer = radius.server.sign_in(Method::Chap, "soon", PASSWORD).unwrap();
    let timeout: u32 = answer.attributes["Session-Timeout"][0].parse().unwrap();
    assert!((1..=1800).contains(&timeout), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_comes_back_does_not_stand_in_its_own_way() {
    let Some(radius) = FreeRadius::start().await else { return };
    let case = with(student("comes back", "back", "back"), Entry { open_sessions: 1, ..STUDENT });
    radius.database.execute(&case.rows().join("; ")).await;
    let own = "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, callingstationid) \
        SELECT 'o' || copy, 'o' || copy, 'back', '10.20.0.1', now(), '02-00-5e-00-53-01' FROM generate_series(1, 2) copy";
    radius.database.execute(own).await;
    case.hold(Method::Pap, &radius.server.sign_in(Method::Pap, "back", PASSWORD).unwrap());
    radius
        .database
        .execute("UPDATE radacct SET callingstationid = '02-00-5e-00-53-02' WHERE acctsessionid = 'o1'")
        .await;
    assert_eq!(radius.server.sign_in(Method::Pap, "back", PASSWORD).unwrap().code, "Access-Reject");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_counts_from_the_next_login_on() {
    let Some(radius) = FreeRadius::start().await else { return };
    let case = student("moves", "mover", "mover");
    radius.database.execute(&case.rows().join("; ")).await;
    case.hold(Method::Chap, &radius.server.sign_in(Method::Chap, "mover", PASSWORD).unwrap());
    radius
        .database
        .execute(
            "BEGIN; DELETE FROM radusergroup WHERE username = 'mover'; \
             INSERT INTO radgroupreply (groupname, attribute, op, value) \
             VALUES ('ap-2-v2', 'Mikrotik-Rate-Limit', ':=', '64k/128k'); \
             INSERT INTO radusergroup (username, groupname) VALUES ('mover', 'ap-2-v2'); COMMIT",
        )
        .await;
    let answer = radius.server.sign_in(Method::Chap, "mover", PASSWORD).unwrap();
    assert_eq!(answer.replies(), [("Mikrotik-Rate-Limit".to_owned(), "64k/128k".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_proves_nothing_is_not_answered() {
    let Some(radius) = FreeRadius::start().await else { return };
    let case = student("unsigned", "unsigned", "unsigned");
    radius.database.execute(&case.rows().join("; ")).await;
    let attributes = [("User-Name", "unsigned"), ("User-Password", "x"), ("NAS-IP-Address", NAS)];
    assert_eq!(radius.server.ask(&attributes), None);
    let signed = [&attributes[..], &[("Message-Authenticator", "0x00")]].concat();
    assert_eq!(radius.server.ask(&signed).unwrap().code, "Access-Reject");
    let mut stranger = radius.server.clone();
    stranger.secret = "another-secret".to_owned();
    assert_eq!(stranger.ask(&signed), None);
}
