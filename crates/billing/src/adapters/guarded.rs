//! Circuit breakers around a gateway: one that does not answer is left alone for a while, and payments wait in
//! their queue instead of each running into the same time limit.
//!
//! Asking wallets, asking about payments and paying back have a breaker each: questions that come to nothing, as where
//! nobody answers them at all, must not keep anybody from paying.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::Ambient;
use outbound::breaker::{Attempt, Breaker, BreakerSettings};

use crate::{
    limits::AmountLimits,
    ports::gateway::{
        CallbackAuth, CallbackUnreadable, Capabilities, GatewayReport, InitiateOutcome, InitiateRequest,
        PaymentGateway, PaymentReferences, QueryOutcome, RawCallback, RefundRequest,
    },
};

/// A gateway behind its breaker.
pub struct Guarded {
    gateway: Arc<dyn PaymentGateway>,
    requests: Breaker,
    questions: Breaker,
    refunds: Breaker,
}

impl Guarded {
    /// Puts breakers around a gateway.
    #[must_use]
    pub fn new(gateway: Arc<dyn PaymentGateway>, settings: BreakerSettings, ambient: Ambient) -> Self {
        let breaker = || Breaker::new(settings, ambient.clone());
        Self { gateway, requests: breaker(), questions: breaker(), refunds: breaker() }
    }
}

/// Tells the breaker how a call went.
fn conclude(attempt: Attempt<'_>, answered: bool) {
    if answered {
        attempt.succeeded();
    } else {
        attempt.failed();
    }
}

fn requested(attempt: Attempt<'_>, outcome: InitiateOutcome) -> InitiateOutcome {
    let answered = matches!(outcome, InitiateOutcome::Accepted { .. } | InitiateOutcome::Rejected(_));
    conclude(attempt, answered);
    outcome
}

fn asked(attempt: Attempt<'_>, outcome: QueryOutcome) -> QueryOutcome {
    match outcome {
        // Nothing was sent, so nothing is learnt.
        QueryOutcome::Unsupported => drop(attempt),
        QueryOutcome::Report(_) | QueryOutcome::NotFound => conclude(attempt, true),
        QueryOutcome::Unreachable(_) => conclude(attempt, false),
    }
    outcome
}

