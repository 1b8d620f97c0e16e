//! Who has which access, as rows; and how the copies of accounts follow what identity tells.

use std::sync::Arc;

use chrono_tz::Africa::Kinshasa;
use kernel::{
    Clock as _, Consumer as _, Event, EventPayload, Id, Origin, PageRequest, Sealed, StoreError,
    events::{
        Contact,
        identity::{Account, UserChanged, UserDeleted, UserRegistered, WifiSecretChanged},
    },
    id::ids::UserId,
    testing::Surroundings,
};
use radius::{
    AccessProfile, Promotion, Radius, Subscriber,
    access_profile::{Exhaustion, Limits, Quota, Terms},
    consumers::CopyAccounts,
    ports::{ProfileReads as _, PromotionReads as _, RadiusStore as _, SubscriberReads as _},
    profile_change::{ChangeKind, ProfileChange},
    queries::{
        profiles::{Holders, ProfileFilter},
        promotions::PromotionFilter,
    },
    subscriber::{Period, QuotaState, Sold, Source},
    testing::terms,
};

use crate::{Database, on_both_databases, testing::TestDatabase};

on_both_databases!(
    rows_read_back,
    what_was_sold_reads_back_and_has_its_name_until_it_is_put_away,
    names_are_unique_and_holders_are_counted,
    the_rules_of_a_profile_are_the_tables_too,
    one_name_is_enabled_once,
    copies_follow_their_accounts_in_any_order,
    copies_made_at_once_are_one,
);

struct Bench {
    database: Database,
    around: Surroundings,
    test: TestDatabase,
}

impl Bench {
    async fn on(test: TestDatabase) -> Self {
        let around = Surroundings::new();
        Self { database: test.connect(&around).await, around, test }
    }

    fn profile(&self, name: &str, limits: Limits) -> AccessProfile {
        let terms = Terms { description: "…".to_owned(), ..terms(name, limits) };
        AccessProfile::new(Id::generate(&self.around.ambient()), terms, self.around.clock.now()).unwrap()
    }

    fn promotion(&self, name: &str, profile: Option<&AccessProfile>) -> Promotion {
        Promotion {
            id: Id::generate(&self.around.ambient()),
            name: name.to_owned(),
            access_profile_id: profile.map(|profile| profile.id),
            active: true,
            created_at: self.around.clock.now(),
        }
    }

    fn subscriber(&self, username: &str) -> Subscriber {
        let ambient = self.around.ambient();
        let new = Subscriber::unheard(Id::generate(&ambient), Id::generate(&ambient), ambient.now());
        let sealed_secret = Some(Sealed::from_stored("s1.k.n.c".to_owned()));
        Subscriber { username: username.to_owned(), sealed_secret, account_active: true, ..new }
    }

    fn sold(&self, username: &str, name: &str) -> Subscriber {
        let ambient = self.around.ambient();
        let sold = Sold {
            router_id: Id::generate(&ambient),
            marker: "o:0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e95#1".to_owned(),
            name: name.to_owned(),
            limits: every_limit(),
        };
        let source = Source::Sold(Box::new(sold));
        Subscriber { source, contact: Contact::default(), ..self.subscriber(username) }
    }

    fn radius(&self) -> Arc<Radius> {
        Arc::new(super::radius_on(&self.database, &self.test, &self.around.ambient(), Kinshasa))
    }

    fn consumer(&self) -> CopyAccounts {
        CopyAccounts(self.radius())
    }

    fn event<P: EventPayload>(&self, payload: &P) -> Event {
        Event::new(&self.around.ambient(), &Origin::system("test"), payload).unwrap()
    }
}

fn every_limit() -> Limits {
    Limits {
        upload_kbps: Some(512),
        download_kbps: Some(Limits::MAX_KBPS),
        quota: Quota { day: Some(1), week: Some(5 << 30), month: None, total: Some(Limits::MAX_QUOTA) },
        session_timeout_seconds: Some(3600),
        idle_timeout_seconds: Some(300),
        simultaneous_use: Some(2),
        login_time: Some("Wk0800-2000,Sa0900-1300".parse().unwrap()),
        exhaustion: Exhaustion::Throttle { upload_kbps: 64, download_kbps: 128 },
    }
}

