//! Access profiles and their history.

use async_trait::async_trait;
use kernel::{Page, PageRequest, StoreError, id::ids::AccessProfileId};

use crate::{
    access_profile::AccessProfile,
    profile_change::ProfileChange,
    queries::profiles::{Holders, ProfileFilter, ProfileView},
};

/// Access profiles within a transaction.
#[async_trait]
pub trait ProfileRows: Send {
    /// Writes a new profile; false, and no change, if another has its name.
    async fn insert_profile(&mut self, profile: &AccessProfile) -> Result<bool, StoreError>;

    /// One profile, held against other transactions until this one ends.
    async fn lock_profile(&mut self, id: AccessProfileId) -> Result<Option<AccessProfile>, StoreError>;

    /// One profile, which stays as it is until this transaction ends; others may read it meanwhile.
    async fn share_profile(&mut self, id: AccessProfileId) -> Result<Option<AccessProfile>, StoreError>;

    /// These profiles, which stay as they are until this transaction ends; others may read them meanwhile.
    async fn share_profiles(&mut self, ids: &[AccessProfileId]) -> Result<Vec<AccessProfile>, StoreError>;

    /// Every profile, held against other transactions until this one ends.
    async fn lock_profiles(&mut self) -> Result<Vec<AccessProfile>, StoreError>;

    /// Writes a held profile anew; false, and no change, if another has its name.
    async fn update_profile(&mut self, profile: &AccessProfile) -> Result<bool, StoreError>;

    /// Deletes a held profile that nobody has.
    async fn delete_profile(&mut self, id: AccessProfileId) -> Result<(), StoreError>;

    /// Who has a profile. Nobody is given it while it is held.
    async fn profile_holders(&mut self, id: AccessProfileId) -> Result<Holders, StoreError>;

    /// Writes an entry of the history.
    async fn insert_profile_change(&mut self, change: &ProfileChange) -> Result<(), StoreError>;
}

/// Access profiles as they were last committed.
#[async_trait]
pub trait ProfileReads: Send + Sync {
    /// A page of the profiles that fit a filter, by name.
    async fn list_profiles(
        &self,
        filter: &ProfileFilter,
        page: PageRequest,
    ) -> Result<Page<ProfileView>, StoreError>;

    /// One profile as it is shown.
    async fn find_profile(&self, id: AccessProfileId) -> Result<Option<ProfileView>, StoreError>;

    /// A page of what was decided of a profile, and of who has it or had it, latest first.
    async fn profile_history(
        &self,
        id: AccessProfileId,
        page: PageRequest,
    ) -> Result<Page<ProfileChange>, StoreError>;
}
