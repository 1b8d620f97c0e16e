//! Units of an order are not owed any more: their price goes back.

use kernel::{Origin, StoreError, events::billing::UnitsWithdrawn};

use super::Hotspot;
use crate::{hotspot_user::Transition, ports::HotspotTx};

impl Hotspot {
    /// Takes the credentials of withdrawn units back, wherever they stand before their end, and has those that were not
    /// made yet never be made.
    pub(crate) async fn withdraw(
        &self,
        tx: &mut dyn HotspotTx,
        fact: &UnitsWithdrawn,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        tx.hold_order(fact.order_id).await?;
        tx.withdraw_units(&fact.units, self.ambient.now()).await?;
        self.end_grace(tx, fact.order_id, None, origin).await?;
        for user in tx.lock_users_of_order(fact.order_id).await? {
            if !fact.units.contains(&user.unit_id) || !tx.transition(user.id, &Transition::Revoke).await? {
                continue;
            }
            self.tell_revoked(tx, &user, Some("refunded"), origin).await?;
        }
        Ok(())
    }
}