async fn what_was_sold_reads_back_and_has_its_name_until_it_is_put_away(test: TestDatabase) {
    let bench = Bench::on(test).await;
    let mut tx = bench.database.begin().await.unwrap();
    let at = bench.around.clock.now();
    let sold = bench.sold("hs123", "HS123");
    assert!(tx.insert_subscriber(&sold).await.unwrap());
    assert_eq!(tx.lock_subscriber(sold.id).await.unwrap().as_ref(), Some(&sold));
    // Its name is its own until it is put away, and what was sold comes before an account.
    assert!(tx.insert_subscriber(&bench.subscriber("hs123")).await.unwrap());
    let second = bench.sold("hs123", "hs123");
    assert!(!tx.insert_subscriber(&second).await.unwrap());
    assert_eq!(tx.lock_holder("hs123").await.unwrap().as_ref(), Some(&sold));
    tx.update_subscriber(&Subscriber { archived_at: Some(at), ..sold }).await.unwrap();
    assert!(tx.insert_subscriber(&second).await.unwrap());
    assert_eq!(tx.lock_holder("hs123").await.unwrap(), Some(second));
    assert_eq!(tx.lock_holder("HS123").await.unwrap(), None);
    tx.commit().await.unwrap();
}

async fn rows_read_back(test: TestDatabase) {
    let bench = Bench::on(test).await;
    let mut tx = bench.database.begin().await.unwrap();
    let mut profile = bench.profile("Students", every_limit());
    assert!(tx.insert_profile(&profile).await.unwrap());
    assert_eq!(tx.share_profile(profile.id).await.unwrap().as_ref(), Some(&profile));
    let before = profile.terms();
    profile.change(Terms { name: "Pupils".to_owned(), limits: Limits::default(), ..before.clone() }).unwrap();
    assert!(tx.update_profile(&profile).await.unwrap());
    assert_eq!(tx.lock_profile(profile.id).await.unwrap().as_ref(), Some(&profile));

    let promotion = bench.promotion("L1", Some(&profile));
    assert!(tx.insert_promotion(&promotion).await.unwrap());
    assert_eq!(tx.lock_promotion(promotion.id).await.unwrap().as_ref(), Some(&promotion));

    let at = bench.around.clock.now();
    let mut subscriber = bench.subscriber("anna");
    assert!(tx.insert_subscriber(&subscriber).await.unwrap());
    for quota_state in [
        QuotaState::Blocked { period: Period::Day, until: Some(at) },
        QuotaState::Throttled { period: Period::Total, until: None },
        QuotaState::Open,
    ] {
        let phone = Some(kernel::Msisdn::parse("+243825550000").unwrap());
        subscriber = Subscriber {
            quota_state,
            full_name: "Anna B".to_owned(),
            contact: Contact { phone, ..subscriber.contact.clone() },
            promotion_id: Some(promotion.id),
            own_profile_id: Some(profile.id),
            enabled: true,
            activated_at: Some(at),
            begun_at: Some(at),
            expires_at: Some(at),
            ..subscriber
        };
        tx.update_subscriber(&subscriber).await.unwrap();
        assert_eq!(tx.lock_subscriber(subscriber.id).await.unwrap().as_ref(), Some(&subscriber));
    }

    let change = ProfileChange {
        id: Id::generate(&bench.around.ambient()),
        kind: ChangeKind::Changed,
        subject: "Pupils".to_owned(),
        old_profile_id: Some(profile.id),
        new_profile_id: Some(profile.id),
        before: Some(before),
        after: Some(profile.terms()),
        actor: "user:1".to_owned(),
        reason: Some("a new year".to_owned()),
        at,
    };
    tx.insert_profile_change(&change).await.unwrap();
    tx.commit().await.unwrap();
    let history = bench.database.profile_history(profile.id, PageRequest::default()).await.unwrap();
    assert_eq!(history.items, [change]);
    assert_eq!(bench.database.effective_profile(&subscriber).await.unwrap(), Some(profile.clone()));
    let of_promotion = Subscriber { own_profile_id: None, ..subscriber.clone() };
    assert_eq!(bench.database.effective_profile(&of_promotion).await.unwrap(), Some(profile));
    let of_nobody = Subscriber { promotion_id: None, ..of_promotion };
    assert_eq!(bench.database.effective_profile(&of_nobody).await.unwrap(), None);
}

