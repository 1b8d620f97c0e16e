//! What must not be found: passwords, tokens, keys and the codes of vouchers, in the database, its file, the log or an answer that failed;
//! and whole phone numbers in the log. After a story in which as much as possible goes wrong.

use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
};

use chrono::Duration;
use identity::{Identifiers, PersonName, use_cases::create_user::CreateUser};
use kernel::{EmailAddress, Locale, Msisdn, Origin, Role};
use persistence::{on_both_databases, testing::TestDatabase};
use portal::{startup::DEMO_PASSWORD, worker::schedule::Task};
use reqwest::Method;
use serde_json::{Value, json};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::{
    app::{CALLBACK_SECRET, CALLBACK_TOKEN, Reply, TestApp, sign},
    witnesses::success_of,
};

mod shop;

on_both_databases!(no_secret_is_found_after_everything_went_wrong);

const PASSWORD: &str = "Correct-Horse-Battery-9";
const WRONG_GUESS: &str = "Wrong-Guess-Of-A-Password-7";
const LOGIN: &str = "careful@demo.test";
/// How the account's own phone and the phones that pay begin.
const NUMBERS: [&str; 2] = ["243899123", "24382555"];

/// Everything that was logged by anybody in this process since the first look.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

pub static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    // All that we say ourselves; of others what an operator would see.
    let ours = [
        "portal",
        "billing",
        "hotspot",
        "identity",
        "notifications",
        "persistence",
        "kernel",
        "fake_world",
        "outbound",
        "routeros_api",
    ];
    // Simulators are not the portal, and know what only the other side may know.
    let filter =
        ours.iter().fold("info,simulators=off".to_owned(), |filter, name| format!("{filter},{name}=trace"));
    let lines = tracing_subscriber::fmt().with_ansi(false).with_env_filter(EnvFilter::new(filter));
    lines.with_writer(log.clone()).try_init().unwrap();
    log
});

impl Log {
    /// Everything so far.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// The story, with what it learns that nobody else should.
struct Story {
    app: TestApp,
    secrets: Vec<String>,
    failures: Vec<String>,
}

impl Story {
    fn failed(&mut self, reply: &Reply) {
        assert!(reply.status.is_client_error() || reply.status.is_server_error(), "{reply:?}");
        self.failures.push(format!("{:?} {}", reply.headers, reply.body));
    }

    async fn log_in(&mut self) -> String {
        let body = json!({"login": LOGIN, "password": PASSWORD});
        let pair = self.app.send(Method::POST, "/api/v1/auth/login", None, Some(body)).await.data(200);
        self.learn(&pair)
    }

    /// Keeps a pair of tokens in mind and gives the access token.
    fn learn(&mut self, pair: &Value) -> String {
        let text = |field: &str| pair[field].as_str().unwrap().to_owned();
        self.secrets.extend([text("access_token"), text("refresh_token")]);
        text("access_token")
    }

    /// Signing in, rightly and wrongly, and tokens that were used up.
    async fn sign_in_badly(&mut self) {
        let refresh = "/api/v1/auth/token/refresh";
        for password in
            [json!(WRONG_GUESS), json!([PASSWORD]), json!({"is": PASSWORD}), json!(PASSWORD.repeat(50))]
        {
            let body = json!({"login": LOGIN, "password": password});
            let reply = self.app.send(Method::POST, "/api/v1/auth/login", None, Some(body)).await;
            self.failed(&reply);
        }
        let unknown_field = json!({"login": LOGIN, "password": PASSWORD, "again": PASSWORD});
        let reply = self.app.send(Method::POST, "/api/v1/auth/login", None, Some(unknown_field)).await;
        self.failed(&reply);
        // The password where the login belongs, as it happens to people.
        let swapped = json!({"login": PASSWORD, "password": LOGIN});
        let reply = self.app.send(Method::POST, "/api/v1/auth/login", None, Some(swapped)).await;
        self.failed(&reply);
        self.log_in().await;
        let body = json!({"refresh_token": self.secrets.last().unwrap()});
        let pair = self.app.send(Method::POST, refresh, None, Some(body.clone())).await.data(200);
        let token = self.learn(&pair);
        let reply = self.app.send(Method::POST, refresh, None, Some(body)).await;
        self.failed(&reply);
        // The family of tokens is revoked by then.
        let reply = self.app.get("/api/v1/me", &token).await;
        self.failed(&reply);
    }

