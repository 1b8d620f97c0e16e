//! What staff see of the blocks, and of the users on routers that the portal did not make.

use kernel::{
    Page, PageRequest, StoreError,
    id::ids::{BlockId, RouterId, UnknownRouterUserId},
};

use crate::{
    block::Block,
    router_user::{UnknownRouterUser, UnknownStatus},
    use_cases::Hotspot,
};

/// Which users that the portal did not make are wanted. Everything that is given must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UnknownUserFilter {
    /// What was decided about them.
    pub status: Option<UnknownStatus>,
    /// On which router.
    pub router_id: Option<RouterId>,
}

/// A user that the portal did not make, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRouterUserView {
    /// The user.
    pub user: UnknownRouterUser,
    /// The name of its router.
    pub router_name: String,
}

impl Hotspot {
    /// A page of the users on routers that the portal did not make, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_unknown_users(
        &self,
        filter: &UnknownUserFilter,
        page: PageRequest,
    ) -> Result<Page<UnknownRouterUserView>, StoreError> {
        self.reads.list_unknown_users(filter, page).await
    }

    /// One of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_unknown_user(
        &self,
        id: UnknownRouterUserId,
    ) -> Result<Option<UnknownRouterUserView>, StoreError> {
        self.reads.find_unknown_user(id).await
    }

    /// A page of the blocks, those that stand or all, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_blocks(&self, lifted_too: bool, page: PageRequest) -> Result<Page<Block>, StoreError> {
        self.reads.list_blocks(lifted_too, page).await
    }

    /// One block.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_block(&self, id: BlockId) -> Result<Option<Block>, StoreError> {
        self.reads.find_block(id).await
    }
}
