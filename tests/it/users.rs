//! Staff look after accounts.

use chrono::{DateTime, Duration};
use identity::{Identifiers, IdentityStore, PersonName, use_cases::create_user::CreateUser};
use kernel::{
    EmailAddress, EventPayload, Locale, Origin, Permission, Role,
    events::identity::{UserChanged, UserDeleted, UserRegistered, WifiSecretChanged},
};
use persistence::{on_both_databases, testing::TestDatabase};
use portal::startup::DEMO_PASSWORD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Reply, TestApp};

const USERS: &str = "/api/v1/admin/users";

on_both_databases!(
    staff_make_an_account_and_its_owner_signs_in,
    accounts_are_found_by_any_of_their_names,
    a_list_is_narrowed_and_turned_page_by_page,
    a_stale_change_is_refused,
    what_staff_change_is_told_and_written_down,
    an_account_that_is_off_is_out_at_once,
    a_new_password_reaches_its_owner_and_ends_sessions,
    a_deleted_account_gives_its_names_back_and_leaves_the_books,
    nobody_locks_themselves_out,
    of_two_admins_who_end_each_other_one_is_left,
    who_is_no_admin_keeps_off_staff,
    an_account_is_its_owners_alone,
);

fn somebody(number: u32) -> Value {
    json!({
        "first_name": "Élodie", "last_name": format!("Mbuyi {number}"), "matricule": format!("2024-ISC-{number:04}"),
        "phone": format!("+2438990{number:05}"), "locale": "en",
    })
}

async fn create(app: &TestApp, admin: &str, body: Value) -> Value {
    app.post(USERS, admin, body).await.data(201)
}

async fn patch(app: &TestApp, admin: &str, id: &str, body: Value) -> Reply {
    app.send(Method::PATCH, &format!("{USERS}/{id}"), Some(admin), Some(body)).await
}

async fn act(app: &TestApp, admin: &str, id: &str, action: &str) -> Reply {
    app.send(Method::POST, &format!("{USERS}/{id}/{action}"), Some(admin), None).await
}

async fn delete(app: &TestApp, admin: &str, id: &str, confirm: &str) -> Reply {
    let body = json!({ "confirm": confirm });
    app.send(Method::DELETE, &format!("{USERS}/{id}"), Some(admin), Some(body)).await
}

async fn log_in(app: &TestApp, login: &str, password: &str) -> Reply {
    let body = json!({ "login": login, "password": password });
    app.send(Method::POST, "/api/v1/auth/login", None, Some(body)).await
}

fn id_of(user: &Value) -> String {
    user["id"].as_str().unwrap().to_owned()
}

/// What was told of one kind, latest first.
async fn told<P: EventPayload>(app: &TestApp) -> Vec<P> {
    let database = &app.composition.background.database;
    let events = database.latest_events(P::TYPE, DateTime::UNIX_EPOCH, 100).await.unwrap();
    events.iter().map(|event| event.payload_as().unwrap().unwrap()).collect()
}

/// The actions that the audit log holds of an account, latest first.
async fn written(app: &TestApp, admin: &str, id: &str) -> Vec<String> {
    let path = format!("/api/v1/admin/audit-log?resource=user:{id}&per_page=100");
    let lines = app.get(&path, admin).await.data(200);
    lines.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap().to_owned()).collect()
}

async fn make(app: &TestApp, login: &str, role: Role) -> String {
    let command = CreateUser {
        first_name: PersonName::parse("Some").unwrap(),
        last_name: PersonName::parse("Body").unwrap(),
        identifiers: Identifiers::new(None, EmailAddress::parse(login).ok(), None).unwrap(),
        promotion_id: None,
        role,
        locale: Locale::En,
        password: DEMO_PASSWORD.into(),
        activate_wifi: false,
    };
    let made = app.composition.services.identity.create_user(command, &Origin::system("test")).await;
    made.unwrap().id.to_string()
}

