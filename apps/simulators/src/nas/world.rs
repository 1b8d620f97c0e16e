//! The NAS with its sessions, and the world around it, brought up to date moment by moment.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;

use kernel::{Ambient, Timestamp};
use radius_tokio::attributes::first;
use radius_tokio::dict::rfc::attrs;
use radius_tokio::{Code, PacketBuffer};
use tracing::{info, warn};

use super::action::{Action, ActionError};
use super::dynamic::{Given, Heard, Obedience};
use super::exchange::{Exchange, Line, Purpose};
use super::identity::Identity;
use super::network::{Network, Weather};
use super::packet::{Login, Report};
use super::session::{Account, Cause, Figures, Grant, Session, Told};
use crate::meter::Rates;
use crate::routeros::factory;
use crate::scenario::Step;

/// The first `NAS-Port` after a restart; RouterOS counts on from it. The same numbers, in hexadecimal, are the
/// session ids.
const FIRST_PORT: u32 = 0x8020_0000;

/// What came of a sign-in: the session's address and id, or why there is none.
pub(super) type SignedIn = Result<(Ipv4Addr, String), ActionError>;

/// The simulated world. One lock is around it; nothing in it waits.
pub(super) struct World {
    pub(super) identity: Identity,
    pub(super) now: Timestamp,
    pub(super) booted: Timestamp,
    pub(super) sessions: BTreeMap<Ipv4Addr, Session>,
    pub(super) network: Network,
    pub(super) obedience: Obedience,
    pub(super) heard: Heard,
    /// Answers to requests from outside, to be given again.
    pub(super) given: VecDeque<Given>,
    /// How many requests of its own it gave up.
    pub(super) given_up: u64,
    ambient: Ambient,
    access: Exchange,
    accounting: Exchange,
    next_port: u32,
    serial: u64,
    accounts: BTreeMap<u64, Account>,
    sign_ins: BTreeMap<u64, SignedIn>,
    steps: VecDeque<(Timestamp, Step<Action>)>,
    outbox: Outbox,
}

/// What leaves the NAS, by the port of the server that it goes to.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub(super) access: Vec<Vec<u8>>,
    pub(super) accounting: Vec<Vec<u8>>,
}

impl World {
    /// A NAS that is switched on now, and a scenario that begins now.
    pub(super) fn new(identity: Identity, ambient: Ambient, scenario: Vec<Step<Action>>) -> Self {
        let now = ambient.now();
        let mut steps: Vec<_> = scenario.into_iter().map(|step| (now + step.after, step)).collect();
        steps.sort_by_key(|(moment, _)| *moment);
        Self {
            identity,
            now,
            booted: now,
            sessions: BTreeMap::new(),
            network: Network::default(),
            obedience: Obedience::default(),
            heard: Heard::default(),
            given: VecDeque::new(),
            given_up: 0,
            ambient,
            access: Exchange::default(),
            accounting: Exchange::default(),
            next_port: FIRST_PORT,
            serial: 0,
            accounts: BTreeMap::new(),
            sign_ins: BTreeMap::new(),
            steps: steps.into(),
            outbox: Outbox::default(),
        }
    }

    /// Lets the time pass up to `now`. Everything that happens meanwhile happens at its own moment.
    pub(super) fn advance(&mut self, now: Timestamp) {
        while let Some(moment) = self.next_moment().filter(|moment| *moment <= now) {
            self.now = moment.max(self.now);
            while let Some((_, step)) = self.steps.pop_front_if(|(moment, _)| *moment <= self.now) {
                if let Err(error) = self.apply(step.action) {
                    warn!(line = step.line, %error, "a step of the scenario failed");
                }
            }
            self.settle_sessions();
            self.send(true);
        }
        self.now = now.max(self.now);
        self.settle_sessions();
        self.send(false);
    }

    fn next_moment(&self) -> Option<Timestamp> {
        let sessions = self.sessions.values().filter_map(Session::next_moment);
        let requests = [self.access.next_moment(), self.accounting.next_moment()];
        let step = self.steps.front().map(|(moment, _)| *moment);
        sessions.chain(requests.into_iter().flatten()).chain(step).min()
    }

