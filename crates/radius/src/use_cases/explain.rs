//! Would somebody get in now, with which replies, and if not, why? The code that answers is the policy's own.

use kernel::{StoreError, Timestamp};

use super::{Radius, directory::CannotEnable};
use crate::{
    access_profile::{AccessProfile, Limits},
    login::{Way, other_devices},
    nas_client::Vendor,
    policy::{Decision, Known, Login, decide},
    subscriber::{Source, Subscriber, fold},
    usage::{Calendar, Used},
};

/// Everything on which the answer to a login hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Who has the name.
    pub subscriber: Subscriber,
    /// The profile that holds, unless it was sold.
    pub profile: Option<AccessProfile>,
    /// What was used in the periods that run now.
    pub used: Used,
    /// How many sessions are open.
    pub open_sessions: u64,
}

impl Standing {
    /// What is enforced.
    #[must_use]
    pub fn limits(&self) -> Option<&Limits> {
        match &self.subscriber.source {
            Source::Account(_) => self.profile.as_ref().map(|profile| &profile.limits),
            Source::Sold(sold) => Some(&sold.limits),
        }
    }
}

/// The answer that a login would get, and what it hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The folded name.
    pub username: String,
    /// What is known of who has it.
    pub standing: Option<Standing>,
    /// The answer, if the secret is right.
    pub decision: Decision,
    /// In which ways the secret can be proved: the form in which the tables carry it rules some out.
    pub ways: Vec<Way>,
    /// Why somebody who is not enabled could not be either.
    pub hindrance: Option<CannotEnable>,
    /// For when it holds.
    pub at: Timestamp,
}

impl Radius {
    /// Answers a login by somebody's name in whatever case, with a device by its Calling-Station-Id: that does not stand
    /// in its own way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide_login(
        &self,
        username: &str,
        proof: &(dyn Fn(&str) -> bool + Send + Sync),
        device: Option<&str>,
        vendor: Vendor,
    ) -> Result<(Decision, Option<Standing>), StoreError> {
        let standing = self.standing(&fold(username), device).await?;
        let open_sessions = standing.as_ref().map_or(0, |standing| standing.open_sessions);
        let (at, zone) = (self.ambient.now(), self.settings.zone);
        let login = Login { proof, open_sessions, vendor, at, zone };
        let secret = standing.as_ref().map(|standing| self.open_secret(&standing.subscriber));
        let decision = match (&standing, &secret) {
            (Some(standing), Some(secret)) => {
                // Without a secret nobody can prove that they have it.
                let (subscriber, used) = (&standing.subscriber, standing.used);
                let limits = standing.limits().filter(|_| secret.is_ok());
                let secret = secret.as_deref().unwrap_or_default();
                decide(&login, Some(&Known { subscriber, secret, limits, used }))
            }
            _ => decide(&login, None),
        };
        Ok((decision, standing))
    }

    /// Says whether somebody would get in now with the right secret.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn explain(&self, username: &str, vendor: Option<Vendor>) -> Result<Explanation, StoreError> {
        let vendor = vendor.unwrap_or(self.settings.tables.vendor);
        let (decision, standing) = self.decide_login(username, &|_| true, None, vendor).await?;
        let hindrance = standing.as_ref().and_then(|standing| self.hindrance(standing));
        let (username, at) = (fold(username), self.ambient.now());
        let form = self.settings.tables.password;
        let ways = Way::ALL.into_iter().filter(|way| form.can_check(*way)).collect();
        Ok(Explanation { username, standing, decision, ways, hindrance, at })
    }

    async fn standing(&self, username: &str, device: Option<&str>) -> Result<Option<Standing>, StoreError> {
        let found = self.reads.subscribers_named(&[username.to_owned()]).await?;
        let Some(subscriber) = found.into_iter().find(|one| one.archived_at.is_none()) else {
            return Ok(None);
        };
        let open = self.reads.open_devices(username).await?;
        let calendar = Calendar::at(self.ambient.now(), self.settings.zone);
        Ok(Some(Standing {
            profile: self.reads.effective_profile(&subscriber).await?,
            used: self.reads.usage_of(&subscriber, &calendar).await?,
            open_sessions: u64::try_from(other_devices(&open, device)).unwrap_or(u64::MAX),
            subscriber,
        }))
    }

    /// Why somebody could not be enabled.
    fn hindrance(&self, standing: &Standing) -> Option<CannotEnable> {
        let subscriber = &standing.subscriber;
        let fits = || {
            let secret = self.open_secret(subscriber)?;
            crate::policy::compile::check(subscriber, &secret, self.settings.tables.password)?;
            standing.limits().map(drop).ok_or(CannotEnable::NoProfile)
        };
        if subscriber.account_active { fits().err() } else { Some(CannotEnable::Inactive) }
    }
}
