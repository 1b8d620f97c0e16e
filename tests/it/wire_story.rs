//! The story of the first sale once more, through the real adapters: over TCP and TLS to routers of several
//! versions, over HTTP to SerdiPay.

use std::net::{Ipv4Addr, SocketAddr};

use persistence::{on_both_databases, testing::TestDatabase};
use simulators::routeros::{Options, Version};

use crate::{
    app::TestApp,
    story::{a_sale_is_followed, two_sets_are_bought_and_received},
};

on_both_databases!(
    a_customer_buys_on_a_real_router_with_real_money,
    a_customer_buys_over_tls_with_a_pinned_certificate,
    a_customer_buys_on_a_router_of_version_7_9,
    a_customer_buys_on_a_router_of_version_6_42,
    staff_follow_a_sale_through_real_adapters,
);

/// The story, and that the router has exactly what was sold.
async fn sell_on(database: TestDatabase, router: Options) {
    let app = TestApp::with_router(database, router, &[]).await;
    let order = two_sets_are_bought_and_received(&app, "1DAY", "6.00").await;
    let router = &app.wire().router;
    assert_eq!(app.on_router(&order), 2);
    assert_eq!(router.times_executed("/ip/hotspot/user/add"), 2);
    for (name, seen) in app.router_users() {
        let user = router.user(&name).unwrap();
        let profile = router.items("/ip/hotspot/user/profile").into_iter();
        let profile = profile.into_iter().find(|profile| profile["name"] == user["profile"]).unwrap();
        assert_eq!((profile["shared-users"].as_str(), &*profile["rate-limit"]), ("1", "1024k/4096k"));
        assert_eq!(user["disabled"], "false");
        // What was delivered lets its owner in.
        app.wire().sign_in(&name, &seen.password).unwrap();
    }
    assert_eq!(router.items("/ip/hotspot/active").len(), 2);

    let charge = app.last_charge();
    assert_eq!(app.wire().payments.prompts(charge.reference).unwrap(), 1);
    assert_eq!(app.wire().payments.token_requests(), 1);
    assert_eq!((charge.amount.amount(), charge.operator), ("6.00".to_owned(), "MP".to_owned()));
    assert_eq!(app.balances().await["revenue"], -600);
    app.end().await;
}

async fn a_customer_buys_on_a_real_router_with_real_money(database: TestDatabase) {
    sell_on(database, Options::default()).await;
}

async fn a_customer_buys_over_tls_with_a_pinned_certificate(database: TestDatabase) {
    let tls_addr = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    sell_on(database, Options { tls_addr, ..Options::default() }).await;
}

async fn a_customer_buys_on_a_router_of_version_7_9(database: TestDatabase) {
    sell_on(database, Options { version: Version::V7_9, ..Options::default() }).await;
}

async fn a_customer_buys_on_a_router_of_version_6_42(database: TestDatabase) {
    sell_on(database, Options { version: Version::V6_42, ..Options::default() }).await;
}

async fn staff_follow_a_sale_through_real_adapters(database: TestDatabase) {
    let app = TestApp::on_wire(database, &[]).await;
    a_sale_is_followed(&app).await;
    app.end().await;
}
