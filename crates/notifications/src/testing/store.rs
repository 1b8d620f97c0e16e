//! The contract of a store, law by law. Each wants a database of its own.

use chrono::Duration;
use kernel::{Id, PageRequest, id::ids::UserId, testing::Surroundings};

use super::{email_delivery, in_app_delivery, notification, sms_delivery};
use crate::{
    delivery::{Delivery, DeliveryStatus, PickUp},
    notification::{Notification, NotificationType},
    ports::{NotificationReads, NotificationStore, NotificationTx},
};

async fn begin(store: &dyn NotificationStore) -> Box<dyn NotificationTx> {
    store.begin().await.unwrap()
}

/// Stores an entry of a user's inbox.
async fn in_inbox(store: &dyn NotificationStore, around: &Surroundings, user: UserId) -> Notification {
    around.clock.advance(Duration::seconds(1));
    let entry = notification(&around.ambient(), Some(user));
    let mut tx = begin(store).await;
    assert!(tx.add_notification(&entry).await.unwrap());
    tx.add_delivery(&in_app_delivery(&around.ambient(), entry.id)).await.unwrap();
    tx.commit().await.unwrap();
    entry
}

/// Stores a text message that waits.
async fn waiting(store: &dyn NotificationStore, around: &Surroundings) -> Delivery {
    let ambient = around.ambient();
    let told = notification(&ambient, None);
    let delivery = sms_delivery(&ambient, told.id);
    let mut tx = begin(store).await;
    tx.add_notification(&told).await.unwrap();
    tx.add_delivery(&delivery).await.unwrap();
    tx.commit().await.unwrap();
    delivery
}

/// What is stored of a delivery.
async fn stored(store: &dyn NotificationStore, delivery: &Delivery) -> Delivery {
    begin(store).await.delivery(delivery.id).await.unwrap().unwrap()
}

