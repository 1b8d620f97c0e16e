//! What a test knows from elsewhere than the API: the database by a connection of its own, the fakes' books, and
//! what a gateway would write.

use std::collections::BTreeMap;

use billing::{Payment, adapters::fake::world::Charge, queries::Scope};
use hotspot::adapters::fake::FakeRouterState;
use serde_json::{Value, json};

use crate::app::TestApp;

/// A customer as a router has it, fake or not.
#[derive(Debug, PartialEq, Eq)]
pub struct RouterUser {
    pub password: String,
    pub comment: String,
}

impl RouterUser {
    /// The customers of a fake router by name.
    pub fn of_fake(router: FakeRouterState) -> BTreeMap<String, Self> {
        let users = router.users.into_iter();
        users.map(|(name, user)| (name, Self { password: user.password, comment: user.comment })).collect()
    }
}

/// What a gateway writes when a charge has brought its money.
pub fn success_of(charge: &Charge) -> Value {
    json!({
        "status": 200,
        "message": charge.reference,
        "payment": {
            "status": "success",
            "sessionId": charge.provider_ref,
            "transactionId": format!("T{}", charge.provider_ref),
            "amount": charge.amount.amount(),
            "currency": charge.amount.currency().code(),
        }
    })
}

/// What a gateway writes when a charge has come to nothing.
pub fn failure_of(charge: &Charge) -> Value {
    let mut body = success_of(charge);
    (body["status"], body["payment"]["status"]) = (json!(400), json!("failed"));
    body
}

impl TestApp {
    /// Sends a rightly signed callback, which must be accepted, and does what follows from it.
    pub async fn hear(&self, body: &Value) {
        self.callback(&body.to_string()).await.accepted();
        self.settle().await;
    }

    /// The gateway's latest charge.
    pub fn last_charge(&self) -> Charge {
        self.charges().pop().unwrap()
    }

    /// How many users of an order its router has.
    pub fn on_router(&self, order: &str) -> usize {
        let marker = format!("o:{order}#");
        self.router_users().values().filter(|user| user.comment.starts_with(&marker)).count()
    }

    /// The code of every alert that was raised, oldest first.
    pub async fn alerts(&self) -> Vec<String> {
        let sql = "SELECT payload ->> 'code' FROM events WHERE kind = 'AlertRaised' ORDER BY id";
        self.database.texts(sql).await
    }

    /// How many events of a kind there are.
    pub async fn events(&self, kind: &str) -> usize {
        self.database.texts(&format!("SELECT kind FROM events WHERE kind = '{kind}'")).await.len()
    }

    /// What was made of every callback that was kept, oldest first.
    pub async fn callbacks(&self) -> Vec<String> {
        self.database.texts("SELECT status FROM gateway_callbacks ORDER BY id").await
    }

    /// What a person is called for, oldest first.
    pub async fn open_tasks(&self) -> Vec<String> {
        self.database.texts("SELECT kind FROM review_tasks WHERE closed_at IS NULL ORDER BY id").await
    }

    /// The sum of every account in minor units: debits positive, credits negative.
    pub async fn balances(&self) -> BTreeMap<&'static str, i64> {
        let report = self.composition.services.billing.verify_ledger().await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        let balances = report.balances.iter();
        balances.map(|balance| (balance.account, balance.amount.minor())).collect()
    }

    /// A payment as billing keeps it.
    pub async fn payment(&self, id: &str) -> Payment {
        let found = self.composition.services.billing.payment(Scope::All, id.parse().unwrap()).await.unwrap();
        found.unwrap().0
    }

    /// Where a payment has been, from its first move on.
    pub async fn moves(&self, id: &str) -> Vec<&'static str> {
        let found = self.composition.services.billing.payment(Scope::All, id.parse().unwrap()).await.unwrap();
        found.unwrap().1.iter().map(|change| change.to.as_str()).collect()
    }

    /// What was written into the audit log about something, oldest first.
    pub async fn audited(&self, resource: &str) -> Vec<String> {
        let sql = format!("SELECT action FROM audit_log WHERE resource = '{resource}' ORDER BY id");
        self.database.texts(&sql).await
    }

    /// The id of a row as the database writes it.
    pub fn literal(&self, id: &str) -> String {
        let id: uuid::Uuid = id.parse().unwrap();
        match self.composition.services.database.is_sqlite() {
            true => format!("X'{}'", id.simple()),
            false => format!("'{id}'"),
        }
    }
}
