//! A real FreeRADIUS for the tests that start one: found, not installed.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use crate::process;
use crate::workspace::demands;

/// Tells the tests where the server is.
pub(crate) const SERVER_VARIABLE: &str = "FREERADIUS_SERVER";
/// Tells the tests where the client is.
pub(crate) const CLIENT_VARIABLE: &str = "RADCLIENT";

/// When set, a missing FreeRADIUS is an error instead of a notice.
const REQUIRE_VARIABLE: &str = "REQUIRE_FREERADIUS";

/// The server's way to PostgreSQL, a package of its own on Debian.
const DRIVER: &str = "/usr/lib/freeradius/rlm_sql_postgresql.so";

/// Both programs.
pub(crate) struct FreeRadius {
    pub(crate) server: PathBuf,
    pub(crate) client: PathBuf,
}

impl FreeRadius {
    /// The FreeRADIUS of this machine, or, after saying so, none.
    pub(crate) fn prepare(has_postgres: bool) -> Result<Option<Self>> {
        let missing = match Self::find(has_postgres) {
            Ok(found) => return Ok(Some(found)),
            Err(missing) => missing,
        };
        if demands(REQUIRE_VARIABLE) {
            bail!("{missing}, and {REQUIRE_VARIABLE} is set");
        }
        eprintln!("LEFT OUT: a real FreeRADIUS, because {missing}.");
        Ok(None)
    }

    /// The FreeRADIUS of this machine, for work that is nothing without it.
    pub(crate) fn required(has_postgres: bool) -> Result<Self> {
        Self::find(has_postgres).map_err(|missing| anyhow!("this needs a real FreeRADIUS, but {missing}"))
    }

    fn find(has_postgres: bool) -> std::result::Result<Self, &'static str> {
        if !has_postgres {
            return Err("there is no PostgreSQL for it");
        }
        // Debian's name, and everybody else's; neither is on an ordinary user's path.
        let beside = ["freeradius", "radiusd"].map(|name| Path::new("/usr/sbin").join(name));
        let server = process::find("freeradius")
            .or_else(|| process::find("radiusd"))
            .or_else(|| beside.into_iter().find(|path| path.is_file()))
            .ok_or("freeradius is not installed (Debian: `apt-get install freeradius`)")?;
        let client = process::find("radclient")
            .ok_or("radclient is not installed (Debian: `apt-get install freeradius-utils`)")?;
        if !Path::new(DRIVER).is_file() {
            return Err("FreeRADIUS has no PostgreSQL (Debian: `apt-get install freeradius-postgresql`)");
        }
        Ok(Self { server, client })
    }
}