    /// An account of one's own, passwords and secrets that change.
    async fn keep_accounts(&mut self) {
        let (first, second, own) = ("Mine-Is-The-First-1", "Mine-Is-The-Second-2", "Mine-For-The-Air-3");
        self.secrets.extend([first, second, own].map(str::to_owned));
        let form = |matricule: &str, password: &str| {
            json!({
                "first_name": "Careful", "last_name": "Student", "matricule": matricule,
                "password": password, "password_confirmation": first,
            })
        };
        let register = "/api/v1/auth/register";
        for body in [form("77", second), form("7-", first), json!({ "password": first })] {
            let reply = self.app.send(Method::POST, register, None, Some(body)).await;
            self.failed(&reply);
        }
        let made = self.app.send(Method::POST, register, None, Some(form("77", first))).await.data(201);
        let token = self.learn(&made);
        let taken = self.app.send(Method::POST, register, None, Some(form("77", first))).await;
        self.failed(&taken);
        for (path, body, status) in [
            (
                "password",
                json!({ "current_password": own, "password": second, "password_confirmation": second }),
                422,
            ),
            (
                "password",
                json!({ "current_password": first, "password": second, "password_confirmation": own }),
                422,
            ),
            (
                "password",
                json!({ "current_password": first, "password": second, "password_confirmation": second }),
                204,
            ),
            ("wifi-secret", json!({ "current_password": second, "source": "password", "secret": own }), 422),
            ("wifi-secret", json!({ "current_password": second, "source": "chosen", "secret": own }), 200),
            ("wifi-secret", json!({ "current_password": second, "source": "generated" }), 200),
        ] {
            let path = format!("/api/v1/me/{path}");
            let reply = self.app.send(Method::PUT, &path, Some(&token), Some(body)).await;
            assert_eq!(reply.status, status, "{}", reply.body);
            self.secrets.extend(reply.body["data"]["secret"].as_str().map(str::to_owned));
            if status == 422 {
                self.failed(&reply);
            }
        }
        self.have_passwords_made(made["user"]["id"].as_str().unwrap()).await;
    }

    /// Staff make passwords, and take accounts as a file.
    async fn have_passwords_made(&mut self, id: &str) {
        let admin = self.app.log_in("admin@demo.test").await;
        for (path, body) in [
            (format!("/api/v1/admin/users/{id}/reset-password"), json!({})),
            (
                "/api/v1/admin/users".to_owned(),
                json!({ "first_name": "A", "last_name": "B", "matricule": "78" }),
            ),
        ] {
            let reply = self.app.post(&path, &admin, body).await;
            assert!(reply.status.is_success(), "{}", reply.body);
            self.secrets.push(reply.body["data"]["password"].as_str().unwrap().to_owned());
        }
        self.app.settle().await;
        let export = self.app.get("/api/v1/admin/users/export?search=student", &admin).await;
        self.failures.push(export.body.to_string());
    }

