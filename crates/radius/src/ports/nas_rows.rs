//! NAS clients, as rows: ours, and what FreeRADIUS knows of them in its table `nas`.

use std::net::IpAddr;

use async_trait::async_trait;
use kernel::{StoreError, id::ids::NasClientId};
use secrecy::SecretString;

use crate::nas_client::NasClient;

/// NAS clients, within a transaction.
#[async_trait]
pub trait NasRows: Send {
    /// A NAS client, held against other transactions until this one ends.
    async fn lock_nas_client(&mut self, id: NasClientId) -> Result<Option<NasClient>, StoreError>;

    /// Writes a new NAS client; no change if another has its name or its address.
    async fn insert_nas_client(&mut self, client: &NasClient) -> Result<NasWritten, StoreError>;

    /// Writes a NAS client anew, all but when it was made known. It is held. No change if another has its name or its
    /// address.
    async fn update_nas_client(&mut self, client: &NasClient) -> Result<NasWritten, StoreError>;

    /// Forgets a NAS client, here and in the table `nas`; false if there is none.
    async fn delete_nas_client(&mut self, id: NasClientId) -> Result<bool, StoreError>;

    /// Has the table `nas` say what FreeRADIUS needs of a NAS client, its secret in the clear. False, and no change,
    /// if an entry that is not ours has its address.
    async fn mirror_nas_client(
        &mut self,
        client: &NasClient,
        secret: &SecretString,
    ) -> Result<bool, StoreError>;
}

/// NAS clients as they were last committed.
#[async_trait]
pub trait NasReads: Send + Sync {
    /// Every NAS client by name.
    async fn list_nas_clients(&self) -> Result<Vec<NasClient>, StoreError>;

    /// One of them.
    async fn find_nas_client(&self, id: NasClientId) -> Result<Option<NasClient>, StoreError>;

    /// The one whose packets come from this address.
    async fn nas_client_at(&self, address: IpAddr) -> Result<Option<NasClient>, StoreError>;
}

/// What became of writing a NAS client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NasWritten {
    /// It is there.
    Written,
    /// Another has its name.
    NameTaken,
    /// Another has its address.
    AddressTaken,
}
