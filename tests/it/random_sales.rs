//! Sales in which anything happens in any order, beside a model of what ought to come of it. After every step the
//! portal must agree with the model, the ledger must be sound, and the router must have what is owed and no more.

use billing::{PaymentStatus, UnitStatus};
use chrono::Duration;
use persistence::{on_both_databases, testing::TestDatabase};
use portal::worker::schedule::Task;
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::{Value, json};

use crate::{app::TestApp, sale_model::Model};

on_both_databases!(a_sale_goes_as_its_model_says_whatever_happens);

/// How many sales on SQLite, and on PostgreSQL, where they take longer and teach little more.
const SALES: [u32; 2] = [40, 12];
/// How much happens in one.
const STEPS: std::ops::RangeInclusive<usize> = 8..=24;
/// The price of one set of credentials, in minor units.
const PRICE: i64 = 150;

/// What a gateway may say about an attempt.
#[derive(Debug, Clone, Copy)]
pub enum Says {
    Success,
    AnotherAmount,
    Failure,
    Pending,
    /// Whatever it said last, word for word.
    TheSame,
}

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    /// The customer asks to pay; the suffix chooses what the gateway answers.
    Pay(&'static str),
    /// The gateway says something about one of the attempts.
    Hear(Index, Says),
    /// Minutes pass, and what is scheduled runs.
    Later(i64),
    /// Minutes pass, and nobody watches the clock.
    Wait(i64),
    Reconcile,
    ExpireOrders,
    Cancel,
    /// Staff confirm an attempt, or else reject it.
    Decide(Index, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let says = prop_oneof![
        2 => Just(Says::Success),
        2 => Just(Says::AnotherAmount),
        2 => Just(Says::Failure),
        1 => Just(Says::Pending),
        1 => Just(Says::TheSame),
    ];
    prop_oneof![
        // Accepted, answer lost, refused.
        5 => prop::sample::select(vec!["0003", "0015", "0013"]).prop_map(Step::Pay),
        5 => (any::<Index>(), says).prop_map(|(attempt, says)| Step::Hear(attempt, says)),
        4 => prop::sample::select(vec![1, 15, 16, 46]).prop_map(Step::Later),
        1 => prop::sample::select(vec![1, 15, 46]).prop_map(Step::Wait),
        1 => Just(Step::Reconcile),
        1 => Just(Step::ExpireOrders),
        2 => Just(Step::Cancel),
        2 => (any::<Index>(), any::<bool>()).prop_map(|(attempt, confirm)| Step::Decide(attempt, confirm)),
    ]
}

/// A sale as the portal has it.
struct Sale<'a> {
    app: &'a TestApp,
    customer: String,
    admin: String,
    /// They are good for an hour.
    signed_in_at: i64,
    order: String,
    payments: Vec<String>,
    /// What the gateway said last about each.
    heard: Vec<Option<Value>>,
    /// So that no two messages are equal by chance.
    messages: u32,
}

