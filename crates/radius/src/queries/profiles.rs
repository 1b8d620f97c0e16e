//! What staff see of access profiles and their history.

use kernel::{Page, PageRequest, StoreError, id::ids::AccessProfileId};

use crate::{access_profile::AccessProfile, profile_change::ProfileChange, use_cases::Radius};

/// Which profiles are wanted. Everything that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileFilter {
    /// Whether some quota is set.
    pub limited: Option<bool>,
    /// Whether it can be given to anybody.
    pub active: Option<bool>,
}

/// Who has a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holders {
    /// So many promotions.
    pub promotions: u64,
    /// So many subscribers have it as their own, or are enabled with it.
    pub subscribers: u64,
}

impl Holders {
    /// Whether nobody has it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.promotions == 0 && self.subscribers == 0
    }
}

/// A profile as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileView {
    /// The profile.
    pub profile: AccessProfile,
    /// How many promotions have it.
    pub promotions: u64,
    /// How many people it holds for: those who have it as their own, and those whose promotion has it.
    pub users: u64,
}

impl Radius {
    /// A page of the access profiles, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_profiles(
        &self,
        filter: &ProfileFilter,
        page: PageRequest,
    ) -> Result<Page<ProfileView>, StoreError> {
        self.reads.list_profiles(filter, page).await
    }

    /// One access profile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_profile(&self, id: AccessProfileId) -> Result<Option<ProfileView>, StoreError> {
        self.reads.find_profile(id).await
    }

    /// A page of what was decided of a profile and of who has it, latest first. It outlives the profile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn profile_history(
        &self,
        id: AccessProfileId,
        page: PageRequest,
    ) -> Result<Page<ProfileChange>, StoreError> {
        self.reads.profile_history(id, page).await
    }
}
