//! What every [`HotspotStore`] with its [`HotspotReads`] must do about graces.

use kernel::{
    Ambient, Event, Id, Origin,
    events::billing::{PaymentFailed, PaymentInitiated},
};

use super::{Outcome, sample_fact, sample_router, sample_user_on};
use crate::{
    hotspot_user::{HotspotUser, Marker},
    ports::{HotspotReads, HotspotStore, Insertion},
};

/// The grace of an order is found for itself, and is none of what the order owes.
///
/// # Errors
/// Whatever the store says.
pub async fn a_grace_is_nothing_that_is_owed(
    store: &dyn HotspotStore,
    reads: &dyn HotspotReads,
    ambient: &Ambient,
) -> Outcome {
    let router = sample_router(ambient);
    let owed = sample_user_on(&router, ambient);
    let mut grace = sample_user_on(&router, ambient);
    (grace.order_id, grace.unit_number) = (owed.order_id, HotspotUser::GRACE);
    grace.marker = Marker::of(owed.order_id, HotspotUser::GRACE);
    let mut tx = store.begin().await?;
    assert!(tx.insert_router(&router).await?);
    assert_eq!(tx.lock_grace(owed.order_id).await?, None);
    for user in [&owed, &grace] {
        assert_eq!(tx.insert_user(user).await?, Insertion::Inserted);
    }
    assert_eq!(tx.lock_grace(owed.order_id).await?, Some(grace.clone()));
    assert_eq!(tx.lock_grace(Id::generate(ambient)).await?, None);
    assert_eq!(tx.lock_users_of_order(owed.order_id).await?, std::slice::from_ref(&owed));
    tx.commit().await?;
    assert_eq!(reads.grace_of(owed.order_id).await?, Some(grace.clone()));
    assert_eq!(reads.grace_of(Id::generate(ambient)).await?, None);
    assert_eq!(reads.users_of_order(owed.order_id).await?, std::slice::from_ref(&owed));
    // Its router is to have both.
    let mut on_router = reads.users_of_router(router.id).await?;
    on_router.sort_by_key(|user| user.unit_number);
    assert_eq!(on_router, [grace, owed]);
    Ok(())
}

/// A payment is over when it has been told that it succeeded or failed: this one, and of this order.
///
/// # Errors
/// Whatever the store says.
pub async fn the_end_of_a_payment_is_known(store: &dyn HotspotStore, ambient: &Ambient) -> Outcome {
    let origin = Origin::system("test");
    let paid = sample_fact(ambient, Id::generate(ambient), 1);
    let (order_id, payment_id) = (Id::generate(ambient), Id::generate(ambient));
    let mut tx = store.begin().await?;
    let initiated = PaymentInitiated { payment_id, order_id, amount: paid.amount };
    tx.append(Event::new(ambient, &origin, &initiated)?).await?;
    assert!(!tx.payment_is_over(order_id, payment_id).await?);
    let failed = PaymentFailed { payment_id, order_id, reason: "declined".to_owned() };
    tx.append(Event::new(ambient, &origin, &failed)?).await?;
    tx.append(Event::new(ambient, &origin, &paid)?).await?;
    assert!(tx.payment_is_over(order_id, payment_id).await?);
    assert!(tx.payment_is_over(paid.order_id, paid.payment_id).await?);
    assert!(!tx.payment_is_over(order_id, paid.payment_id).await?);
    assert!(!tx.payment_is_over(order_id, Id::generate(ambient)).await?);
    tx.commit().await?;
    Ok(())
}
