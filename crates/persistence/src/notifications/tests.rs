//! The store's contract and the use cases, on real databases.

use ::notifications::{
    Channel, DeliveryStatus, SendOutcome,
    delivery::Message,
    testing::{self, provisioned},
    use_cases::mark_read::{MarkRead, MarkReadError},
};
use chrono::Duration;
use kernel::{
    Event, Id, JobOutcome, Locale, Origin, PageRequest,
    events::{Contact, billing::OrderCompleted},
};

mod fixture;

use fixture::{Fixture, on_each_database};

macro_rules! store_keeps {
    ($($law:ident($($port:ident),+);)+) => {
        $(#[tokio::test]
        async fn $law() {
            on_each_database(async |on| {
                $(let $port = &on.database;)+
                testing::$law($($port,)+ &on.around).await;
            })
            .await;
        })+
    };
}

store_keeps! {
    one_notification_per_type_and_subject(store);
    dropping_undoes(store);
    deliveries_come_back_as_they_were(store);
    change_is_compare_and_set(store);
    overdue_deliveries_come_longest_overdue_first(store);
    inbox_is_the_users_own(store, reads);
    reading_is_kept_once(store, reads);
}

const PASSWORD: &str = "aB3dE5fG7h";

/// Tells that credentials are ready for somebody, and gives back the fact.
async fn issue(on: &Fixture, contact: Contact) -> Event {
    let (_, event) = provisioned(&on.around.ambient(), &on.sealer, contact);
    on.tell(&event).await;
    event
}

fn with_phone_only() -> Contact {
    Contact { phone: kernel::Msisdn::parse("+243812345678").ok(), ..Contact::default() }
}

fn with_email_only() -> Contact {
    Contact { email: kernel::EmailAddress::parse("jean@example.cd").ok(), ..Contact::default() }
}

fn done() -> Vec<JobOutcome> {
    vec![JobOutcome::Done]
}

#[tokio::test]
async fn credentials_go_out_once_through_every_channel() {
    on_each_database(async |on| {
        let contact = testing::contact(&on.around.ambient());
        let user = contact.user_id.unwrap();
        let event = issue(on, contact).await;
        on.tell(&event).await;
        on.tell(&on.retold(&event)).await;
        assert_eq!(on.work().await, [JobOutcome::Done, JobOutcome::Done]);
        assert_eq!(on.work().await, []);

        let [sms] = on.sms.asked().try_into().unwrap();
        let [email] = on.email.asked().try_into().unwrap();
        assert!(sms.text.contains("HS2601171200001") && sms.text.contains(PASSWORD), "{}", sms.text);
        assert!(email.text.contains(PASSWORD), "{}", email.text);
        assert_eq!(email.subject.as_deref(), Some("Votre accès Wi-Fi 2H est prêt"));
        for channel in [Channel::Sms, Channel::Email] {
            let sent = on.delivery(channel).await;
            assert_eq!((sent.status, sent.attempts), (DeliveryStatus::Sent, 1));
            assert_eq!(sent.provider_id, Some(format!("scripted-{}", sent.id)));
            assert!(sent.sent_at.is_some() && sent.latency_ms.is_some());
        }
        assert_eq!(on.facts("MessageSent").await, 2);

        let inbox = on.service.inbox(user, false, PageRequest::default()).await.unwrap();
        let [entry] = inbox.items.try_into().unwrap();
        assert!(!entry.title.contains(PASSWORD) && !entry.body.contains(PASSWORD));
        let link = entry.link.unwrap();
        assert!(link.starts_with("/api/v1/hotspot-users/") && link.ends_with("/credentials"), "{link}");
        assert_eq!(on.delivery(Channel::InApp).await.status, DeliveryStatus::Delivered);
    })
    .await;
}