async fn names_are_unique_and_holders_are_counted(test: TestDatabase) {
    let bench = Bench::on(test).await;
    let database = &bench.database;
    let mut tx = database.begin().await.unwrap();
    let (students, mut staff) =
        (bench.profile("Students", every_limit()), bench.profile("Staff", Limits::default()));
    assert!(tx.insert_profile(&students).await.unwrap() && tx.insert_profile(&staff).await.unwrap());
    assert!(!tx.insert_profile(&bench.profile("Staff", every_limit())).await.unwrap());
    staff.name = "Students".to_owned();
    assert!(!tx.update_profile(&staff).await.unwrap());
    staff.name = "Staff".to_owned();

    let (first, mut second) = (bench.promotion("L1", Some(&students)), bench.promotion("L2", None));
    assert!(tx.insert_promotion(&first).await.unwrap() && tx.insert_promotion(&second).await.unwrap());
    assert!(!tx.insert_promotion(&bench.promotion("L1", None)).await.unwrap());
    second.name = "L1".to_owned();
    assert!(!tx.update_promotion(&second).await.unwrap());
    second.name = "L2".to_owned();
    second.active = false;
    assert!(tx.update_promotion(&second).await.unwrap());

    let (own, of_both, gone) = (bench.subscriber("a"), bench.subscriber("b"), bench.subscriber("c"));
    let own = Subscriber { own_profile_id: Some(students.id), ..own };
    let of_both = Subscriber { promotion_id: Some(first.id), enabled: true, ..of_both };
    let gone =
        Subscriber { promotion_id: Some(first.id), archived_at: Some(bench.around.clock.now()), ..gone };
    for subscriber in [&own, &of_both, &gone] {
        assert!(tx.insert_subscriber(subscriber).await.unwrap());
    }
    assert_eq!(tx.profile_holders(students.id).await.unwrap(), Holders { promotions: 1, subscribers: 1 });
    assert_eq!(tx.profile_holders(staff.id).await.unwrap(), Holders::default());
    assert_eq!(tx.count_members(first.id).await.unwrap(), 1);
    tx.commit().await.unwrap();

    let page = PageRequest::default();
    let limited = ProfileFilter { limited: Some(true), active: Some(true) };
    let listed = database.list_profiles(&limited, page).await.unwrap();
    assert_eq!((listed.total, listed.items[0].users, listed.items[0].promotions), (1, 2, 1));
    assert_eq!(listed.items[0].profile, students);
    let unlimited = ProfileFilter { limited: Some(false), active: None };
    assert_eq!(database.list_profiles(&unlimited, page).await.unwrap().items[0].profile, staff);
    let view = database.find_promotion(first.id).await.unwrap().unwrap();
    assert_eq!((view.users, view.enabled, view.profile_name.as_deref()), (1, 1, Some("Students")));
    let members = database.list_members(first.id, page).await.unwrap();
    assert_eq!(members.items.len(), 1);
    assert_eq!(members.items[0].profile, Some((students.id, "Students".to_owned())));
    let closed = PromotionFilter { active: Some(false), access_profile_id: None };
    assert_eq!(database.list_promotions(&closed, page).await.unwrap().items[0].promotion, second);
    assert_eq!(database.open_promotions().await.unwrap(), std::slice::from_ref(&first));

    let mut tx = database.begin().await.unwrap();
    assert!(matches!(tx.delete_profile(students.id).await, Err(StoreError::Conflict(_))));
    drop(tx);
    let mut tx = database.begin().await.unwrap();
    tx.delete_promotion(second.id).await.unwrap();
    tx.delete_profile(staff.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(database.list_promotions(&PromotionFilter::default(), page).await.unwrap().total, 1);
    assert_eq!(database.find_profile(staff.id).await.unwrap(), None);
}

async fn the_rules_of_a_profile_are_the_tables_too(test: TestDatabase) {
    let bench = Bench::on(test).await;
    let quota = |day, total| Quota { day, total, ..Quota::default() };
    for limits in [
        Limits { upload_kbps: Some(0), ..Limits::default() },
        Limits { quota: quota(Some(0), None), ..Limits::default() },
        Limits { quota: quota(Some(2), Some(1)), ..Limits::default() },
    ] {
        let wrong = AccessProfile { limits, ..bench.profile("Wrong", Limits::default()) };
        let mut tx = bench.database.begin().await.unwrap();
        assert!(matches!(tx.insert_profile(&wrong).await, Err(StoreError::Conflict(_))), "{wrong:?}");
    }
}

async fn one_name_is_enabled_once(test: TestDatabase) {
    let bench = Bench::on(test).await;
    let (first, second) = (bench.subscriber("anna"), bench.subscriber("anna"));
    let mut tx = bench.database.begin().await.unwrap();
    assert!(tx.insert_subscriber(&first).await.unwrap() && tx.insert_subscriber(&second).await.unwrap());
    tx.update_subscriber(&Subscriber { enabled: true, ..first.clone() }).await.unwrap();
    tx.commit().await.unwrap();
    let named = bench.database.subscribers_named(&["anna".to_owned(), "bob".to_owned()]).await.unwrap();
    assert_eq!(named.iter().map(|found| found.id).collect::<Vec<_>>(), [first.id]);
    let mut tx = bench.database.begin().await.unwrap();
    let twice = tx.update_subscriber(&Subscriber { enabled: true, ..second }).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))));
}

