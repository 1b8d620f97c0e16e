//! Days at a counter on which anything happens in any order, beside the simplest model of it: a wallet, a share, a pile of
//! vouchers, and what was paid, which goes back in parts. After every step the portal must answer as the model does, no
//! wallet is below nothing, every receipt has its number, and the ledger is sound to the last minor unit.

use persistence::{on_both_databases, testing::TestDatabase};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestCaseError, TestRunner},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents::Counter,
    app::{Reply, TestApp},
};

on_both_databases!(a_counter_goes_as_its_model_says_whatever_happens);

/// How many days on SQLite, and on PostgreSQL, where they take longer and teach little more.
const DAYS: [u32; 2] = [20, 8];
/// How much happens on one.
const STEPS: std::ops::RangeInclusive<usize> = 10..=30;
/// The price of one `2H`, in minor units.
const PRICE: i64 = 150;

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    /// Cash goes into the wallet.
    TopUp(i64),
    /// Cash comes out of it.
    Withdraw(i64),
    /// So many are sold over the counter.
    Sell(u32),
    /// So many vouchers are taken.
    Take(u32),
    /// Somebody redeems one of all codes that there ever were.
    Redeem(Index),
    /// All vouchers that were taken with one of them are suspended, or else redeemable again.
    Suspend(Index, bool),
    /// All vouchers that were taken with one of them are revoked.
    Revoke(Index),
    /// So much of something that was paid goes back: through the wallet, or else in cash.
    Refund(Index, i64, bool),
    /// The agent's share changes, in basis points.
    Share(u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1i64..1_000).prop_map(Step::TopUp),
        2 => (1i64..1_000).prop_map(Step::Withdraw),
        4 => (1u32..=3).prop_map(Step::Sell),
        4 => (1u32..=3).prop_map(Step::Take),
        4 => any::<Index>().prop_map(Step::Redeem),
        1 => (any::<Index>(), any::<bool>()).prop_map(|(batch, suspend)| Step::Suspend(batch, suspend)),
        1 => any::<Index>().prop_map(Step::Revoke),
        4 => (any::<Index>(), 1i64..200, any::<bool>())
            .prop_map(|(paid, amount, through_wallet)| Step::Refund(paid, amount, through_wallet)),
        2 => (0u16..=10_000).prop_map(Step::Share),
    ]
}

/// What ought to be, in minor units.
#[derive(Debug, Default)]
struct Model {
    wallet: i64,
    cash: i64,
    commission: i64,
    revenue: i64,
    /// What was sold or redeemed: as many as there are receipts.
    paid: Vec<Paid>,
    /// What has gone back.
    refunds: i64,
    /// Each code with its batch, and whether it was redeemed or revoked.
    codes: Vec<(String, usize, bool)>,
    batches: Vec<Batch>,
    share: i64,
}

/// An order that was paid.
#[derive(Debug)]
struct Paid {
    order: String,
    price: i64,
    /// The agent's part, if it was sold over the counter.
    commission: Option<i64>,
    refunded: i64,
}

/// Vouchers that were taken together.
#[derive(Debug)]
struct Batch {
    id: String,
    status: &'static str,
    /// The agent's part of each.
    part: i64,
}

impl Model {
    /// The agent's part of one.
    const fn part(&self) -> i64 {
        (PRICE * self.share + 5_000) / 10_000
    }

    /// Takes the price of so many out of the wallet, if it suffices.
    fn pay(&mut self, count: i64) -> bool {
        let needed = (PRICE - self.part()) * count;
        if needed > self.wallet {
            return false;
        }
        self.wallet -= needed;
        self.commission += self.part() * count;
        true
    }

    /// Something was paid; the answer names its order.
    fn note_paid(&mut self, reply: &Reply, price: i64, commission: Option<i64>) {
        let order = reply.body["data"]["id"].as_str().unwrap_or_default().to_owned();
        self.revenue += price;
        self.paid.push(Paid { order, price, commission, refunded: 0 });
    }

    /// What was taken for vouchers that can still be redeemed, now or later.
    fn unredeemed(&self) -> i64 {
        let left = self.codes.iter().filter(|(.., over)| !over).count();
        PRICE * i64::try_from(left).unwrap()
    }
}

/// A counter as the portal has it.
struct Day<'a> {
    app: &'a TestApp,
    counter: &'a Counter,
    model: Model,
}