async fn staff_make_an_account_and_its_owner_signs_in(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let reply = app.post(USERS, &admin, somebody(1)).await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let user = reply.data(201);
    let password = user["password"].as_str().unwrap().to_owned();
    assert_eq!(password.len(), 12);
    assert_eq!((&user["username"], &user["revision"]), (&json!("2024-ISC-0001"), &json!(1)));
    log_in(&app, "2024-isc-0001", &password).await.data(200);
    let seen = app.get(&format!("{USERS}/{}", id_of(&user)), &admin).await.data(200);
    assert_eq!(seen["matricule"], "2024-ISC-0001");
    assert!(seen["last_login_at"].is_string());
    assert!(!seen.to_string().contains(&password));

    let mut own = somebody(2);
    own["password"] = json!("correct horse battery");
    own["activate_wifi"] = json!(true);
    let user = create(&app, &admin, own).await;
    assert_eq!(user["password"], Value::Null);
    assert!(told::<UserRegistered>(&app).await[0].activate_wifi);
    log_in(&app, "2024-ISC-0002", "correct horse battery").await.data(200);

    for (field, value) in [
        ("matricule", json!("2024-isc-0001")),
        ("password", json!("kabila")),
        ("role", json!("root")),
        ("promotion_id", json!("0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90")),
        ("first_name", json!("")),
    ] {
        let mut body = somebody(3);
        body[field] = value;
        let refused = app.post(USERS, &admin, body).await;
        assert_eq!(refused.code(422), "validation_failed");
        assert!(refused.body["errors"][field].is_array(), "{}", refused.body);
    }
    app.end().await;
}

async fn accounts_are_found_by_any_of_their_names(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    create(&app, &admin, somebody(1)).await;
    create(&app, &admin, somebody(2)).await;
    let found = async |search: &str| {
        let path = format!("{USERS}?search={search}");
        let users = app.get(&path, &admin).await.data(200);
        users.as_array().unwrap().iter().map(|user| user["username"].clone()).collect::<Vec<_>>()
    };
    let both = vec![json!("2024-ISC-0002"), json!("2024-ISC-0001")];
    assert_eq!(found("elodie").await, both);
    assert_eq!(found("MBUYI%20%C3%89LODIE").await, both);
    assert_eq!(found("elodie%202%20mbuyi").await.len(), 2);
    assert_eq!(found("2024-isc-0001").await, both[1..]);
    assert_eq!(found("899000002").await, both[..1]);
    assert_eq!(found("user1%40demo").await, [json!("user1@demo.test")]);
    for nobody in ["%25", "_", "%5C", "nobody", "0001%202024-isc-0002"] {
        assert_eq!(found(nobody).await, Vec::<Value>::new(), "{nobody}");
    }
    app.end().await;
}

async fn a_list_is_narrowed_and_turned_page_by_page(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let mut ids = Vec::new();
    for number in 1..=25 {
        app.around.clock.advance(Duration::seconds(1));
        ids.push(id_of(&create(&app, &admin, somebody(number)).await));
    }
    act(&app, &admin, &ids[0], "deactivate").await.data(200);
    let list = async |query: &str| app.get(&format!("{USERS}?{query}"), &admin).await;
    for (query, total) in [
        ("role=admin", 1),
        ("role=user", 30),
        ("is_active=false", 1),
        ("is_active=true&search=mbuyi", 24),
        ("is_radius_enabled=true", 0),
        ("is_radius_enabled=false", 31),
        ("promotion_id=0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90", 0),
    ] {
        let reply = list(query).await;
        assert_eq!(reply.body["meta"]["pagination"]["total"], total, "{query}");
    }
    let mut seen = Vec::new();
    for page in 1..=2 {
        let users = list(&format!("search=mbuyi&per_page=20&page={page}")).await.data(200);
        seen.extend(users.as_array().unwrap().iter().map(id_of));
    }
    assert_eq!(seen, ids.iter().rev().cloned().collect::<Vec<_>>());
    for wrong in ["per_page=101", "role=root", "is_active=perhaps", "promotion_id=1"] {
        assert_eq!(list(wrong).await.code(422), "validation_failed", "{wrong}");
    }
    app.end().await;
}

