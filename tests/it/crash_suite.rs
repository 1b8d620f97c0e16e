//! What tests of crashes share. A story is told once in peace, and every place that the portal comes by is written down;
//! then it is told once for each of these places, with a portal that is killed right there.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use portal::compose::Composition;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{runtime::Handle, sync::Semaphore, task::JoinSet};

use crate::process::{Place, Process, wait_until};

/// The settings that a portal is started with.
pub type Environment<'a> = &'a [(&'a str, &'a str)];

/// The places that a portal comes by in a story, in their order: before and after each commit and each call outside.
pub async fn places(story: impl AsyncFnOnce(Environment<'_>)) -> Vec<String> {
    let trace = tempfile::NamedTempFile::new().unwrap();
    story(&[("CRASH_TRACE", trace.path().to_str().unwrap())]).await;
    let mut known = BTreeSet::new();
    let trace = std::fs::read_to_string(trace.path()).unwrap();
    let places: Vec<_> = trace.lines().filter(|place| known.insert(*place)).map(str::to_owned).collect();
    assert!(!places.is_empty(), "the portal is not built with its crash points");
    places
}

/// Tells a story in a world of its own for each place, of which there are more than `many`; so many `at_once`.
pub async fn survive_everywhere<World: Send + 'static>(
    (many, at_once): (usize, usize),
    world: impl AsyncFn() -> Option<World>,
    story: impl AsyncFn(World, Environment<'_>) + Copy + Send + 'static,
) {
    let Some(first) = world().await else { return };
    let places = places(async |environment| story(first, environment).await).await;
    assert!(places.len() > many, "the portal comes by few places: {places:?}");
    let room = Arc::new(Semaphore::new(at_once));
    let mut stories = JoinSet::new();
    for place in places {
        let permit = room.clone().acquire_owned().await.unwrap();
        let world = world().await.unwrap();
        let runtime = Handle::current();
        stories.spawn_blocking(move || {
            runtime.block_on(story(world, &[("CRASH_AT", &place)]));
            drop(permit);
        });
    }
    // All come to their end before the first failure is told: their threads need this runtime.
    let mut failures = Vec::new();
    while let Some(ended) = stories.join_next().await {
        failures.extend(ended.err());
    }
    assert!(failures.is_empty(), "{failures:?}");
}

/// People who say it again when nobody answers, and start a portal again that has died.
pub struct Persistent {
    pub place: Place,
    pub inside: Composition,
    process: Option<Process>,
    tokens: BTreeMap<String, String>,
    deaths: u32,
    at: String,
}

impl Persistent {
    /// Starts a portal that never dies, to make ready what the story needs.
    pub async fn begin(place: Place, environment: Environment<'_>) -> Self {
        let process = Some(place.start(&[]).await);
        let inside = place.look_inside().await;
        let at = format!("{environment:?}");
        Self { place, inside, process, tokens: BTreeMap::new(), deaths: 0, at }
    }

    /// Stops that portal, and starts the one that may die. Everybody signs in anew: every sign-in is a commit, and the way
    /// must be the same each time.
    pub async fn start(&mut self, environment: Environment<'_>) {
        self.until_everything_is_done().await;
        self.stop();
        self.tokens.clear();
        self.process = Some(self.place.start(environment).await);
    }

    /// Sends a request of somebody, or of nobody, until it is answered, and gives the answer's data.
    pub async fn ask(&mut self, who: Option<&str>, method: Method, path: &str, body: Option<Value>) -> Value {
        let text = self.ask_for_text(who, method, path, body).await;
        text["data"].clone()
    }

    /// The same for whatever is answered.
    pub async fn ask_for_text(
        &mut self,
        who: Option<&str>,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Value {
        loop {
            if let Some(answer) = self.ask_once(who, method.clone(), path, body.as_ref()).await {
                return answer;
            }
        }
    }

    /// Sends a request of somebody, or of nobody, once, and gives the answer if there is one.
    pub async fn ask_once(
        &mut self,
        who: Option<&str>,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Option<Value> {
        let bearer = match who {
            Some(login) => Some(format!("Bearer {}", self.token(login).await)),
            None => None,
        };
        self.try_once(method, path, &[("Authorization", bearer.as_deref())], body).await
    }

    /// The same of whoever has the token of an order.
    pub async fn ask_as_guest(
        &mut self,
        order_token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Value {
        loop {
            let headers = [("Order-Token", Some(order_token))];
            if let Some(answer) = self.try_once(method.clone(), path, &headers, body.as_ref()).await {
                return answer["data"].clone();
            }
        }
    }

    /// Has somebody do what is refused with this code once it is done: after a death, that says that it was.
    pub async fn have_done(&mut self, who: &str, path: &str, body: Option<Value>, refused: &str) {
        loop {
            let bearer = format!("Bearer {}", self.token(who).await);
            let headers = [("Authorization", Some(bearer.as_str()))];
            match self.place.send_with(Method::POST, path, &headers, body.as_ref()).await {
                Some((status, _)) if status < 400 => return,
                Some((409, answer)) if self.deaths > 0 && answer["meta"]["code"] == refused => return,
                Some((status, answer)) if status < 500 => panic!("{}: {path}: {status} {answer}", self.at),
                _ => self.revive().await,
            }
        }
    }

    /// Sends a request once; if nobody answers, the portal is there again afterwards.
    async fn try_once(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, Option<&str>)],
        body: Option<&Value>,
    ) -> Option<Value> {
        // No request is made twice in a story, so that what it says is enough.
        let mut said = DefaultHasher::new();
        (method.as_str(), path, body.map(Value::to_string)).hash(&mut said);
        let key = format!("of-the-story-{:016x}", said.finish());
        let headers = [headers, &[("Idempotency-Key", Some(key.as_str()))]].concat();
        match self.place.send_with(method, path, &headers, body).await {
            Some((status, answer)) if status < 400 => Some(answer),
            Some((status, answer)) if status < 500 => panic!("{}: {path}: {status} {answer}", self.at),
            _ => {
                self.revive().await;
                None
            }
        }
    }

    async fn token(&mut self, login: &str) -> String {
        loop {
            if let Some(token) = self.tokens.get(login) {
                return token.clone();
            }
            let body = json!({"login": login, "password": "password"});
            match self.place.send(Method::POST, "/api/v1/auth/login", None, None, Some(&body)).await {
                Some((200, answer)) => {
                    let token = answer["data"]["access_token"].as_str().unwrap().to_owned();
                    self.tokens.insert(login.to_owned(), token);
                }
                _ => self.revive().await,
            }
        }
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

    pub async fn until_everything_is_done(&mut self) {
        let database = self.inside.background.database.clone();
        wait_until("the queue is empty", async || {
            if self.process.as_mut().is_some_and(|process| process.has_ended().is_some()) {
                self.revive().await;
            }
            database.unfinished_jobs(1).await.is_ok_and(|jobs| jobs.is_empty())
        })
        .await;
    }

    /// Waits until an order of somebody is completed, and nothing is left to be done.
    pub async fn until_completed(&mut self, who: Option<&str>, order: &str) {
        let token = self.token(who.unwrap()).await;
        let path = format!("/api/v1/orders/{order}");
        wait_until("the order is completed", async || {
            let answer = self.place.send(Method::GET, &path, Some(&token), None, None).await;
            answer.is_some_and(|(_, answer)| answer["data"]["status"] == "completed")
        })
        .await;
        self.until_everything_is_done().await;
    }

    /// That the portal died where it was to, and at last did not.
    pub fn end(mut self, environment: Environment<'_>) {
        let crash_wanted = environment.iter().any(|(name, _)| *name == "CRASH_AT");
        assert_eq!(self.deaths > 0, crash_wanted, "{} was not reached", self.at);
        self.stop();
    }

    fn stop(&mut self) {
        assert!(self.process.as_mut().unwrap().stop().success(), "{}: {}", self.at, self.place.log());
    }
}
