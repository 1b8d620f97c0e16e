//! Identity on real databases: the contract of its ports, and its use cases. Every test runs on SQLite, and on
//! PostgreSQL when `TEST_POSTGRES_URL` names a server on which databases may be created.

use std::sync::Arc;

use identity::{
    Identifiers, Identity, IdentityPorts, MailDomain, Matricule, PasswordHasher, PersonName, Settings, User,
    password::PasswordCost,
    testing::contract::{Ports, accounts, records, sessions},
    use_cases::{
        create_user::CreateUser,
        log_in::{LogIn, LogInError, LoggedIn},
    },
};
use kernel::{Actor, EmailAddress, Locale, Msisdn, Origin, Role, Sealer, testing::Surroundings};

use crate::{Database, testing::TestDatabase};

mod audit;
mod signing_in;
mod telling;
mod tokens;

/// A migrated database of its own for one test, with identity upon it.
struct Bench {
    database: Database,
    around: Surroundings,
    identity: Arc<Identity>,
    _database: TestDatabase,
}

impl Bench {
    async fn on(test: TestDatabase) -> Self {
        let around = Surroundings::new();
        let database = test.connect(&around).await;
        let identity = Identity::new(
            IdentityPorts { store: Arc::new(database.clone()), reads: Arc::new(database.clone()) },
            PasswordHasher::new(around.ambient(), PasswordCost::LEAST, 4).unwrap(),
            Arc::new(sealer(&around)),
            around.ambient(),
            Settings { mail_domain: MailDomain::parse("univ.test").unwrap(), registrations_per_ip: 60 },
        );
        Self { database, around, identity: Arc::new(identity), _database: test }
    }

    fn ports(&self) -> Ports<'_> {
        Ports { store: &self.database, reads: &self.database, around: &self.around }
    }

    /// Somebody with the password `secret`, the matricule `22-<number>`, an email and a phone number.
    async fn add_user(&self, number: u16) -> User {
        self.identity.ensure_roles(&Origin::system("test")).await.unwrap();
        let command = account(
            &format!("22-{number}"),
            &format!("someone-{number}@demo.test"),
            &format!("+24381234{number:04}"),
        );
        self.identity.create_user(command, &Origin::system("test")).await.unwrap()
    }

    async fn log_in(&self, login: &str, password: &str) -> Result<LoggedIn, LogInError> {
        self.log_in_from("192.0.2.7", login, password).await
    }

    async fn log_in_from(&self, ip: &str, login: &str, password: &str) -> Result<LoggedIn, LogInError> {
        let command =
            LogIn { login: login.into(), password: password.into(), user_agent: Some("a test".into()) };
        self.identity.log_in(command, &visitor(ip)).await
    }
}

fn sealer(around: &Surroundings) -> Sealer {
    Sealer::new("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", None, around.ambient()).unwrap()
}

fn account(matricule: &str, email: &str, phone: &str) -> CreateUser {
    CreateUser {
        first_name: PersonName::parse("Jean").unwrap(),
        last_name: PersonName::parse("Kabila").unwrap(),
        identifiers: Identifiers::new(
            Matricule::parse(matricule).ok(),
            EmailAddress::parse(email).ok(),
            Msisdn::parse(phone).ok(),
        )
        .unwrap(),
        promotion_id: None,
        role: Role::User,
        locale: Locale::Fr,
        password: "secret".into(),
        activate_wifi: false,
    }
}

fn visitor(ip: &str) -> Origin {
    Origin { actor: Actor::Anonymous, request_id: None, ip: ip.parse().ok() }
}

/// Runs each test of the calling module on both databases.
macro_rules! on_both {
    ($($test:ident;)+) => {
        mod on {
            $(pub(super) async fn $test(database: crate::testing::TestDatabase) {
                super::$test(&super::Bench::on(database).await).await;
            })+
            crate::on_both_databases!($($test),+);
        }
    };
}
use on_both;

/// Gives each test of the contract the bench's ports, on both databases.
macro_rules! contract {
    ($($module:ident :: $test:ident;)+) => {
        $(async fn $test(bench: &Bench) {
            $module::$test(bench.ports()).await;
        })+
        on_both! { $($test;)+ }
    };
}

contract! {
    accounts::a_user_is_found_by_every_name;
    accounts::a_matricule_goes_before_a_phone_number;
    accounts::a_name_belongs_to_one_account;
    accounts::the_case_of_a_matricule_does_not_distinguish;
    accounts::a_dropped_transaction_leaves_nothing;
    accounts::an_account_is_replaced_by_its_next_revision;
    accounts::a_new_account_needs_no_announcement;
    accounts::a_deleted_account_leaves_nothing;
    accounts::active_admins_are_known;
    accounts::registrations_are_counted_per_address;
    accounts::a_login_is_noted_for_the_account_as_it_was_read;
    sessions::permissions_belong_to_roles;
    sessions::an_unknown_permission_cannot_be_granted;
    sessions::a_session_ends_once;
    sessions::other_sessions_end_and_one_goes_on;
    sessions::a_use_is_noted_forwards;
    sessions::a_refresh_token_is_used_once;
    sessions::only_what_is_over_is_pruned;
    records::login_failures_are_kept_listed_and_lifted;
    records::the_audit_log_is_read_newest_first;
    records::audit_lines_are_sealed_in_order;
}
