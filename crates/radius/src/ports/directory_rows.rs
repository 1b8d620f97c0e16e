//! The directory: the tables that FreeRADIUS reads to know who may sign in, and how.

use async_trait::async_trait;
use kernel::StoreError;

use crate::policy::{GroupEntry, UserEntry};

/// The directory within a transaction. Everything is written many rows at a time.
#[async_trait]
pub trait DirectoryRows: Send {
    /// Writes the groups that are not there yet; one that is there is never changed. Their profile is held.
    async fn write_groups(&mut self, groups: &[GroupEntry]) -> Result<(), StoreError>;

    /// Which of these groups are not there.
    async fn missing_groups(&mut self, names: &[&str]) -> Result<Vec<String>, StoreError>;

    /// Has these users stand there by these rows and no others. FreeRADIUS reads the tables one after the other: it
    /// may see the old rows of one and the new rows of another, and never none.
    async fn write_entries(&mut self, entries: &[UserEntry]) -> Result<(), StoreError>;

    /// Takes away what these users are checked by, so that they do not get in. What would be sent to them stays, as
    /// FreeRADIUS may just have read the former and be about to read the latter: it is for a later
    /// [`sweep_directory`](Self::sweep_directory).
    async fn remove_checks(&mut self, usernames: &[&str]) -> Result<(), StoreError>;

    /// Which of these users have a session open, by the accounting.
    async fn online(&mut self, usernames: &[&str]) -> Result<Vec<String>, StoreError>;

    /// Removes what is left of users that have nothing to be checked by. Says how many rows.
    async fn sweep_directory(&mut self) -> Result<u64, StoreError>;
}
