//! What people and staff see of promotions.

use kernel::{
    Page, PageRequest, StoreError,
    id::ids::{AccessProfileId, PromotionId},
};

use crate::{promotion::Promotion, subscriber::Subscriber, use_cases::Radius};

/// Which promotions are wanted. Everything that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PromotionFilter {
    /// Whether people can choose it.
    pub active: Option<bool>,
    /// Which profile it has.
    pub access_profile_id: Option<AccessProfileId>,
}

/// A promotion as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromotionView {
    /// The promotion.
    pub promotion: Promotion,
    /// The name of its profile.
    pub profile_name: Option<String>,
    /// How many people belong to it.
    pub users: u64,
    /// How many of them may sign in now.
    pub enabled: u64,
}

/// Somebody who belongs to a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub subscriber: Subscriber,
    /// The profile that holds for them: their own, else the promotion's.
    pub profile: Option<(AccessProfileId, String)>,
}

impl Radius {
    /// A page of the promotions, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_promotions(
        &self,
        filter: &PromotionFilter,
        page: PageRequest,
    ) -> Result<Page<PromotionView>, StoreError> {
        self.reads.list_promotions(filter, page).await
    }

    /// One promotion.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_promotion(&self, id: PromotionId) -> Result<Option<PromotionView>, StoreError> {
        self.reads.find_promotion(id).await
    }

    /// The promotions that people can choose when they register, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_promotions(&self) -> Result<Vec<Promotion>, StoreError> {
        self.reads.open_promotions().await
    }

    /// A page of those who belong to a promotion, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_members(&self, id: PromotionId, page: PageRequest) -> Result<Page<Member>, StoreError> {
        self.reads.list_members(id, page).await
    }
}
