//! The directory is written as the settings of today have it: after another vendor, another form of passwords, or a
//! newer version of the portal, the rows of those who are enabled say what they said before in the words of before.

use std::collections::HashMap;

use kernel::{Origin, StoreError};

use super::{Radius, directory::Standings};
use crate::{
    policy::compile,
    ports::{RadiusTx, StoredRows},
    subscriber::Subscriber,
};

/// How many are looked at in one transaction.
const LOT: u64 = 500;

/// What a walk through the directory has found, and done if it was to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SyncedDirectory {
    /// How many groups of profiles had other rows than they are to have, or none.
    pub groups_changed: u64,
    /// How many enabled subscribers were looked at.
    pub looked_at: u64,
    /// How many of them had other rows than they are to have.
    pub changed: u64,
    /// How many of them may not sign in any more, since the directory cannot carry them in this form.
    pub put_out: u64,
    /// How many were left as they are, since their secret does not open with the key.
    pub unopened: u64,
}

impl Radius {
    /// Gives the groups of all profiles and everybody who is enabled the rows that the settings of today have, some
    /// hundreds in a transaction; or only counts those whose rows are others. What is right already is not touched, so
    /// that a second run changes nothing. Groups come first: nobody is put into one that has no limits yet.
    ///
    /// # Errors
    /// [`StoreError`]; what was done until then stays, and another run goes on.
    pub async fn sync_directory(
        &self,
        only_count: bool,
        origin: &Origin,
    ) -> Result<SyncedDirectory, StoreError> {
        let mut synced = SyncedDirectory::default();
        let mut tx = self.store.begin().await?;
        self.sync_groups(&mut *tx, &mut synced).await?;
        end(tx, only_count).await?;
        let mut behind = None;
        loop {
            let mut tx = self.store.begin().await?;
            let some = tx.lock_all_enabled(behind, LOT).await?;
            let Some(last) = some.last().map(|last| last.id) else { break };
            self.sync_some(&mut *tx, &some, &mut synced, origin).await?;
            end(tx, only_count).await?;
            behind = Some(last);
        }
        tracing::info!(?synced, only_count, "the directory was compared with the settings");
        Ok(synced)
    }

    async fn sync_groups(
        &self,
        tx: &mut dyn RadiusTx,
        synced: &mut SyncedDirectory,
    ) -> Result<(), StoreError> {
        let profiles = tx.lock_profiles().await?;
        let vendor = self.settings.tables.vendor;
        let mut wrong: Vec<_> =
            profiles.iter().flat_map(|profile| compile::groups(profile, vendor)).collect();
        let names: Vec<_> = wrong.iter().map(|group| group.name.as_str()).collect();
        let stored = tx.stored_groups(&names).await?;
        let is_right = |name: &str, right: &dyn Fn(&StoredRows) -> bool| stored.get(name).is_some_and(right);
        wrong.retain(|group| !is_right(group.name.as_str(), &|rows| rows.are_those_of_group(group)));
        synced.groups_changed = count(wrong.len());
        tx.rewrite_groups(&wrong).await
    }

    async fn sync_some(
        &self,
        tx: &mut dyn RadiusTx,
        some: &[Subscriber],
        synced: &mut SyncedDirectory,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let Standings { mut stay, leave, unopened } = self.standings(tx, some).await?;
        let names: Vec<_> = stay.iter().map(|ready| ready.entry.username.as_str()).collect();
        let stored: HashMap<String, StoredRows> = tx.stored_entries(&names).await?;
        stay.retain(|ready| {
            stored.get(&ready.entry.username).is_none_or(|rows| !rows.are_those_of(&ready.entry))
        });
        synced.looked_at += count(some.len());
        synced.changed += count(stay.len());
        synced.put_out += count(leave.len());
        synced.unopened += unopened;
        self.take_out(tx, &leave, origin).await?;
        self.put_in(tx, stay, origin).await
    }
}

/// Ends a transaction before the next begins, which would wait for it. What was only counted is taken back.
async fn end(tx: Box<dyn RadiusTx>, only_count: bool) -> Result<(), StoreError> {
    if only_count {
        drop(tx);
        return Ok(());
    }
    tx.commit().await
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
