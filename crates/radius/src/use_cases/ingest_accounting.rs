//! What servers have written down of sessions becomes sessions and usage.
//!
//! One transaction takes a batch in, in the order in which it was written, and forgets it: a crash anywhere loses
//! nothing and counts nothing twice. Two workers take turns, as the later of two looks at one row means nothing without
//! the earlier.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    Event, Id, NewJob, Origin, StoreError, Timestamp,
    events::radius::{RadiusDeviceSeen, RadiusSessionClosed},
    id::ids::{RadiusSessionId, SubscriberId},
};
use uuid::Uuid;

use super::Radius;
use crate::{
    jobs::check_quotas::CheckQuotas,
    meter::{Reading, Width},
    observation::Observation,
    ports::{Entries, Owner, RadiusTx},
    session::{LOST_CARRIER, SILENT_FOR, Session, Trail},
    usage::by_day,
};

/// How many looks are taken in with one commit.
const BATCH: u64 = 500;
/// How many batches one run takes in, well within the time that a job has: the next run goes on.
const BATCHES: usize = 10;
/// How many subscribers one job looks at.
const CHECKED_TOGETHER: usize = 100;

/// What a batch comes to.
#[derive(Default)]
struct Taken {
    trails: BTreeMap<String, Trail>,
    entries: Entries,
    opened: BTreeSet<RadiusSessionId>,
    closed: BTreeSet<RadiusSessionId>,
    touched: BTreeSet<SubscriberId>,
}

impl Radius {
    /// Takes in what servers have written down of sessions, as much as one run does, and has a worker go on if there may
    /// be more. Says how many looks that were.
    ///
    /// # Errors
    /// [`StoreError`]; what was committed stays taken in.
    pub async fn ingest_accounting(&self) -> Result<u64, StoreError> {
        let mut taken_in = 0;
        for _ in 0..BATCHES {
            let batch = self.ingest_batch().await?;
            taken_in += batch;
            if batch < BATCH {
                return Ok(taken_in);
            }
        }
        // For the clock and the resets, which call once. A job that is at work keeps this one out by its key: it runs
        // again by itself.
        self.have_accounting_ingested().await?;
        Ok(taken_in)
    }

    async fn ingest_batch(&self) -> Result<u64, StoreError> {
        let narrow = self.narrow_nas().await?;
        let mut tx = self.store.begin().await?;
        tx.take_accounting_turn().await?;
        let looks = tx.next_observations(BATCH).await?;
        if looks.is_empty() {
            return Ok(0);
        }
        let names: BTreeSet<&str> = looks.iter().map(|look| look.unique_id.as_str()).collect();
        let known = tx.sessions_named(&names.into_iter().collect::<Vec<_>>()).await?;
        let mut taken = Taken::of(known);
        let now = self.ambient.now();
        for look in &looks {
            let width = if narrow.contains(&look.nas_address) { Width::Bits32 } else { Width::Bits64 };
            self.take_in(&mut taken, look, width, now);
        }
        self.attribute(&mut *tx, &mut taken).await?;
        let sessions: Vec<&Session> = taken.trails.values().flat_map(Trail::sessions).collect();
        tx.save_radius_sessions(&sessions).await?;
        tx.add_usage(&taken.entries).await?;
        self.tell_of_sessions(&mut *tx, &taken).await?;
        self.have_quotas_checked(&mut *tx, &taken.touched).await?;
        tx.forget_observations(&looks.iter().map(|look| look.id).collect::<Vec<_>>()).await?;
        tx.commit().await?;
        Ok(u64::try_from(looks.len()).unwrap_or(u64::MAX))
    }

    fn take_in(&self, taken: &mut Taken, look: &Observation, width: Width, now: Timestamp) {
        let trail = taken.trails.entry(look.unique_id.clone()).or_default();
        let observed = trail.observe(look, width, now, || Id::generate(&self.ambient));
        for session in trail.sessions() {
            if observed.closed.contains(&session.generation) {
                taken.closed.insert(session.id);
            }
            if session.generation != observed.generation {
                continue;
            }
            if observed.opened {
                taken.opened.insert(session.id);
            }
            if let Reading::Grown(growth) = observed.reading {
                for (day, used) in by_day(&growth, self.settings.zone) {
                    let entry = taken.entries.entry((session.id, day)).or_default();
                    *entry = entry.plus(used);
                }
            }
        }
    }

    /// Finds out whose the sessions are of which that is not known.
    async fn attribute(&self, tx: &mut dyn RadiusTx, taken: &mut Taken) -> Result<(), StoreError> {
        let nobodys: Vec<&Session> = taken.trails.values().flat_map(Trail::sessions).collect();
        let nobodys = || nobodys.iter().filter(|session| session.subscriber_id.is_none());
        let ids: BTreeSet<_> =
            nobodys().filter_map(|session| subscriber_in(session.class.as_deref()?)).collect();
        let names: BTreeSet<_> = nobodys().map(|session| session.username.as_str()).collect();
        let (ids, names): (Vec<_>, Vec<_>) = (ids.into_iter().collect(), names.into_iter().collect());
        let owners = if names.is_empty() { Vec::new() } else { tx.owners(&ids, &names).await? };
        let mut given: BTreeMap<SubscriberId, Vec<RadiusSessionId>> = BTreeMap::new();
        let sessions = taken.trails.values_mut().flat_map(Trail::sessions_mut);
        for session in sessions {
            if session.subscriber_id.is_none()
                && let Some(owner) = owner_of(session, &owners)
            {
                session.subscriber_id = Some(owner.subscriber_id);
                session.user_id = owner.user_id;
                taken.opened.insert(session.id);
                given.entry(owner.subscriber_id).or_default().push(session.id);
            }
            taken.touched.extend(session.subscriber_id);
        }
        for (subscriber, sessions) in given {
            tx.attribute_usage(subscriber, &sessions).await?;
        }
        Ok(())
    }

