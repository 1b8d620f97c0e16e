//! Access that was sold: put into the directory, switched off and on, and taken away, each in one transaction. Whoever
//! sells keeps its own account of it; this is what there is of it in RADIUS.
//!
//! It counts what is used from when it was made. Taken away and made anew, it is another subscriber, as an entry on a
//! router would be: its seller says how much is left.

use std::fmt;

use kernel::{
    Id, NewJob, Origin, StoreError,
    events::Contact,
    id::ids::{RadiusSessionId, RouterId},
    sealed::{Purpose, SealError},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Radius,
    directory::{CannotEnable, Time},
};
use crate::{
    enforcement::Wish,
    jobs::{EnforceSubscriber, check_quotas::CheckQuotas},
    ports::RadiusTx,
    session::Session,
    subscriber::{Sold, Source, Subscriber, fold},
    use_cases::Reason,
};

/// An access as it is to be.
#[derive(Clone)]
pub struct SoldAccess {
    /// Where it is put, what its seller knows it by, its name and its limits.
    pub sold: Sold,
    /// Who has bought it: they are told when little of it is left.
    pub contact: Contact,
    /// The secret to sign in with.
    pub secret: SecretString,
}

// By hand: the secret is in it.
impl fmt::Debug for SoldAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoldAccess").field("sold", &self.sold).finish_non_exhaustive()
    }
}

/// Who has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameHolder {
    /// An access that was sold, and whether it is switched on.
    Sold(Box<Sold>, bool),
    /// An account.
    Account,
}

