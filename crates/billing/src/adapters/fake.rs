//! The fake gateway: asks no wallet, and plays a part that the phone number chooses.
//!
//! It behaves like SerdiPay as far as is known of it: it does not recognise repeats, answers no questions about a
//! payment unless told to, and reports by signed callback. What it has done is in a journal that other processes
//! share and a killed process leaves behind.

use std::{
    io,
    path::Path,
    sync::{Arc, OnceLock},
};

use async_trait::async_trait;
use fake_world::Journal;
use kernel::{Ambient, Currency, Money};

use self::world::{Charge, Entry, GatewayWorld, NotPaidBack, PaidBack, PlannedCallback};
use super::serdipay::{
    self,
    callback::{self, CallbackSecrets, SIGNATURE_HEADER},
};
use crate::{
    limits::AmountLimits,
    payment::Operator,
    ports::gateway::{
        CallbackAuth, CallbackUnreadable, Capabilities, GatewayReport, InitiateOutcome, InitiateRequest,
        PaymentGateway, PaymentReferences, QueryOutcome, RawCallback, RefundRequest, Refusal, ReportedAmount,
        ReportedStatus,
    },
    reason::FailureReason,
};

pub mod script;
#[cfg(test)]
mod tests;
pub mod world;

use script::{Answer, RefundPart, Script, WIRE_ONLY_CALLBACKS};

/// Where the fake gateway's callbacks go: the same door that a real gateway's go through.
#[async_trait]
pub trait CallbackSink: Send + Sync {
    /// Takes a callback; false when it was not accepted and must come again.
    async fn deliver(&self, callback: RawCallback) -> bool;
}

/// A gateway for development and tests.
pub struct FakeGateway {
    journal: Journal<GatewayWorld>,
    secrets: CallbackSecrets,
    status_query: bool,
    ambient: Ambient,
    sink: OnceLock<Arc<dyn CallbackSink>>,
}