#[tokio::test]
async fn a_stored_message_is_sealed_and_counted() {
    on_each_database(async |on| {
        issue(on, with_phone_only()).await;
        let Message::Sms { text, segments, .. } = on.delivery(Channel::Sms).await.message else {
            panic!("a text message is one")
        };
        assert!(text.as_str().starts_with("s1.") && !text.as_str().contains(PASSWORD));
        assert_eq!(segments, 1);
    })
    .await;
}

#[tokio::test]
async fn a_guest_gets_what_their_contact_allows() {
    on_each_database(async |on| {
        let english = Contact { locale: Locale::En, ..with_phone_only() };
        issue(on, english).await;
        assert_eq!(on.work().await, done());
        assert!(on.sms.asked()[0].text.contains("Password: "));
        assert!(on.email.asked().is_empty());
        assert_eq!(on.deliveries(Channel::InApp).await, []);
    })
    .await;
}

#[tokio::test]
async fn whoever_has_but_a_voucher_is_sent_nothing() {
    on_each_database(async |on| {
        let event = issue(on, Contact::default()).await;
        on.tell(&event).await;
        assert_eq!(on.facts("AlertRaised").await, 0);
        assert_eq!(on.ready().await, []);
    })
    .await;
}

#[tokio::test]
async fn a_completed_order_is_told_by_email_and_in_the_portal() {
    on_each_database(async |on| {
        let ambient = on.around.ambient();
        let contact = testing::contact(&ambient);
        let user = contact.user_id.unwrap();
        let order_id = Id::generate(&ambient);
        let fact = OrderCompleted {
            order_id,
            order_number: "ORD-20260117-000042".into(),
            contact,
            package_name: "2H".into(),
            units: 2,
        };
        on.tell(&Event::new(&ambient, &Origin::system("test"), &fact).unwrap()).await;
        assert_eq!(on.work().await, done());
        assert!(on.sms.asked().is_empty());
        assert!(on.email.asked()[0].text.contains("vos 2 accès Wi-Fi 2H sont prêts"));
        let inbox = on.service.inbox(user, true, PageRequest::default()).await.unwrap();
        assert_eq!(inbox.items[0].link, Some(format!("/api/v1/hotspot-users?order_id={order_id}")));
    })
    .await;
}

