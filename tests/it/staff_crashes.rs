//! What staff do with a hotspot user ends as they wanted, wherever the process dies on the way: a user is suspended,
//! moved to another router and resumed, by a portal that is killed at one place each time and started again.

use persistence::testing::TestDatabase;
use portal::compose::Composition;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    crash_suite::{self, Environment},
    process::{Place, Process, wait_until},
};

/// Portals that run side by side.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn changes_by_staff_survive_being_killed_anywhere_on_sqlite() {
    survive_everywhere(async || Some(TestDatabase::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_by_staff_survive_being_killed_anywhere_on_postgres() {
    survive_everywhere(TestDatabase::postgres).await;
}

async fn survive_everywhere(database: impl AsyncFn() -> Option<TestDatabase>) {
    crash_suite::survive_everywhere((20, AT_ONCE), database, change).await;
}

/// Sells one set of credentials in peace, and then changes it with a portal that may die.
async fn change(database: TestDatabase, environment: Environment<'_>) {
    let mut staff = Staff::after_a_sale(Place::new(database), format!("{environment:?}")).await;
    staff.process = Some(staff.place.start(environment).await);
    staff.token = None;
    let (user, library) = (staff.user.clone(), staff.library.clone());
    for (verb, body) in
        [("suspend", json!({})), ("move", json!({"router_id": library})), ("resume", json!({}))]
    {
        staff.ask(Method::POST, &format!("/api/v1/admin/hotspot-users/{user}/{verb}"), Some(body)).await;
        staff.until_everything_is_done().await;
    }
    let shown = staff.ask(Method::GET, &format!("/api/v1/admin/hotspot-users/{user}"), None).await;
    let at = &staff.at;
    assert_eq!((&shown["status"], &shown["router_id"]), (&json!("active"), &json!(library)), "{at}");
    let routers = staff.inside.adapters.fakes.routers.as_ref().unwrap();
    assert!(routers.router("main").state().unwrap().users.is_empty(), "{at}");
    let there = routers.router("library").state().unwrap();
    let name = shown["username"].as_str().unwrap();
    assert!(there.users.len() == 1 && !there.users[name].disabled, "{at}: {:?}", there.users);
    let crash_wanted = environment.iter().any(|(name, _)| *name == "CRASH_AT");
    assert_eq!(staff.deaths > 0, crash_wanted, "{at} was not reached");
    assert!(staff.process.as_mut().unwrap().stop().success(), "{at}: {}", staff.place.log());
}

/// Somebody who gives a command again when nobody answers.
struct Staff {
    place: Place,
    inside: Composition,
    process: Option<Process>,
    token: Option<String>,
    deaths: u32,
    at: String,
    user: String,
    library: String,
}

impl Staff {
    /// One set of credentials is sold, there is a second router, and the portal is stopped again.
    async fn after_a_sale(place: Place, at: String) -> Self {
        let process = Some(place.start(&[]).await);
        let inside = place.look_inside().await;
        let (token, deaths) = (None, 0);
        let mut staff =
            Self { place, inside, process, token, deaths, at, user: String::new(), library: String::new() };
        let post = Method::POST;
        let packages = staff.ask(Method::GET, "/api/v1/user-profiles", None).await;
        let body = json!({"user_profile_id": packages[0]["id"], "quantity": 1});
        let order = staff.ask(post.clone(), "/api/v1/orders", Some(body)).await;
        let path = format!("/api/v1/payments/{}/initiate", order["id"].as_str().unwrap());
        let body = json!({"phone": "+243825550000", "operator": "MP"});
        staff.ask(post.clone(), &path, Some(body)).await;
        let mut users = Value::Null;
        while users[0]["status"] != "active" {
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
            users = staff.ask(Method::GET, "/api/v1/admin/hotspot-users", None).await;
        }
        let body = json!({"name": "library", "mode": "fake", "host": "demo", "tls": "off"});
        let library = staff.ask(post, "/api/v1/admin/routers", Some(body)).await;
        staff.user = users[0]["id"].as_str().unwrap().to_owned();
        staff.library = library["id"].as_str().unwrap().to_owned();
        staff.until_everything_is_done().await;
        assert!(staff.process.as_mut().unwrap().stop().success(), "{}", staff.place.log());
        staff
    }

    /// Sends a request until it is answered, and gives its data.
    async fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Value {
        loop {
            let token = self.token().await;
            let answer = self.place.send(method.clone(), path, Some(&token), None, body.as_ref()).await;
            match answer {
                Some((status, answer)) if status < 400 => return answer["data"].clone(),
                Some((status, answer)) if status < 500 => panic!("{}: {status} {answer}", self.at),
                _ => self.revive().await,
            }
        }
    }

    /// Signs in once: every sign-in is a commit, and the way must be the same each time.
    async fn token(&mut self) -> String {
        while self.token.is_none() {
            let body = json!({"login": "admin@demo.test", "password": "password"});
            match self.place.send(Method::POST, "/api/v1/auth/login", None, None, Some(&body)).await {
                Some((200, answer)) => {
                    self.token = answer["data"]["access_token"].as_str().map(str::to_owned);
                }
                _ => self.revive().await,
            }
        }
        self.token.clone().unwrap()
    }

    /// Starts the portal again if it has died.
    async fn revive(&mut self) {
        if self.process.as_mut().is_some_and(|process| process.has_ended().is_none()) {
            return;
        }
        self.deaths += 1;
        assert!(self.deaths < 3, "the portal dies again and again at {}: {}", self.at, self.place.log());
        self.process = Some(self.place.start(&[]).await);
    }

    async fn until_everything_is_done(&mut self) {
        let database = self.inside.background.database.clone();
        wait_until("the queue is empty", async || {
            if self.process.as_mut().is_some_and(|process| process.has_ended().is_some()) {
                self.revive().await;
            }
            database.unfinished_jobs(1).await.is_ok_and(|jobs| jobs.is_empty())
        })
        .await;
    }
}
