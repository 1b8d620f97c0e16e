//! How radius has a session ended on a router: through hotspot, which knows the way to routers.

use std::sync::Arc;

use async_trait::async_trait;
use hotspot::{
    Hotspot,
    use_cases::{DeviceOnline, PutOutError},
};
use kernel::id::ids::RouterId;
use radius::ports::{Kicked, KickedDevice, RouterKick};

/// Routers as hotspot reaches them.
pub(super) struct ByHotspot(pub(super) Arc<Hotspot>);

#[async_trait]
impl RouterKick for ByHotspot {
    async fn kick(&self, router: RouterId, device: &KickedDevice) -> Kicked {
        let KickedDevice { username, address, mac } = device.clone();
        let outcome: Result<bool, PutOutError> =
            self.0.put_out(router, &DeviceOnline { username, address, mac }).await;
        match outcome {
            // Whether it was there or not, it is not there now.
            Ok(_) => Kicked::Gone,
            Err(error) => Kicked::Failed(error.to_string()),
        }
    }
}
