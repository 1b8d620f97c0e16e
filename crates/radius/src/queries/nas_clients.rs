//! Who may ask the RADIUS server.

use std::net::IpAddr;

use kernel::{StoreError, id::ids::NasClientId};

use crate::{nas_client::NasClient, use_cases::Radius};

impl Radius {
    /// Every NAS client by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_nas_clients(&self) -> Result<Vec<NasClient>, StoreError> {
        self.reads.list_nas_clients().await
    }

    /// One of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_nas_client(&self, id: NasClientId) -> Result<Option<NasClient>, StoreError> {
        self.reads.find_nas_client(id).await
    }

    /// The one whose packets come from this address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn nas_client_at(&self, address: IpAddr) -> Result<Option<NasClient>, StoreError> {
        self.reads.nas_client_at(address.to_canonical()).await
    }
}
