//! A real FreeRADIUS beside the portal: on the portal's database with the configuration that is shipped, and with
//! everybody in a file, which is as plain as a RADIUS server can be.

use std::{
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use reqwest::Url;
use simulators::freeradius::lay_out;
use tokio::process::{Child, Command};

use super::{
    USERS,
    campus::{name, secret},
    radclient::SECRET,
};

/// How long a server may take to start.
const START: Duration = Duration::from_secs(30);

/// What is measured, and what with.
pub(super) struct Programs {
    pub(super) portal: PathBuf,
    pub(super) radclient: PathBuf,
    pub(super) freeradius: PathBuf,
}

/// Where a server answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addresses {
    pub(super) auth: SocketAddr,
    pub(super) acct: SocketAddr,
}

/// A running FreeRADIUS; ended with this value.
pub(super) struct FreeRadius {
    pub(super) addresses: Addresses,
    _process: Child,
}

impl Addresses {
    /// Two that nobody has.
    pub(super) fn free() -> Result<Self> {
        let [one, other] = [(); 2].map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)));
        Ok(Self { auth: one?.local_addr()?, acct: other?.local_addr()? })
    }
}

impl FreeRadius {
    /// On the portal's PostgreSQL, from the configuration that is shipped.
    pub(super) async fn on_database(program: &Path, folder: &Path, url: &str) -> Result<Self> {
        let mut url = Url::parse(url)?;
        // FreeRADIUS takes for an address what has an equals sign in it.
        url.set_query(Some("connect_timeout=5"));
        let url = format!("\"{}\"", url.as_str().replacen("postgres://", "postgresql://", 1));
        Self::start(program, &folder.join("on-database"), &[("database_url", url)], |_| Ok(())).await
    }

    /// With everybody in a file, and accounting into a file.
    pub(super) async fn on_files(program: &Path, folder: &Path) -> Result<Self> {
        Self::start(program, &folder.join("on-files"), &[], |raddb| {
            for left_out in ["mods-enabled/sql", "sites-enabled/routers", "policy.d/portal"] {
                fs::remove_file(raddb.join(left_out))?;
            }
            fs::write(raddb.join("mods-enabled/files"), "files {\n\tfilename = ${confdir}/users\n}\n")?;
            fs::write(
                raddb.join("mods-enabled/detail"),
                "detail {\n\tfilename = ${logdir}/detail\n\tpermissions = 0600\n}\n",
            )?;
            fs::write(raddb.join("users"), users())?;
            fs::write(raddb.join("sites-enabled/portal"), SITE.replace("SECRET", SECRET))?;
            Ok(())
        })
        .await
    }

    async fn start(
        program: &Path,
        folder: &Path,
        own: &[(&str, String)],
        change: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<Self> {
        let (addresses, raddb) = (Addresses::free()?, folder.join("raddb"));
        let mut values = vec![
            ("listen_address", "127.0.0.1".to_owned()),
            ("auth_port", addresses.auth.port().to_string()),
            ("acct_port", addresses.acct.port().to_string()),
            ("run_as_user", who("-un").await?),
            ("run_as_group", who("-gn").await?),
            ("configuration_directory", raddb.display().to_string()),
            ("log_directory", folder.display().to_string()),
            ("run_directory", folder.display().to_string()),
        ];
        values.extend_from_slice(own);
        fs::create_dir_all(folder)?;
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/freeradius/raddb");
        lay_out(&shipped, &raddb, &values).context("FreeRADIUS's configuration")?;
        change(&raddb).context("FreeRADIUS's configuration")?;
        let mut process = Command::new(program)
            .args(["-f", "-d"])
            .arg(&raddb)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let (started, log) = (Instant::now(), folder.join("radius.log"));
        let said = || fs::read_to_string(&log).unwrap_or_default();
        while !said().contains("Ready to process requests") {
            let runs = process.try_wait()?.is_none() && started.elapsed() < START;
            ensure!(runs, "FreeRADIUS does not start:\n{}", said());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { addresses, _process: process })
    }
}

/// Everybody, with the attributes that the portal gives them.
fn users() -> String {
    let mut users = String::new();
    for number in 0..USERS {
        // Writing to a string does not fail.
        let _ = write!(
            users,
            "{} Cleartext-Password := \"{}\"\n\tSession-Timeout = 3600, Idle-Timeout = 600, Acct-Interim-Interval = 300,\n\
             \tMikrotik-Rate-Limit = \"512k/2048k\", Mikrotik-Total-Limit = 1073741824,\n\
             \tMikrotik-Total-Limit-Gigawords = 1\n",
            name(number),
            secret(number)
        );
    }
    users
}

/// The site of the server on files: the shipped one without what a file has no use for.
const SITE: &str = "server portal {
listen {
	type = auth
	ipaddr = ${listen_address}
	port = ${auth_port}
}
listen {
	type = acct
	ipaddr = ${listen_address}
	port = ${acct_port}
}
client here {
	ipaddr = 127.0.0.1
	secret = \"SECRET\"
	require_message_authenticator = yes
}
authorize {
	files
	pap
}
authenticate {
	Auth-Type PAP {
		pap
	}
}
post-auth {
	update reply {
		&Message-Authenticator := 0x00
	}
}
accounting {
	detail
}
}
";

async fn who(option: &str) -> Result<String> {
    let told = Command::new("id").arg(option).output().await?;
    Ok(String::from_utf8(told.stdout)?.trim().to_owned())
}
