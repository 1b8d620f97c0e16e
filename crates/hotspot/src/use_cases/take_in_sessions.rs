//! Taking in what a router says of its open sessions: which go on, which are new and whose, which are over.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    Id, StoreError, Timestamp,
    id::ids::{DeviceId, UserId},
};

use super::Hotspot;
use crate::{
    device::{Device, DeviceClass, is_mac},
    ports::{HotspotTx, RouterSession},
    router::Router,
    session::{REOPENS_WITHIN, Session, SessionEnding, Traffic, reconcile},
};

/// What a router's list came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TakenIn {
    /// How many sessions are open.
    pub open: usize,
    /// How many ended since the last look.
    pub closed: usize,
    /// The open ones of deactivated devices: they are to be ended.
    pub unwelcome: Vec<Session>,
}

impl Hotspot {
    /// Takes in what a router listed at `asked_at`; `None` if what it listed later has been taken in already.
    pub(crate) async fn take_in_sessions(
        &self,
        router: &Router,
        listed: &[RouterSession],
        asked_at: Timestamp,
    ) -> Result<Option<TakenIn>, StoreError> {
        let mut tx = self.store.begin().await?;
        if !tx.take_session_turn(router.id, asked_at).await? {
            return Ok(None);
        }
        let known = tx.known_sessions(router.id, asked_at - REOPENS_WITHIN).await?;
        let changes = reconcile(&known, listed, asked_at);
        tx.close_sessions(&changes.closed, asked_at, SessionEnding::Gone).await?;
        let mut open = changes.continued;
        open.extend(changes.opened.iter().map(|listed| self.opened(router, listed, asked_at)));
        let unwelcome = self.attribute(&mut *tx, router, &mut open, asked_at).await?;
        tx.save_sessions(&open).await?;
        tx.commit().await?;
        let unwelcome = open.iter().filter(|session| unwelcome.contains(&session.device_id));
        let unwelcome = unwelcome.cloned().collect();
        Ok(Some(TakenIn { open: open.len(), closed: changes.closed.len(), unwelcome }))
    }

    /// Writes down that these sessions, as a router listed them at `asked_at`, have been ended since.
    pub(crate) async fn close_ended(
        &self,
        router: &Router,
        ended: &[RouterSession],
        asked_at: Timestamp,
        ending: SessionEnding,
    ) -> Result<(), StoreError> {
        if ended.is_empty() {
            return Ok(());
        }
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let in_turn = tx.take_session_turn(router.id, asked_at).await?;
        let mut known = tx.known_sessions(router.id, asked_at - REOPENS_WITHIN).await?;
        known.retain(|session| ended.iter().any(|ended| is_named(session, ended)));
        if in_turn {
            let changes = reconcile(&known, ended, asked_at);
            tx.close_sessions(&changes.closed, now, SessionEnding::Gone).await?;
            let mut over = changes.continued;
            over.extend(changes.opened.iter().map(|listed| self.opened(router, listed, asked_at)));
            self.attribute(&mut *tx, router, &mut over, asked_at).await?;
            for session in &mut over {
                (session.closed_at, session.ending) = (Some(now), Some(ending));
            }
            tx.save_sessions(&over).await?;
        } else {
            // A later list has been taken in: it knows more of them than we do, but not why they end.
            let open: Vec<_> = known.iter().map(|session| session.id).collect();
            tx.close_sessions(&open, now, ending).await?;
        }
        // A list that was made before they ended would open them again.
        tx.take_session_turn(router.id, now).await?;
        tx.commit().await
    }

    fn opened(&self, router: &Router, listed: &RouterSession, asked_at: Timestamp) -> Session {
        Session {
            id: Id::generate(&self.ambient),
            router_id: router.id,
            router_session_id: listed.id.clone(),
            username: listed.username.clone(),
            hotspot_user_id: None,
            user_id: None,
            device_id: None,
            mac: listed.mac.clone(),
            address: listed.address,
            started_at: Session::beginning_of(listed, asked_at),
            last_seen_at: asked_at,
            closed_at: None,
            ending: None,
            uptime_seconds: listed.uptime_seconds,
            traffic: Traffic::default().observe(listed.uploaded_bytes, listed.downloaded_bytes),
            termination_asked_at: None,
            limit: None,
        }
    }

    /// Finds out whose the sessions are, and with which device; gives the devices that are deactivated.
    async fn attribute(
        &self,
        tx: &mut dyn HotspotTx,
        router: &Router,
        sessions: &mut [Session],
        seen_at: Timestamp,
    ) -> Result<BTreeSet<Option<DeviceId>>, StoreError> {
        let nobodys = sessions.iter().filter(|session| session.user_id.is_none());
        let names: BTreeSet<String> = nobodys.map(|session| session.username.clone()).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let owners = tx.name_owners(router.id, &names).await?;
        // A name of ours stays ours, whoever it was given to while its comment said nothing of us.
        let (ours, adopted): (Vec<_>, Vec<_>) =
            owners.iter().partition(|owner| owner.hotspot_user_id.is_some());
        let owners: BTreeMap<_, _> =
            adopted.into_iter().chain(ours).map(|owner| (owner.username.as_str(), owner)).collect();
        for session in sessions.iter_mut() {
            if let Some(owner) = owners.get(session.username.as_str()) {
                session.hotspot_user_id = session.hotspot_user_id.or(owner.hotspot_user_id);
                session.user_id = owner.user_id;
            }
        }
        let used: BTreeSet<(UserId, String)> = sessions
            .iter()
            .filter(|session| is_mac(&session.mac))
            .filter_map(|session| session.user_id.map(|user| (user, session.mac.clone())))
            .collect();
        // In one order always, so that two routers that list the same devices do not wait for each other.
        let devices: Vec<_> = used.iter().map(|(user, mac)| self.met(*user, mac, seen_at)).collect();
        tx.note_devices(&devices).await?;
        let macs: BTreeSet<&str> = used.iter().map(|(_, mac)| mac.as_str()).collect();
        let known = tx.devices_with(&macs.into_iter().collect::<Vec<_>>()).await?;
        let known: BTreeMap<_, _> =
            known.iter().map(|device| ((device.user_id, device.mac.as_str()), device)).collect();
        let mut deactivated = BTreeSet::new();
        for session in sessions.iter_mut() {
            let Some(user) = session.user_id else { continue };
            let Some(device) = known.get(&(user, session.mac.as_str())) else { continue };
            session.device_id = Some(device.id);
            if !device.active {
                deactivated.insert(session.device_id);
            }
        }
        Ok(deactivated)
    }

    pub(crate) fn met(&self, user: UserId, mac: &str, seen_at: Timestamp) -> Device {
        Device {
            id: Id::generate(&self.ambient),
            user_id: user,
            mac: mac.to_owned(),
            class: DeviceClass::Unknown,
            name: None,
            active: true,
            first_seen_at: seen_at,
            last_seen_at: seen_at,
        }
    }
}

/// Whether a session has the names of a listed one, be it the same or an earlier one.
fn is_named(session: &Session, listed: &RouterSession) -> bool {
    session.router_session_id == listed.id && session.username == listed.username && session.mac == listed.mac
}
