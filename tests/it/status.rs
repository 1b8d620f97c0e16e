//! `portal status`, run as an operator runs it: who guesses shows, and the exit code calls for somebody in time.

use kernel::testing::Surroundings;
use persistence::{on_both_databases, testing::TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::process::Place;

on_both_databases!(whoever_guesses_shows_in_the_status);

const REDEEM: &str = "/api/v1/vouchers/redeem";

/// Answers to wrong order tokens and wrong voucher codes.
struct Guesser<'a> {
    place: &'a Place,
    around: Surroundings,
    order: String,
}

impl Guesser<'_> {
    async fn try_a_code(&self) -> u16 {
        let code = billing::voucher::VoucherCode::generate(&self.around.ambient()).reveal().to_owned();
        let body = json!({ "code": code });
        self.place.send(Method::POST, REDEEM, None, None, Some(&body)).await.unwrap().0
    }

    async fn try_a_token(&self) -> u16 {
        let path = format!("/api/v1/orders/{}", self.order);
        let wrong = [("Order-Token", Some("not-what-the-portal-has-given"))];
        self.place.send_with(Method::GET, &path, &wrong, None).await.unwrap().0
    }
}

/// The exit code of `portal status`, the lines that tell of guesses and whether an alert does.
fn status(place: &Place) -> (i32, Vec<String>, bool) {
    let (code, said) = place.command(&["status"]);
    assert!(said.contains("dead jobs: 0"), "{said}");
    let lines = said.lines().filter(|line| line.starts_with("wrong ")).map(str::to_owned).collect();
    let alerted = said.lines().any(|line| line.contains("guessing"));
    assert_eq!(said.contains("alerts of the last 24 hours: none"), !alerted, "{said}");
    (code, lines, alerted)
}

async fn whoever_guesses_shows_in_the_status(database: TestDatabase) {
    let place = Place::new(database).with("GUESS_LIMIT_PER_HOUR", "3");
    let mut portal = place.start(&[]).await;
    let packages = place.send(Method::GET, "/api/v1/user-profiles", None, None, None).await.unwrap().1;
    let order =
        json!({"user_profile_id": packages["data"][0]["id"], "quantity": 1, "phone": "+243990000001"});
    let placed = place.send(Method::POST, "/api/v1/orders", None, None, Some(&order)).await.unwrap().1;
    let order = placed["data"]["id"].as_str().unwrap().to_owned();
    let guesser = Guesser { place: &place, around: Surroundings::new(), order };
    assert_eq!(status(&place), (0, Vec::new(), false));

    for _ in 0..3 {
        assert_eq!(guesser.try_a_code().await, 404);
    }
    for _ in 0..2 {
        assert_eq!(guesser.try_a_token().await, 401);
    }
    let tokens = "wrong order tokens in the last 24 hours: 2 from 1 sources".to_owned();
    let codes = |count: u32| format!("wrong voucher codes in the last 24 hours: {count} from 1 sources");
    // As many as are borne: they show, and nobody has to look.
    let (code, mut lines, alerted) = status(&place);
    lines.sort();
    assert_eq!((code, lines, alerted), (0, vec![tokens.clone(), codes(3)], false));

    assert_eq!(guesser.try_a_code().await, 429);
    let (code, mut lines, alerted) = status(&place);
    lines.sort();
    assert_eq!((code, lines, alerted), (2, vec![tokens, codes(4)], true));
    let (code, told) = place.command(&["status", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &told["alerts"][0]["code"]), (2, &json!("guessing")));
    let guesses = told["guesses"].as_array().unwrap();
    assert!(guesses.contains(&json!({"guessed": "voucher_code", "guesses": 4, "sources": 1})), "{guesses:?}");
    assert!(portal.stop().success(), "{}", place.log());
}
