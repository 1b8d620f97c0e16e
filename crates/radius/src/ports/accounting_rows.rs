//! What a RADIUS server writes down, in the tables that FreeRADIUS writes too: sessions (`radacct`) and answers to logins
//! (`radpostauth`).

use std::net::IpAddr;

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};

use crate::{accounting::AccountingRow, auth_log::NewAuthEntry};

/// What a RADIUS server writes down, within a transaction.
#[async_trait]
pub trait AccountingRows: Send {
    /// The row of a session, held against other transactions until this one ends.
    async fn lock_accounting_row(&mut self, unique_id: &str) -> Result<Option<AccountingRow>, StoreError>;

    /// Writes the row of a session that has none; false, and no change, if it has one by now.
    async fn insert_accounting_row(&mut self, row: &AccountingRow) -> Result<bool, StoreError>;

    /// Writes the row of a session anew. It is held.
    async fn update_accounting_row(&mut self, row: &AccountingRow) -> Result<(), StoreError>;

    /// Ends every open session of a NAS that began before a moment. Says how many.
    async fn close_accounting_rows(
        &mut self,
        nas_address: IpAddr,
        at: Timestamp,
        cause: &str,
    ) -> Result<u64, StoreError>;

    /// Writes down how a login was answered.
    async fn insert_auth_entry(&mut self, entry: &NewAuthEntry) -> Result<(), StoreError>;
}

/// What a RADIUS server has written down, as it was last committed.
#[async_trait]
pub trait AccountingReads: Send + Sync {
    /// The devices with which somebody, by the folded name, has sessions open, by their Calling-Station-Ids as their NAS writes them, one for
    /// each session.
    async fn open_devices(&self, username: &str) -> Result<Vec<Option<String>>, StoreError>;
}
