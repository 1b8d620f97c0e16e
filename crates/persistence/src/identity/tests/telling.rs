//! What identity tells of accounts: their secret for the Wi-Fi opens for whoever lets them in, and nobody who was there
//! before is left out.

use chrono::DateTime;
use kernel::{
    EventPayload, Origin,
    events::identity::{UserRegistered, WifiSecretChanged},
    sealed::Purpose,
};
use sea_orm::{EntityTrait, sea_query::Expr};

use super::{Bench, account, on_both, sealer};
use crate::identity::users;

on_both! {
    an_account_is_told_with_its_secret;
    accounts_from_before_are_told_once;
    a_secret_from_before_is_told_at_the_next_login;
}

async fn told<P: EventPayload>(bench: &Bench) -> Vec<P> {
    let events = bench.database.latest_events(P::TYPE, DateTime::UNIX_EPOCH, 100).await.unwrap();
    events.iter().map(|event| event.payload_as().unwrap().unwrap()).collect()
}

/// Makes every account one that an earlier version of the portal made.
async fn forget_what_was_told(bench: &Bench) {
    users::Entity::update_many()
        .col_expr(users::Column::Announced, Expr::value(false))
        .col_expr(users::Column::WifiSecret, Expr::value("unknown"))
        .col_expr(users::Column::SearchText, Expr::value(""))
        .exec(bench.database.writer())
        .await
        .unwrap();
}

async fn an_account_is_told_with_its_secret(bench: &Bench) {
    let mut command = account("22-1", "", "0812340001");
    command.activate_wifi = true;
    let user = bench.identity.create_user(command, &Origin::system("test")).await.unwrap();
    let facts = told::<UserRegistered>(bench).await;
    let [fact] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!(fact.account, user.account());
    assert_eq!((fact.account.revision, fact.account.username.as_str()), (1, "22-1"));
    assert!(fact.activate_wifi);
    let sealed = fact.sealed_wifi_secret.as_ref().unwrap();
    let secret = sealer(&bench.around).open(Purpose::RadiusSecret, &user.id, sealed);
    assert_eq!(secret.as_deref(), Ok("secret"));
}

async fn accounts_from_before_are_told_once(bench: &Bench) {
    let user = bench.add_user(1).await;
    forget_what_was_told(bench).await;
    let announce = async || bench.identity.announce_accounts(&Origin::system("test")).await.unwrap();
    assert_eq!((announce().await, announce().await), (1, 0));
    let facts = told::<UserRegistered>(bench).await;
    assert_eq!(facts.len(), 2);
    assert_eq!(facts[0].account, user.account());
    assert_eq!(facts[0].sealed_wifi_secret, None);
    let row = users::Entity::find().one(bench.database.reader()).await.unwrap().unwrap();
    assert_eq!(row.search_text, user.search_text());
}

async fn a_secret_from_before_is_told_at_the_next_login(bench: &Bench) {
    let user = bench.add_user(1).await;
    forget_what_was_told(bench).await;
    bench.log_in("22-1", "wrong").await.unwrap_err();
    assert_eq!(told::<WifiSecretChanged>(bench).await, []);
    bench.log_in("22-1", "secret").await.unwrap();
    bench.log_in("22-1", "secret").await.unwrap();
    let facts = told::<WifiSecretChanged>(bench).await;
    let [fact] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((fact.user_id, fact.revision), (user.id, 2));
    let secret = sealer(&bench.around).open(Purpose::RadiusSecret, &user.id, &fact.sealed_wifi_secret);
    assert_eq!(secret.as_deref(), Ok("secret"));
}