    /// Brings every session up to date: limits end them, and those whose turn it is are reported.
    pub(super) fn settle_sessions(&mut self) {
        let now = self.now;
        let mut over = Vec::new();
        for (address, session) in &mut self.sessions {
            if session.meter.settle(now) {
                over.push((*address, session.ending()));
            } else if session.report_at.is_some_and(|moment| moment <= now) {
                let report = Report::Interim(Figures::from(&*session));
                self.accounting.ask(Purpose::Report(report, now));
                session.plan_report(now);
            }
        }
        for (address, cause) in over {
            self.end_session(address, cause);
        }
    }

    /// Sends what waits, and what is due again.
    fn send(&mut self, again: bool) {
        let mut reported = Vec::new();
        let mut given_up = Vec::new();
        for (exchange, out) in
            [(&mut self.access, &mut self.outbox.access), (&mut self.accounting, &mut self.outbox.accounting)]
        {
            let (identity, ambient, network) = (&self.identity, &self.ambient, &mut self.network);
            let mut line = Line { identity, ambient, network, out, reported: &mut reported };
            if again {
                given_up.extend(exchange.retry(&mut line, self.now));
            }
            exchange.pump(&mut line, self.now);
        }
        self.note(&reported);
        for purpose in given_up {
            self.given_up += 1;
            if let Purpose::Login(attempt, ..) = purpose {
                self.sign_ins.insert(attempt, Err(ActionError::Unanswered));
            }
        }
    }

    /// Sends what was held back.
    pub(super) fn release(&mut self) {
        let mut reported = Vec::new();
        for (exchange, out) in
            [(&mut self.access, &mut self.outbox.access), (&mut self.accounting, &mut self.outbox.accounting)]
        {
            let (identity, ambient, network) = (&self.identity, &self.ambient, &mut self.network);
            exchange.release(&mut Line { identity, ambient, network, out, reported: &mut reported });
        }
        self.note(&reported);
    }

    /// Writes down what the server may know by now.
    fn note(&mut self, reported: &[(Report, Timestamp)]) {
        for (report, at) in reported {
            let Some(figures) = report.figures() else {
                continue;
            };
            if let Some(account) = self.accounts.get_mut(&figures.serial) {
                account.reported_up = account.reported_up.max(figures.uploaded);
                account.reported_down = account.reported_down.max(figures.downloaded);
                account.end_reported |= matches!(report, Report::Stop(..));
                let (uploaded, downloaded) = (figures.uploaded, figures.downloaded);
                account.told.push(Told { at: *at, uploaded, downloaded });
            }
        }
    }

    /// Takes a packet that came from the server's port for Access-Requests (`true`) or accounting.
    pub(super) fn take_answer(&mut self, access: bool, bytes: &[u8]) {
        let exchange = if access { &mut self.access } else { &mut self.accounting };
        match exchange.take(&self.identity, bytes) {
            Some((Purpose::Login(attempt, login, demand), packet)) => {
                let outcome = self.admit(login, demand, &packet);
                self.sign_ins.insert(attempt, outcome);
            }
            Some((Purpose::Report(..), _)) => {}
            None => info!(access, "an answer to nothing that was asked"),
        }
        self.send(false);
    }

    fn admit(&mut self, login: Login, demand: Rates, packet: &PacketBuffer) -> SignedIn {
        let Login { station, .. } = login;
        if packet.header().code != Code::ACCESS_ACCEPT {
            let message = first(packet.attributes(), attrs::REPLY_MESSAGE).unwrap_or_default().to_owned();
            info!(user = station.user, message, "refused");
            return Err(ActionError::Refused(message));
        }
        let (address, id) = (station.address, station.session_id());
        self.serial += 1;
        let grant = Grant::read(packet, self.identity.interim_seconds);
        let session = Session::new(self.serial, station, grant, demand, self.now);
        info!(user = session.station.user, %address, id, "signed in at the HotSpot");
        self.accounts.insert(self.serial, account_of(&session));
        let report = Report::Start(Figures::from(&session));
        self.accounting.ask(Purpose::Report(report, self.now));
        self.sessions.insert(address, session);
        Ok((address, id))
    }

    /// Has the server asked whether somebody may sign in; the number names the attempt.
    pub(super) fn ask_for(&mut self, login: Login, demand: Rates) -> u64 {
        self.serial += 1;
        self.access.ask(Purpose::Login(self.serial, login, demand));
        self.serial
    }

