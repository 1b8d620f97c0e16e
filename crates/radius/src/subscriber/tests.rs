use kernel::{
    Clock as _, Id, Sealed,
    events::{Contact, identity::Account},
    testing::Surroundings,
};
use proptest::prelude::*;

use super::{Heard, Period, QuotaState, Subscriber};

fn subscriber() -> Subscriber {
    let around = Surroundings::new();
    let ambient = around.ambient();
    Subscriber::unheard(Id::generate(&ambient), Id::generate(&ambient), around.clock.now())
}

fn account(of: &Subscriber, revision: i64) -> Account {
    Account {
        user_id: of.contact.user_id.unwrap(),
        revision,
        username: format!("Étudiant-{revision}"),
        full_name: format!("Name {revision}"),
        promotion_id: Some(uuid::Uuid::from_u128(revision.unsigned_abs().into())),
        is_active: revision % 2 == 1,
        contact: Contact::default(),
    }
}

#[test]
fn names_are_folded_as_the_server_folds_them() {
    assert_eq!(super::fold("Étudiant+Z"), "Étudiant+z");
}

#[test]
fn nothing_is_kept_of_an_account_that_is_gone_but_its_names() {
    let mut copy = subscriber();
    copy.hear_account(&account(&copy, 1));
    copy.hear_secret(1, &Sealed::from_stored("s1.k.n.c".to_owned()));
    let at = copy.created_at;
    assert!(copy.hear_deleted(at) && !copy.hear_deleted(at));
    assert!(!copy.hear_account(&account(&copy, 9)));
    assert!(!copy.hear_secret(9, &Sealed::from_stored("s1.k.n.d".to_owned())));
    assert_eq!((&copy.sealed_secret, copy.promotion_id, copy.account_active), (&None, None, false));
    assert_eq!((copy.username.as_str(), copy.full_name.as_str()), ("Étudiant-1", "Name 1"));
}

#[test]
fn stored_words_read_back() {
    for period in Period::ALL {
        assert_eq!(Period::parse(period.as_str()), Some(period));
    }
    let until = Some(Surroundings::new().clock.now());
    let blocked = QuotaState::Blocked { period: Period::Week, until };
    assert_eq!((blocked.as_str(), blocked.exhausted()), ("blocked", Some((Period::Week, until))));
    assert_eq!(QuotaState::Open.exhausted(), None);
}

proptest! {
    /// Facts come in any order, and more than once.
    #[test]
    fn the_copy_is_the_same_in_whatever_order_it_hears(
        told in Just((1..=6i64).collect::<Vec<_>>()).prop_shuffle(),
        again in prop::collection::vec(1..=6i64, 0..6),
    ) {
        let mut copy = subscriber();
        for revision in told.into_iter().chain(again) {
            // The even ones are changes of the secret.
            if revision % 2 == 0 {
                copy.hear_secret(revision, &Sealed::from_stored(format!("s1.k.n.{revision}")));
            } else {
                copy.hear_account(&account(&copy, revision));
            }
        }
        prop_assert_eq!(copy.heard, Heard { account: 5, secret: 6 });
        prop_assert_eq!(copy.username.as_str(), "Étudiant-5");
        prop_assert_eq!(copy.sealed_secret.as_ref().map(Sealed::as_str), Some("s1.k.n.6"));
        prop_assert!(copy.account_active && !copy.enabled);
    }
}
