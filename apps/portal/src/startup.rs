//! What has to be there before the service starts: the schema, the roles, the site and its router; and for a
//! demonstration, people and packages.

use anyhow::Context as _;
use hotspot::use_cases::DefaultRouter;
use identity::{
    identifiers::Identifiers,
    use_cases::create_user::{CreateUser, CreateUserError},
    user::PersonName,
};
use kernel::{EmailAddress, Locale, Msisdn, Origin, Role};
use secrecy::SecretString;

use crate::compose::{Composition, Services};

/// The password of every demonstration account.
pub const DEMO_PASSWORD: &str = "password";
/// Login names of the demonstration accounts: one admin and five users.
pub const DEMO_LOGINS: [&str; 6] = [
    "admin@demo.test",
    "user1@demo.test",
    "user2@demo.test",
    "user3@demo.test",
    "user4@demo.test",
    "user5@demo.test",
];

/// The first account of a new deployment, and its one-time password.
pub struct FirstAdmin {
    /// Its login.
    pub login: String,
    /// Its password, shown once.
    pub password: String,
}

/// Brings the schema up to date, where that may be done without asking: on SQLite, and for a demonstration. On
/// PostgreSQL an operator decides when.
///
/// # Errors
/// The schema is behind and may not be changed here, or cannot be.
pub async fn bring_schema_up_to_date(composition: &Composition, demo: bool) -> anyhow::Result<()> {
    let database = &composition.background.database;
    if database.is_sqlite() || demo {
        return database.migrate_up().await.context("the schema cannot be brought up to date");
    }
    let steps = database.migration_status().await.context("the schema cannot be looked at")?;
    let missing = steps.iter().filter(|(_, applied)| !applied).count();
    anyhow::ensure!(missing == 0, "the schema lacks {missing} steps: run `portal migrate up` first");
    Ok(())
}

/// Makes sure of what every deployment needs. What is there is left as it is.
///
/// # Errors
/// The database.
pub async fn ensure_foundations(composition: &Composition) -> anyhow::Result<()> {
    let services = &composition.background;
    let origin = Origin::system("startup");
    services.identity.ensure_roles(&origin).await.context("the roles")?;
    services.identity.announce_accounts(&origin).await.context("the accounts")?;
    services.billing.seed_catalogue().await.context("the catalogue")?;
    let sites = services.billing.reads().sites().await?;
    let settings = &composition.settings.hotspot;
    for site in sites.into_iter().filter(|site| site.code == billing::site::MAIN_SITE) {
        let (username, password) = settings.router_credentials.clone().unzip();
        let router = DefaultRouter {
            site_id: site.id,
            name: site.code,
            mode: settings.router_mode,
            host: settings.router_host.clone(),
            port: settings.router_port,
            username: username.unwrap_or_default(),
            password,
            tls: settings.router_tls,
        };
        services.hotspot.ensure_default_router(&router, &origin).await.context("the default router")?;
    }
    Ok(())
}

/// Puts packages on sale and makes the accounts of a demonstration.
///
/// # Errors
/// The database.
pub async fn seed_demo(composition: &Composition) -> anyhow::Result<()> {
    let services = &composition.background;
    services.billing.seed_packages().await.context("the packages")?;
    for (place, login) in DEMO_LOGINS.iter().enumerate() {
        let (role, first_name) = if place == 0 { (Role::Admin, "Admin") } else { (Role::User, "User") };
        // The numbers end in 0000, so that the fake gateway lets their payments succeed.
        let phone = format!("+24381{place:03}0000");
        let account = Account { role, first_name, login, phone: Some(&phone), password: DEMO_PASSWORD };
        create_account(services, &account).await?;
    }
    Ok(())
}

/// Puts packages on sale, and makes an admin with a random password unless `login` is taken.
///
/// # Errors
/// The database.
pub async fn seed(composition: &Composition, login: &str) -> anyhow::Result<Option<FirstAdmin>> {
    let services = &composition.background;
    services.billing.seed_packages().await.context("the packages")?;
    let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    let password = composition.ambient.text(letters, 20);
    let account = Account { role: Role::Admin, first_name: "Admin", login, phone: None, password: &password };
    let created = create_account(services, &account).await?;
    Ok(created.then(|| FirstAdmin { login: login.to_owned(), password }))
}

/// An account to be made.
struct Account<'a> {
    role: Role,
    first_name: &'a str,
    login: &'a str,
    phone: Option<&'a str>,
    password: &'a str,
}

/// Makes an account; false if its login is taken.
async fn create_account(services: &Services, account: &Account<'_>) -> anyhow::Result<bool> {
    let email = EmailAddress::parse(account.login).with_context(|| account.login.to_owned())?;
    let phone = account.phone.map(Msisdn::parse).transpose()?;
    let last_name = account.login.split('@').next().unwrap_or_default();
    let command = CreateUser {
        first_name: PersonName::parse(account.first_name)?,
        last_name: PersonName::parse(last_name)?,
        identifiers: Identifiers::new(None, Some(email), phone)?,
        promotion_id: None,
        role: account.role,
        locale: Locale::Fr,
        password: SecretString::from(account.password),
        activate_wifi: false,
    };
    match services.identity.create_user(command, &Origin::system("seed")).await {
        Ok(_) => Ok(true),
        Err(CreateUserError::Taken(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
