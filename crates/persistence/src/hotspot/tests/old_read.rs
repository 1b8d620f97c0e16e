//! Everything that a late worker reads besides the row that it remembers: as the database has it.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use async_trait::async_trait;
use hotspot::{
    HotspotUser, Router,
    block::{Block, BlockTarget},
    device::Device,
    ports::{BlockReads, GraceReads, RouterUserReads, SessionReads},
    queries::{
        router_users::{UnknownRouterUserView, UnknownUserFilter},
        sessions::{InterfaceView, SessionFilter, SessionView, Usage},
    },
    session::Session,
};
use kernel::{
    Page, PageRequest, StoreError,
    id::ids::{
        BlockId, DeviceId, HotspotSessionId, HotspotUserId, OrderId, RouterId, UnknownRouterUserId, UserId,
    },
};

use super::trail::OldRead;

macro_rules! as_the_database_has_it {
    ($port:ident: $($read:ident($($name:ident: $kind:ty),*) -> $found:ty;)+) => {
        #[async_trait]
        impl $port for OldRead {
            $(async fn $read(&self, $($name: $kind),*) -> Result<$found, StoreError> {
                self.database.$read($($name),*).await
            })+
        }
    };
}

as_the_database_has_it! { GraceReads:
    grace_of(order: OrderId) -> Option<HotspotUser>;
}

as_the_database_has_it! { SessionReads:
    routers_to_sync() -> Vec<Router>;
    session_and_router(id: HotspotSessionId) -> Option<(Session, Router)>;
    list_sessions(filter: &SessionFilter, page: PageRequest) -> Page<SessionView>;
    find_session(id: HotspotSessionId) -> Option<SessionView>;
    usage(hotspot_user: HotspotUserId) -> Usage;
    list_devices(owner: UserId, page: PageRequest) -> Page<Device>;
    find_device(id: DeviceId) -> Option<Device>;
    device_at(owner: UserId, address: IpAddr) -> Option<Device>;
    open_sessions_of_device(id: DeviceId) -> Vec<(Session, Router)>;
    interfaces() -> Vec<InterfaceView>;
}

as_the_database_has_it! { BlockReads:
    list_blocks(lifted_too: bool, page: PageRequest) -> Page<Block>;
    find_block(id: BlockId) -> Option<Block>;
    blocked_on(router: RouterId) -> BTreeSet<BlockTarget>;
}

as_the_database_has_it! { RouterUserReads:
    users_of_router(router: RouterId) -> Vec<HotspotUser>;
    users_with_markers(markers: &[&str]) -> Vec<HotspotUser>;
    used_bytes(router: RouterId) -> BTreeMap<HotspotUserId, u64>;
    list_unknown_users(filter: &UnknownUserFilter, page: PageRequest) -> Page<UnknownRouterUserView>;
    find_unknown_user(id: UnknownRouterUserId) -> Option<UnknownRouterUserView>;
}
