//! Accounts as files: the columns that were asked for, harmless in a spreadsheet, and never a secret.

use kernel::{Id, Origin};
use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

const EXPORT: &str = "/api/v1/admin/users/export";
const PASSWORD: &str = "correct horse battery";

on_both_databases!(
    columns_come_in_the_order_in_which_they_were_asked_for,
    a_file_is_harmless_and_holds_no_secret,
    every_format_is_made_and_every_file_is_written_down,
);

async fn create(app: &TestApp, admin: &str, last_name: &str, matricule: &str) -> String {
    let body = json!({
        "first_name": "Élodie", "last_name": last_name, "matricule": matricule,
        "phone": format!("+2438990{matricule:0>5}"), "password": PASSWORD,
    });
    let user = app.post("/api/v1/admin/users", admin, body).await.data(201);
    user["id"].as_str().unwrap().to_owned()
}

/// The lines of a file without the mark before them.
fn lines(body: &Value) -> Vec<String> {
    let text = body.as_str().unwrap();
    text.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect()
}

async fn columns_come_in_the_order_in_which_they_were_asked_for(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    create(&app, &admin, "Mbuyi", "2").await;
    create(&app, &admin, "Ilunga", "1").await;
    let off = create(&app, &admin, "Kabila", "3").await;
    let path = format!("/api/v1/admin/users/{off}/deactivate");
    app.send(Method::POST, &path, Some(&admin), None).await.data(200);

    let file =
        app.get(&format!("{EXPORT}?columns=last_name,matricule,is_active&search=elodie"), &admin).await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"users.csv\"");
    assert_eq!(file.headers["cache-control"], "no-store");
    assert_eq!(lines(&file.body), ["Nom,Matricule,Actif", "Ilunga,1,oui", "Kabila,3,non", "Mbuyi,2,oui"]);

    let usual = app.get(&format!("{EXPORT}?is_active=false"), &admin).await;
    assert_eq!(
        lines(&usual.body),
        ["Matricule,Nom,Prénom,Promotion,Actif,Wi-Fi actif", "3,Kabila,Élodie,,non,non"]
    );
    for (query, field) in [
        ("columns=password_hash", "columns"),
        ("columns=email,email", "columns"),
        ("columns=,", "columns"),
        ("format=docx", "format"),
        ("role=root", "role"),
    ] {
        let refused = app.get(&format!("{EXPORT}?{query}"), &admin).await;
        assert_eq!(refused.code(422), "validation_failed");
        assert!(refused.body["errors"][field].is_array(), "{}", refused.body);
    }
    app.end().await;
}

async fn a_file_is_harmless_and_holds_no_secret(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let id = create(&app, &admin, "=HYPERLINK(\"http://evil.test\")", "7").await;
    let columns = "username,first_name,last_name,matricule,email,phone,promotion,role,locale,is_active,\
        is_radius_activated,is_radius_enabled,last_login_at,created_at";
    let file = app.get(&format!("{EXPORT}?search=evil&columns={columns}"), &admin).await;
    let lines = lines(&file.body);
    assert_eq!(lines.len(), 2);
    assert!(lines[1].contains("\"'=HYPERLINK("), "{}", lines[1]);
    assert!(lines[1].contains(",'+243899000007,"), "{}", lines[1]);
    let user = app.composition.services.identity.user(Id::from_uuid(id.parse().unwrap())).await;
    let hash = user.unwrap().unwrap().password_hash;
    for secret in [PASSWORD, hash.as_str(), "$argon2", "s1."] {
        assert!(!file.body.to_string().contains(secret));
    }
    app.end().await;
}

async fn every_format_is_made_and_every_file_is_written_down(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    create(&app, &admin, "Mbuyi", "1").await;
    for (format, media_type, begin) in [
        ("pdf", "application/pdf", "%PDF-"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"),
        ("csv", "text/csv; charset=utf-8", "\u{feff}Matricule,"),
    ] {
        let file = app.get(&format!("{EXPORT}?format={format}"), &admin).await;
        assert_eq!(file.status, 200);
        assert_eq!(file.headers["content-type"], media_type);
        assert!(file.body.as_str().unwrap().starts_with(begin), "{format}");
    }
    let log = app.composition.services.identity.audit_log(&Default::default(), None, 3).await.unwrap();
    let formats: Vec<_> = log.entries.iter().map(|line| line.details["format"].clone()).collect();
    assert_eq!(formats, ["csv", "xlsx", "pdf"]);
    assert_ne!(log.entries[0].actor, Origin::system("test").actor.to_string());
    assert_eq!(log.entries[0].event_type, "export");
    app.end().await;
}
