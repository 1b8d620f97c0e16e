//! What staff do with routers.

use kernel::{
    Origin, Sealed, StoreError,
    audit::AuditRecord,
    id::ids::RouterId,
    sealed::{Purpose, SealError},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::Hotspot;
use crate::{ports::HotspotTx, router::Router};

impl Hotspot {
    pub(crate) fn seal_router_password(
        &self,
        router: RouterId,
        password: &SecretString,
    ) -> Result<Sealed, SealError> {
        self.sealer.seal(Purpose::RouterPassword, &router, password.expose_secret())
    }

    pub(crate) async fn audit_router(
        &self,
        tx: &mut dyn HotspotTx,
        router: &Router,
        action: &'static str,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let resource = format!("router:{}", router.id);
        let record = AuditRecord::success(&self.ambient, origin, "router", action, resource);
        let about = json!({ "name": router.name, "host": router.access.host, "port": router.access.port });
        tx.audit(record.with(about)).await
    }
}
