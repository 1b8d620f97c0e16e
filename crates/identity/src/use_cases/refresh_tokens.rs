//! Trading a refresh token for the next pair of tokens.

use kernel::{Origin, StoreError, audit::AuditRecord, id::ids::UserId};
use serde_json::json;

use super::Identity;
use crate::{
    session::{IssuedTokens, RefreshGrant, RefreshVerdict},
    token::RefreshToken,
};

/// The next pair of tokens.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// Whose they are.
    pub user_id: UserId,
    /// The tokens.
    pub tokens: IssuedTokens,
}

/// Why there are no new tokens.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is unknown, expired, or of a session or account that ended.
    #[error("the refresh token is not valid")]
    Invalid,
    /// The token was used before; its session is ended, for the thief as for the owner.
    #[error("the refresh token was used before")]
    Reused,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Identity {
    /// Takes a refresh token and gives the next pair. The presented token is worth nothing afterwards.
    ///
    /// # Errors
    /// [`RefreshError`].
    pub async fn refresh_tokens(&self, presented: &str, origin: &Origin) -> Result<Refreshed, RefreshError> {
        let hash = RefreshToken::parse(presented).ok_or(RefreshError::Invalid)?.hash();
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let grant = tx.refresh_grant(&hash).await?.ok_or(RefreshError::Invalid)?;
        let verdict = match grant.judge(now) {
            // Of two callers with one token the second finds it used, however close behind it comes.
            RefreshVerdict::Continue if !tx.use_refresh_token(&hash, now).await? => RefreshVerdict::Reused,
            verdict => verdict,
        };
        match verdict {
            RefreshVerdict::Continue => {
                let tokens = IssuedTokens::issue(&self.ambient);
                tx.insert_access_token(&tokens.stored_access(grant.session_id)).await?;
                tx.insert_refresh_token(&tokens.stored_refresh(grant.session_id)).await?;
                tx.touch_session(grant.session_id, now).await?;
                tx.commit().await?;
                Ok(Refreshed { user_id: grant.user_id, tokens })
            }
            RefreshVerdict::Refuse => Err(RefreshError::Invalid),
            RefreshVerdict::Reused => {
                tx.revoke_session(grant.session_id, now).await?;
                tx.audit(self.reuse_record(&grant, origin)).await?;
                tx.commit().await?;
                tracing::warn!(session = %grant.session_id, user = %grant.user_id, "a refresh token was used twice");
                Err(RefreshError::Reused)
            }
        }
    }

    fn reuse_record(&self, grant: &RefreshGrant, origin: &Origin) -> AuditRecord {
        let resource = format!("session:{}", grant.session_id);
        AuditRecord::success(&self.ambient, origin, "login", "reuse_refresh_token", resource)
            .refused()
            .with(json!({ "user_id": grant.user_id }))
    }
}
