//! When a router's sessions were last taken in, and what it last said of its interfaces, as a row.

use hotspot::ports::InterfaceLoad;
use kernel::StoreError;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "router_syncs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) router_id: Uuid,
    pub(super) sessions_asked_at: Option<DateTimeUtc>,
    pub(super) interfaces: Json,
    pub(super) interfaces_seen_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::routers::Entity",
        from = "Column::RouterId",
        to = "super::routers::Column::Id"
    )]
    Router,
}

impl Related<super::routers::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Router.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// An interface as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    interface: String,
    connected_users: u32,
    receive_bps: u64,
    transmit_bps: u64,
}

/// The interfaces as they are kept.
pub(super) fn kept(interfaces: &[InterfaceLoad]) -> Result<Json, StoreError> {
    let kept = interfaces.iter().map(|load| Kept {
        interface: load.interface.clone(),
        connected_users: load.connected_users,
        receive_bps: load.receive_bps,
        transmit_bps: load.transmit_bps,
    });
    serde_json::to_value(kept.collect::<Vec<_>>()).map_err(StoreError::corrupt)
}

/// Reads what [`kept`] gave.
pub(super) fn read(kept: Json) -> Result<Vec<InterfaceLoad>, StoreError> {
    let kept: Vec<Kept> = serde_json::from_value(kept).map_err(StoreError::corrupt)?;
    let loads = kept.into_iter().map(|kept| InterfaceLoad {
        interface: kept.interface,
        connected_users: kept.connected_users,
        receive_bps: kept.receive_bps,
        transmit_bps: kept.transmit_bps,
    });
    Ok(loads.collect())
}