async fn a_stale_change_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let id = id_of(&create(&app, &admin, somebody(1)).await);
    let changes = (0..6).map(|number| {
        let body = json!({ "revision": 1, "first_name": format!("Number {number}") });
        patch(&app, &admin, &id, body)
    });
    let replies = futures_util::future::join_all(changes).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reply.code(409), "user_changed");
    }
    let changed = patch(&app, &admin, &id, json!({ "first_name": "Whatever" })).await.data(200);
    assert_eq!(changed["revision"], 3);
    // What changes nothing is no change.
    let same = patch(&app, &admin, &id, json!({ "first_name": "Whatever" })).await.data(200);
    assert_eq!(same["revision"], 3);
    app.end().await;
}

async fn what_staff_change_is_told_and_written_down(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let id = id_of(&create(&app, &admin, somebody(1)).await);
    let body = json!({ "matricule": "2025-0001", "phone": "", "role": "agent", "locale": "fr" });
    let user = patch(&app, &admin, &id, body).await.data(200);
    assert_eq!((&user["username"], &user["role"]), (&json!("2025-0001"), &json!("agent")));
    assert!(user["email"].as_str().unwrap().starts_with("2025-0001@"), "{user}");
    assert_eq!(user["phone"], Value::Null);
    let fact = told::<UserChanged>(&app).await.remove(0).account;
    assert_eq!((fact.revision, fact.username.as_str(), fact.contact.phone), (2, "2025-0001", None));
    assert_eq!(written(&app, &admin, &id).await, ["update", "create"]);
    for (body, field) in [
        (json!({ "email": "user1@demo.test" }), "email"),
        (json!({ "phone": "+243810010000" }), "phone"),
        (json!({ "password": "correct horse battery" }), "password"),
        (json!({ "promotion_id": "1" }), "promotion_id"),
    ] {
        let reply = patch(&app, &admin, &id, body).await;
        assert_eq!(reply.code(422), "validation_failed");
        assert!(reply.body["errors"][field].is_array(), "{}", reply.body);
    }
    let nobody = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e90";
    assert_eq!(patch(&app, &admin, nobody, json!({ "locale": "fr" })).await.code(404), "not_found");
    app.end().await;
}

async fn an_account_that_is_off_is_out_at_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let token = app.log_in("user1@demo.test").await;
    let id = id_of(&app.get("/api/v1/me", &token).await.data(200));
    let off = act(&app, &admin, &id, "deactivate").await.data(200);
    assert_eq!(off["is_active"], false);
    assert_eq!(app.get("/api/v1/me", &token).await.code(401), "unauthenticated");
    assert_eq!(log_in(&app, "user1@demo.test", DEMO_PASSWORD).await.code(403), "account_inactive");
    // Once more changes nothing.
    assert_eq!(act(&app, &admin, &id, "deactivate").await.data(200)["revision"], off["revision"]);
    assert!(!told::<UserChanged>(&app).await[0].account.is_active);
    act(&app, &admin, &id, "activate").await.data(200);
    // The session that was ended stays so.
    assert_eq!(app.get("/api/v1/me", &token).await.code(401), "unauthenticated");
    log_in(&app, "user1@demo.test", DEMO_PASSWORD).await.data(200);
    assert!(told::<UserChanged>(&app).await.iter().any(|fact| fact.account.is_active));
    assert_eq!(written(&app, &admin, &id).await[..3], ["login", "activate", "login"]);
    app.end().await;
}

