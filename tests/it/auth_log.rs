//! The authentication log: read backwards, exported, and followed as it is written, whoever writes it.

use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

on_both_databases!(
    the_log_is_read_backwards_and_filtered,
    a_period_is_exported_and_old_lines_are_forgotten,
    logins_are_followed_as_they_are_answered,
    a_ticket_opens_one_stream,
    rates_tell_what_goes_on,
    a_reload_runs_the_command_and_nothing_else,
);

const PATH: &str = "/api/v1/admin/radius/auth-log";

/// Writes a line as FreeRADIUS would: into the table, behind the portal's back.
async fn answered(app: &TestApp, username: &str, reply: &str, nas: &str, minutes_ago: i64) {
    let at = app.around.ambient().now() - chrono::Duration::minutes(minutes_ago);
    let reason = if reply == "Access-Accept" { "" } else { "wrong_password" };
    let sql = format!(
        "INSERT INTO radpostauth (username, pass, reply, callingstationid, authdate, nasipaddress, framedipaddress, reason) \
         VALUES ('{username}', 'tried-password', '{reply}', '02:00:5E:00:53:01', '{}', '{nas}', '10.5.50.20', '{reason}')",
        at.to_rfc3339()
    );
    app.database.execute(&sql).await;
}

fn names(lines: &Value) -> Vec<&str> {
    lines.as_array().unwrap().iter().map(|line| line["username"].as_str().unwrap()).collect()
}

async fn the_log_is_read_backwards_and_filtered(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    for (number, reply) in
        ["Access-Accept", "Access-Reject", "Access-Accept", "Access-Reject"].iter().enumerate()
    {
        let nas = format!("10.5.50.{number}");
        answered(&app, &format!("User{number}"), reply, &nas, 10 - i64::try_from(number).unwrap()).await;
    }
    let page = app.get(&format!("{PATH}?per_page=3"), &admin).await;
    assert_eq!(names(&page.body["data"]), ["User3", "User2", "User1"]);
    let line = &page.body["data"][0];
    assert_eq!((&line["status"], &line["reason"]), (&json!("rejected"), &json!("wrong_password")));
    assert_eq!((&line["mac"], &line["nas"]), (&json!("02:00:5E:00:53:01"), &json!("10.5.50.3")));
    let cursor = page.body["meta"]["pagination"]["next_cursor"].as_str().unwrap();
    let rest = app.get(&format!("{PATH}?per_page=3&cursor={cursor}"), &admin).await;
    assert_eq!(names(&rest.body["data"]), ["User0"]);
    assert_eq!(rest.body["meta"]["pagination"]["next_cursor"], Value::Null);
    for (query, expected) in [
        ("status=rejected", vec!["User3", "User1"]),
        ("status=accepted", vec!["User2", "User0"]),
        ("username=SER2", vec!["User2"]),
        ("username=%25", vec![]),
        ("ip=10.5.50.1", vec!["User1"]),
        ("ip=10.5.50.20&status=accepted", vec!["User2", "User0"]),
    ] {
        let found = app.get(&format!("{PATH}?{query}"), &admin).await.data(200);
        assert_eq!(names(&found), expected, "{query}");
    }
    for (field, query) in [("ip", "ip=nowhere"), ("cursor", "cursor=x"), ("status", "status=maybe")] {
        let refused = app.get(&format!("{PATH}?{query}"), &admin).await;
        assert!(refused.body["errors"][field].is_array(), "{query}: {}", refused.body);
    }
    // The password that was tried is not even in the table.
    assert_eq!(app.database.texts("SELECT DISTINCT pass FROM radpostauth").await, ["withheld"]);
    app.end().await;
}

