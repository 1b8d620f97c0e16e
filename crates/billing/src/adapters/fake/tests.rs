//! The fake gateway does what every gateway must, and leaves of the parts that need a wire what it can.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Ambient, Currency, Money, Msisdn};
use uuid::Uuid;

use super::{
    CallbackSecrets, FakeGateway,
    script::{Answer, SCRIPTS, WIRE_ONLY_CALLBACKS},
};
use crate::{
    payment::Operator,
    ports::{
        PaymentGateway,
        gateway::{InitiateOutcome, InitiateRequest},
    },
    testing::gateway_contract::{GatewayUnderTest, every_gateway},
};

struct Subject(Arc<FakeGateway>);

#[async_trait]
impl GatewayUnderTest for Subject {
    fn gateway(&self) -> Arc<dyn PaymentGateway> {
        self.0.clone()
    }

    fn charges(&self) -> Vec<(Uuid, Money)> {
        let charges = self.0.charges().unwrap().into_iter();
        charges.map(|charge| (charge.reference, charge.amount)).collect()
    }

    async fn unreachable(&self) -> Option<Arc<dyn PaymentGateway>> {
        None
    }
}

#[tokio::test]
async fn the_fake_does_what_every_gateway_must() {
    for answers_queries in [false, true] {
        let home = tempfile::tempdir().unwrap();
        let secrets = CallbackSecrets { path_token: Some("a-token".to_owned()), hmac_secret: None };
        let gateway = FakeGateway::open(home.path(), secrets, answers_queries, Ambient::system()).unwrap();
        every_gateway(&Subject(Arc::new(gateway))).await;
    }
}

#[tokio::test]
async fn of_a_part_that_needs_a_wire_the_outcome_is_left() {
    let directory = tempfile::tempdir().unwrap();
    let ambient = Ambient::system();
    let gateway =
        FakeGateway::open(directory.path(), CallbackSecrets::default(), false, ambient.clone()).unwrap();
    for script in SCRIPTS.iter().filter(|script| script.is_wire_only()) {
        let before = gateway.charges().unwrap().len();
        let request = InitiateRequest {
            reference: ambient.uuid_v4(),
            phone: Msisdn::parse(&format!("24381234{}", script.suffix)).unwrap(),
            operator: Operator::Mpesa,
            amount: Money::from_minor(100_000, Currency::Cdf),
        };
        let outcome = gateway.initiate(&request).await;
        let refused = matches!(script.answer, Answer::UnauthorizedTwice | Answer::TooManyRequests);
        let fits = match outcome {
            InitiateOutcome::Rejected(_) => refused,
            InitiateOutcome::Accepted { .. } => {
                matches!(script.answer, Answer::Accept | Answer::InProcess)
            }
            InitiateOutcome::Unknown(_) => {
                !refused && !matches!(script.answer, Answer::Accept | Answer::InProcess)
            }
            InitiateOutcome::NotSent(_) => false,
        };
        assert!(fits, "{}", script.name);
        let charges = gateway.charges().unwrap();
        assert_eq!(charges.len(), before + usize::from(!refused), "{}", script.name);
        let planned = charges.iter().flat_map(|charge| &charge.callbacks);
        assert!(planned.into_iter().all(|plan| !WIRE_ONLY_CALLBACKS.contains(&plan.says.as_str())));
    }
}
