//! The directory follows what is known of subscribers: who is enabled stands there with their limits, nobody else does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DurationRound as _, TimeDelta};
use kernel::{
    Event, NewJob, Origin, StoreError, Timestamp,
    events::radius::{SubscriberDisabled, SubscriberEnabled},
    id::ids::{AccessProfileId, PromotionId, SubscriberId},
    sealed::{Purpose, SealError},
};

use super::Radius;
use crate::{
    access_profile::AccessProfile,
    jobs::{EnforceSubscriber, SweepDirectory},
    policy::{
        Unfit, UserEntry,
        compile::{self, Ground},
    },
    ports::{Access, RadiusTx},
    subscriber::{Source, Subscriber},
    usage::{Calendar, Used},
};

/// Why a subscriber cannot be enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotEnable {
    /// There is no such account, or it is gone, or it belongs to another promotion.
    #[error("the promotion has no such user")]
    NotThere,
    /// The account is switched off.
    #[error("the account is not active")]
    Inactive,
    /// It has no Wi-Fi secret yet.
    #[error("the account has no Wi-Fi secret yet")]
    NoSecret,
    /// The secret was sealed with a key that is lost.
    #[error("the Wi-Fi secret cannot be opened")]
    SecretLost,
    /// It has no profile of its own, and its promotion has none.
    #[error("the user has no access profile")]
    NoProfile,
    /// Another one is enabled with its name.
    #[error("another user signs in with this name")]
    NameTaken,
    /// FreeRADIUS would not take it.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

impl CannotEnable {
    /// A stable word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotThere => "not_in_promotion",
            Self::Inactive => "account_inactive",
            Self::NoSecret => "no_secret",
            Self::SecretLost => "secret_lost",
            Self::NoProfile => "no_access_profile",
            Self::NameTaken => "name_taken",
            Self::Unfit(unfit) => unfit.code(),
        }
    }
}

/// The profiles that hold for subscribers, held as they are: the one with which they were enabled, else their own,
/// else their promotion's.
pub(super) struct Grounds {
    promotions: HashMap<PromotionId, AccessProfileId>,
    profiles: HashMap<AccessProfileId, AccessProfile>,
}

impl Grounds {
    /// The profile that is to hold for a subscriber.
    pub(super) fn profile_of(&self, subscriber: &Subscriber) -> Option<&AccessProfile> {
        let by_promotion = || self.promotions.get(&subscriber.promotion_id?).copied();
        self.profiles.get(&given(subscriber).or_else(by_promotion)?)
    }

    fn of<'a>(&'a self, subscriber: &'a Subscriber) -> Option<Ground<'a>> {
        match &subscriber.source {
            Source::Account(_) => self.profile_of(subscriber).map(Ground::Profile),
            Source::Sold(sold) => Some(Ground::Sold(&sold.limits)),
        }
    }
}

/// What becomes of an access that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    /// It stays so.
    Keep,
    /// It begins anew.
    Renew,
}

/// A subscriber with its rows and its time.
pub(super) struct Ready {
    pub(super) subscriber: Subscriber,
    pub(super) entry: UserEntry,
    pub(super) access: Access,
}

/// How enabled subscribers are to stand in the directory.
pub(super) struct Standings {
    /// With these rows.
    pub(super) stay: Vec<Ready>,
    /// Not any more: they have no right to it.
    pub(super) leave: Vec<Subscriber>,
    /// As they do: their secret does not open. The rows that they have are good still, and without our key nobody is put
    /// out.
    pub(super) unopened: u64,
}