    /// Every part that the gateway plays, with a router and a phone that do not work at first.
    async fn buy(&mut self) {
        self.app.router().change(|conditions| conditions.lost_answers = 1).unwrap();
        self.app.router().change(|conditions| conditions.refuse("#2", "invalid value")).unwrap();
        let phone = self.app.composition.adapters.fakes.phone.clone().unwrap();
        phone.set_down(true).unwrap();
        let token = self.log_in().await;
        for number in 0..=16 {
            let order = self.app.order(&token, "2H", 2).await;
            self.app.pay(&token, &order, &format!("{number:04}")).await;
            let again = self.app.ask_to_pay(&token, &order, "0000").await;
            self.failed(&again);
        }
        self.app.settle().await;
        self.app.pass_a_second().await;
        phone.set_down(false).unwrap();
        for _ in 0..8 {
            self.app.pass(Duration::minutes(3)).await;
            self.app.run(Task::ReconcilePayments).await;
            self.app.run(Task::DispatchNotifications).await;
        }
        let users = self.app.get("/api/v1/hotspot-users?status=active&per_page=100", &token).await.data(200);
        assert!(users.as_array().unwrap().len() >= 8);
        for user in users.as_array().unwrap() {
            let path = format!("/api/v1/hotspot-users/{}/credentials", user["id"].as_str().unwrap());
            let shown = self.app.get(&path, &token).await.data(200);
            self.secrets.push(shown["password"].as_str().unwrap().to_owned());
            let stranger = self.app.log_in("user1@demo.test").await;
            let reply = self.app.get(&path, &stranger).await;
            self.failed(&reply);
        }
        self.secrets.extend(self.app.router_state().users.into_values().map(|user| user.password));
    }

    /// Callbacks that are refused, and requests that cannot be understood.
    async fn knock_wrongly(&mut self) {
        let body = success_of(&self.app.last_charge()).to_string();
        let signature = sign(&body);
        let secret = CALLBACK_SECRET;
        for (token, signatures) in
            [(None, [signature.as_str()]), (Some(CALLBACK_TOKEN), [secret]), (Some(secret), [""])]
        {
            let reply = self.app.callback_as(&body, token, &signatures).await;
            self.failed(&reply);
        }
        let reply = self.app.callback(&(" ".repeat(70_000) + &body)).await;
        self.failed(&reply);
        let token = self.log_in().await;
        let order = self.app.order(&token, "2H", 1).await;
        let path = format!("/api/v1/payments/{order}/initiate");
        for body in [
            json!({"phone": "+24382555", "operator": "MP"}),
            json!({"phone": "+243825550000", "operator": "+243825550000"}),
            json!({"phone": "+243825550000"}),
            json!({"phone": 243_825_550_000_u64, "operator": "MP"}),
            json!({"phone": "+243825550000", "operator": "MP", "pin": PASSWORD}),
        ] {
            let reply = self.app.post(&path, &token, body).await;
            self.failed(&reply);
        }
        // A row that nobody can read: an error of our own.
        self.app.database.execute("UPDATE payments SET operator = 'XX'").await;
        let reply = self.app.get("/api/v1/payments", &token).await;
        assert_eq!(reply.code(500), "internal_error");
        self.failed(&reply);
    }
}

/// Every row of every table as text; bytes in hexadecimal.
pub async fn dump(app: &TestApp) -> String {
    let database = &app.database;
    let mut dump = String::new();
    if app.composition.services.database.is_sqlite() {
        for table in database.texts("SELECT name FROM sqlite_master WHERE type = 'table'").await {
            let columns = database.texts(&format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let row =
                columns.iter().map(|name| format!("quote(\"{name}\")")).collect::<Vec<_>>().join("||','||");
            dump.push_str(&database.texts(&format!("SELECT {row} FROM \"{table}\"")).await.join("\n"));
        }
        // What was deleted, and what is not yet in its place.
        for file in ["test.db", "test.db-wal"] {
            let bytes = std::fs::read(database.folder().join(file)).unwrap_or_default();
            dump.push_str(&String::from_utf8_lossy(&bytes));
        }
    } else {
        let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
        for table in database.texts(tables).await {
            dump.push_str(&database.texts(&format!("SELECT t::text FROM \"{table}\" t")).await.join("\n"));
        }
    }
    dump
}

/// That a text holds none of the secrets, neither as they are nor in hexadecimal.
pub fn assert_holds_none(place: &str, text: &str, secrets: &[String]) {
    let lower = text.to_lowercase();
    for secret in secrets {
        let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let places = [text.find(secret.as_str()), lower.find(&hexadecimal)];
        let at = places.into_iter().flatten().next();
        assert!(at.is_none(), "{secret} is in {place}, behind {:?}", at.map(|at| behind(text, at)));
    }
}

/// That a text holds no phone number that begins so.
pub fn assert_holds_no_number(place: &str, text: &str, begins: &str) {
    let number = number_in(text, begins);
    let before = number.and_then(|number| text.find(number)).map(|at| behind(text, at));
    assert!(number.is_none(), "{number:?} is in {place}, behind {before:?}");
}

/// A phone number that begins so, with its country's code or with a zero instead. Fractions of a second are none.
fn number_in<'a>(text: &'a str, begins: &str) -> Option<&'a str> {
    let national = begins.replacen("243", "0", 1);
    let whole = "0825550000".len();
    let mut words = text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|word| word.trim_matches('.'));
    words.find(|word| word.starts_with(begins) || (word.starts_with(&national) && word.len() == whole))
}

