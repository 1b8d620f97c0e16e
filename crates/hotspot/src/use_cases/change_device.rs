//! Owners name their devices, switch them off and on, and forget them.
//!
//! A deactivated device is kept out in two ways. Its sessions with its owner's credentials are ended, now and at
//! every look at a router. And if nobody else has signed in with the same MAC, with an account or without one, routers
//! do not let it sign in at all: were it blocked there while others use it, one account could lock another's device
//! out.

use kernel::{
    JobSpec as _, NewJob, Origin, StoreError,
    audit::AuditRecord,
    id::ids::{DeviceId, UserId},
};
use serde_json::json;

use super::Hotspot;
use crate::{
    device::{Device, DeviceClass},
    jobs::EndDeviceSessions,
    ports::HotspotTx,
};

/// What is to change about a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeDevice {
    /// Whose it is.
    pub owner: UserId,
    /// The device.
    pub device_id: DeviceId,
    /// What its owner calls it from now on; `Some(None)` takes its name away.
    pub name: Option<Option<String>>,
    /// Whether it may sign in from now on.
    pub active: Option<bool>,
}

/// Why a device cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeDeviceError {
    /// The caller has no such device.
    #[error("no such device")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hotspot {
    /// Changes a device. What is as wanted already stays as it is.
    ///
    /// # Errors
    /// [`ChangeDeviceError`]; somebody else's device is [`ChangeDeviceError::NotFound`].
    pub async fn change_device(
        &self,
        command: ChangeDevice,
        origin: &Origin,
    ) -> Result<(), ChangeDeviceError> {
        let mut tx = self.store.begin().await?;
        let before = self.own_device(&mut *tx, command.owner, command.device_id).await?;
        let after = Device {
            name: command.name.unwrap_or_else(|| before.name.clone()),
            active: command.active.unwrap_or(before.active),
            ..before.clone()
        };
        if after == before {
            return Ok(());
        }
        tx.update_device(&after).await?;
        if after.name != before.name {
            self.audit_device(&mut *tx, &after, "rename", origin).await?;
        }
        if after.active != before.active {
            self.audit_device(&mut *tx, &after, if after.active { "activate" } else { "deactivate" }, origin)
                .await?;
            self.enforce(&mut *tx, &after, origin).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Forgets a device. Its sessions stay; if it was deactivated, it may sign in again, and is then a new one.
    ///
    /// # Errors
    /// [`ChangeDeviceError`]; somebody else's device is [`ChangeDeviceError::NotFound`].
    pub async fn delete_device(
        &self,
        owner: UserId,
        id: DeviceId,
        origin: &Origin,
    ) -> Result<(), ChangeDeviceError> {
        let mut tx = self.store.begin().await?;
        let device = self.own_device(&mut *tx, owner, id).await?;
        tx.delete_device(id).await?;
        self.audit_device(&mut *tx, &device, "delete", origin).await?;
        if !device.active {
            self.enforce(&mut *tx, &Device { active: true, ..device }, origin).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Notes what the caller's device is, when it asks through the hotspot itself: its address tells which of the
    /// caller's sessions it is in. What is known already stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_device_class(
        &self,
        owner: UserId,
        address: std::net::IpAddr,
        user_agent: &str,
    ) -> Result<(), StoreError> {
        let class = DeviceClass::of_user_agent(user_agent);
        if class == DeviceClass::Unknown {
            return Ok(());
        }
        let Some(device) = self.reads.device_at(owner, address).await? else {
            return Ok(());
        };
        if device.class != DeviceClass::Unknown {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        if let Some(device) = tx.lock_device(device.id).await? {
            tx.update_device(&Device { class, ..device }).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn own_device(
        &self,
        tx: &mut dyn HotspotTx,
        owner: UserId,
        id: DeviceId,
    ) -> Result<Device, ChangeDeviceError> {
        let device = tx.lock_device(id).await?.filter(|device| device.user_id == owner);
        device.ok_or(ChangeDeviceError::NotFound)
    }

    async fn enforce(
        &self,
        tx: &mut dyn HotspotTx,
        device: &Device,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        if !device.active {
            let spec = EndDeviceSessions { device_id: device.id };
            let job = NewJob::new(&self.ambient, &spec, origin.request_id.clone())?;
            tx.enqueue(job.unique(format!("{}:{}", EndDeviceSessions::KIND, device.id))).await?;
        }
        let routers = self.reads.routers_to_sync().await?;
        self.send_blocks(tx, &routers).await
    }

    async fn audit_device(
        &self,
        tx: &mut dyn HotspotTx,
        device: &Device,
        action: &'static str,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let resource = format!("device:{}", device.id);
        let record = AuditRecord::success(&self.ambient, origin, "device", action, resource);
        tx.audit(record.with(json!({ "mac": device.mac }))).await
    }
}