async fn a_new_password_reaches_its_owner_and_ends_sessions(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let token = app.log_in("user1@demo.test").await;
    let id = id_of(&app.get("/api/v1/me", &token).await.data(200));
    for _ in 0..5 {
        log_in(&app, "user1@demo.test", "forgotten").await;
    }
    let reply = act(&app, &admin, &id, "reset-password").await;
    assert_eq!(reply.headers["cache-control"], "no-store");
    let password = reply.data(200)["password"].as_str().unwrap().to_owned();
    app.settle().await;
    assert_eq!(app.get("/api/v1/me", &token).await.code(401), "unauthenticated");
    let fact = told::<WifiSecretChanged>(&app).await.remove(0);
    assert_eq!(fact.user_id.to_string(), id);

    let [message] = app.text_messages().try_into().unwrap();
    assert!(message.text.contains(&password) && message.text.contains("Wi-Fi"), "{}", message.text);
    let [email] = app.emails().try_into().unwrap();
    assert!(email.text.contains(&password), "{}", email.text);
    // The address is locked still, the login no more.
    let locks = app.get("/api/v1/admin/login-locks", &admin).await.data(200);
    assert_eq!(locks.as_array().unwrap().len(), 1, "{locks}");
    app.around.clock.advance(Duration::minutes(1));
    let token = log_in(&app, "user1@demo.test", &password).await.data(200)["access_token"].clone();
    let inbox = app.get("/api/v1/notifications", token.as_str().unwrap()).await.data(200);
    assert_eq!(inbox[0]["type"], "password_reset");
    assert!(!inbox.to_string().contains(&password));

    // A second one is told as well.
    act(&app, &admin, &id, "reset-password").await.data(200);
    app.settle().await;
    assert_eq!(app.text_messages().len(), 2);
    app.end().await;
}

async fn a_deleted_account_gives_its_names_back_and_leaves_the_books(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let user = create(&app, &admin, somebody(1)).await;
    let (id, password) = (id_of(&user), user["password"].as_str().unwrap());
    let session = log_in(&app, "2024-ISC-0001", password).await.data(200);
    let token = session["access_token"].as_str().unwrap();
    let order = app.order(token, "2H", 1).await;
    app.pay(token, &order, "0000").await;
    app.settle().await;
    app.pass_a_second().await;

    let refused = delete(&app, &admin, &id, "2024-ISC-0002").await;
    assert_eq!(refused.code(422), "validation_failed");
    assert!(refused.body["errors"]["confirm"].is_array());
    assert_eq!(delete(&app, &admin, &id, "2024-isc-0001").await.status, 204);
    assert_eq!(delete(&app, &admin, &id, "2024-ISC-0001").await.code(404), "not_found");
    assert_eq!(app.get("/api/v1/me", token).await.code(401), "unauthenticated");
    assert_eq!(log_in(&app, "2024-ISC-0001", password).await.code(401), "invalid_credentials");
    let refresh = json!({ "refresh_token": session["refresh_token"] });
    let refresh = app.send(Method::POST, "/api/v1/auth/token/refresh", None, Some(refresh)).await;
    assert_eq!(refresh.code(401), "invalid_refresh_token");
    let fact = told::<UserDeleted>(&app).await.remove(0);
    assert_eq!((fact.user_id.to_string(), fact.revision), (id.clone(), 2));

    let kept = app.get(&format!("/api/v1/admin/orders?user_id={id}"), &admin).await.data(200);
    assert_eq!((&kept[0]["id"], &kept[0]["status"]), (&json!(order), &json!("completed")));
    assert_eq!(written(&app, &admin, &id).await, ["delete", "login", "create"]);
    let again = create(&app, &admin, somebody(1)).await;
    assert_ne!(id_of(&again), id);
    app.end().await;
}

async fn nobody_locks_themselves_out(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let admin = app.log_in("admin@demo.test").await;
    let id = id_of(&app.get("/api/v1/me", &admin).await.data(200));
    assert_eq!(act(&app, &admin, &id, "deactivate").await.code(409), "own_account");
    assert_eq!(act(&app, &admin, &id, "reset-password").await.code(409), "own_account");
    assert_eq!(delete(&app, &admin, &id, "admin@demo.test").await.code(409), "own_account");
    assert_eq!(patch(&app, &admin, &id, json!({ "role": "user" })).await.code(409), "own_account");
    // Their own name is theirs to change.
    patch(&app, &admin, &id, json!({ "first_name": "Anna" })).await.data(200);
    app.end().await;
}