#[test]
fn numbers_are_told_from_times() {
    let found = |text| number_in(text, "24382555");
    assert_eq!(found("to +243825550000."), Some("243825550000"));
    assert_eq!(found("\"0825550000\""), Some("0825550000"));
    assert_eq!(found("+24382555***"), Some("24382555"));
    assert_eq!(found("elapsed_secs=0.00082555 elapsed_secs=0.0825550000 082555ab-0825550000.5"), None);
}

fn behind(text: &str, at: usize) -> &str {
    text.get(at.saturating_sub(300)..at).unwrap_or("something that is not ASCII")
}

async fn no_secret_is_found_after_everything_went_wrong(database: TestDatabase) {
    let log = LazyLock::force(&LOG);
    let limits = [("PUSH_LIMIT_PER_NUMBER_HOUR", "100"), ("PUSH_LIMIT_PER_IP_HOUR", "100")];
    let app = TestApp::with(database, &limits).await;
    let email = EmailAddress::parse(LOGIN).unwrap();
    let account = CreateUser {
        first_name: PersonName::parse("Careful").unwrap(),
        last_name: PersonName::parse("Customer").unwrap(),
        identifiers: Identifiers::new(None, Some(email), Some(Msisdn::parse("+243899123000").unwrap()))
            .unwrap(),
        promotion_id: None,
        role: Role::User,
        locale: Locale::Fr,
        password: PASSWORD.into(),
        activate_wifi: false,
    };
    app.composition.services.identity.create_user(account, &Origin::system("test")).await.unwrap();
    let secrets = [PASSWORD, WRONG_GUESS, CALLBACK_SECRET, CALLBACK_TOKEN].map(str::to_owned).to_vec();
    let mut story = Story { app, secrets, failures: Vec::new() };
    story.sign_in_badly().await;
    story.keep_accounts().await;
    story.buy().await;
    story.shop().await;
    story.knock_wrongly().await;
    let Story { mut app, secrets, failures } = story;

    let (rows, failures) = (dump(&app).await, failures.join("\n"));
    let logged = log.text();
    // The nets have caught what they should.
    assert!(rows.contains(LOGIN) && rows.contains("PaymentSucceeded") && rows.contains("invalid value"));
    assert!(failures.contains("payment_under_way") && failures.contains("callback_not_authentic"));
    assert!(
        ["voucher_unknown", "voucher_redeemed", "invalid_order_token"]
            .iter()
            .all(|code| failures.contains(code))
    );
    assert!(logged.contains("hotspot user is on its router") && logged.contains("request failed"));
    assert!(secrets.len() > 20);

    assert_holds_none("the database", &rows, &secrets);
    assert_holds_none("an answer", &failures, &secrets);
    assert_holds_none("the log", &logged, &secrets);
    for begins in NUMBERS {
        assert_holds_no_number("the log", &logged, begins);
        assert_holds_no_number("an answer", &failures, begins);
    }
    // The demonstration's password is a word of its own: nothing is kept that equals it.
    for holder in
        [format!("'{DEMO_PASSWORD}'"), format!(",{DEMO_PASSWORD},"), format!(": \"{DEMO_PASSWORD}\"")]
    {
        assert!(!rows.contains(&holder), "{holder}");
    }
    app.stop().await;
}
