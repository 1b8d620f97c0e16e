//! A real FreeRADIUS, started from the configuration that is shipped, on a test's own database; and `radclient`, which
//! asks it, or any other RADIUS server, as a router does.
//!
//! `cargo xtask test` names both programs in `FREERADIUS_SERVER` and `RADCLIENT`. Without them, or without PostgreSQL,
//! these tests pass without looking at anything; `REQUIRE_FREERADIUS` makes that an error.

use std::{
    fs,
    net::{SocketAddr, UdpSocket},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use kernel::testing::Surroundings;
use persistence::testing::TestDatabase;
use reqwest::Url;
use simulators::freeradius::lay_out;

use crate::{
    process::{free_address, wait_until},
    radius_wire::RadiusServer,
};

/// What the tests and the server share.
pub const SECRET: &str = "shared-by-test-and-server";
/// The account that the server has in the database: one for all tests, as accounts belong to the whole server.
const ACCOUNT: &str = "portal_test_radius";

/// A running FreeRADIUS; ended with this value.
pub struct FreeRadius {
    pub database: Arc<TestDatabase>,
    /// Where it answers.
    pub server: RadiusServer,
    folder: PathBuf,
    child: Child,
}

impl FreeRadius {
    /// A PostgreSQL database for one, if both are there.
    pub async fn database() -> Option<TestDatabase> {
        program("FREERADIUS_SERVER")?;
        let database = TestDatabase::postgres().await;
        if database.is_none() {
            return left_out("TEST_POSTGRES_URL names no PostgreSQL");
        }
        database
    }

    /// Starts one on a database of its own with the whole schema.
    pub async fn start() -> Option<Self> {
        let database = Self::database().await?;
        database.connect(&Surroundings::new()).await;
        Self::on(Arc::new(database)).await
    }

    /// Starts one on a PostgreSQL database that has the schema.
    pub async fn on(database: Arc<TestDatabase>) -> Option<Self> {
        Self::in_zone(database, "UTC").await
    }

    /// Starts one whose clock shows the time of a zone.
    pub async fn in_zone(database: Arc<TestDatabase>, zone: &str) -> Option<Self> {
        let (program, radclient) = (program("FREERADIUS_SERVER")?, program("RADCLIENT")?);
        let folder = database.folder().join("freeradius");
        let (auth, acct) = (free_udp_address(), free_udp_address());
        grant(&database).await;
        configure(&folder, &database, auth, acct);
        let output = fs::File::create(folder.join("output")).unwrap();
        let child = Command::new(program)
            .env("TZ", zone)
            .arg("-f")
            .arg("-d")
            .arg(folder.join("raddb"))
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let server = RadiusServer { auth, acct, secret: SECRET.to_owned(), radclient };
        let mut running = Self { database, server, folder, child };
        wait_until("FreeRADIUS is ready", async || {
            let ended = running.child.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}\n{}", running.log());
            running.log().contains("Ready to process requests")
        })
        .await;
        Some(running)
    }

    /// All that it has written, for a message or a search.
    pub fn log(&self) -> String {
        let read = |name: &str| fs::read(self.folder.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&[read("radius.log"), read("output")].concat()).into_owned()
    }
}

impl Drop for FreeRadius {
    fn drop(&mut self) {
        // It may have ended already.
        let killed = self.child.kill();
        drop(killed.and_then(|()| self.child.wait()));
    }
}

/// The shipped configuration.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/freeradius/raddb")
}

/// The program that a variable names, or, after saying so, none.
pub fn program(variable: &str) -> Option<PathBuf> {
    match std::env::var_os(variable).filter(|program| !program.is_empty()) {
        Some(program) => Some(program.into()),
        None => left_out(&format!("{variable} names no program")),
    }
}

fn left_out<T>(because: &str) -> Option<T> {
    let demanded = std::env::var("REQUIRE_FREERADIUS").is_ok_and(|value| !value.is_empty() && value != "0");
    assert!(!demanded, "{because}, and REQUIRE_FREERADIUS is set");
    eprintln!("LEFT OUT: a real FreeRADIUS, because {because}.");
    None
}

fn free_udp_address() -> SocketAddr {
    loop {
        let address = free_address();
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}

/// Gives the server's account the rights of the shipped `grants.sql`, and makes this machine known as a router.
async fn grant(database: &TestDatabase) {
    let make = format!(
        "DO $$ BEGIN CREATE ROLE {ACCOUNT} LOGIN PASSWORD '{ACCOUNT}'; \
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    );
    database.execute(&make).await;
    let shipped = fs::read_to_string(shipped().join("../grants.sql")).unwrap();
    let (_, rights) = shipped.split_once(":password;").unwrap();
    database.execute(&rights.replace(" TO radius;", &format!(" TO {ACCOUNT};"))).await;
    let router = format!(
        "INSERT INTO nas (nasname, shortname, secret) SELECT '127.0.0.1', 'lab', '{SECRET}' \
         WHERE NOT EXISTS (SELECT FROM nas WHERE nasname = '127.0.0.1')"
    );
    database.execute(&router).await;
}

/// Copies the shipped configuration and sets what differs from site to site.
fn configure(folder: &Path, database: &TestDatabase, auth: SocketAddr, acct: SocketAddr) {
    let (raddb, passfile) = (folder.join("raddb"), folder.join("pgpass"));
    fs::create_dir_all(folder).unwrap();
    fs::write(&passfile, format!("*:*:*:{ACCOUNT}:{ACCOUNT}\n")).unwrap();
    fs::set_permissions(&passfile, fs::Permissions::from_mode(0o600)).unwrap();
    let mut url = Url::parse(database.url()).unwrap();
    url.set_username(ACCOUNT).unwrap();
    url.set_password(None).unwrap();
    url.set_query(Some(&format!("passfile={}&connect_timeout=5", passfile.display())));
    let values = [
        ("database_url", format!("\"{}\"", url.as_str().replacen("postgres://", "postgresql://", 1))),
        ("listen_address", "127.0.0.1".to_owned()),
        ("auth_port", auth.port().to_string()),
        ("acct_port", acct.port().to_string()),
        ("reject_delay", "0".to_owned()),
        // Tests say when things happen.
        ("clock_tolerance", "4000000000".to_owned()),
        ("run_as_user", who("-un")),
        ("run_as_group", who("-gn")),
        ("configuration_directory", raddb.display().to_string()),
        ("log_directory", folder.display().to_string()),
        ("run_directory", folder.display().to_string()),
    ];
    lay_out(&shipped(), &raddb, &values).unwrap();
}

fn who(option: &str) -> String {
    let told = Command::new("id").arg(option).output().unwrap();
    String::from_utf8(told.stdout).unwrap().trim().to_owned()
}