#[async_trait]
impl PaymentGateway for Guarded {
    fn name(&self) -> &'static str {
        self.gateway.name()
    }

    fn callback_door(&self) -> &'static str {
        self.gateway.callback_door()
    }

    fn limits(&self) -> Vec<AmountLimits> {
        self.gateway.limits()
    }

    fn capabilities(&self) -> Capabilities {
        self.gateway.capabilities()
    }

    async fn initiate(&self, request: &InitiateRequest) -> InitiateOutcome {
        let attempt = match self.requests.admit() {
            Ok(attempt) => attempt,
            Err(open) => return InitiateOutcome::NotSent(open.to_string()),
        };
        requested(attempt, self.gateway.initiate(request).await)
    }

    async fn query(&self, references: &PaymentReferences) -> QueryOutcome {
        let attempt = match self.questions.admit() {
            Ok(attempt) => attempt,
            Err(open) => return QueryOutcome::Unreachable(open.to_string()),
        };
        asked(attempt, self.gateway.query(references).await)
    }

    async fn refund(&self, request: &RefundRequest) -> InitiateOutcome {
        let attempt = match self.refunds.admit() {
            Ok(attempt) => attempt,
            Err(open) => return InitiateOutcome::NotSent(open.to_string()),
        };
        requested(attempt, self.gateway.refund(request).await)
    }

    async fn query_refund(&self, references: &PaymentReferences) -> QueryOutcome {
        let attempt = match self.questions.admit() {
            Ok(attempt) => attempt,
            Err(open) => return QueryOutcome::Unreachable(open.to_string()),
        };
        asked(attempt, self.gateway.query_refund(references).await)
    }

    fn authenticate_callback(&self, callback: &RawCallback) -> CallbackAuth {
        self.gateway.authenticate_callback(callback)
    }

    fn parse_callback(&self, body: &[u8]) -> Result<Vec<GatewayReport>, CallbackUnreadable> {
        self.gateway.parse_callback(body)
    }

    fn acknowledgement(&self) -> &'static str {
        self.gateway.acknowledgement()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    };

    use async_trait::async_trait;
    use kernel::{Currency, Money, Msisdn, testing::Surroundings};
    use outbound::breaker::BreakerSettings;
    use uuid::Uuid;

    use super::Guarded;
    use crate::{
        limits::AmountLimits,
        payment::Operator,
        ports::gateway::{
            CallbackAuth, CallbackUnreadable, Capabilities, GatewayReport, InitiateOutcome, InitiateRequest,
            PaymentGateway, PaymentReferences, QueryOutcome, RawCallback, RefundRequest,
        },
        reason::FailureReason,
    };

    /// A gateway that is away until somebody brings it back, and counts who asks.
    #[derive(Default)]
    struct Away {
        back: AtomicBool,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl PaymentGateway for Away {
        fn name(&self) -> &'static str {
            "away"
        }

        fn limits(&self) -> Vec<AmountLimits> {
            Vec::new()
        }

        fn capabilities(&self) -> Capabilities {
            Capabilities {
                idempotent_initiate: false,
                status_query: true,
                callback_has_amount: false,
                refunds: false,
            }
        }

        async fn initiate(&self, _: &InitiateRequest) -> InitiateOutcome {
            self.asked.fetch_add(1, Ordering::SeqCst);
            if self.back.load(Ordering::SeqCst) {
                // A refusal is an answer.
                InitiateOutcome::Rejected(FailureReason::Declined.into())
            } else {
                InitiateOutcome::Unknown("no answer".to_owned())
            }
        }

        async fn query(&self, _: &PaymentReferences) -> QueryOutcome {
            QueryOutcome::Unreachable("HTTP 404".to_owned())
        }

        async fn refund(&self, _: &RefundRequest) -> InitiateOutcome {
            InitiateOutcome::Unknown("no answer".to_owned())
        }

        async fn query_refund(&self, _: &PaymentReferences) -> QueryOutcome {
            QueryOutcome::Unreachable("HTTP 404".to_owned())
        }

        fn authenticate_callback(&self, _: &RawCallback) -> CallbackAuth {
            CallbackAuth::Rejected
        }

        fn parse_callback(&self, _: &[u8]) -> Result<Vec<GatewayReport>, CallbackUnreadable> {
            Ok(Vec::new())
        }

        fn acknowledgement(&self) -> &'static str {
            ""
        }
    }

    fn request() -> InitiateRequest {
        InitiateRequest {
            reference: Uuid::from_u128(1),
            phone: Msisdn::parse("+243812345678").unwrap(),
            operator: Operator::Airtel,
            amount: Money::from_minor(100, Currency::Cdf),
        }
    }

    #[tokio::test]
    async fn a_gateway_that_does_not_answer_is_left_alone_and_then_tried() {
        let (surroundings, gateway) = (Surroundings::new(), Arc::new(Away::default()));
        let settings = BreakerSettings::default();
        let guarded = Guarded::new(gateway.clone(), settings, surroundings.ambient());
        let request = request();
        for _ in 0..settings.failures {
            assert!(matches!(guarded.initiate(&request).await, InitiateOutcome::Unknown(_)));
        }
        assert!(matches!(guarded.initiate(&request).await, InitiateOutcome::NotSent(_)));
        assert_eq!(gateway.asked.load(Ordering::SeqCst), 5);
        gateway.back.store(true, Ordering::SeqCst);
        surroundings.clock.advance(chrono::TimeDelta::from_std(settings.longest_pause).unwrap());
        for _ in 0..3 {
            assert!(matches!(guarded.initiate(&request).await, InitiateOutcome::Rejected(_)));
        }
    }

    #[tokio::test]
    async fn questions_that_nobody_answers_keep_nobody_from_paying() {
        let (surroundings, gateway) = (Surroundings::new(), Arc::new(Away::default()));
        gateway.back.store(true, Ordering::SeqCst);
        let settings = BreakerSettings::default();
        let guarded = Guarded::new(gateway.clone(), settings, surroundings.ambient());
        let references = PaymentReferences { reference: Uuid::from_u128(1), provider_ref: None };
        for _ in 0..=settings.failures {
            assert!(matches!(guarded.query(&references).await, QueryOutcome::Unreachable(_)));
        }
        let left_alone = QueryOutcome::Unreachable("HTTP 404".to_owned());
        assert_ne!(guarded.query(&references).await, left_alone);
        assert!(matches!(guarded.initiate(&request()).await, InitiateOutcome::Rejected(_)));
    }
}
