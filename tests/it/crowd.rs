//! A promotion of thousands, put into the database past the API, which makes accounts one by one.

use kernel::{
    Id, Origin,
    id::ids::{PromotionId, UserId},
    sealed::Purpose,
};
use portal::compose::Composition;
use radius::{
    Subscriber,
    access_profile::{Limits, Quota, Terms},
    ports::RadiusStore,
    use_cases::PromotionTerms,
};

/// What everybody in it signs in with.
pub const SECRET: &str = "wifi-1234";

/// A promotion, none of whom may sign in yet.
pub struct Crowd {
    pub promotion: PromotionId,
    /// Whom it consists of: `<promotion>-0`, `<promotion>-1` and so on.
    pub names: Vec<String>,
}

impl Crowd {
    /// Makes a promotion of so many, and a profile with these limits for it.
    pub async fn gather(inside: &Composition, name: &str, many: usize, limits: Limits) -> Self {
        let promotion = promotion(inside, name, limits).await;
        let names: Vec<String> = (0..many).map(|number| format!("{name}-{number}")).collect();
        let mut tx = RadiusStore::begin(&inside.services.database).await.unwrap();
        for username in &names {
            let user: UserId = Id::generate(&inside.ambient);
            let sealed = inside.adapters.sealer.seal(Purpose::RadiusSecret, &user, SECRET).unwrap();
            let id = Id::generate(&inside.ambient);
            let mut one = Subscriber {
                username: username.clone(),
                sealed_secret: Some(sealed),
                account_active: true,
                promotion_id: Some(promotion),
                ..Subscriber::unheard(id, user, inside.ambient.now())
            };
            one.heard.account = 1;
            assert!(tx.insert_subscriber(&one).await.unwrap());
        }
        tx.commit().await.unwrap();
        Self { promotion, names }
    }

    /// The address at which it is given access, or loses it.
    pub fn path(&self, action: &str) -> String {
        format!("/api/v1/promotions/{}/{action}", self.promotion)
    }
}

/// So fast, 5 GiB, an hour at a time.
pub fn limits(download_kbps: u32) -> Limits {
    Limits {
        upload_kbps: Some(512),
        download_kbps: Some(download_kbps),
        quota: Quota { total: Some(5 << 30), ..Quota::default() },
        session_timeout_seconds: Some(3_600),
        ..Limits::default()
    }
}

async fn promotion(inside: &Composition, name: &str, limits: Limits) -> PromotionId {
    let (radius, origin) = (&inside.services.radius, Origin::system("test"));
    let (name, description) = (name.to_owned(), String::new());
    let terms = Terms { name: name.clone(), description, limits, validity_days: 30, active: true };
    let profile = radius.create_profile(terms, &origin).await.unwrap();
    let terms = PromotionTerms { name, access_profile_id: Some(profile.id), active: true };
    radius.create_promotion(terms, &origin).await.unwrap()
}
