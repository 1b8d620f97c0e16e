//! The words that every domain shares, and the promises between them. No I/O lives here.
//!
//! Read in this order:
//!
//! 1. values: [`id`], [`money`], [`msisdn`], [`email`], [`ip_networks`], [`locale`], [`access_policy`],
//!    [`sealed`];
//! 2. what a domain takes from its surroundings: [`ambient`] (time and chance);
//! 3. people and programs: [`principal`], [`permission`], [`origin`];
//! 4. lists: [`page`];
//! 5. work that survives a crash: [`unit_of_work`], [`event`], [`events`] (the published language), [`job`],
//!    [`audit`]; and [`forgetting`], which takes a person out of what was told.
//!
//! A new event goes into [`events`], a new permission into [`permission`], a new secret's purpose into
//! [`sealed::Purpose`]. A type that only one domain speaks of belongs to that domain instead.

pub mod access_policy;
pub mod ambient;
pub mod audit;
pub mod email;
pub mod event;
pub mod events;
pub mod forgetting;
pub mod id;
pub mod ip_networks;
pub mod job;
pub mod locale;
pub mod money;
pub mod msisdn;
pub mod origin;
pub mod page;
pub mod permission;
pub mod principal;
pub mod sealed;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod unit_of_work;

pub use access_policy::AccessPolicy;
pub use ambient::{Ambient, Clock, Entropy, Timestamp};
pub use email::EmailAddress;
pub use event::{Consumer, ConsumerError, Event, EventPayload};
pub use id::Id;
pub use ip_networks::IpNetworks;
pub use job::{Job, JobHandler, JobOutcome, JobSpec, NewJob, Progress, Queue};
pub use locale::Locale;
pub use money::{Currency, Money};
pub use msisdn::Msisdn;
pub use origin::{Actor, Origin, RequestId};
pub use page::{Page, PageRequest};
pub use permission::{Permission, Permissions};
pub use principal::{Principal, Role};
pub use sealed::{Sealed, Sealer};
pub use unit_of_work::{Claim, IdempotencyKey, StoreError, UnitOfWork};
