//! What identity needs from its store.

use async_trait::async_trait;
use kernel::{
    Id, Page, PageRequest, Permission, Role, StoreError, Timestamp, UnitOfWork,
    id::ids::{AuditId, SessionId, UserId},
};

use crate::{
    audit_chain::{ChainHead, Seal},
    audit_log::{AuditCursor, AuditEntry, AuditFilter},
    login_lock::{FailureHistory, LockKey, LoginLock},
    login_name::LoginName,
    session::{AccessGrant, LoginSession, RefreshGrant, StoredToken},
    token::TokenHash,
    user::User,
};

mod account_rows;

pub use account_rows::AccountRows;

/// Begins transactions on identity's rows.
#[async_trait]
pub trait IdentityStore: Send + Sync {
    /// Begins a transaction; dropping it undoes it.
    async fn begin(&self) -> Result<Box<dyn IdentityTx>, StoreError>;
}

/// One transaction on identity's rows.
#[async_trait]
pub trait IdentityTx: UnitOfWork + AccountRows {
    /// Notes that the user signed in; false when the account is no longer active or has another password than
    /// when it was read.
    async fn record_login(&mut self, user: &User, at: Timestamp) -> Result<bool, StoreError>;

    /// Makes a permission known; false when it was known before.
    async fn introduce_permission(&mut self, permission: Permission) -> Result<bool, StoreError>;

    /// Gives a role a permission, unless it has it.
    async fn grant(&mut self, role: Role, permission: Permission) -> Result<(), StoreError>;

    /// Adds a session.
    async fn insert_session(&mut self, session: &LoginSession) -> Result<(), StoreError>;

    /// Adds an access token to a session.
    async fn insert_access_token(&mut self, token: &StoredToken) -> Result<(), StoreError>;

    /// Removes an access token; false when there is none, or none any more.
    async fn take_access_token(&mut self, token: &TokenHash) -> Result<bool, StoreError>;

    /// Adds a refresh token to a session.
    async fn insert_refresh_token(&mut self, token: &StoredToken) -> Result<(), StoreError>;

    /// What a refresh token stands for.
    async fn refresh_grant(&mut self, token: &TokenHash) -> Result<Option<RefreshGrant>, StoreError>;

    /// Marks a refresh token as used; false when it was used before.
    async fn use_refresh_token(&mut self, token: &TokenHash, at: Timestamp) -> Result<bool, StoreError>;

    /// Notes a use of a session, unless a later one is noted.
    async fn touch_session(&mut self, session: SessionId, at: Timestamp) -> Result<(), StoreError>;

    /// Ends a session; false when it was ended before.
    async fn revoke_session(&mut self, session: SessionId, at: Timestamp) -> Result<bool, StoreError>;

    /// Ends every session of a user that was not ended before, and says how many.
    async fn revoke_sessions_of(&mut self, user: UserId, at: Timestamp) -> Result<u64, StoreError>;

    /// The same, but for one session that goes on.
    async fn revoke_other_sessions(
        &mut self,
        user: UserId,
        kept: SessionId,
        at: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Makes an empty history for a key that has none.
    async fn track_failures(&mut self, id: Id<LoginLock>, key: &LockKey) -> Result<(), StoreError>;

    /// The history of a key, which no other transaction can change before this one ends.
    async fn failures(&mut self, key: &LockKey) -> Result<Option<FailureHistory>, StoreError>;

    /// Replaces the history of a key that has one.
    async fn save_failures(&mut self, key: &LockKey, history: &FailureHistory) -> Result<(), StoreError>;

    /// Forgets the history of a key.
    async fn forget_failures(&mut self, key: &LockKey) -> Result<(), StoreError>;

    /// Forgets the history with this id and says whose it was.
    async fn lift_lock(&mut self, id: Id<LoginLock>) -> Result<Option<LockKey>, StoreError>;

    /// The end of the audit chain, which no other transaction can move before this one ends.
    async fn chain_head(&mut self) -> Result<ChainHead, StoreError>;

    /// At most `limit` audit lines without a seal, in the order of their time and id.
    async fn unsealed(&mut self, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;

    /// Seals a line; false when it has a seal.
    async fn seal(&mut self, line: AuditId, seal: &Seal) -> Result<bool, StoreError>;

    /// Moves the end of the audit chain.
    async fn move_chain_head(&mut self, head: &ChainHead) -> Result<(), StoreError>;

    /// Removes tokens that expired before a moment, and sessions left without a refresh token. Says how many
    /// rows were removed.
    async fn prune_tokens(&mut self, expired_before: Timestamp) -> Result<u64, StoreError>;

    /// Removes histories without a failure since a moment. Says how many.
    async fn prune_failures(&mut self, quiet_since: Timestamp) -> Result<u64, StoreError>;
}

/// Reads identity's rows outside any transaction.
#[async_trait]
pub trait IdentityReads: Send + Sync {
    /// An account by its id.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The account that a login names: by matricule, else by email, else by phone.
    async fn user_by_login(&self, name: &LoginName) -> Result<Option<User>, StoreError>;

    /// What an access token stands for, in one query.
    async fn access_grant(&self, token: &TokenHash) -> Result<Option<AccessGrant>, StoreError>;

    /// The histories of those of these keys that have one.
    async fn failures(&self, keys: &[LockKey]) -> Result<Vec<FailureHistory>, StoreError>;

    /// The keys that are locked at a moment, those locked longest first.
    async fn login_locks(&self, now: Timestamp, page: PageRequest) -> Result<Page<LoginLock>, StoreError>;

    /// At most `limit` audit lines after a cursor, newest first.
    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        after: Option<AuditCursor>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError>;

    /// At most `limit` sealed lines behind a place in the chain, in its order.
    async fn sealed_entries(&self, behind: i64, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;

    /// The end of the audit chain.
    async fn chain_head(&self) -> Result<ChainHead, StoreError>;
}
