//! Forgetting who got credentials, and what people have called their devices.

use async_trait::async_trait;
use kernel::{
    StoreError,
    id::ids::{OrderId, UserId},
};

use crate::hotspot_user::Marker;

/// Who got credentials, within a transaction.
#[async_trait]
pub trait ForgettingRows: Send {
    /// Forgets how to reach whoever got the credentials of an order, and gives the markers of these.
    async fn forget_contacts(&mut self, order: OrderId) -> Result<Vec<Marker>, StoreError>;

    /// Forgets what an account has called its devices.
    async fn forget_device_names(&mut self, user: UserId) -> Result<(), StoreError>;
}
