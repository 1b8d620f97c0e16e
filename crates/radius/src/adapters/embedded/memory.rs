//! What was asked lately, and how it was answered. A NAS that has heard no answer repeats its request as it was; the answer
//! is then the same, and nothing is done twice (RFC 5080 section 2.2.2).

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

use super::packet::{Packet, Role};

/// For so long a repeated request gets the answer that it has got.
const REPEATED_WITHIN: Duration = Duration::from_secs(5);
/// For so long after that, a login that comes again is taken for a recording that somebody plays back: its
/// authenticator is to be used once (RFC 2865 section 3). Accounting that comes again is told again: a NAS may keep
/// what was not answered for long.
const REPLAYED_WITHIN: Duration = Duration::from_secs(300);
/// So many requests are kept in mind at most; then the oldest are forgotten early.
const MOST: usize = 65_536;

/// A request, as it would come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: SocketAddr,
    role: Role,
    identifier: u8,
    authenticator: [u8; 16],
}

enum Kept {
    UnderWay,
    Answered { bytes: Arc<[u8]>, at: Instant },
}

/// What is to be done with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It is new: answer it, and say so.
    New,
    /// It is being answered.
    UnderWay,
    /// It was answered so.
    Answered(Arc<[u8]>),
    /// It was answered long ago.
    Replayed,
}

/// What was asked lately.
#[derive(Default)]
pub struct Memory {
    kept: HashMap<Key, Kept>,
    order: VecDeque<(Instant, Key)>,
}

impl Memory {
    /// Takes note of a request.
    pub fn ask(&mut self, source: SocketAddr, packet: &Packet, now: Instant) -> Asked {
        self.forget_old(now);
        let key = key(source, packet);
        match self.kept.get(&key) {
            Some(Kept::UnderWay) => return Asked::UnderWay,
            Some(Kept::Answered { bytes, at }) if now.duration_since(*at) < REPEATED_WITHIN => {
                return Asked::Answered(bytes.clone());
            }
            Some(Kept::Answered { .. }) if key.role == Role::Auth => return Asked::Replayed,
            Some(Kept::Answered { .. }) | None => {}
        }
        if self.kept.insert(key, Kept::UnderWay).is_none() {
            self.order.push_back((now, key));
        }
        Asked::New
    }

    /// Takes note of how a request was answered.
    pub fn answered(&mut self, source: SocketAddr, packet: &Packet, bytes: Arc<[u8]>, now: Instant) {
        if let Some(kept) = self.kept.get_mut(&key(source, packet)) {
            *kept = Kept::Answered { bytes, at: now };
        }
    }

    /// Forgets a request that could not be answered, so that it may come again.
    pub fn failed(&mut self, source: SocketAddr, packet: &Packet) {
        // Its place in the order stays: at worst, the same request is forgotten early when it has come again.
        self.kept.remove(&key(source, packet));
    }

    fn forget_old(&mut self, now: Instant) {
        while let Some((since, key)) = self.order.front().copied() {
            let old = now.duration_since(since) >= REPLAYED_WITHIN + REPEATED_WITHIN;
            if !old && self.order.len() < MOST {
                return;
            }
            self.order.pop_front();
            self.kept.remove(&key);
        }
    }
}

fn key(source: SocketAddr, packet: &Packet) -> Key {
    let (role, identifier) = (packet.role(), packet.identifier());
    Key { source, role, identifier, authenticator: *packet.authenticator() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Asked, Memory, Packet, REPEATED_WITHIN, REPLAYED_WITHIN, Role};

    fn packet(role: Role, authenticator: u8) -> Packet {
        let code = if role == Role::Auth { 1 } else { 4 };
        let mut bytes = vec![code, 7, 0, 20];
        bytes.extend([authenticator; 16]);
        Packet::parse(role, &bytes).unwrap()
    }

    #[test]
    fn a_repeated_request_gets_the_same_answer_and_a_recording_none() {
        let (mut memory, start) = (Memory::default(), Instant::now());
        let source = "10.5.50.1:40000".parse().unwrap();
        let login = packet(Role::Auth, 1);
        assert_eq!(memory.ask(source, &login, start), Asked::New);
        assert_eq!(memory.ask(source, &login, start), Asked::UnderWay);
        memory.answered(source, &login, [2].into(), start);
        assert_eq!(memory.ask(source, &login, start), Asked::Answered([2].into()));
        // From another port or with another authenticator it is another.
        assert_eq!(memory.ask("10.5.50.1:40001".parse().unwrap(), &login, start), Asked::New);
        assert_eq!(memory.ask(source, &packet(Role::Auth, 2), start), Asked::New);
        assert_eq!(memory.ask(source, &login, start + REPEATED_WITHIN), Asked::Replayed);
        assert_eq!(memory.ask(source, &login, start + REPEATED_WITHIN + REPLAYED_WITHIN), Asked::New);
    }

    #[test]
    fn accounting_that_comes_again_later_is_told_again() {
        let (mut memory, start) = (Memory::default(), Instant::now());
        let source = "10.5.50.1:40000".parse().unwrap();
        let report = packet(Role::Acct, 1);
        assert_eq!(memory.ask(source, &report, start), Asked::New);
        memory.answered(source, &report, [5].into(), start);
        assert_eq!(memory.ask(source, &report, start + Duration::from_secs(4)), Asked::Answered([5].into()));
        assert_eq!(memory.ask(source, &report, start + REPEATED_WITHIN), Asked::New);
    }

    #[test]
    fn what_could_not_be_answered_may_come_again() {
        let (mut memory, start) = (Memory::default(), Instant::now());
        let source = "10.5.50.1:40000".parse().unwrap();
        let login = packet(Role::Auth, 1);
        assert_eq!(memory.ask(source, &login, start), Asked::New);
        memory.failed(source, &login);
        assert_eq!(memory.ask(source, &login, start), Asked::New);
    }

    #[test]
    fn a_flood_is_not_kept_in_mind_without_end() {
        let (mut memory, start) = (Memory::default(), Instant::now());
        for port in 0..=u16::MAX {
            for address in 1..=2 {
                let source = std::net::SocketAddr::from(([10, 0, 0, address], port));
                assert_eq!(memory.ask(source, &packet(Role::Auth, 1), start), Asked::New);
            }
        }
        assert_eq!((memory.kept.len(), memory.order.len()), (super::MOST, super::MOST));
    }
}