impl Sale<'_> {
    async fn sign_in(&mut self, now: i64) {
        self.signed_in_at = now;
        self.customer = self.app.log_in("user1@demo.test").await;
        self.admin = self.app.log_in("admin@demo.test").await;
    }

    /// Does a step here and in the model; both must answer alike.
    async fn take(&mut self, step: &Step, model: &mut Model) -> Result<(), TestCaseError> {
        let app = self.app;
        match step {
            Step::Pay(suffix) => {
                let reply = app.ask_to_pay(&self.customer, &self.order, suffix).await;
                prop_assert_eq!(reply.status.as_u16(), if model.pay(suffix) { 202 } else { 409 });
                if reply.status == 202 {
                    self.payments.push(reply.body["data"]["id"].as_str().unwrap_or_default().to_owned());
                    self.heard.push(None);
                }
                app.settle().await;
            }
            Step::Hear(attempt, says) if !self.payments.is_empty() => {
                let place = attempt.index(self.payments.len());
                let said = self.message(place, *says).await;
                if let Some(message) = said {
                    app.hear(&message).await;
                    self.heard[place] = Some(message);
                    model.hear(place, *says);
                }
            }
            Step::Later(minutes) | Step::Wait(minutes) => {
                model.now += minutes;
                app.pass(Duration::minutes(*minutes)).await;
                if model.now - self.signed_in_at >= 14 {
                    self.sign_in(model.now).await;
                }
                if matches!(step, Step::Later(_)) {
                    model.reconcile();
                    app.run(Task::ReconcilePayments).await;
                    model.expire_order();
                    app.run(Task::ExpireOrders).await;
                }
            }
            Step::Reconcile => {
                model.reconcile();
                app.run(Task::ReconcilePayments).await;
            }
            Step::ExpireOrders => {
                model.expire_order();
                app.run(Task::ExpireOrders).await;
            }
            Step::Cancel => {
                let path = format!("/api/v1/orders/{}/cancel", self.order);
                let reply = app.post(&path, &self.customer, json!({})).await;
                prop_assert_eq!(reply.status.as_u16(), if model.cancel() { 200 } else { 409 });
            }
            Step::Decide(attempt, confirm) if !self.payments.is_empty() => {
                let place = attempt.index(self.payments.len());
                let what = if *confirm { "confirm" } else { "reject" };
                let path = format!("/api/v1/admin/payments/{}/{what}", self.payments[place]);
                let reply =
                    app.post(&path, &self.admin, json!({"evidence": "a line of the statement"})).await;
                prop_assert_eq!(reply.status.as_u16(), if model.decide(place, *confirm) { 200 } else { 409 });
                app.settle().await;
            }
            Step::Hear(..) | Step::Decide(..) => {}
        }
        Ok(())
    }

    /// What the gateway writes about an attempt; nothing when it is to repeat itself and has said nothing.
    async fn message(&mut self, place: usize, says: Says) -> Option<Value> {
        let payment = self.app.payment(&self.payments[place]).await;
        let status = match says {
            Says::TheSame => return self.heard[place].clone(),
            Says::Success | Says::AnotherAmount => "success",
            Says::Failure => "failed",
            Says::Pending => "pending",
        };
        self.messages += 1;
        let charge = self.app.charges().into_iter().find(|charge| charge.reference == payment.reference);
        let session = charge.map_or_else(|| format!("S{}", payment.id), |charge| charge.provider_ref);
        let amount =
            if matches!(says, Says::AnotherAmount) { "0.50".to_owned() } else { payment.amount.amount() };
        Some(json!({"message": payment.reference, "payment": {
            "status": status, "sessionId": session, "transactionId": self.messages,
            "amount": amount, "currency": "CDF",
        }}))
    }

    /// That the portal is where the model is, and that nothing was sold or made twice.
    async fn agrees(&self, model: &Model, money_before: i64) -> Result<(), TestCaseError> {
        let billing = &self.app.composition.services.billing;
        let kept = billing.reads().order(&self.order).await.unwrap().unwrap();
        prop_assert_eq!(kept.status.as_str(), model.order.as_str());
        let mut statuses = Vec::new();
        for payment in &self.payments {
            statuses.push(self.app.payment(payment).await.status);
        }
        let expected: Vec<PaymentStatus> = model.attempts.iter().map(|attempt| attempt.status).collect();
        prop_assert_eq!(statuses, expected);

        let owed = if model.is_delivered() { model.quantity as usize } else { 0 };
        let units = billing.reads().units(kept.id).await.unwrap();
        prop_assert_eq!(units.iter().filter(|unit| unit.status == UnitStatus::Active).count(), owed);
        prop_assert_eq!(units.len(), owed);
        prop_assert_eq!(self.app.on_router(&self.order), owed);
        // Sound, or this fails.
        let received = self.app.balances().await.get("gateway_clearing").copied().unwrap_or(0) - money_before;
        prop_assert_eq!(received, model.paid_times() * PRICE * i64::from(model.quantity));
        Ok(())
    }
}

async fn sell(app: &TestApp, quantity: u32, steps: &[Step]) -> Result<(), TestCaseError> {
    let (customer, admin) = (String::new(), String::new());
    let (payments, heard) = (Vec::new(), Vec::new());
    let order = String::new();
    let mut sale = Sale { app, customer, admin, signed_in_at: 0, order, payments, heard, messages: 0 };
    sale.sign_in(0).await;
    sale.order = app.order(&sale.customer, "2H", quantity).await;
    let before = app.balances().await;
    let money = |account: &str| before.get(account).copied().unwrap_or(0);
    let mut model = Model::new(quantity);
    for step in steps {
        sale.take(step, &mut model).await?;
        sale.agrees(&model, money("gateway_clearing")).await?;
    }
    let after = app.balances().await;
    let gained = |account: &str| money(account) - after.get(account).copied().unwrap_or(0);
    let price = PRICE * i64::from(quantity);
    prop_assert_eq!(gained("revenue"), if model.is_delivered() { price } else { 0 });
    prop_assert_eq!(gained("customer_credit"), (model.paid_times() - 1).max(0) * price);
    prop_assert_eq!(gained("suspense"), 0);
    Ok(())
}

async fn a_sale_goes_as_its_model_says_whatever_happens(database: TestDatabase) {
    let limits = [("PUSH_LIMIT_PER_NUMBER_HOUR", "100000"), ("PUSH_LIMIT_PER_IP_HOUR", "100000")];
    let app = TestApp::with(database, &limits).await;
    let [on_sqlite, on_postgres] = SALES;
    let cases = if app.composition.services.database.is_sqlite() { on_sqlite } else { on_postgres };
    let config = Config { cases, max_shrink_iters: 100, failure_persistence: None, ..Config::default() };
    let sales = (1..=2u32, prop::collection::vec(step(), STEPS));
    let here = tokio::runtime::Handle::current();
    let outcome = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&sales, |(quantity, steps)| here.block_on(sell(&app, quantity, &steps)))
    });
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    app.end().await;
}