impl Radius {
    /// The profiles of held subscribers, with their groups in the directory.
    pub(super) async fn grounds(
        &self,
        tx: &mut dyn RadiusTx,
        subscribers: &[Subscriber],
    ) -> Result<Grounds, StoreError> {
        let mut wanted: Vec<_> = subscribers
            .iter()
            .filter(|subscriber| given(subscriber).is_none())
            .filter_map(|subscriber| subscriber.promotion_id)
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let promotions = tx.profiles_of_promotions(&wanted).await?;
        let mut wanted: Vec<_> =
            promotions.values().copied().chain(subscribers.iter().filter_map(given)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let profiles = tx.share_profiles(&wanted).await?;
        self.ensure_groups(tx, &profiles).await?;
        let profiles = profiles.into_iter().map(|profile| (profile.id, profile)).collect();
        Ok(Grounds { promotions, profiles })
    }

    /// A profile's groups are written with its version. Only when the site's vendor has become another are they
    /// missing: nobody may be put into a group without limits.
    async fn ensure_groups(
        &self,
        tx: &mut dyn RadiusTx,
        profiles: &[AccessProfile],
    ) -> Result<(), StoreError> {
        for profile in profiles {
            let groups = compile::groups(profile, self.settings.tables.vendor);
            let names: Vec<_> = groups.iter().map(|group| group.name.as_str()).collect();
            if !tx.missing_groups(&names).await?.is_empty() {
                tx.lock_profile(profile.id).await?;
                tx.write_groups(&groups).await?;
            }
        }
        Ok(())
    }

    /// The rows of a subscriber, and the time of its access: as it is, or renewed if it is over.
    pub(super) fn ready(
        &self,
        subscriber: &Subscriber,
        grounds: &Grounds,
        used: Used,
        time: Time,
    ) -> Result<Ready, CannotEnable> {
        if subscriber.archived_at.is_some() {
            return Err(CannotEnable::NotThere);
        }
        let ground = grounds.of(subscriber).ok_or(CannotEnable::NoProfile)?;
        let secret = self.open_secret(subscriber)?;
        let access = self.access(subscriber, ground, time);
        let ending = Subscriber { expires_at: access.expires_at, ..subscriber.clone() };
        let entry = compile::user(&ending, &secret, ground, used, self.settings.tables)?;
        Ok(Ready { subscriber: subscriber.clone(), entry, access })
    }

    /// When an access begins and ends. What runs goes on: switched off and on, nobody gets more time.
    fn access(&self, subscriber: &Subscriber, ground: Ground<'_>, time: Time) -> Access {
        let enabled_at = self.ambient.now();
        let profile = match ground {
            Ground::Profile(profile) => profile,
            Ground::Sold(_) => {
                let Subscriber { begun_at, expires_at, .. } = *subscriber;
                return Access {
                    enabled_at,
                    begun_at: begun_at.unwrap_or(enabled_at),
                    expires_at,
                    profile: None,
                };
            }
        };
        let length = TimeDelta::days(profile.validity_days.into());
        let goes_on = |begun: &Timestamp| time == Time::Keep || *begun + length > enabled_at;
        let begun_at = subscriber.begun_at.filter(goes_on).unwrap_or(enabled_at);
        Access { enabled_at, begun_at, expires_at: Some(begun_at + length), profile: Some(profile.id) }
    }

    /// The secret of a subscriber in the clear.
    pub(super) fn open_secret(&self, subscriber: &Subscriber) -> Result<String, CannotEnable> {
        let sealed = subscriber.sealed_secret.as_ref().ok_or(CannotEnable::NoSecret)?;
        let opened = match &subscriber.source {
            Source::Account(user) => self.sealer.open(Purpose::RadiusSecret, user, sealed),
            Source::Sold(_) => self.sealer.open(Purpose::WifiPassword, &subscriber.id, sealed),
        };
        opened.map_err(|error: SealError| {
            tracing::error!(subscriber = %subscriber.id, %error, "a Wi-Fi secret does not open");
            CannotEnable::SecretLost
        })
    }

    /// What held subscribers have used of their quotas, as far as they have any; who never was enabled has used nothing.
    pub(super) async fn used_before(
        &self,
        tx: &mut dyn RadiusTx,
        subscribers: &[Subscriber],
        grounds: &Grounds,
        time: Time,
    ) -> Result<HashMap<SubscriberId, Used>, StoreError> {
        let begun = |subscriber: &Subscriber| {
            let ground = grounds.of(subscriber).filter(|ground| ground.limits().quota.is_limited())?;
            let begun_at = Some(self.access(subscriber, ground, time).begun_at);
            Some(Subscriber { begun_at, ..subscriber.clone() })
        };
        let before = subscribers.iter().filter(|subscriber| subscriber.activated_at.is_some());
        let begun: Vec<_> = before.filter_map(begun).collect();
        let calendar = Calendar::at(self.ambient.now(), self.settings.zone);
        tx.used_by(&begun.iter().collect::<Vec<_>>(), &calendar).await
    }

    /// Writes down that these are enabled, with their rows, and tells of those who were not before.
    pub(super) async fn put_in(
        &self,
        tx: &mut dyn RadiusTx,
        ready: Vec<Ready>,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let mut by_access = BTreeMap::<_, Vec<_>>::new();
        let (mut entries, mut told) = (Vec::with_capacity(ready.len()), Vec::new());
        let mut exhausted = BTreeSet::new();
        for Ready { subscriber, entry, access } in ready {
            if !subscriber.enabled || subscriber.begun_at != Some(access.begun_at) {
                // What was used up before may be open again.
                exhausted.extend(subscriber.quota_state.exhausted().map(|_| subscriber.id));
                let fact = SubscriberEnabled {
                    subscriber_id: subscriber.id,
                    contact: subscriber.contact,
                    expires_at: access.expires_at,
                };
                told.push(Event::new(&self.ambient, origin, &fact)?);
            }
            by_access.entry(access).or_default().push(subscriber.id);
            entries.push(entry);
        }
        for (access, ids) in by_access {
            tx.enable_subscribers(&ids, access).await?;
        }
        tx.write_entries(&entries).await?;
        self.have_quotas_checked(tx, &exhausted).await?;
        tx.append_all(told).await
    }

    /// Takes these out of the directory, and tells of it. What would be sent to them is removed later.
    pub(super) async fn take_out(
        &self,
        tx: &mut dyn RadiusTx,
        subscribers: &[Subscriber],
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let enabled: Vec<_> = subscribers.iter().filter(|subscriber| subscriber.enabled).collect();
        if enabled.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = enabled.iter().map(|subscriber| subscriber.username.as_str()).collect();
        let ids: Vec<_> = enabled.iter().map(|subscriber| subscriber.id).collect();
        tx.remove_checks(&names).await?;
        tx.disable_subscribers(&ids).await?;
        let told = ids
            .iter()
            .map(|id| Event::new(&self.ambient, origin, &SubscriberDisabled { subscriber_id: *id }));
        tx.append_all(told.collect::<Result<_, _>>()?).await?;
        self.sweep_later(tx, origin).await
    }

    /// Has what is left of those who were taken out swept, half a minute from now or later: a server that has read the
    /// one table has read the other by then.
    pub(super) async fn sweep_later(&self, tx: &mut dyn RadiusTx, origin: &Origin) -> Result<(), StoreError> {
        let at = sweep_time(self.ambient.now());
        let job = NewJob::new(&self.ambient, &SweepDirectory::default(), origin.request_id.clone())?;
        tx.enqueue(job.not_before(at).unique(format!("radius.sweep:{}", at.timestamp()))).await
    }

    /// Rewrites the rows of those of these held subscribers who are enabled, by the profile with which they were; without
    /// one, by that which they would be enabled with. Who has no right to it any more is taken out.
    pub(crate) async fn follow(
        &self,
        tx: &mut dyn RadiusTx,
        subscribers: &[Subscriber],
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let Standings { stay, leave, .. } = self.standings(tx, subscribers).await?;
        self.take_out(tx, &leave, origin).await?;
        self.put_in(tx, stay, origin).await
    }

    /// How those of these held subscribers who are enabled are to stand in the directory.
    pub(super) async fn standings(
        &self,
        tx: &mut dyn RadiusTx,
        subscribers: &[Subscriber],
    ) -> Result<Standings, StoreError> {
        let enabled: Vec<_> = subscribers.iter().filter(|subscriber| subscriber.enabled).cloned().collect();
        let grounds = self.grounds(tx, &enabled).await?;
        let used = self.used_before(tx, &enabled, &grounds, Time::Keep).await?;
        let mut standings = Standings { stay: Vec::with_capacity(enabled.len()), leave: vec![], unopened: 0 };
        for subscriber in enabled {
            let used = used.get(&subscriber.id).copied().unwrap_or_default();
            match self.ready(&subscriber, &grounds, used, Time::Keep) {
                Ok(ready) => standings.stay.push(ready),
                Err(CannotEnable::SecretLost) => standings.unopened += 1,
                Err(reason) => {
                    tracing::warn!(subscriber = %subscriber.id, %reason, "a subscriber cannot stay enabled");
                    standings.leave.push(subscriber);
                }
            }
        }
        Ok(standings)
    }

    /// The same, and has the sessions of those who are online follow what they may now.
    pub(crate) async fn follow_online(
        &self,
        tx: &mut dyn RadiusTx,
        subscribers: &[Subscriber],
        origin: &Origin,
    ) -> Result<(), StoreError> {
        self.follow(tx, subscribers, origin).await?;
        let enabled = subscribers.iter().filter(|subscriber| subscriber.enabled);
        let ids: BTreeMap<_, _> = enabled.map(|one| (one.username.as_str(), one.id)).collect();
        let names: Vec<_> = ids.keys().copied().collect();
        for name in tx.online(&names).await? {
            let Some(subscriber_id) = ids.get(name.as_str()).copied() else { continue };
            let spec = EnforceSubscriber { subscriber_id };
            tx.enqueue(NewJob::new(&self.ambient, &spec, origin.request_id.clone())?).await?;
        }
        Ok(())
    }
}

/// The profile that holds whatever a subscriber's promotion has.
fn given(subscriber: &Subscriber) -> Option<AccessProfileId> {
    subscriber.granted_profile_id.or(subscriber.own_profile_id)
}

/// The first whole minute that is half a minute away or more: sweeps of one minute are one.
pub(crate) fn sweep_time(now: Timestamp) -> Timestamp {
    let later = now + TimeDelta::seconds(90);
    later.duration_trunc(TimeDelta::minutes(1)).unwrap_or(later)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{Clock as _, testing::Surroundings};

    use super::sweep_time;

    #[test]
    fn a_sweep_waits_half_a_minute_at_least() {
        let around = Surroundings::new();
        for _ in 0..120 {
            let now = around.clock.now();
            let wait = sweep_time(now) - now;
            assert!(wait >= TimeDelta::seconds(30) && wait < TimeDelta::seconds(91), "{wait}");
            around.clock.advance(TimeDelta::milliseconds(997));
        }
    }
}
