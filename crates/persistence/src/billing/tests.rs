//! What the database itself keeps of money, whoever writes past the portal; and what the examination of the ledger finds.

use billing::{
    PaymentStatus,
    ledger::{Account, Line, Posting, Source},
    ports::{BillingStore as _, BillingTx},
    testing::a_payment,
};
use kernel::{Currency, Id, Money, StoreError, testing::Surroundings};
use uuid::Uuid;

use crate::{Database, on_both_databases, testing::TestDatabase};

on_both_databases!(
    no_more_goes_back_than_came_in_whoever_writes,
    no_wallet_goes_below_nothing_whoever_writes,
    postings_of_refunds_that_there_are_none_of_are_found,
);

fn cdf(minor: i64) -> Money {
    Money::from_minor(minor, Currency::Cdf)
}

async fn begin(database: &Database) -> Box<dyn BillingTx> {
    database.begin().await.unwrap()
}

/// Posts what goes from one account to another; an error, if the database gave one.
async fn post(database: &Database, source: Source, from: Account, to: Account) -> Result<(), StoreError> {
    let lines = vec![Line { account: from, amount: cdf(100) }, Line { account: to, amount: cdf(-100) }];
    let mut tx = begin(database).await;
    assert!(tx.post(&Posting::balanced(source, lines, chrono::DateTime::UNIX_EPOCH)).await?);
    tx.commit().await
}

/// That a rule of the table stands against a statement.
async fn assert_refused(on: &TestDatabase, sql: &str) {
    let refusal = on.try_to_execute(sql).await.unwrap_err();
    assert!(refusal.to_lowercase().contains("check constraint"), "{sql}: {refusal}");
}

async fn no_more_goes_back_than_came_in_whoever_writes(on: TestDatabase) {
    let database = on.connect(&Surroundings::new()).await;
    let mut tx = begin(&database).await;
    tx.insert_payment(&a_payment(PaymentStatus::Success)).await.unwrap();
    tx.commit().await.unwrap();
    // Of what has not come in, nothing goes back.
    assert_refused(&on, "UPDATE payments SET refunded = 1").await;
    assert_eq!(on.execute("UPDATE payments SET received = 300, refunded = 300").await, 1);
    for wrong in ["refunded = 301", "refunded = -1", "received = 299", "received = NULL"] {
        assert_refused(&on, &format!("UPDATE payments SET {wrong}")).await;
    }
    assert_eq!(on.texts("SELECT CAST(refunded AS text) FROM payments").await, ["300"]);
}

async fn no_wallet_goes_below_nothing_whoever_writes(on: TestDatabase) {
    let database = on.connect(&Surroundings::new()).await;
    let wallet = Account::AgentWallet(Id::from_uuid(Uuid::from_u128(1)));
    let one = Source::AgentTransfer(Uuid::from_u128(2));
    post(&database, one, Account::Cash, wallet).await.unwrap();
    assert_refused(&on, "UPDATE ledger_balances SET available = -1").await;
    let sale = |number| Source::VoucherSale(Uuid::from_u128(number));
    post(&database, sale(3), wallet, Account::VoucherClearing).await.unwrap();
    let refusal = post(&database, sale(4), wallet, Account::VoucherClearing).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Conflict(_)), "{refusal:?}");
    assert_eq!(on.texts("SELECT CAST(available AS text) FROM ledger_balances").await, ["0"]);
    assert!(database.ledger_report().await.unwrap().is_sound());
}

async fn postings_of_refunds_that_there_are_none_of_are_found(on: TestDatabase) {
    let database = on.connect(&Surroundings::new()).await;
    let nobody = Uuid::from_u128(5);
    // What is no refund's is another thing's.
    let cash = Source::AgentTransfer(nobody);
    post(&database, cash, Account::Cash, Account::AgentWallet(Id::from_uuid(nobody))).await.unwrap();
    assert!(database.ledger_report().await.unwrap().is_sound());
    let (revenue, owed) = (Account::Refunds, Account::RefundsOwed);
    for (known, source) in
        [Source::RefundApproval(nobody), Source::RefundPayout(nobody), Source::RefundFailure(nobody)]
            .into_iter()
            .enumerate()
    {
        post(&database, source, revenue, owed).await.unwrap();
        let report = database.ledger_report().await.unwrap();
        assert_eq!((report.orphaned_postings.len(), report.is_sound()), (known + 1, false), "{source:?}");
    }
}
