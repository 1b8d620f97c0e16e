//! The PostgreSQL that tests and benchmarks run on: a given one, or a throw-away cluster that ends with the task.

mod binaries;

use std::env;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::http::free_address;
use crate::process;
use crate::workspace::{demands, target};

/// Names the server that tests may create databases on. Set to nothing, it leaves PostgreSQL out on purpose.
pub(crate) const URL_VARIABLE: &str = "TEST_POSTGRES_URL";

/// When set, a missing PostgreSQL is an error instead of a notice.
const REQUIRE_VARIABLE: &str = "REQUIRE_POSTGRES";

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Many connections: every test has pools of its own.
const SETTINGS: [&str; 4] =
    ["max_connections=400", "listen_addresses=127.0.0.1", "unix_socket_directories=", "log_statement=none"];

/// Whether a throw-away cluster waits for its disk. A given server does as it is set up.
#[derive(Clone, Copy)]
pub(crate) enum Safety {
    /// No: its data is thrown away, and tests are to be quick.
    Quick,
    /// Yes, as in production: for figures that mean something.
    Durable,
}

impl Safety {
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Quick => &["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
            Self::Durable => &[],
        }
    }

    /// Where every account may make directories: for the figures' sake one that is never in memory.
    fn public_directory(self) -> PathBuf {
        match self {
            Self::Quick => env::temp_dir(),
            Self::Durable => "/var/tmp".into(),
        }
    }
}

/// What there is of PostgreSQL.
pub(crate) enum Database {
    Given(String),
    Started(Cluster),
    Absent,
}

impl Database {
    /// Takes the server named by the environment, else starts one, else says what is left out.
    pub(crate) fn prepare(safety: Safety) -> Result<Self> {
        let missing = match env::var(URL_VARIABLE) {
            Ok(url) if url.is_empty() => format!("{URL_VARIABLE} is set to nothing"),
            Ok(url) => return Ok(Self::Given(url)),
            Err(_) => match binaries::find_or_install()? {
                Some(binaries) => return Cluster::start(&binaries, safety).map(Self::Started),
                None => "no PostgreSQL server programs were found".to_owned(),
            },
        };
        if demands(REQUIRE_VARIABLE) {
            bail!("{missing}, and {REQUIRE_VARIABLE} is set");
        }
        eprintln!(
            "LEFT OUT: the PostgreSQL half, because {missing}.\n\
             Install PostgreSQL (Debian: `apt-get install postgresql`; macOS: `brew install postgresql`), or name\n\
             a server on which databases may be created: {URL_VARIABLE}=postgres://user:password@host/postgres"
        );
        Ok(Self::Absent)
    }

    /// Where to connect, as a superuser.
    pub(crate) fn url(&self) -> Option<String> {
        match self {
            Self::Given(url) => Some(url.clone()),
            Self::Started(cluster) => Some(format!("postgres://postgres@{}/postgres", cluster.address)),
            Self::Absent => None,
        }
    }
}

/// A running throw-away cluster. Dropping it stops the server and deletes its data.
pub(crate) struct Cluster {
    address: SocketAddr,
    server: Child,
    programs: Programs,
    home: TempDir,
}

impl Cluster {
    fn start(binaries: &Path, safety: Safety) -> Result<Self> {
        let programs = Programs { binaries: binaries.to_owned(), account: Account::for_the_server()? };
        let home = programs.make_home(safety)?;
        let data = home.path().join("data");
        let mut initdb = programs.command("initdb", home.path());
        initdb.arg("--pgdata").arg(&data);
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        process::quietly(&mut initdb)?;

        let address = free_address()?;
        let log = File::create(home.path().join("log")).context("cannot write the server's log")?;
        let mut postgres = programs.command("postgres", home.path());
        postgres.arg("-D").arg(&data).args(["-p", &address.port().to_string()]);
        postgres.args(SETTINGS.iter().chain(safety.settings()).flat_map(|setting| ["-c", setting]));
        let server =
            postgres.stdout(log.try_clone()?).stderr(log).spawn().context("cannot start postgres")?;

        let mut cluster = Self { address, server, programs, home };
        cluster.wait_until_ready()?;
        eprintln!("A throw-away PostgreSQL ({}) listens on {address}", binaries.display());
        Ok(cluster)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        let port = self.address.port().to_string();
        while started.elapsed() < START_TIMEOUT && self.server.try_wait()?.is_none() {
            let mut ready = self.programs.command("pg_isready", self.home.path());
            if process::succeeds(ready.args(["--host=127.0.0.1", "--port", &port])) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("PostgreSQL did not start; its log ends:\n{}", process::tail(&self.home.path().join("log")));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.programs.command("pg_ctl", self.home.path());
        stop.args(["stop", "--mode=immediate", "--wait", "--pgdata"]).arg(self.home.path().join("data"));
        if !process::succeeds(&mut stop) {
            self.server.kill().ok();
        }
        self.server.wait().ok();
    }
}

/// PostgreSQL's programs and the account that they run under.
struct Programs {
    binaries: PathBuf,
    account: Option<Account>,
}

impl Programs {
    fn command(&self, program: &str, home: &Path) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.current_dir(home).env("LC_ALL", "C").stdin(std::process::Stdio::null());
        if let Some(Account { user, group }) = self.account {
            command.uid(user).gid(group);
        }
        command
    }

    /// A new directory for one cluster: in the target directory, or, for another account, where it can reach it.
    fn make_home(&self, safety: Safety) -> Result<TempDir> {
        let mut names = tempfile::Builder::new();
        let Some(Account { user, group }) = self.account else {
            let directory = target().join("postgres");
            fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
            return names.tempdir_in(directory).context("cannot make a directory for PostgreSQL");
        };
        let home = names
            .prefix("portal-tests-postgres-")
            .tempdir_in(safety.public_directory())
            .context("cannot make a directory for PostgreSQL")?;
        chown(home.path(), Some(user), Some(group))
            .context("cannot hand a directory to the postgres account")?;
        Ok(home)
    }
}

#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Account {
    /// `initdb` and `postgres` refuse to run as root; then they run as `postgres`, or as `nobody`.
    fn for_the_server() -> Result<Option<Self>> {
        if !is_root()? {
            return Ok(None);
        }
        let account = ["postgres", "nobody"].into_iter().find_map(Self::named);
        account
            .map(Some)
            .context("PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody`")
    }

    fn named(name: &str) -> Option<Self> {
        let id = |flag| {
            Command::new("id").args([flag, name]).output().ok().filter(|output| output.status.success())
        };
        let number = |flag| String::from_utf8(id(flag)?.stdout).ok()?.trim().parse().ok();
        Some(Self { user: number("-u")?, group: number("-g")? })
    }
}

fn is_root() -> Result<bool> {
    Ok(process::stdout(Command::new("id").arg("-u"))?.trim() == "0")
}
