//! The directory: the tables that FreeRADIUS reads to know who may sign in, and how.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use async_trait::async_trait;
use kernel::StoreError;

use crate::{
    attribute::Attribute,
    policy::{GroupEntry, UserEntry},
};

/// What FreeRADIUS is to do with an item: set it. Any other operator rejects a user or drops a reply.
pub const SET: &str = ":=";

/// An item as it stands in a table: attribute, operator, value.
pub type Item = (String, String, String);

/// The rows of a user or a group as they stand in the tables, whoever wrote them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct StoredRows {
    /// What is checked.
    pub check: Vec<Item>,
    /// What is sent.
    pub reply: Vec<Item>,
    /// The groups that a user is in.
    pub groups: Vec<String>,
}

impl StoredRows {
    /// Whether these are the rows of a user and no others.
    #[must_use]
    pub fn are_those_of(&self, entry: &UserEntry) -> bool {
        let groups: Vec<_> = entry.group.iter().map(|group| group.as_str()).collect();
        says(&self.check, &entry.check) && says(&self.reply, &entry.reply) && self.groups == groups
    }

    /// Whether these are the rows of a group and no others.
    #[must_use]
    pub fn are_those_of_group(&self, entry: &GroupEntry) -> bool {
        says(&self.check, &entry.check) && says(&self.reply, &entry.reply)
    }
}

/// Whether items say the same, in whatever order: no attribute depends on another that stands before it.
fn says(stored: &[Item], wanted: &[Attribute]) -> bool {
    let as_item = |item: &Attribute| (item.name.to_owned(), SET.to_owned(), item.value.clone());
    let mut wanted: Vec<Item> = wanted.iter().map(as_item).collect();
    let mut stored = stored.to_vec();
    wanted.sort_unstable();
    stored.sort_unstable();
    stored == wanted
}

// By hand: there are passwords in them.
impl fmt::Debug for StoredRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredRows").field("groups", &self.groups).finish_non_exhaustive()
    }
}

/// The directory within a transaction. Everything is written many rows at a time.
#[async_trait]
pub trait DirectoryRows: Send {
    /// Writes the groups that are not there yet; one that is there is never changed. Their profile is held.
    async fn write_groups(&mut self, groups: &[GroupEntry]) -> Result<(), StoreError>;

    /// Has these groups stand there by these rows and no others, whatever stood there. Their profile is held.
    async fn rewrite_groups(&mut self, groups: &[GroupEntry]) -> Result<(), StoreError>;

    /// Which of these groups are not there.
    async fn missing_groups(&mut self, names: &[&str]) -> Result<Vec<String>, StoreError>;

    /// The rows of those of these groups that have any.
    async fn stored_groups(&mut self, names: &[&str]) -> Result<HashMap<String, StoredRows>, StoreError>;

    /// The groups in which nobody is, of those that a profile's version has made.
    async fn unused_groups(&mut self) -> Result<BTreeSet<String>, StoreError>;

    /// Deletes those of these groups in which nobody is. Says how many rows.
    async fn delete_unused_groups(&mut self, names: &[&str]) -> Result<u64, StoreError>;

    /// Has these users stand there by these rows and no others. FreeRADIUS reads the tables one after the other: it
    /// may see the old rows of one and the new rows of another, and never none.
    async fn write_entries(&mut self, entries: &[UserEntry]) -> Result<(), StoreError>;

    /// The rows of those of these users who have any.
    async fn stored_entries(&mut self, usernames: &[&str])
    -> Result<HashMap<String, StoredRows>, StoreError>;

    /// Takes away what these users are checked by, so that they do not get in. What would be sent to them stays, as
    /// FreeRADIUS may just have read the former and be about to read the latter: it is for a later
    /// [`sweep_directory`](Self::sweep_directory).
    async fn remove_checks(&mut self, usernames: &[&str]) -> Result<(), StoreError>;

    /// Which of these users have a session open, by the accounting.
    async fn online(&mut self, usernames: &[&str]) -> Result<Vec<String>, StoreError>;

    /// Removes what is left of users that have nothing to be checked by. Says how many rows.
    async fn sweep_directory(&mut self) -> Result<u64, StoreError>;
}
