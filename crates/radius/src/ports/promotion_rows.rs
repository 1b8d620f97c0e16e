//! Promotions and who belongs to them.

use async_trait::async_trait;
use kernel::{Page, PageRequest, StoreError, id::ids::PromotionId};

use crate::{
    promotion::Promotion,
    queries::promotions::{Member, PromotionFilter, PromotionView},
};

/// Promotions within a transaction.
#[async_trait]
pub trait PromotionRows: Send {
    /// Writes a new promotion; false, and no change, if another has its name.
    async fn insert_promotion(&mut self, promotion: &Promotion) -> Result<bool, StoreError>;

    /// One promotion, held against other transactions until this one ends.
    async fn lock_promotion(&mut self, id: PromotionId) -> Result<Option<Promotion>, StoreError>;

    /// Writes a held promotion anew; false, and no change, if another has its name.
    async fn update_promotion(&mut self, promotion: &Promotion) -> Result<bool, StoreError>;

    /// Deletes a held promotion.
    async fn delete_promotion(&mut self, id: PromotionId) -> Result<(), StoreError>;

    /// How many subscribers belong to a promotion.
    async fn count_members(&mut self, id: PromotionId) -> Result<u64, StoreError>;
}

/// Promotions as they were last committed.
#[async_trait]
pub trait PromotionReads: Send + Sync {
    /// A page of the promotions that fit a filter, by name.
    async fn list_promotions(
        &self,
        filter: &PromotionFilter,
        page: PageRequest,
    ) -> Result<Page<PromotionView>, StoreError>;

    /// One promotion as it is shown.
    async fn find_promotion(&self, id: PromotionId) -> Result<Option<PromotionView>, StoreError>;

    /// The promotions that people can choose, by name.
    async fn open_promotions(&self) -> Result<Vec<Promotion>, StoreError>;

    /// A page of those who belong to a promotion, by name.
    async fn list_members(&self, id: PromotionId, page: PageRequest) -> Result<Page<Member>, StoreError>;
}