impl FakeGateway {
    /// A gateway whose journal is in `directory`, that signs with `secrets`, and answers questions about
    /// payments if `status_query`.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(
        directory: &Path,
        secrets: CallbackSecrets,
        status_query: bool,
        ambient: Ambient,
    ) -> io::Result<Self> {
        let journal = Journal::open(directory, "gateway")?;
        Ok(Self { journal, secrets, status_query, ambient, sink: OnceLock::new() })
    }

    /// Says where callbacks go. The first to say it is heeded.
    pub fn attach(&self, sink: Arc<dyn CallbackSink>) {
        let _ = self.sink.set(sink);
    }

    /// Everything the gateway has seen, oldest first.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn charges(&self) -> io::Result<Vec<Charge>> {
        self.journal.look(|world| world.charges().to_vec())
    }

    /// Everything the gateway has paid back, oldest first.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn paid_back(&self) -> io::Result<Vec<PaidBack>> {
        self.journal.look(|world| world.paid_back().to_vec())
    }

    /// Sends every callback whose time has come and says how many were accepted.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub async fn deliver_due(&self) -> io::Result<usize> {
        let now = self.ambient.now();
        let due = self.journal.look(|world| world.due(now))?;
        let mut accepted = 0;
        for (charge, number) in due {
            accepted += usize::from(self.deliver(charge, number).await?);
        }
        Ok(accepted)
    }

    async fn deliver(&self, charge: usize, number: usize) -> io::Result<bool> {
        let Some(sink) = self.sink.get() else {
            return Ok(false);
        };
        let Some(body) = self.journal.look(|world| world.callback_body(charge, number))? else {
            return Ok(false);
        };
        let signature = self.secrets.sign(body.as_bytes());
        let callback = RawCallback {
            headers: signature.map(|hex| (SIGNATURE_HEADER.to_owned(), vec![hex])).into_iter().collect(),
            path_token: self.secrets.path_token.clone(),
            peer: None,
            body: body.into_bytes(),
        };
        if !sink.deliver(callback).await {
            return Ok(false);
        }
        self.journal.act(|_| (vec![Entry::CallbackAccepted { charge, number }], ()))?;
        Ok(true)
    }

    /// Books the charge that a request asks for, all its callbacks included.
    fn book(&self, request: &InitiateRequest, script: Script) -> io::Result<usize> {
        let now = self.ambient.now();
        self.journal.act(|world| {
            let number = world.charges().len();
            let charge = Charge {
                reference: request.reference,
                provider_ref: format!("{}", 700_000_000 + number),
                phone: request.phone.clone(),
                operator: request.operator.as_str().to_owned(),
                amount: request.amount,
                asked_at: now,
                callbacks: playable(script.callbacks(now)),
            };
            (vec![Entry::Asked(charge)], number)
        })
    }

    fn pay_back(&self, request: &RefundRequest) -> io::Result<InitiateOutcome> {
        let now = self.ambient.now();
        let part = self.journal.look(|world| world.refund_part(request.payment.reference))?;
        if part == RefundPart::NeverArrives {
            return Ok(InitiateOutcome::Unknown("no answer within the time limit".to_owned()));
        }
        let booked = self.journal.act(|world| match world.refund(request, now) {
            Ok(refund) => (vec![Entry::PaysBack(refund.clone())], Ok(refund.provider_ref)),
            Err(why) => (Vec::new(), Err(why)),
        })?;
        Ok(match booked {
            Err(NotPaidBack::TooMuch) => InitiateOutcome::Rejected(FailureReason::AmountNotTaken.into()),
            Err(NotPaidBack::NoSuchPayment) => {
                InitiateOutcome::Rejected(FailureReason::OperatorNotEnabled.into())
            }
            Err(NotPaidBack::Refused) => {
                let payment = request.payment.reference;
                let charge = self.journal.look(|world| {
                    world.charges().iter().find(|charge| charge.reference == payment).cloned()
                })?;
                // As gateways do, it says of whom it speaks.
                let detail = charge.map(|charge| format!("{} takes no refunds", charge.phone));
                InitiateOutcome::Rejected(Refusal { reason: FailureReason::OperatorNotEnabled, detail })
            }
            Ok(_) if part == RefundPart::LosesAnswer => {
                InitiateOutcome::Unknown("no answer within the time limit".to_owned())
            }
            Ok(provider_ref) => InitiateOutcome::Accepted { provider_ref: Some(provider_ref) },
        })
    }

    async fn play(&self, request: &InitiateRequest) -> io::Result<InitiateOutcome> {
        let script = Script::of(&request.phone);
        let refusal = match script.answer {
            Answer::Refuse => Some(FailureReason::OperatorNotEnabled),
            Answer::UnauthorizedTwice => Some(FailureReason::GatewayRefusesUs),
            Answer::TooManyRequests => Some(FailureReason::GatewayBusy),
            _ => None,
        };
        if let Some(why) = refusal {
            return Ok(InitiateOutcome::Rejected(why.into()));
        }
        let first_401 = script.answer == Answer::UnauthorizedOnce;
        if first_401 {
            // The token ran out between getting and using it: the gateway is asked once more with a new one.
            self.journal.act(|_| (vec![Entry::TokenRefused { reference: request.reference }], ()))?;
        }
        let charge = self.book(request, script)?;
        if script.callback_first {
            self.deliver(charge, 0).await?;
        }
        let provider_ref =
            self.journal.look(|world| world.charges().get(charge).map(|c| c.provider_ref.clone()))?;
        Ok(match script.answer {
            Answer::LoseAnswer => InitiateOutcome::Unknown("no answer within the time limit".to_owned()),
            Answer::Garbage => InitiateOutcome::Unknown("the answer is not JSON".to_owned()),
            Answer::Literal102 | Answer::Truncated | Answer::Huge | Answer::ServerError | Answer::Cut => {
                InitiateOutcome::Unknown(format!("in process, what a wire makes of `{}`", script.name))
            }
            Answer::Accept
            | Answer::InProcess
            | Answer::UnauthorizedOnce
            | Answer::UnauthorizedTwice
            | Answer::TooManyRequests
            | Answer::Refuse => InitiateOutcome::Accepted { provider_ref },
        })
    }
}

