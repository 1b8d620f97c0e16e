//! Promotions are given access and lose it, in the tables that FreeRADIUS reads.

use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Africa::Kinshasa;
use kernel::{
    Clock as _, Id, Origin, Sealer,
    id::ids::{PromotionId, UserId},
    sealed::Purpose,
    testing::Surroundings,
};
use radius::{
    Radius, Subscriber,
    access_profile::{Limits, Quota},
    ports::{RadiusStore as _, SubscriberReads as _},
    testing::{member, terms},
    use_cases::{Activated, CannotEnable, PromotionTerms},
};

use crate::{Database, on_both_databases, testing::TestDatabase};

on_both_databases!(
    thousands_are_activated_at_once_and_once,
    who_cannot_be_activated_is_named_and_the_others_are,
    more_than_half_failing_writes_nothing,
    a_failure_in_the_middle_leaves_nothing,
    suspension_begins_in_the_check_table,
    an_access_that_is_over_begins_anew,
);

const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

pub(super) struct Stage {
    pub(super) database: Database,
    pub(super) around: Surroundings,
    pub(super) radius: Arc<Radius>,
    promotion: PromotionId,
    pub(super) test: TestDatabase,
}

impl Stage {
    /// A promotion with a profile, and nobody in it.
    pub(super) async fn on(test: TestDatabase) -> Self {
        let around = Surroundings::new();
        let database = test.connect(&around).await;
        let radius = Arc::new(super::radius_on(&database, &test, &around.ambient(), Kinshasa));
        let limits = Limits {
            upload_kbps: Some(512),
            download_kbps: Some(2048),
            quota: Quota { total: Some(5 << 30), ..Quota::default() },
            simultaneous_use: Some(1),
            ..Limits::default()
        };
        let origin = Origin::system("test");
        let profile = radius.create_profile(terms("Students", limits), &origin).await.unwrap();
        let terms =
            PromotionTerms { name: "L1".to_owned(), access_profile_id: Some(profile.id), active: true };
        let promotion = radius.create_promotion(terms, &origin).await.unwrap();
        Self { database, around, radius, promotion, test }
    }

    /// Somebody who belongs to the promotion.
    pub(super) fn member(&self, username: &str, secret: &str) -> Subscriber {
        let ambient = self.around.ambient();
        let user: UserId = Id::generate(&ambient);
        let sealer = Sealer::new(KEY, None, ambient.clone()).unwrap();
        let secret = sealer.seal(Purpose::RadiusSecret, &user, secret).unwrap();
        let promotion_id = Some(self.promotion);
        Subscriber { promotion_id, ..member(&ambient, user, username, secret) }
    }

    pub(super) async fn insert(&self, members: &[Subscriber]) {
        let mut tx = self.database.begin().await.unwrap();
        for member in members {
            assert!(tx.insert_subscriber(member).await.unwrap());
        }
        tx.commit().await.unwrap();
    }

    pub(super) async fn activate(&self) -> Activated {
        let origin = Origin::system("test");
        self.radius.activate_promotion(self.promotion, None, &origin).await.unwrap()
    }

    async fn deactivate(&self) -> usize {
        let origin = Origin::system("test");
        self.radius.deactivate_promotion(self.promotion, None, &origin).await.unwrap()
    }

    /// The rows of the directory, as texts in order.
    pub(super) async fn rows(&self, table: &str, owner: &str) -> Vec<String> {
        let sql = format!(
            "SELECT {owner} || ' ' || attribute || ' ' || op || ' ' || value FROM {table} ORDER BY id"
        );
        self.test.texts(&sql).await
    }

    pub(super) async fn counted(&self, table: &str) -> String {
        self.test.texts(&format!("SELECT CAST(COUNT(*) AS text) FROM {table}")).await.remove(0)
    }
}

async fn thousands_are_activated_at_once_and_once(test: TestDatabase) {
    let stage = Stage::on(test).await;
    let members: Vec<_> =
        (0..1_500).map(|number| stage.member(&format!("et-{number:05}"), "s3cret")).collect();
    stage.insert(&members).await;
    let activated = stage.activate().await;
    assert_eq!(activated, Activated { enabled: 1_500, unchanged: 0, failures: vec![] });
    assert_eq!(stage.counted("radcheck").await, "3000");
    assert_eq!(stage.counted("radreply").await, "3000");
    assert_eq!(stage.counted("radusergroup").await, "1500");
    assert_eq!(stage.counted("events").await, "1500");
    let ends = (stage.around.clock.now() + TimeDelta::days(30)).timestamp();
    let checks = stage.rows("radcheck", "username").await;
    assert!(checks.contains(&"et-00000 Cleartext-Password := s3cret".to_owned()));
    assert!(checks.contains(&format!("et-00000 Expiration := {ends}")));
    let replies = stage.rows("radreply", "username").await;
    assert!(replies.contains(&"et-01499 Mikrotik-Total-Limit := 1073741824".to_owned()));
    assert!(replies.contains(&"et-01499 Mikrotik-Total-Limit-Gigawords := 1".to_owned()));
    assert_eq!(stage.rows("radgroupcheck", "'g'").await, ["g Simultaneous-Use := 1"]);
    assert_eq!(stage.rows("radgroupreply", "'g'").await.len(), 3);

    // Twice changes nothing: not a row is written anew.
    let ids = "SELECT CAST(MAX(id) AS text) FROM radcheck";
    let before = stage.test.texts(ids).await;
    stage.around.clock.advance(TimeDelta::days(1));
    assert_eq!(stage.activate().await, Activated { enabled: 0, unchanged: 1_500, failures: vec![] });
    assert_eq!(stage.test.texts(ids).await, before);
    assert_eq!(stage.counted("events").await, "1500");
    assert_eq!(stage.deactivate().await, 1_500);
    assert_eq!(stage.deactivate().await, 0);
    assert_eq!(stage.counted("radcheck").await, "0");
}