async fn a_period_is_exported_and_old_lines_are_forgotten(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    answered(&app, "old", "Access-Accept", "10.5.50.1", 60 * 24 * 31).await;
    answered(&app, "=cmd()", "Access-Reject", "10.5.50.1", 30).await;
    answered(&app, "new", "Access-Accept", "10.5.50.1", 5).await;
    let from = (app.around.ambient().now() - chrono::Duration::hours(1)).format("%Y-%m-%dT%H:%M:%SZ");
    let file = app.get(&format!("{PATH}/export?from={from}"), &admin).await;
    let text = file.body.as_str().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "at,username,status,reason,mac,called_station,nas,address");
    assert_eq!(lines.len(), 3);
    assert!(
        lines[1].contains(",new,accepted,,") && lines[2].contains(",'=cmd(),rejected,wrong_password,"),
        "{text}"
    );
    assert!(!text.contains("tried-password"));
    app.run(Task::PruneLogs).await;
    assert_eq!(names(&app.get(PATH, &admin).await.data(200)), ["new", "=cmd()"]);
    app.end().await;
}

/// What a stream has said.
struct Listener {
    response: reqwest::Response,
    heard: String,
}

impl Listener {
    async fn open(app: &TestApp, query: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .get(format!("{}{PATH}/stream{query}", app.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, heard: String::new() }
    }

    /// Reads on until this was heard, and gives all that was.
    async fn until(&mut self, text: &str) -> &str {
        while !self.heard.contains(text) {
            let chunk = self.response.chunk().await.unwrap().unwrap();
            self.heard.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        &self.heard
    }
}

async fn logins_are_followed_as_they_are_answered(database: TestDatabase) {
    let mut app = TestApp::start(database).await;
    let mut other = app.second(&[]).await;
    let admin = app.log_in("admin@demo.test").await;
    let bearer = format!("Bearer {admin}");
    answered(&app, "before", "Access-Accept", "10.5.50.1", 0).await;
    let all = &mut Listener::open(&app, "", &[("Authorization", &bearer)]).await;
    // A browser sends this, and must not get the stream squeezed and held back.
    let squeezed = [("Authorization", bearer.as_str()), ("Accept-Encoding", "gzip")];
    let rejected = &mut Listener::open(&other, "?status=rejected&username=mall", &squeezed).await;
    all.until("retry:").await;
    rejected.until("retry:").await;
    answered(&app, "ada", "Access-Accept", "10.5.50.1", 0).await;
    answered(&app, "bob", "Access-Reject", "10.5.50.1", 0).await;
    answered(&app, "mallory", "Access-Reject", "10.5.50.1", 0).await;
    let heard = all.until("mallory").await;
    assert!(
        heard.contains("event: login\ndata: {") && heard.contains("ada") && !heard.contains("before"),
        "{heard}"
    );
    let heard = rejected.until("mallory").await.to_owned();
    assert!(!heard.contains("ada") && !heard.contains("bob"), "{heard}");
    // Whoever comes back hears what was said meanwhile, and nothing twice.
    let id = heard.split("id: ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
    answered(&app, "meanwhile", "Access-Reject", "10.5.50.1", 0).await;
    for (query, headers) in [
        (String::new(), vec![("Authorization", bearer.as_str()), ("Last-Event-ID", id)]),
        (format!("?last_event_id={id}"), vec![("Authorization", bearer.as_str())]),
    ] {
        let mut again = Listener::open(&other, &query, &headers).await;
        let heard = again.until("meanwhile").await;
        assert!(!heard.contains("mallory"), "{heard}");
    }
    // A process that ends does not wait for those who listen.
    other.stop().await;
    app.stop().await;
}

async fn a_ticket_opens_one_stream(database: TestDatabase) {
    let mut app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let ticket = async |token: &str| {
        let data = app.post("/api/v1/auth/stream-tickets", token, json!({})).await.data(200);
        data["ticket"].as_str().unwrap().to_owned()
    };
    let code = async |ticket: &str| {
        let path = format!("{PATH}/stream?ticket={ticket}");
        let reply = app.send(Method::GET, &path, None, None).await;
        reply.body["meta"]["code"].as_str().unwrap().to_owned()
    };
    let first = ticket(&admin).await;
    Listener::open(&app, &format!("?ticket={first}"), &[]).await.until("retry:").await;
    assert_eq!(code(&first).await, "unauthenticated");
    // It is good for nothing else, and nowhere else.
    let second = ticket(&admin).await;
    assert_eq!(app.get(PATH, &second).await.code(401), "unauthenticated");
    assert_eq!(
        app.send(Method::GET, &format!("{PATH}?ticket={second}"), None, None).await.code(401),
        "unauthenticated"
    );
    app.around.clock.advance(chrono::Duration::seconds(31));
    assert_eq!(code(&second).await, "unauthenticated");
    let user = app.log_in("user1@demo.test").await;
    assert_eq!(code(&ticket(&user).await).await, "forbidden");
    let third = ticket(&admin).await;
    app.post("/api/v1/auth/logout", &admin, json!({})).await;
    assert_eq!(code(&third).await, "unauthenticated");
    // No ticket is kept as it is.
    let hashes = app.database.texts("SELECT hash FROM access_tokens").await;
    assert!(!hashes.is_empty() && hashes.iter().all(|hash| !hash.contains("hpt_") && *hash != third));
    app.stop().await;
}

async fn rates_tell_what_goes_on(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    for (reply, minutes_ago) in
        [("Access-Accept", 0), ("Access-Accept", 0), ("Access-Reject", 1), ("Access-Reject", 90)]
    {
        answered(&app, "ada", reply, "10.5.50.1", minutes_ago).await;
    }
    let moment =
        |minutes_ago: i64| (app.around.ambient().now() - chrono::Duration::minutes(minutes_ago)).to_rfc3339();
    // One is open and was heard of just now, one has not been heard of for long, one ended half an hour ago.
    for (id, heard, stop, seconds, octets) in
        [("1", 1, None, 600, 600_000), ("2", 40, None, 60, 60_000), ("3", 30, Some(30), 1_800, 3_600_000)]
    {
        let stop = stop.map_or("NULL".to_owned(), |minutes| format!("'{}'", moment(minutes)));
        let sql = format!(
            "INSERT INTO radacct (acctsessionid, acctuniqueid, username, nasipaddress, acctstarttime, acctupdatetime, \
             acctstoptime, acctsessiontime, acctinputoctets, acctoutputoctets) VALUES ('{id}', '{id}', 'ada', '10.5.50.1', \
             '{}', '{}', {stop}, {seconds}, {octets}, 0)",
            moment(100),
            moment(heard)
        );
        app.database.execute(&sql).await;
    }
    let rates = app.get("/api/v1/admin/radius/rates?minutes=60", &admin).await.data(200);
    let minutes = rates["minutes"].as_array().unwrap();
    assert_eq!(minutes.len(), 60);
    assert_eq!((&minutes[59]["accepted"], &minutes[58]["rejected"]), (&json!(2), &json!(1)));
    let turned_away: u64 = minutes.iter().map(|minute| minute["rejected"].as_u64().unwrap()).sum();
    assert_eq!((turned_away, &rates["active_sessions"]), (1, &json!(2)));
    assert_eq!(rates["now"], json!({"upload_bps": 8_000, "download_bps": 0}));
    // 600,000 and 60,000 bytes of the open ones, and all of the one that ended, over an hour.
    assert_eq!(rates["last_hour"]["upload_bps"], (600_000 / 3_600 + 60_000 / 3_600 + 3_600_000 / 3_600) * 8);
    app.end().await;
}

async fn a_reload_runs_the_command_and_nothing_else(database: TestDatabase) {
    let witness = database.folder().join("reloaded;$(id)");
    let command = format!("/usr/bin/touch {}", witness.display());
    let app = TestApp::with(database, &[("RADIUS_RELOAD_COMMAND", &command)]).await;
    let admin = app.log_in("admin@demo.test").await;
    app.post("/api/v1/admin/radius/reload", &admin, json!({})).await.data(202);
    assert!(!witness.exists());
    app.settle().await;
    // Without a shell, these are letters like others.
    assert!(witness.exists());
    let second = app.second(&[]).await;
    assert_eq!(
        second.post("/api/v1/admin/radius/reload", &admin, json!({})).await.code(409),
        "radius_not_reloadable"
    );
    second.end().await;
    app.end().await;
}