/// The callbacks that need no wire.
fn playable(mut planned: Vec<PlannedCallback>) -> Vec<PlannedCallback> {
    planned.retain(|callback| !WIRE_ONLY_CALLBACKS.contains(&callback.says.as_str()));
    planned
}

#[async_trait]
impl PaymentGateway for FakeGateway {
    fn name(&self) -> &'static str {
        "fake"
    }

    /// SerdiPay's, whose callbacks it sends.
    fn callback_door(&self) -> &'static str {
        serdipay::NAME
    }

    /// Enough for the cheapest demonstration package, in steps that all prices fit.
    fn limits(&self) -> Vec<AmountLimits> {
        let cdf = |minor| Money::from_minor(minor, Currency::Cdf);
        let all = Operator::ALL.into_iter();
        all.map(|operator| AmountLimits {
            gateway: self.name().to_owned(),
            operator,
            min: cdf(100),
            max: cdf(575_000_000),
            step: cdf(50),
        })
        .collect()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            idempotent_initiate: false,
            status_query: self.status_query,
            callback_has_amount: true,
            refunds: true,
        }
    }

    async fn initiate(&self, request: &InitiateRequest) -> InitiateOutcome {
        self.play(request).await.unwrap_or_else(|error| InitiateOutcome::Unknown(error.to_string()))
    }

    async fn query(&self, references: &PaymentReferences) -> QueryOutcome {
        if !self.status_query {
            return QueryOutcome::Unsupported;
        }
        let now = self.ambient.now();
        let found = self.journal.look(|world| {
            world.charges().iter().find(|charge| charge.reference == references.reference).cloned()
        });
        match found {
            Err(error) => QueryOutcome::Unreachable(error.to_string()),
            Ok(None) => QueryOutcome::NotFound,
            Ok(Some(charge)) => QueryOutcome::Report(GatewayReport {
                reference: Some(charge.reference.to_string()),
                provider_ref: Some(charge.provider_ref.clone()),
                status: charge.status_at(now),
                amount: ReportedAmount::Read(charge.amount),
            }),
        }
    }

    async fn refund(&self, request: &RefundRequest) -> InitiateOutcome {
        self.pay_back(request).unwrap_or_else(|error| InitiateOutcome::Unknown(error.to_string()))
    }

    async fn query_refund(&self, references: &PaymentReferences) -> QueryOutcome {
        let found = self.journal.look(|world| {
            let of_reference = |refund: &&PaidBack| refund.reference == references.reference;
            let refund = world.paid_back().iter().find(of_reference)?;
            Some((refund.clone(), world.told_of(refund)))
        });
        match found {
            Err(error) => QueryOutcome::Unreachable(error.to_string()),
            Ok(None) => QueryOutcome::NotFound,
            Ok(Some((refund, amount))) => QueryOutcome::Report(GatewayReport {
                reference: Some(refund.reference.to_string()),
                provider_ref: Some(refund.provider_ref.clone()),
                status: refund.status_at(self.ambient.now()),
                amount: amount.map_or(ReportedAmount::Missing, ReportedAmount::Read),
            }),
        }
    }

    fn authenticate_callback(&self, callback: &RawCallback) -> CallbackAuth {
        self.secrets.authenticate(callback)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Vec<GatewayReport>, CallbackUnreadable> {
        callback::parse(body)
    }

    fn acknowledgement(&self) -> &'static str {
        "OK"
    }
}

impl Charge {
    /// How the charge stands, as far as its script has gone: what genuine callbacks were due by `now` say.
    #[must_use]
    pub fn status_at(&self, now: kernel::Timestamp) -> ReportedStatus {
        let told = self.callbacks.iter().filter(|callback| callback.due_at <= now);
        match told.map(|callback| callback.says.as_str()).next_back() {
            Some("success") => ReportedStatus::Succeeded,
            Some("failed") => ReportedStatus::Failed(FailureReason::Declined),
            _ => ReportedStatus::Pending,
        }
    }
}