impl Day<'_> {
    /// Does a step here and in the model; both must answer alike.
    async fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let (app, counter) = (self.app, self.counter);
        match step {
            Step::TopUp(amount) => self.move_cash(*amount, "top_up").await,
            Step::Withdraw(amount) => self.move_cash(-amount, "withdrawal").await,
            Step::Sell(count) => {
                let count = *count;
                let may = self.model.pay(i64::from(count));
                let reply = counter.sell(app, "2H", count, json!({})).await;
                if may {
                    let commission = self.model.part() * i64::from(count);
                    self.model.note_paid(&reply, PRICE * i64::from(count), Some(commission));
                }
                answers(&reply, if may { 201 } else { 409 })
            }
            Step::Take(count) => {
                let may = self.model.pay(i64::from(*count));
                let reply = counter.take(app, "2H", *count).await;
                answers(&reply, if may { 201 } else { 409 })?;
                if may {
                    self.note_vouchers(&reply).await;
                }
                Ok(())
            }
            Step::Redeem(which) if !self.model.codes.is_empty() => {
                let place = which.index(self.model.codes.len());
                let (code, batch, over) = &mut self.model.codes[place];
                let may = !*over && self.model.batches[*batch].status == "active";
                let body = json!({ "code": code });
                *over |= may;
                let reply = app.send(Method::POST, "/api/v1/vouchers/redeem", None, Some(body)).await;
                if may {
                    self.model.note_paid(&reply, PRICE, None);
                }
                answers(&reply, if may { 201 } else { 409 })
            }
            Step::Suspend(which, suspend) if !self.model.batches.is_empty() => {
                let place = which.index(self.model.batches.len());
                let (action, status) = if *suspend { ("suspend", "suspended") } else { ("resume", "active") };
                self.change(place, action, status).await
            }
            Step::Revoke(which) if !self.model.batches.is_empty() => {
                self.revoke(which.index(self.model.batches.len())).await
            }
            Step::Refund(which, amount, through_wallet) if !self.model.paid.is_empty() => {
                self.refund(which.index(self.model.paid.len()), *amount, *through_wallet).await
            }
            Step::Share(points) => {
                self.model.share = i64::from(*points);
                answers(&counter.set(app, json!({ "commission_basis_points": points })).await, 200)
            }
            Step::Redeem(_) | Step::Suspend(..) | Step::Revoke(_) | Step::Refund(..) => Ok(()),
        }
    }

    /// Changes what may be done with a batch, unless it is revoked.
    async fn change(
        &mut self,
        place: usize,
        action: &str,
        status: &'static str,
    ) -> Result<(), TestCaseError> {
        let batch = &mut self.model.batches[place];
        let may = batch.status != "revoked" || status == "revoked";
        if may {
            batch.status = status;
        }
        let path = format!("/api/v1/admin/voucher-batches/{}/{action}", batch.id);
        let reply = self.app.post(&path, &self.counter.admin, Value::Null).await;
        answers(&reply, if may { 200 } else { 409 })
    }

    /// What nobody has redeemed goes back into the wallet.
    async fn revoke(&mut self, place: usize) -> Result<(), TestCaseError> {
        let part = self.model.batches[place].part;
        for (_, batch, over) in &mut self.model.codes {
            if *batch == place && !*over {
                *over = true;
                self.model.wallet += PRICE - part;
                self.model.commission -= part;
            }
        }
        self.change(place, "revoke", "revoked").await
    }

    /// So much of a payment goes back; the last of it with everything that it has paid for.
    async fn refund(&mut self, place: usize, amount: i64, through_wallet: bool) -> Result<(), TestCaseError> {
        let path = format!("/api/v1/admin/orders/{}", self.model.paid[place].order);
        let order = self.app.get(&path, &self.counter.admin).await.body;
        let payment = order["data"]["payments"][0]["id"].as_str().unwrap_or_default();
        let path = format!("/api/v1/admin/payments/{payment}/refunds");
        let way = if through_wallet { "agent_wallet" } else { "cash" };
        let amount_of = json!({"amount": decimal(amount), "currency": "CDF"});
        let body = json!({"reason": "as the model says", "amount": amount_of, "way": way});
        let reply = self.app.post(&path, &self.counter.admin, body).await;

        let paid = &mut self.model.paid[place];
        if through_wallet && paid.commission.is_none() {
            return answers(&reply, 422);
        }
        if amount > paid.price - paid.refunded {
            return answers(&reply, 409);
        }
        answers(&reply, 201)?;
        let share_of = |part: i64| paid.commission.unwrap_or(0) * part / paid.price;
        let share = share_of(paid.refunded + amount) - share_of(paid.refunded);
        paid.refunded += amount;
        self.model.refunds += amount;
        if through_wallet {
            self.model.wallet += amount - share;
            self.model.commission -= share;
            return Ok(());
        }
        self.model.cash -= amount;
        let refund = reply.body["data"]["id"].as_str().unwrap_or_default();
        let path = format!("/api/v1/admin/refunds/{refund}/confirm");
        answers(&self.app.post(&path, &self.counter.admin, json!({"evidence": "signed"})).await, 200)
    }

    async fn move_cash(&mut self, amount: i64, kind: &str) -> Result<(), TestCaseError> {
        let may = self.model.wallet + amount >= 0;
        if may {
            self.model.wallet += amount;
            self.model.cash += amount;
        }
        let reply = self.counter.move_cash(self.app, kind, &decimal(amount.abs())).await;
        answers(&reply, if may { 201 } else { 409 })
    }

    async fn note_vouchers(&mut self, taken: &Reply) {
        let id = taken.body["data"]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/agent/vouchers/{id}/print");
        let file = self.app.post(&path, &self.counter.token, json!({"form": "csv"})).await.body;
        let batch = self.model.batches.len();
        let part = self.model.part();
        self.model.batches.push(Batch { id, status: "active", part });
        let codes =
            file.as_str().unwrap().lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned());
        self.model.codes.extend(codes.map(|code| (code, batch, false)));
    }

    /// Holds the books against the model.
    async fn compare(&self, before: &Model) -> Result<(), TestCaseError> {
        let balances = self.app.balances().await;
        let of = |account: &str| balances.get(account).copied().unwrap_or(0);
        let Model { wallet, cash, commission, revenue, refunds, .. } = &self.model;
        prop_assert!(*wallet >= 0);
        prop_assert_eq!(
            [
                "cash",
                "agent_wallet",
                "agent_commission",
                "revenue",
                "voucher_clearing",
                "refunds",
                "refunds_owed"
            ]
            .map(of),
            [
                before.cash + cash,
                -wallet,
                before.commission + commission,
                -(before.revenue + revenue),
                -(before.unredeemed() + self.model.unredeemed()),
                before.refunds + refunds,
                0,
            ]
        );
        let receipts =
            "SELECT CAST(COUNT(*) AS text) || ' ' || CAST(COALESCE(MAX(number), 0) AS text) FROM receipts";
        let paid = before.paid.len() + self.model.paid.len();
        prop_assert_eq!(self.app.database.texts(receipts).await, [format!("{paid} {paid}")]);
        Ok(())
    }
}