/// The same subject is not told of twice by one type, though by another; and the transaction goes on.
pub async fn one_notification_per_type_and_subject(store: &dyn NotificationStore, around: &Surroundings) {
    let ambient = around.ambient();
    let first = notification(&ambient, None);
    let again = Notification { id: Id::generate(&ambient), ..first.clone() };
    let other_type =
        Notification { id: Id::generate(&ambient), kind: NotificationType::OrderCompleted, ..first.clone() };
    let mut tx = begin(store).await;
    assert!(tx.add_notification(&first).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = begin(store).await;
    assert!(!tx.add_notification(&again).await.unwrap());
    assert!(tx.add_notification(&other_type).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = begin(store).await;
    assert_eq!(tx.notification(first.id).await.unwrap(), Some(first));
    assert_eq!(tx.notification(again.id).await.unwrap(), None);
    assert_eq!(tx.notification(other_type.id).await.unwrap(), Some(other_type));
}

/// A transaction that is dropped leaves nothing behind.
pub async fn dropping_undoes(store: &dyn NotificationStore, around: &Surroundings) {
    let told = notification(&around.ambient(), None);
    let mut tx = begin(store).await;
    assert!(tx.add_notification(&told).await.unwrap());
    drop(tx);
    assert_eq!(begin(store).await.notification(told.id).await.unwrap(), None);
}

/// Every kind of delivery is read back as it was written, and one notification has one per channel.
pub async fn deliveries_come_back_as_they_were(store: &dyn NotificationStore, around: &Surroundings) {
    let ambient = around.ambient();
    let told = notification(&ambient, Some(Id::generate(&ambient)));
    let deliveries = [
        sms_delivery(&ambient, told.id),
        email_delivery(&ambient, told.id),
        in_app_delivery(&ambient, told.id),
    ];
    let mut tx = begin(store).await;
    tx.add_notification(&told).await.unwrap();
    for delivery in &deliveries {
        tx.add_delivery(delivery).await.unwrap();
    }
    tx.commit().await.unwrap();
    for delivery in &deliveries {
        assert_eq!(stored(store, delivery).await, *delivery);
    }
    let mut tx = begin(store).await;
    assert_eq!(tx.delivery(Id::generate(&ambient)).await.unwrap(), None);
    assert!(tx.add_delivery(&sms_delivery(&ambient, told.id)).await.is_err());
}

/// A change is stored whole if nothing has changed since, and not at all otherwise.
pub async fn change_is_compare_and_set(store: &dyn NotificationStore, around: &Surroundings) {
    let before = waiting(store, around).await;
    let PickUp::Send(mut after) = before.pick_up(true, around.ambient().now()) else {
        panic!("a waiting delivery is sent")
    };
    after.unanswered = 1;
    after.provider_id = Some("p1".to_owned());
    after.error = Some("no answer".to_owned());
    after.latency_ms = Some(1234);
    after.sent_at = Some(around.ambient().now());
    let mut tx = begin(store).await;
    assert!(tx.change_delivery(&before, &after).await.unwrap());
    assert!(!tx.change_delivery(&before, &after).await.unwrap(), "the status has changed");
    let stale = Delivery { attempts: 0, ..after.clone() };
    assert!(!tx.change_delivery(&stale, &after).await.unwrap(), "another attempt has begun");
    let stale = Delivery { unanswered: 0, ..after.clone() };
    assert!(!tx.change_delivery(&stale, &after).await.unwrap(), "it was taken over");
    tx.commit().await.unwrap();
    assert_eq!(stored(store, &before).await, after);
}

/// The safety net sees what waits or is being sent and is due, the longest overdue first, and no more than it
/// asks for.
pub async fn overdue_deliveries_come_longest_overdue_first(
    store: &dyn NotificationStore,
    around: &Surroundings,
) {
    let mut tx = begin(store).await;
    assert_eq!(tx.overdue_deliveries(around.ambient().now(), 10).await.unwrap(), []);
    drop(tx);
    let first = waiting(store, around).await;
    around.clock.advance(Duration::seconds(1));
    let second = waiting(store, around).await;
    around.clock.advance(Duration::seconds(1));
    let ended = waiting(store, around).await;
    around.clock.advance(Duration::seconds(1));
    let young = waiting(store, around).await;

    let mut tx = begin(store).await;
    let sending = Delivery { status: DeliveryStatus::Sending, attempts: 1, ..second.clone() };
    assert!(tx.change_delivery(&second, &sending).await.unwrap());
    let dead = Delivery { status: DeliveryStatus::Dead, ..ended.clone() };
    assert!(tx.change_delivery(&ended, &dead).await.unwrap());
    let now = young.next_check_at - Duration::microseconds(1);
    assert_eq!(tx.overdue_deliveries(now, 10).await.unwrap(), [first.clone(), sending.clone()]);
    assert_eq!(tx.overdue_deliveries(now, 1).await.unwrap(), [first]);
    let at_last = tx.overdue_deliveries(young.next_check_at, 10).await.unwrap();
    assert_eq!(at_last.last(), Some(&young));
}

/// An inbox holds what was delivered to its user in the portal, the newest first, and nothing else.
pub async fn inbox_is_the_users_own(
    store: &dyn NotificationStore,
    reads: &dyn NotificationReads,
    around: &Surroundings,
) {
    let ambient = around.ambient();
    let (reader, other) = (Id::generate(&ambient), Id::generate(&ambient));
    let oldest = in_inbox(store, around, reader).await;
    let middle = in_inbox(store, around, reader).await;
    let newest = in_inbox(store, around, reader).await;
    let foreign = in_inbox(store, around, other).await;
    let not_in_app = notification(&ambient, Some(reader));
    let mut tx = begin(store).await;
    tx.add_notification(&not_in_app).await.unwrap();
    tx.add_delivery(&sms_delivery(&ambient, not_in_app.id)).await.unwrap();
    tx.commit().await.unwrap();

    let page = reads.inbox(reader, false, PageRequest::new(1, 2)).await.unwrap();
    assert_eq!((page.items, page.total), (vec![newest, middle], 3));
    let page = reads.inbox(reader, false, PageRequest::new(2, 2)).await.unwrap();
    assert_eq!((page.items, page.total), (vec![oldest.clone()], 3));
    assert_eq!(reads.inbox_entry(reader, oldest.id).await.unwrap(), Some(oldest));
    assert_eq!(reads.inbox_entry(reader, foreign.id).await.unwrap(), None);
    assert_eq!(reads.inbox_entry(reader, not_in_app.id).await.unwrap(), None);
    assert_eq!(reads.unread_count(reader).await.unwrap(), 3);
    assert_eq!(reads.unread_count(Id::generate(&ambient)).await.unwrap(), 0);
}

/// Only its reader marks an entry as read, and only the first time counts.
pub async fn reading_is_kept_once(
    store: &dyn NotificationStore,
    reads: &dyn NotificationReads,
    around: &Surroundings,
) {
    let ambient = around.ambient();
    let (reader, other) = (Id::generate(&ambient), Id::generate(&ambient));
    let first = in_inbox(store, around, reader).await;
    let second = in_inbox(store, around, reader).await;
    let foreign = in_inbox(store, around, other).await;
    let at = ambient.now();
    around.clock.advance(Duration::seconds(1));

    let mut tx = begin(store).await;
    assert!(tx.mark_read(reader, first.id, at).await.unwrap());
    assert!(!tx.mark_read(reader, first.id, ambient.now()).await.unwrap());
    assert!(!tx.mark_read(reader, foreign.id, at).await.unwrap());
    tx.commit().await.unwrap();
    let entry = reads.inbox_entry(reader, first.id).await.unwrap().unwrap();
    assert_eq!(entry.read_at, Some(at));
    let unread = reads.inbox(reader, true, PageRequest::default()).await.unwrap();
    assert_eq!((unread.items, unread.total), (vec![second], 1));

    let mut tx = begin(store).await;
    assert_eq!(tx.mark_all_read(reader, ambient.now()).await.unwrap(), 1);
    assert_eq!(tx.mark_all_read(reader, ambient.now()).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(reads.unread_count(reader).await.unwrap(), 0);
    assert_eq!(reads.unread_count(other).await.unwrap(), 1);
    let kept = reads.inbox_entry(reader, first.id).await.unwrap().unwrap();
    assert_eq!(kept.read_at, Some(at), "the first moment stays");
}