async fn of_two_admins_who_end_each_other_one_is_left(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let second = make(&app, "second@demo.test", Role::Admin).await;
    let tokens = (app.log_in("admin@demo.test").await, app.log_in("second@demo.test").await);
    let first = id_of(&app.get("/api/v1/me", &tokens.0).await.data(200));
    let demotion = json!({ "role": "user" });
    let (one, other) =
        tokio::join!(act(&app, &tokens.0, &second, "deactivate"), patch(&app, &tokens.1, &first, demotion),);
    let done = [&one, &other].iter().filter(|reply| reply.status == 200).count();
    assert_eq!(done, 1, "{one:?} {other:?}");
    let left = if one.status == 200 { &tokens.0 } else { &tokens.1 };
    let admins = app.get(&format!("{USERS}?role=admin&is_active=true"), left).await;
    assert_eq!(admins.body["meta"]["pagination"]["total"], 1);
    app.end().await;
}

async fn who_is_no_admin_keeps_off_staff(database: TestDatabase) {
    let app = TestApp::start(database).await;
    make(&app, "agent@demo.test", Role::Agent).await;
    let other = make(&app, "other@demo.test", Role::Agent).await;
    let admin = app.log_in("admin@demo.test").await;
    let first = id_of(&app.get("/api/v1/me", &admin).await.data(200));
    let agent = app.log_in("agent@demo.test").await;
    assert_eq!(app.get(USERS, &agent).await.code(403), "forbidden");
    let mut tx = IdentityStore::begin(&app.composition.services.database).await.unwrap();
    tx.grant(Role::Agent, Permission::UsersManage).await.unwrap();
    tx.commit().await.unwrap();
    let user = create(&app, &agent, somebody(1)).await;
    patch(&app, &agent, &id_of(&user), json!({ "first_name": "Anna" })).await.data(200);
    for staff in [&first, &other] {
        assert_eq!(act(&app, &agent, staff, "deactivate").await.code(403), "forbidden");
        assert_eq!(act(&app, &agent, staff, "reset-password").await.code(403), "forbidden");
        assert_eq!(patch(&app, &agent, staff, json!({ "first_name": "X" })).await.code(403), "forbidden");
        assert_eq!(delete(&app, &agent, staff, "admin@demo.test").await.code(403), "forbidden");
    }
    let promoted = patch(&app, &agent, &id_of(&user), json!({ "role": "admin" })).await;
    assert_eq!(promoted.code(403), "forbidden");
    let mut body = somebody(2);
    body["role"] = json!("agent");
    assert_eq!(app.post(USERS, &agent, body).await.code(403), "forbidden");
    app.end().await;
}

async fn an_account_is_its_owners_alone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (one, other) = (app.log_in("user1@demo.test").await, app.log_in("user2@demo.test").await);
    let mine = app.get("/api/v1/me", &one).await.data(200);
    let theirs = app.get("/api/v1/me", &other).await.data(200);
    assert_ne!(mine["id"], theirs["id"]);
    assert_eq!(mine["username"], "user1@demo.test");
    let body = json!({ "first_name": "Changed" });
    app.send(Method::PATCH, "/api/v1/me", Some(&one), Some(body.clone())).await.data(200);
    let untouched = app.get("/api/v1/me", &other).await.data(200);
    assert_eq!(untouched["first_name"], theirs["first_name"]);
    let path = format!("{USERS}/{}", theirs["id"].as_str().unwrap());
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let body = (method != Method::GET).then(|| body.clone());
        assert_eq!(app.send(method, &path, Some(&one), body).await.code(403), "forbidden");
    }
    app.end().await;
}
