//! What opens an order and what is printed on a voucher: codes and tokens, right and wrong, at the counter and at home.

use reqwest::Method;
use serde_json::{Value, json};

use super::Story;
use crate::{
    agents::Counter,
    app::Reply,
    vouchers::{Issued, codes},
};

/// A phone that nothing else in the story uses.
const PHONE: &str = "+243899123777";
const REDEEM: &str = "/api/v1/vouchers/redeem";

impl Story {
    /// Vouchers that are printed and redeemed, guests with their tokens, and an agent's sales, each rightly and wrongly.
    pub(super) async fn shop(&mut self) {
        self.redeem_badly().await;
        self.guess_tokens().await;
        self.sell_badly().await;
        self.app.settle().await;
    }

    async fn redeem_badly(&mut self) {
        let issued = Issued::make(&self.app, 3, json!({"prefix": "KN"})).await;
        for code in &issued.codes {
            self.keep_code(code);
        }
        let print = format!("/api/v1/admin/voucher-batches/{}/print", issued.batch);
        let unreasoned = self.app.post(&print, &issued.admin, json!({"form": "a4"})).await;
        self.failed(&unreasoned);
        let again = json!({"form": "a4", "reason": "the printer was out of ink"});
        assert!(!self.app.bytes_of(&print, &issued.admin, again).await.is_empty());

        let [first, second, third] = &issued.codes[..] else { panic!("{} codes", issued.codes.len()) };
        let placed = self.redeem(json!({ "code": first })).await.data(201);
        self.keep_token(&placed);
        let wrong = billing::voucher::VoucherCode::generate(&self.app.around.ambient());
        self.keep_code(wrong.reveal());
        let last = if second.ends_with('A') { "B" } else { "A" };
        let mistyped = format!("{}{last}", &second[..second.len() - 1]);
        self.keep_code(&mistyped);
        for body in [
            json!({ "code": first }),
            json!({ "code": wrong.reveal() }),
            json!({ "code": mistyped }),
            json!({ "code": [second] }),
            json!({ "code": { "is": second } }),
            json!({ "code": second.repeat(20) }),
            json!({ "code": second, "site_id": second }),
            json!({ "code": second, "phone": third }),
        ] {
            let refused = self.redeem(body).await;
            self.failed(&refused);
        }
    }

    async fn redeem(&self, body: Value) -> Reply {
        // A key with it, so that the request itself is remembered.
        let key = self.app.around.ambient().uuid_v4().to_string();
        self.app.send_with(Method::POST, REDEEM, None, Some(body), &[("Idempotency-Key", &key)]).await
    }

    async fn guess_tokens(&mut self) {
        let package = self.app.package("2H").await;
        let order = json!({"user_profile_id": package, "quantity": 1, "phone": PHONE});
        let mut tokens = Vec::new();
        for _ in 0..2 {
            let placed =
                self.app.send(Method::POST, "/api/v1/orders", None, Some(order.clone())).await.data(201);
            let token = self.keep_token(&placed);
            let path = format!("/api/v1/orders/{}", placed["id"].as_str().unwrap());
            let right = [("Order-Token", token.as_str())];
            self.app.send_with(Method::GET, &path, None, None, &right).await.data(200);
            let cancel = format!("{path}/cancel");
            self.app.send_with(Method::POST, &cancel, None, Some(json!({})), &right).await.data(200);
            tokens.push((path, token));
        }
        let wrong: String = tokens[0].1.chars().rev().collect();
        self.secrets.push(wrong.clone());
        let doubled = tokens[0].1.repeat(2);
        for (path, token) in [(&tokens[1].0, &tokens[0].1), (&tokens[0].0, &wrong), (&tokens[0].0, &doubled)]
        {
            let refused = self.app.send_with(Method::GET, path, None, None, &[("Order-Token", token)]).await;
            self.failed(&refused);
        }
        // Where tokens do not belong.
        let as_bearer = self.app.get(&tokens[0].0, &tokens[0].1).await;
        self.failed(&as_bearer);
    }

    async fn sell_badly(&mut self) {
        let counter = Counter::open(&self.app, "5.00").await;
        let sold = counter.sell(&self.app, "2H", 1, json!({ "phone": PHONE })).await.data(201);
        self.keep_token(&sold);
        let batch = counter.take(&self.app, "2H", 2).await.data(201);
        let print = format!("/api/v1/agent/vouchers/{}/print", batch["id"].as_str().unwrap());
        let file = self.app.post(&print, &counter.token, json!({"form": "csv"})).await;
        for code in codes(&file) {
            self.keep_code(&code);
        }
        let refused = counter.sell(&self.app, "1DAY", 2, json!({ "phone": PHONE })).await;
        self.failed(&refused);
        let again = self.app.post(&print, &counter.token, json!({"form": "csv"})).await;
        self.failed(&again);
    }

    /// Keeps a code in mind, as it is printed and bare.
    fn keep_code(&mut self, printed: &str) {
        let bare: String =
            printed.trim_start_matches("KN-").chars().filter(|letter| *letter != '-').collect();
        self.secrets.extend([printed.to_owned(), bare]);
    }

    /// Keeps what opens an order in mind.
    fn keep_token(&mut self, placed: &Value) -> String {
        let token = placed["order_token"].as_str().unwrap().to_owned();
        self.secrets.push(token.clone());
        token
    }
}