fn answers(reply: &Reply, expected: u16) -> Result<(), TestCaseError> {
    prop_assert_eq!(reply.status.as_u16(), expected, "{}", reply.body);
    Ok(())
}

fn decimal(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

async fn a_counter_goes_as_its_model_says_whatever_happens(database: TestDatabase) {
    let days = DAYS[usize::from(database.url().starts_with("postgres"))];
    let app = TestApp::start(database).await;
    let counter = Counter::open(&app, "0").await;
    let runtime = tokio::runtime::Handle::current();
    let mut runner = TestRunner::new(Config {
        cases: days,
        max_shrink_iters: 0,
        failure_persistence: None,
        ..Config::default()
    });
    let earlier = tokio::sync::Mutex::new(Model::default());
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&prop::collection::vec(step(), STEPS), |steps| {
            runtime.block_on(async {
                let mut before = earlier.lock().await;
                // What is in the wallet at the end of a day is there on the next.
                let model = Model { wallet: before.wallet, share: 1_000, ..Model::default() };
                let mut day = Day { app: &app, counter: &counter, model };
                counter.set(&app, json!({"commission_basis_points": 1_000})).await.data(200);
                for step in &steps {
                    day.take(step).await?;
                    day.compare(&before).await?;
                }
                let Model { wallet, cash, commission, revenue, refunds, paid, codes, .. } = day.model;
                before.wallet = wallet;
                before.cash += cash;
                before.commission += commission;
                before.revenue += revenue;
                before.refunds += refunds;
                before.paid.extend(paid);
                before.codes.extend(codes);
                Ok(())
            })
        })
    });
    outcome.unwrap();
    app.settle().await;
    app.end().await;
}
