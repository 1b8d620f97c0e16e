//! A router as the portal sees it: each operation is a visit, with the commands of the file for its menu.

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use async_trait::async_trait;

use super::{
    blocks,
    link::{Kind, Link},
    sessions, status, users,
};
use crate::{
    block::BlockTarget,
    ports::{
        InterfaceLoad, RateLimit, RouterError, RouterGateway, RouterIdentity, RouterSession, SeenUser,
        WantedUser,
    },
};

#[async_trait]
impl RouterGateway for Link {
    async fn create_user(&self, user: &WantedUser) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { users::create(&visit, user).await }).await
    }

    async fn update_user(&self, user: &WantedUser) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { users::update(&visit, user).await }).await
    }

    async fn find_user(&self, name: &str) -> Result<Option<SeenUser>, RouterError> {
        self.visit(Kind::Look, |visit| async move { users::find(&visit, name).await }).await
    }

    async fn remove_user(&self, name: &str) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { users::remove(&visit, name).await }).await
    }

    async fn suspend_user(&self, name: &str) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { users::switch(&visit, name, true).await }).await
    }

    async fn resume_user(&self, name: &str) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { users::switch(&visit, name, false).await }).await
    }

    async fn list_users(&self) -> Result<Vec<SeenUser>, RouterError> {
        self.visit(Kind::List, |visit| async move { users::list(&visit).await }).await
    }

    async fn list_active_sessions(&self, username: Option<&str>) -> Result<Vec<RouterSession>, RouterError> {
        self.visit(Kind::List, |visit| async move { sessions::list(&visit, username).await }).await
    }

    async fn disconnect(&self, session_id: &str) -> Result<bool, RouterError> {
        self.visit(Kind::Change, |visit| async move { sessions::disconnect(&visit, session_id).await }).await
    }

    async fn set_rate_limit(&self, username: &str, limit: RateLimit) -> Result<bool, RouterError> {
        self.visit(Kind::Change, |visit| async move { sessions::limit(&visit, username, limit).await }).await
    }

    async fn interface_load(&self) -> Result<Vec<InterfaceLoad>, RouterError> {
        self.visit(Kind::List, |visit| async move { status::interface_load(&visit).await }).await
    }

    async fn ping(&self) -> Result<Duration, RouterError> {
        self.visit(Kind::Look, |visit| async move { status::ping(&visit).await }).await
    }

    async fn identity(&self) -> Result<RouterIdentity, RouterError> {
        self.visit(Kind::Look, |visit| async move { status::identity(&visit).await }).await
    }

    async fn block_domain(&self, domain: &str) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { blocks::block_domain(&visit, domain).await }).await
    }

    async fn unblock_domain(&self, domain: &str) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { blocks::unblock_domain(&visit, domain).await }).await
    }

    async fn block_address(&self, address: IpAddr) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { blocks::block_address(&visit, address).await }).await
    }

    async fn unblock_address(&self, address: IpAddr) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { blocks::unblock_address(&visit, address).await }).await
    }

    async fn block_device(&self, mac: &str) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { blocks::block_device(&visit, mac).await }).await
    }

    async fn unblock_device(&self, mac: &str) -> Result<(), RouterError> {
        self.visit(Kind::Change, |visit| async move { blocks::unblock_device(&visit, mac).await }).await
    }

    async fn list_blocks(&self) -> Result<BTreeSet<BlockTarget>, RouterError> {
        self.visit(Kind::List, |visit| async move { blocks::list(&visit).await }).await
    }
}
