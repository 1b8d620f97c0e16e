//! For tests: builders, the contracts that every store and every channel keeps, and a channel on a script.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test code, behind a feature because other crates' tests run it"
)]

mod builders;
mod channel;
mod store;

pub use builders::{contact, email_delivery, in_app_delivery, notification, provisioned, sms_delivery};
pub use channel::{ScriptedChannel, channel_contract, outgoing};
pub use store::{
    change_is_compare_and_set, deliveries_come_back_as_they_were, dropping_undoes, inbox_is_the_users_own,
    one_notification_per_type_and_subject, overdue_deliveries_come_longest_overdue_first,
    reading_is_kept_once,
};