fn account(user_id: UserId, revision: i64) -> Account {
    Account {
        user_id,
        revision,
        username: format!("ET-{revision}"),
        full_name: "Anna B".to_owned(),
        promotion_id: None,
        is_active: true,
        contact: Contact::default(),
    }
}

async fn copies_follow_their_accounts_in_any_order(test: TestDatabase) {
    let bench = Bench::on(test).await;
    let consumer = bench.consumer();
    let user = Id::generate(&bench.around.ambient());
    let sealed = |text: &str| Sealed::from_stored(format!("s1.k.n.{text}"));
    let registered = UserRegistered {
        account: account(user, 1),
        sealed_wifi_secret: Some(sealed("1")),
        activate_wifi: false,
    };
    let changed = UserChanged { account: account(user, 2) };
    let secret = WifiSecretChanged { user_id: user, revision: 3, sealed_wifi_secret: sealed("3") };
    for event in [bench.event(&secret), bench.event(&changed), bench.event(&registered)] {
        consumer.consume(&event).await.unwrap();
        consumer.consume(&event).await.unwrap();
    }
    let copy = bench.database.subscriber_of_account(user).await.unwrap().unwrap();
    assert_eq!((copy.username.as_str(), copy.sealed_secret), ("et-2", Some(sealed("3"))));
    assert!(copy.account_active && !copy.enabled);

    // Gone, and then somebody's late word of it.
    consumer.consume(&bench.event(&UserDeleted { user_id: user, revision: 5 })).await.unwrap();
    consumer.consume(&bench.event(&UserChanged { account: account(user, 4) })).await.unwrap();
    let copy = bench.database.subscriber_of_account(user).await.unwrap().unwrap();
    assert_eq!((copy.username.as_str(), copy.sealed_secret), ("et-2", None));
    assert!(copy.archived_at.is_some() && !copy.account_active);
}

async fn copies_made_at_once_are_one(test: TestDatabase) {
    let bench = Bench::on(test).await;
    let consumer = bench.consumer();
    let user = Id::generate(&bench.around.ambient());
    let events: Vec<_> =
        (1..=6).map(|revision| bench.event(&UserChanged { account: account(user, revision) })).collect();
    let [a, b, c, d, e, f] = events.as_slice() else { unreachable!("six events") };
    let (a, b, c, d, e, f) = tokio::join!(
        consumer.consume(a),
        consumer.consume(b),
        consumer.consume(c),
        consumer.consume(d),
        consumer.consume(e),
        consumer.consume(f),
    );
    for told in [a, b, c, d, e, f] {
        told.unwrap();
    }
    let copy = bench.database.subscriber_of_account(user).await.unwrap().unwrap();
    assert_eq!(copy.username, "et-6");
}