async fn who_cannot_be_activated_is_named_and_the_others_are(test: TestDatabase) {
    let stage = Stage::on(test).await;
    let mut members: Vec<_> = ["a", "b", "c", "d", "e"].map(|name| stage.member(name, "s3cret")).to_vec();
    members.push(Subscriber { sealed_secret: None, ..stage.member("no-secret", "x") });
    members.push(Subscriber { account_active: false, ..stage.member("off", "x") });
    members.push(stage.member("two words", "x"));
    members.push(stage.member("quoted", "`id`"));
    members.push(stage.member("a", "x"));
    stage.insert(&members).await;
    let activated = stage.activate().await;
    let mut failed: Vec<_> =
        activated.failures.iter().map(|failure| (failure.username.as_str(), failure.reason.code())).collect();
    failed.sort_unstable();
    assert_eq!(
        failed,
        [
            ("a", "name_taken"),
            ("no-secret", "no_secret"),
            ("off", "account_inactive"),
            ("quoted", "secret_rejected"),
            ("two words", "name_rejected"),
        ]
    );
    assert_eq!((activated.enabled, stage.counted("radusergroup").await.as_str()), (5, "5"));
}

async fn more_than_half_failing_writes_nothing(test: TestDatabase) {
    let stage = Stage::on(test).await;
    let (good, bad) = (stage.member("a", "s3cret"), stage.member("b c", "x"));
    stage.insert(&[good.clone(), bad, stage.member("d e", "x")]).await;
    let activated = stage.activate().await;
    assert_eq!((activated.enabled, activated.failures.len()), (0, 2));
    assert_eq!(stage.counted("radcheck").await, "0");
    assert!(!stage.database.find_subscriber(good.id).await.unwrap().unwrap().enabled);
    // These two alone are one of two: not more than half.
    let users = [good.contact.user_id.unwrap(), Id::generate(&stage.around.ambient())];
    let origin = Origin::system("test");
    let some = stage.radius.activate_promotion(stage.promotion, Some(&users), &origin).await.unwrap();
    assert_eq!((some.enabled, some.failures[0].reason), (1, CannotEnable::NotThere));
}

async fn a_failure_in_the_middle_leaves_nothing(test: TestDatabase) {
    let stage = Stage::on(test).await;
    let member = stage.member("a", "s3cret");
    stage.insert(std::slice::from_ref(&member)).await;
    stage.test.execute("ALTER TABLE radusergroup RENAME TO put_away").await;
    let origin = Origin::system("test");
    stage.radius.activate_promotion(stage.promotion, None, &origin).await.unwrap_err();
    for table in ["radcheck", "radreply", "events"] {
        assert_eq!(stage.counted(table).await, "0", "{table}");
    }
    assert!(!stage.database.find_subscriber(member.id).await.unwrap().unwrap().enabled);
    stage.test.execute("ALTER TABLE put_away RENAME TO radusergroup").await;
    assert_eq!(stage.activate().await.enabled, 1);
}

async fn suspension_begins_in_the_check_table(test: TestDatabase) {
    let stage = Stage::on(test).await;
    stage.insert(&[stage.member("a", "s3cret"), stage.member("b", "s3cret")]).await;
    stage.activate().await;
    let user = stage.database.subscribers_named(&["a".to_owned()]).await.unwrap()[0].contact.user_id.unwrap();
    let origin = Origin::system("test");
    let off = stage.radius.disable_wifi(user, &origin).await.unwrap();
    assert!(!off.enabled && off.activated_at.is_some() && off.granted_profile_id.is_none());
    // A server that has just read the check table finds the limits still.
    assert_eq!(stage.counted("radcheck").await, "2");
    assert_eq!(
        (stage.counted("radreply").await.as_str(), stage.counted("radusergroup").await.as_str()),
        ("4", "2")
    );
    let mut tx = stage.database.begin().await.unwrap();
    assert_eq!(tx.sweep_directory().await.unwrap(), 3);
    tx.commit().await.unwrap();
    assert_eq!(
        (stage.counted("radreply").await.as_str(), stage.counted("radusergroup").await.as_str()),
        ("2", "1")
    );
    // On again, nobody gets more time.
    stage.around.clock.advance(TimeDelta::days(3));
    let on = stage.radius.enable_wifi(user, &origin).await.unwrap();
    assert_eq!((on.enabled, on.begun_at, on.expires_at), (true, off.begun_at, off.expires_at));
}

async fn an_access_that_is_over_begins_anew(test: TestDatabase) {
    let stage = Stage::on(test).await;
    let member = stage.member("a", "s3cret");
    stage.insert(std::slice::from_ref(&member)).await;
    stage.activate().await;
    stage.around.clock.advance(TimeDelta::days(31));
    assert_eq!(stage.activate().await.enabled, 1);
    let renewed = stage.database.find_subscriber(member.id).await.unwrap().unwrap();
    let now = stage.around.clock.now();
    assert_eq!((renewed.begun_at, renewed.expires_at), (Some(now), Some(now + TimeDelta::days(30))));
    assert_eq!(renewed.activated_at, Some(now - TimeDelta::days(31)));
}
