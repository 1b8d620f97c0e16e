//! The reference: the plainest client that does the same on a router. It blocks, knows nothing of timeouts, tags or
//! hostile answers, and says one thing after the other.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
};

use anyhow::{Context as _, Result, bail, ensure};
use hotspot::ports::WantedUser;

use super::simulated::{PASSWORD, USER};

/// A row: its words as they came.
pub(super) type Row = Vec<Vec<u8>>;

/// A connection that is logged in.
pub(super) struct PlainClient(BufReader<TcpStream>);

impl PlainClient {
    /// Logs in as RouterOS wants it since 6.43.
    pub(super) fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        let mut client = Self(BufReader::new(stream));
        client.ask(&["/login", &format!("=name={USER}"), &format!("=password={PASSWORD}")])?;
        Ok(client)
    }

    /// Makes the profile of all users.
    pub(super) fn add_profile(&mut self) -> Result<()> {
        self.ask(&["/ip/hotspot/user/profile/add", "=name=plain", "=rate-limit=1024k/4096k"]).map(drop)
    }

    /// Looks for a user's name and adds the user.
    pub(super) fn add(&mut self, user: &WantedUser) -> Result<()> {
        let wanted = format!("?name={}", user.name);
        let found = self.ask(&["/ip/hotspot/user/print", "=.proplist=.id,name,comment,disabled", &wanted])?;
        ensure!(found.is_empty(), "the name {} is taken", user.name);
        let name = format!("=name={}", user.name);
        let password = format!("=password={}", user.password.reveal());
        let comment = format!("=comment={}", user.marker);
        let add =
            ["/ip/hotspot/user/add", &name, &password, "=profile=plain", "=limit-bytes-total=0", &comment];
        self.ask(&add).map(drop)
    }

    /// Reads all users.
    pub(super) fn users(&mut self) -> Result<Vec<Row>> {
        self.ask(&["/ip/hotspot/user/print", "=.proplist=name,comment,disabled"])
    }

    /// Reads the names and passwords of the users whose name begins so.
    pub(super) fn credentials(&mut self, prefix: &str) -> Result<Vec<[String; 2]>> {
        let rows = self.ask(&["/ip/hotspot/user/print", "=.proplist=name,password"])?;
        let value = |row: &Row, name: &str| {
            let words = row.iter().filter_map(|word| std::str::from_utf8(word).ok());
            words.filter_map(|word| word.strip_prefix(name)).next().map(str::to_owned)
        };
        let pair = |row: &Row| Some([value(row, "=name=")?, value(row, "=password=")?]);
        Ok(rows.iter().filter_map(pair).filter(|[name, _]| name.starts_with(prefix)).collect())
    }

    /// Reads all sessions.
    pub(super) fn sessions(&mut self) -> Result<Vec<Row>> {
        let properties = "=.proplist=.id,user,mac-address,address,uptime,bytes-in,bytes-out";
        self.ask(&["/ip/hotspot/active/print", properties])
    }

    /// Says a sentence and reads rows until `!done`.
    fn ask(&mut self, words: &[&str]) -> Result<Vec<Row>> {
        let mut said = Vec::new();
        for word in words {
            said.push(u8::try_from(word.len()).ok().filter(|length| *length < 0x80).context("a long word")?);
            said.extend_from_slice(word.as_bytes());
        }
        said.push(0);
        self.0.get_mut().write_all(&said)?;
        let mut rows = Vec::new();
        loop {
            let mut sentence = Row::new();
            while let Some(word) = self.word()? {
                sentence.push(word);
            }
            match sentence.first().map(Vec::as_slice) {
                Some(b"!re") => rows.push(sentence),
                Some(b"!empty") => {}
                Some(b"!done") => return Ok(rows),
                _ => bail!("the router says {}", String::from_utf8_lossy(&sentence.join(&b' '))),
            }
        }
    }

    /// A word, or `None` at the end of a sentence.
    fn word(&mut self) -> Result<Option<Vec<u8>>> {
        let mut length = [0];
        self.0.read_exact(&mut length)?;
        let [length] = length;
        ensure!(length < 0x80, "a long word");
        if length == 0 {
            return Ok(None);
        }
        let mut word = vec![0; usize::from(length)];
        self.0.read_exact(&mut word)?;
        Ok(Some(word))
    }
}