#[tokio::test]
async fn a_password_that_does_not_open_is_refused_and_leaves_nothing() {
    on_each_database(async |on| {
        let ambient = on.around.ambient();
        let (mut fact, _) = provisioned(&ambient, &on.sealer, with_phone_only());
        fact.hotspot_user_id = Id::generate(&ambient);
        let event = Event::new(&ambient, &Origin::system("test"), &fact).unwrap();
        let consumers = ::notifications::consumers::all(&on.service);
        assert!(consumers[0].consume(&event).await.is_err());
        assert_eq!(on.deliveries(Channel::Sms).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_message_waits_while_its_channel_is_down() {
    on_each_database(async |on| {
        issue(on, with_phone_only()).await;
        for _ in 0..20 {
            on.sms.answer(SendOutcome::Unreachable("down".into()));
            assert_eq!(on.work().await, [JobOutcome::Waiting("down".into())]);
            assert_eq!(on.delivery(Channel::Sms).await.status, DeliveryStatus::Queued);
        }
        assert_eq!(on.work().await, done());
        assert_eq!(on.delivery(Channel::Sms).await.status, DeliveryStatus::Sent);
        assert_eq!(on.facts("AlertRaised").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_for_good_is_told_to_staff() {
    on_each_database(async |on| {
        issue(on, with_phone_only()).await;
        on.sms.answer(SendOutcome::Refused { reason: "unknown number".into(), permanent: true });
        assert_eq!(on.work().await, done());
        let dead = on.delivery(Channel::Sms).await;
        assert_eq!((dead.status, dead.error.as_deref()), (DeliveryStatus::Dead, Some("unknown number")));
        assert_eq!(on.facts("MessageUndeliverable").await, 1);
        assert_eq!(on.facts("AlertRaised").await, 1);
        assert_eq!(on.ready().await, []);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_for_now_is_tried_again_until_the_last_attempt() {
    on_each_database(async |on| {
        issue(on, with_phone_only()).await;
        let refusal = SendOutcome::Refused { reason: "busy".into(), permanent: false };
        for _ in 0..11 {
            on.sms.answer(refusal.clone());
            assert_eq!(on.work().await, [JobOutcome::Failed("busy".into())]);
        }
        on.sms.answer(refusal);
        assert_eq!(on.work().await, done());
        assert_eq!(on.delivery(Channel::Sms).await.status, DeliveryStatus::Dead);
        assert_eq!(on.facts("MessageUndeliverable").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_not_repeated_blindly() {
    on_each_database(async |on| {
        issue(on, with_phone_only()).await;
        for _ in 0..2 {
            on.sms.answer(SendOutcome::Unknown("no answer".into()));
            assert_eq!(on.work().await, [JobOutcome::Waiting("no answer".into())]);
            assert_eq!(on.delivery(Channel::Sms).await.status, DeliveryStatus::Sending);
        }
        assert_eq!(on.work().await, done());
        assert_eq!(on.sms.asked().len(), 2);
        assert_eq!(on.delivery(Channel::Sms).await.status, DeliveryStatus::Dead);
        assert_eq!(on.facts("MessageUndeliverable").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_where_a_repeat_is_recognised() {
    on_each_database(async |on| {
        issue(on, with_email_only()).await;
        for _ in 0..4 {
            on.email.answer(SendOutcome::Unknown("no answer".into()));
            on.work().await;
        }
        assert_eq!(on.work().await, done());
        let asked = on.email.asked();
        assert_eq!(asked.len(), 5);
        assert!(asked.iter().all(|message| *message == asked[0]), "the same key and text each time");
        assert_eq!(on.delivery(Channel::Email).await.unanswered, 4);
        assert_eq!(on.facts("MessageSent").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_lost_job_is_found_and_a_present_one_is_not_doubled() {
    on_each_database(async |on| {
        issue(on, testing::contact(&on.around.ambient())).await;
        let ready = on.ready().await;
        assert_eq!(ready.len(), 2);
        on.lose_jobs().await;
        assert_eq!(on.service.dispatch_pending(50).await.unwrap(), 0, "not yet");
        on.around.clock.advance(Duration::minutes(11));
        assert_eq!(on.service.dispatch_pending(1).await.unwrap(), 1);
        assert_eq!(on.service.dispatch_pending(50).await.unwrap(), 1, "the other one");
        assert_eq!(on.ready().await, ready);
        on.around.clock.advance(Duration::minutes(11));
        assert_eq!(on.service.dispatch_pending(50).await.unwrap(), 2);
        assert_eq!(on.ready().await, ready, "jobs that wait are not doubled");
        on.work().await;
        on.around.clock.advance(Duration::minutes(11));
        assert_eq!(on.service.dispatch_pending(50).await.unwrap(), 0, "nothing is left to send");
    })
    .await;
}

#[tokio::test]
async fn an_entry_is_read_by_its_own_reader_alone() {
    on_each_database(async |on| {
        let contact = testing::contact(&on.around.ambient());
        let reader = contact.user_id.unwrap();
        issue(on, contact).await;
        let inbox = on.service.inbox(reader, true, PageRequest::default()).await.unwrap();
        let notification_id = inbox.items[0].id;
        let stranger = MarkRead { user_id: Id::generate(&on.around.ambient()), notification_id };
        let refused = on.service.mark_read(stranger).await;
        assert!(matches!(refused, Err(MarkReadError::NotFound)));
        let command = MarkRead { user_id: reader, notification_id };
        let first = on.service.mark_read(command).await.unwrap().read_at;
        assert_eq!(first, Some(on.around.ambient().now()));
        on.around.clock.advance(Duration::hours(1));
        assert_eq!(on.service.mark_read(command).await.unwrap().read_at, first);
        assert_eq!(on.service.unread_count(reader).await.unwrap(), 0);
    })
    .await;
}