    async fn tell_of_sessions(&self, tx: &mut dyn RadiusTx, taken: &Taken) -> Result<(), StoreError> {
        let origin = Origin::system("accounting");
        for session in taken.trails.values().flat_map(Trail::sessions) {
            if let (true, Some(user_id), Some(mac)) =
                (taken.opened.contains(&session.id), session.user_id, session.mac.clone())
            {
                let seen_at = session.last_seen_at;
                let fact = RadiusDeviceSeen { session_id: session.id, user_id, mac, seen_at };
                tx.append(Event::new(&self.ambient, &origin, &fact)?).await?;
            }
            if taken.closed.contains(&session.id) {
                self.tell_closed(tx, session, &origin).await?;
            }
        }
        Ok(())
    }

    /// The addresses of those NAS whose counters come without Gigawords.
    async fn narrow_nas(&self) -> Result<BTreeSet<String>, StoreError> {
        let all = self.reads.list_nas_clients().await?;
        let narrow = all.iter().filter(|client| !client.sends_gigawords);
        Ok(narrow.map(|client| client.address.to_string()).collect())
    }

    async fn tell_closed(
        &self,
        tx: &mut dyn RadiusTx,
        session: &Session,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let fact = RadiusSessionClosed {
            session_id: session.id,
            subscriber_id: session.subscriber_id,
            cause: session.cause.clone().unwrap_or_default(),
        };
        tx.append(Event::new(&self.ambient, origin, &fact)?).await
    }

    pub(crate) async fn have_quotas_checked(
        &self,
        tx: &mut dyn RadiusTx,
        subscribers: &BTreeSet<SubscriberId>,
    ) -> Result<(), StoreError> {
        let all: Vec<SubscriberId> = subscribers.iter().copied().collect();
        for together in all.chunks(CHECKED_TOGETHER) {
            let spec = CheckQuotas { subscribers: together.to_vec() };
            tx.enqueue(NewJob::new(&self.ambient, &spec, None)?).await?;
        }
        Ok(())
    }

    /// Ends the sessions of which nothing is heard any more, with what is known of them. Says how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_silent_sessions(&self, limit: u64) -> Result<usize, StoreError> {
        let mut tx = self.store.begin().await?;
        tx.take_accounting_turn().await?;
        let mut silent = tx.silent_sessions(self.ambient.now() - SILENT_FOR, limit).await?;
        for session in &mut silent {
            session.stopped_at = Some(session.last_seen_at);
            session.cause = Some(LOST_CARRIER.to_owned());
        }
        let sessions: Vec<&Session> = silent.iter().collect();
        tx.save_radius_sessions(&sessions).await?;
        tx.end_accounting_rows(&sessions).await?;
        let origin = Origin::system("accounting");
        for session in &silent {
            self.tell_closed(&mut *tx, session, &origin).await?;
        }
        tx.commit().await?;
        Ok(silent.len())
    }
}

impl Taken {
    fn of(known: Vec<Session>) -> Self {
        let mut by_name: BTreeMap<String, Vec<Session>> = BTreeMap::new();
        for session in known {
            by_name.entry(session.unique_id.clone()).or_default().push(session);
        }
        let trails = by_name.into_iter().map(|(name, sessions)| (name, Trail::of(sessions))).collect();
        Self { trails, ..Self::default() }
    }
}

/// Whose a session is: that of its class, else that of its name.
fn owner_of<'a>(session: &Session, owners: &'a [Owner]) -> Option<&'a Owner> {
    let of_class = session.class.as_deref().and_then(subscriber_in);
    let by_class = owners.iter().find(|owner| Some(owner.subscriber_id) == of_class);
    by_class.or_else(|| owners.iter().find(|owner| owner.username == session.username))
}

/// The subscriber that a Class names: its id as text, alone or behind what is a login's own and a dot; or all of that as
/// FreeRADIUS writes octets, `0x` and hexadecimal.
fn subscriber_in(class: &str) -> Option<SubscriberId> {
    let plain = |text: &str| Uuid::try_parse(text.rsplit('.').next()?).ok();
    let octets = class.strip_prefix("0x").and_then(|digits| {
        let bytes = digits.as_bytes().chunks_exact(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Vec<u8> = bytes.map(byte).collect::<Option<_>>()?;
        Uuid::from_slice(&bytes).ok().or_else(|| plain(std::str::from_utf8(&bytes).ok()?))
    });
    plain(class).or(octets).map(Id::from_uuid)
}

#[cfg(test)]
mod tests {
    use kernel::Id;
    use uuid::Uuid;

    use super::subscriber_in;

    #[test]
    fn a_class_names_a_subscriber_however_it_is_written() {
        let id = Uuid::from_u128(0x0197_f2a4_6a1e_7c53_9b7e_2f5d_8c1a_3e90);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let text = id.simple().to_string();
        for class in [
            id.to_string(),
            text.clone(),
            format!("ai:0011aabb.{id}"),
            format!("0x{}", hex(text.as_bytes())),
            format!("0x{}", hex(id.as_bytes())),
        ] {
            assert_eq!(subscriber_in(&class), Some(Id::from_uuid(id)), "{class}");
        }
        for class in ["", "0x", "0xzz", "premium", "0x61693a"] {
            assert_eq!(subscriber_in(class), None, "{class}");
        }
    }
}
