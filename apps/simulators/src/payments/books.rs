//! What the simulated gateways remember, in the form of the fake gateway: one journal for each, which a restart
//! and other processes find again.

use std::io;

use billing::{
    adapters::fake::{
        script::{Answer, Script},
        world::{Charge, Entry, GatewayWorld, NotPaidBack, PaidBack},
    },
    ports::gateway::{InitiateRequest, RefundRequest},
};
use chrono::Duration;
use fake_world::Journal;
use kernel::{Money, Timestamp};
use uuid::Uuid;

/// A charge and its place in the books.
pub(super) type Placed = (usize, Charge);

/// How long after each callback in vain the next is sent, in seconds. After the last there is none.
const RETRY_AFTER: [i64; 4] = [2, 10, 60, 300];

/// The books of one gateway.
pub(super) struct Books(Journal<GatewayWorld>);

impl Books {
    pub(super) fn new(journal: Journal<GatewayWorld>) -> Self {
        Self(journal)
    }

    /// Every charge, oldest first.
    pub(super) fn charges(&self) -> io::Result<Vec<Charge>> {
        self.0.look(|world| world.charges().to_vec())
    }

    /// Pushes a prompt to the wallet, with all the callbacks that it will have.
    pub(super) fn charge(
        &self,
        request: &InitiateRequest,
        script: Script,
        now: Timestamp,
    ) -> io::Result<Placed> {
        self.0.act(|world| {
            let placed = planned(world, request, script, now);
            (vec![Entry::Asked(placed.1.clone())], placed)
        })
    }

    /// Pushes a prompt, unless one was pushed for this reference; that one is the error then.
    pub(super) fn charge_once(
        &self,
        request: &InitiateRequest,
        script: Script,
        now: Timestamp,
    ) -> io::Result<Result<Placed, Placed>> {
        self.0.act(|world| match find(world, |charge| charge.reference == request.reference) {
            Some(known) => (Vec::new(), Err(known)),
            None => {
                let placed = planned(world, request, script, now);
                (vec![Entry::Asked(placed.1.clone())], Ok(placed))
            }
        })
    }

    /// Pays back, unless that was done for this reference; says whether it was. None where nothing may be paid back.
    pub(super) fn pay_back_once(
        &self,
        request: &RefundRequest,
        now: Timestamp,
    ) -> io::Result<Result<(PaidBack, bool), NotPaidBack>> {
        self.0.act(|world| {
            let known = world.paid_back().iter().find(|refund| refund.reference == request.reference);
            if let Some(known) = known {
                return (Vec::new(), Ok((known.clone(), true)));
            }
            match world.refund(request, now) {
                Ok(refund) => (vec![Entry::PaysBack(refund.clone())], Ok((refund, false))),
                Err(why) => (Vec::new(), Err(why)),
            }
        })
    }

    /// The refund of this reference, and how much of it is told.
    pub(super) fn find_refund(&self, reference: Uuid) -> io::Result<Option<(PaidBack, Option<Money>)>> {
        self.0.look(|world| {
            let refund = world.paid_back().iter().find(|refund| refund.reference == reference)?;
            Some((refund.clone(), world.told_of(refund)))
        })
    }

    /// The oldest charge that fits.
    pub(super) fn find(&self, fits: impl Fn(&Charge) -> bool) -> io::Result<Option<Placed>> {
        self.0.look(|world| find(world, fits))
    }

    /// Whether the script refuses the token once more; if so, that it did is booked.
    pub(super) fn refuses_token(&self, reference: Uuid, answer: Answer) -> io::Result<bool> {
        let refusals = match answer {
            Answer::UnauthorizedOnce => 1,
            Answer::UnauthorizedTwice => 2,
            _ => return Ok(false),
        };
        self.0.act(|world| {
            let refuses = world.refused_tokens(reference) < refusals;
            let entry = refuses.then_some(Entry::TokenRefused { reference });
            (entry.into_iter().collect(), refuses)
        })
    }

    /// The callbacks to send now, by the places of charge and callback.
    pub(super) fn due(&self, now: Timestamp) -> io::Result<Vec<(usize, usize)>> {
        self.0.look(|world| world.due(now))
    }

    /// Looks at the world.
    pub(super) fn look<T>(&self, see: impl FnOnce(&GatewayWorld) -> T) -> io::Result<T> {
        self.0.look(see)
    }

    /// Books that a callback was accepted.
    pub(super) fn accepted(&self, charge: usize, number: usize) -> io::Result<()> {
        self.0.act(|_| (vec![Entry::CallbackAccepted { charge, number }], ()))
    }

    /// Books that a callback was sent in vain, and when it is sent again.
    pub(super) fn refused(
        &self,
        (charge, number): (usize, usize),
        answer: String,
        now: Timestamp,
    ) -> io::Result<()> {
        self.0.act(|world| {
            let callback = world.charges().get(charge).and_then(|charge| charge.callbacks.get(number));
            let attempts = callback.map_or(0, |callback| callback.attempts);
            let after = usize::try_from(attempts).ok().and_then(|attempt| RETRY_AFTER.get(attempt));
            let again_at = after.map(|seconds| now + Duration::seconds(*seconds));
            (vec![Entry::CallbackRefused { charge, number, answer, again_at }], ())
        })
    }

    /// Lets the last callback of a charge be sent once more.
    pub(super) fn want_callback(&self, charge: usize, again_at: Timestamp) -> io::Result<()> {
        self.0.act(|_| (vec![Entry::CallbackWanted { charge, again_at }], ()))
    }
}

fn find(world: &GatewayWorld, fits: impl Fn(&Charge) -> bool) -> Option<Placed> {
    let (place, charge) = world.charges().iter().enumerate().find(|(_, charge)| fits(charge))?;
    Some((place, charge.clone()))
}

fn planned(world: &GatewayWorld, request: &InitiateRequest, script: Script, now: Timestamp) -> Placed {
    let place = world.charges().len();
    let charge = Charge {
        reference: request.reference,
        provider_ref: format!("{}", 900_000_000 + place),
        phone: request.phone.clone(),
        operator: request.operator.as_str().to_owned(),
        amount: request.amount,
        asked_at: now,
        callbacks: script.callbacks(now),
    };
    (place, charge)
}