/// Why an access was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SoldAccessError {
    /// Somebody has this name already, in whatever case.
    #[error("the name is taken")]
    NameTaken,
    /// Nothing that was put here has this name.
    #[error("there is no such access")]
    NotFound,
    /// It cannot stand in the directory.
    #[error(transparent)]
    CannotEnable(#[from] CannotEnable),
    /// Its secret could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Radius {
    /// Makes an access, switched on. One that its seller has at another place comes to this one, with everything that
    /// it has used.
    ///
    /// # Errors
    /// [`SoldAccessError`]; nothing was changed then.
    pub async fn create_sold_access(
        &self,
        access: &SoldAccess,
        origin: &Origin,
    ) -> Result<(), SoldAccessError> {
        let mut tx = self.store.begin().await?;
        match tx.lock_holder(&fold(&access.sold.name)).await? {
            Some(holder) if is_elsewhere(&holder, &access.sold) => {
                self.set(&mut *tx, holder, access, origin).await?;
            }
            Some(_) => return Err(SoldAccessError::NameTaken),
            None => {
                let subscriber = self.new_subscriber(access)?;
                if !tx.insert_subscriber(&subscriber).await? {
                    return Err(SoldAccessError::NameTaken);
                }
                self.switch_on(&mut *tx, &subscriber, origin).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Sets everything about an access of this name but whether it is switched on. Its open sessions follow.
    ///
    /// # Errors
    /// [`SoldAccessError`]; nothing was changed then.
    pub async fn set_sold_access(&self, access: &SoldAccess, origin: &Origin) -> Result<(), SoldAccessError> {
        let mut tx = self.store.begin().await?;
        let subscriber = lock(&mut *tx, access.sold.router_id, &access.sold.name).await?;
        self.set(&mut *tx, subscriber, access, origin).await?;
        Ok(tx.commit().await?)
    }

    /// Who has a name, in whatever case; of what was sold only what was put here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_sold_access(
        &self,
        router: RouterId,
        name: &str,
    ) -> Result<Option<NameHolder>, StoreError> {
        let holder = self.reads.holder_of(&fold(name)).await?;
        Ok(holder.and_then(|holder| match holder.source {
            Source::Account(_) => Some(NameHolder::Account),
            Source::Sold(sold) => {
                (sold.router_id == router).then_some(NameHolder::Sold(sold, holder.enabled))
            }
        }))
    }

    /// Everything that was put here and not taken away, and whether it is switched on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_sold_access(&self, router: RouterId) -> Result<Vec<(Sold, bool)>, StoreError> {
        let subscribers = self.reads.sold_at(router).await?;
        let sold = subscribers.into_iter().filter_map(|subscriber| match subscriber.source {
            Source::Sold(sold) => Some((*sold, subscriber.enabled)),
            Source::Account(_) => None,
        });
        Ok(sold.collect())
    }

    /// Switches an access on or off. Switched off, it cannot sign in, and its sessions end.
    ///
    /// # Errors
    /// [`SoldAccessError`]; nothing was changed then.
    pub async fn switch_sold_access(
        &self,
        router: RouterId,
        name: &str,
        on: bool,
        origin: &Origin,
    ) -> Result<(), SoldAccessError> {
        let mut tx = self.store.begin().await?;
        let subscriber = lock(&mut *tx, router, name).await?;
        match on {
            _ if on == subscriber.enabled => return Ok(()),
            true => self.switch_on(&mut *tx, &subscriber, origin).await?,
            false => self.take_out(&mut *tx, &[subscriber], origin).await?,
        }
        Ok(tx.commit().await?)
    }

    /// Takes an access away for good; its sessions end. Nothing happens if there is none of this name.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed then.
    pub async fn remove_sold_access(
        &self,
        router: RouterId,
        name: &str,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let found = tx.lock_holder(&fold(name)).await?;
        let Some(mut subscriber) = found.filter(|found| is_at(found, router)) else { return Ok(()) };
        self.take_out(&mut *tx, std::slice::from_ref(&subscriber), origin).await?;
        subscriber.enabled = false;
        subscriber.archived_at = Some(self.ambient.now());
        subscriber.sealed_secret = None;
        subscriber.contact = Contact::default();
        tx.update_subscriber(&subscriber).await?;
        tx.commit().await
    }

    /// The open sessions of what was ever put here, of one name in whatever case or of all, each with the name as it was
    /// issued.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sessions_of_sold_access(
        &self,
        router: RouterId,
        name: Option<&str>,
    ) -> Result<Vec<(String, Session)>, StoreError> {
        let folded = name.map(fold);
        self.reads.open_sessions_of_sold(router, folded.as_deref()).await
    }

    /// Has an open session ended; false if it is over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_sold_session(&self, id: RadiusSessionId) -> Result<bool, StoreError> {
        let session = self.reads.find_radius_session(id).await?;
        if session.is_none_or(|session| session.stopped_at.is_some()) {
            return Ok(false);
        }
        let mut tx = self.store.begin().await?;
        self.want(&mut *tx, id, (Wish::End, Reason::Staff), None).await?;
        tx.commit().await?;
        Ok(true)
    }

    fn new_subscriber(&self, access: &SoldAccess) -> Result<Subscriber, SealError> {
        let (id, now) = (Id::generate(&self.ambient), self.ambient.now());
        let sealed = self.sealer.seal(Purpose::WifiPassword, &id, access.secret.expose_secret())?;
        Ok(Subscriber::sold(id, access.sold.clone(), access.contact.clone(), sealed, now))
    }

    async fn set(
        &self,
        tx: &mut dyn RadiusTx,
        before: Subscriber,
        access: &SoldAccess,
        origin: &Origin,
    ) -> Result<(), SoldAccessError> {
        let mut after = before.clone();
        after.source = Source::Sold(Box::new(access.sold.clone()));
        after.contact = access.contact.clone();
        // Sealed anew it would be another value, and its rows as well.
        if self.open_secret(&before).ok().as_deref() != Some(access.secret.expose_secret()) {
            let secret = access.secret.expose_secret();
            after.sealed_secret = Some(self.sealer.seal(Purpose::WifiPassword, &after.id, secret)?);
        }
        if after == before {
            return Ok(());
        }
        tx.update_subscriber(&after).await?;
        if after.enabled {
            self.switch_on(tx, &after, origin).await?;
        }
        if let (Source::Sold(was), Source::Sold(is)) = (&before.source, &after.source)
            && was.limits != is.limits
        {
            let quotas = CheckQuotas { subscribers: vec![after.id] };
            tx.enqueue(NewJob::new(&self.ambient, &quotas, origin.request_id.clone())?).await?;
            let sessions = EnforceSubscriber { subscriber_id: after.id };
            tx.enqueue(NewJob::new(&self.ambient, &sessions, origin.request_id.clone())?).await?;
        }
        Ok(())
    }

    /// Writes the rows of a held access that is to be in the directory.
    async fn switch_on(
        &self,
        tx: &mut dyn RadiusTx,
        subscriber: &Subscriber,
        origin: &Origin,
    ) -> Result<(), SoldAccessError> {
        let one = std::slice::from_ref(subscriber);
        let namesakes = tx.enabled_with_names(&[&subscriber.username]).await?;
        if namesakes.values().any(|id| *id != subscriber.id) {
            return Err(CannotEnable::NameTaken.into());
        }
        let grounds = self.grounds(tx, one).await?;
        let used = self.used_before(tx, one, &grounds, Time::Keep).await?;
        let used = used.get(&subscriber.id).copied().unwrap_or_default();
        let ready = self.ready(subscriber, &grounds, used, Time::Keep)?;
        Ok(self.put_in(tx, vec![ready], origin).await?)
    }
}

/// Whether the holder of a name is what was put there.
fn is_at(holder: &Subscriber, router: RouterId) -> bool {
    matches!(&holder.source, Source::Sold(sold) if sold.router_id == router)
}

/// Whether the holder of a name is the same access, put at another place.
fn is_elsewhere(holder: &Subscriber, wanted: &Sold) -> bool {
    matches!(&holder.source, Source::Sold(sold)
        if sold.router_id != wanted.router_id && sold.marker == wanted.marker)
}

async fn lock(tx: &mut dyn RadiusTx, router: RouterId, name: &str) -> Result<Subscriber, SoldAccessError> {
    let found = tx.lock_holder(&fold(name)).await?;
    found.filter(|found| is_at(found, router)).ok_or(SoldAccessError::NotFound)
}