    /// What came of a sign-in, once that is known; it is told once.
    pub(super) fn signed_in(&mut self, attempt: u64) -> Option<SignedIn> {
        self.sign_ins.remove(&attempt)
    }

    /// Ends a session, if there is one at this address, and reports it.
    pub(super) fn end_session(&mut self, address: Ipv4Addr, cause: Cause) {
        let now = self.now;
        let Some(mut session) = self.sessions.remove(&address) else {
            return;
        };
        session.meter.settle(now);
        info!(user = session.station.user, %address, ?cause, "left the HotSpot");
        self.close_account(&session);
        let report = Report::Stop(Figures::from(&session), cause);
        self.accounting.ask(Purpose::Report(report, now));
    }

    /// Switches off and on.
    pub(super) fn reboot(&mut self, orderly: bool, silent: bool) {
        if orderly {
            let online: Vec<Ipv4Addr> = self.sessions.keys().copied().collect();
            for address in online {
                self.end_session(address, Cause::NasReboot);
            }
            self.accounting.ask(Purpose::Report(Report::Off, self.now));
            self.send(false);
        }
        for session in std::mem::take(&mut self.sessions).into_values() {
            self.close_account(&session);
        }
        self.access.forget();
        self.accounting.forget();
        self.given.clear();
        self.reuse_ports();
        self.booted = self.now;
        if !silent {
            self.accounting.ask(Purpose::Report(Report::On, self.now));
        }
        info!(orderly, "rebooted");
    }

    fn close_account(&mut self, session: &Session) {
        if let Some(account) = self.accounts.get_mut(&session.serial) {
            let truly = account_of(session);
            (account.uploaded, account.downloaded) = (truly.uploaded, truly.downloaded);
            account.over = true;
        }
    }

    /// Every session there was, as it truly was.
    pub(super) fn accounts(&self) -> Vec<Account> {
        let mut accounts = self.accounts.clone();
        for session in self.sessions.values() {
            if let Some(account) = accounts.get_mut(&session.serial) {
                let truly = account_of(session);
                (account.uploaded, account.downloaded) = (truly.uploaded, truly.downloaded);
            }
        }
        accounts.into_values().collect()
    }

    pub(super) fn take_port(&mut self) -> u32 {
        let port = self.next_port;
        self.next_port = port.wrapping_add(1);
        port
    }

    pub(super) fn reuse_ports(&mut self) {
        self.next_port = FIRST_PORT;
    }

    pub(super) fn free_address(&self) -> Option<Ipv4Addr> {
        factory::pool().find(|address| !self.sessions.contains_key(address))
    }

    pub(super) fn heal(&mut self) {
        self.network.faults.clear();
        self.network.set_weather(Weather::default());
        self.obedience = Obedience::Obey;
        self.release();
    }

    pub(super) fn steps_to_come(&self) -> usize {
        self.steps.len()
    }

    /// Whether the server owes no answer that can come.
    pub(super) fn is_quiet(&self) -> bool {
        !self.access.expects() && !self.accounting.expects()
    }

    /// Whether something is to happen by then that has not.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.next_moment().is_some_and(|moment| moment <= now)
    }

    /// Counts a look; see [`Exchange::look`].
    pub(super) fn look(&mut self, patience: u32) {
        self.access.look(patience);
        self.accounting.look(patience);
    }

    /// Does not wait for a server that keeps silent.
    pub(super) fn stop_expecting(&mut self) {
        self.access.stop_expecting();
        self.accounting.stop_expecting();
    }

    /// What is to be sent.
    pub(super) fn take_outbox(&mut self) -> Outbox {
        std::mem::take(&mut self.outbox)
    }
}

fn account_of(session: &Session) -> Account {
    let traffic = session.meter.traffic;
    Account {
        serial: session.serial,
        user: session.station.user.clone(),
        session_id: session.station.session_id(),
        began: session.meter.began,
        over: false,
        uploaded: traffic.uploaded(),
        downloaded: traffic.downloaded(),
        reported_up: 0,
        reported_down: 0,
        end_reported: false,
        told: Vec::new(),
    }
}
