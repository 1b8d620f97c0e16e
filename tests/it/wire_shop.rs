//! The stories of whoever buys without an account, through the real adapters: over TCP to a router, over HTTP to SerdiPay.

use persistence::{on_both_databases, testing::TestDatabase};
use serde_json::{Value, json};

use crate::{
    agents::Counter,
    app::TestApp,
    guests::{Guest, PHONE},
    payment_grace,
    vouchers::{Issued, redeem},
};

on_both_databases!(
    a_guest_pays_by_phone_and_signs_in_on_a_real_router,
    a_guest_whose_prompt_waits_is_online_on_a_real_router_meanwhile,
    a_printed_voucher_lets_its_guest_in_on_a_real_router,
    an_agents_day_ends_with_everybody_online_on_a_real_router,
);

/// The one set of credentials that an order's token shows, which let its owner in.
async fn signs_in(app: &TestApp, guest: &Guest) -> (String, String) {
    let shown = guest.credentials(app).await;
    assert_eq!((shown.as_array().unwrap().len(), &shown[0]["status"]), (1, &json!("active")), "{shown}");
    let text = |name: &str| shown[0]["credentials"][name].as_str().unwrap().to_owned();
    let (name, password) = (text("username"), text("password"));
    let router = app.wire();
    assert_eq!(router.router_users()[&name].comment, format!("o:{}#1", guest.order));
    router.sign_in(&name, &password.to_uppercase()).unwrap_err();
    router.sign_in(&name, &password).unwrap();
    let online = router.router.items("/ip/hotspot/active");
    assert!(online.iter().any(|session| session["user"] == name), "{online:?}");
    (name, password)
}

async fn a_guest_pays_by_phone_and_signs_in_on_a_real_router(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let guest = Guest::ordering(&app, json!({"user_profile_id": app.package("1DAY").await})).await;
    let payment = guest.pay(&app, "0000").await.data(202);
    app.settle().await;
    // The prompt waits on the phone: nobody is let in yet.
    assert_eq!((guest.credentials(&app).await, app.router_users().len()), (json!([]), 0));
    app.pass_a_second().await;

    let path = format!("/api/v1/payments/{}", payment["id"].as_str().unwrap());
    assert_eq!(guest.get(&app, &path).await.data(200)["status"], "success");
    assert_eq!(guest.shown(&app).await["status"], "completed");
    let (name, password) = signs_in(&app, &guest).await;
    let messages = app.text_messages();
    assert_eq!((messages.len(), messages[0].to.as_str()), (1, PHONE));
    assert!(messages[0].text.contains(&name) && messages[0].text.contains(&password), "{}", messages[0].text);

    let charge = app.last_charge();
    assert_eq!(app.wire().payments.prompts(charge.reference).unwrap(), 1);
    assert_eq!(app.callbacks().await, ["applied"]);
    let balances = app.balances().await;
    assert_eq!((balances["gateway_clearing"], balances["revenue"]), (300, -300));
    app.end().await;
}

async fn a_guest_whose_prompt_waits_is_online_on_a_real_router_meanwhile(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    payment_grace::set(&app, json!({"enabled": true})).await.data(200);
    let guest = Guest::ordering(&app, json!({"user_profile_id": app.package("1DAY").await})).await;
    guest.pay(&app, "0000").await.data(202);
    app.settle().await;
    let grace = guest.shown(&app).await["grace"].clone();
    let (name, wire) = (text(&grace["username"]), app.wire());
    assert_eq!(wire.router_users()[name].comment, format!("o:{}#0", guest.order));
    wire.sign_in(name, text(&grace["password"])).unwrap();
    let profile = wire.router.user(name).unwrap()["profile"].clone();
    let profiles = wire.router.items("/ip/hotspot/user/profile");
    let profile = profiles.iter().find(|known| known["name"] == profile).unwrap();
    assert_eq!((&*profile["rate-limit"], &*profile["shared-users"]), ("256k/256k", "1"));

    // What was bought takes the place of it, also of who is online with it.
    app.pass_a_second().await;
    assert!(!wire.router_users().contains_key(name));
    assert_eq!(wire.router.items("/ip/hotspot/active").len(), 0);
    signs_in(&app, &guest).await;
    app.end().await;
}

async fn a_printed_voucher_lets_its_guest_in_on_a_real_router(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let issued = Issued::make(&app, 2, json!({"user_profile_id": app.package("1DAY").await})).await;
    assert_eq!(app.router_users().len(), 0);
    let guest = Guest::of(&redeem(&app, None, &issued.codes[0]).await.data(201));
    app.settle().await;
    signs_in(&app, &guest).await;
    // Nobody's wallet was asked, and the other code is still good.
    assert_eq!((app.charges().len(), app.text_messages().len(), app.on_router(&guest.order)), (0, 0, 1));
    assert_eq!(redeem(&app, None, &issued.codes[0]).await.code(409), "voucher_redeemed");
    let shown = issued.shown(&app).await;
    assert_eq!((&shown["count"], &shown["redeemed"]), (&json!(2), &json!(1)));
    app.end().await;
}

async fn an_agents_day_ends_with_everybody_online_on_a_real_router(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    let counter = Counter::open(&app, "10.00").await;
    // One customer has no phone and takes what the agent reads out.
    let sold = counter.sell(&app, "1DAY", 1, json!({})).await.data(201);
    let batch = counter.take(&app, "1DAY", 2).await.data(201);
    let codes = counter.print(&app, &batch).await;
    let redeemed = redeem(&app, None, &codes[1]).await.data(201);
    app.settle().await;
    for placed in [&sold, &redeemed] {
        signs_in(&app, &Guest::of(placed)).await;
    }
    assert_eq!((app.charges().len(), app.router_users().len()), (0, 2));

    // 10 less 90 % of 3, and of 6 for the vouchers.
    assert_eq!(counter.wallet(&app).await, "1.90");
    let statement = counter.statement(&app, "").await;
    let mut told: Vec<(&str, &str)> = statement["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (text(&entry["kind"]), text(&entry["amount"]["amount"])))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [("sale", "-2.70"), ("top_up", "10.00"), ("vouchers", "-5.40")]);
    app.end().await;
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
