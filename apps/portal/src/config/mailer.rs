//! The mail server. It is named by one address (`MAILER_DSN`) or by parts (`MAIL_HOST` and the others); without
//! either, mail goes to the fake mailbox.

use std::str::FromStr;

use actix_web::http::Uri;
use secrecy::SecretString;

/// How a connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Begins in the clear and must change to TLS before anything is said (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// None at all, for a server on the same machine.
    None,
}

impl Encryption {
    /// The port that such a server listens on by custom.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

impl FromStr for Encryption {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            // Older configurations write `tls` for STARTTLS and `ssl` for TLS from the first byte.
            "starttls" | "tls" => Ok(Self::StartTls),
            "ssl" | "smtps" => Ok(Self::Tls),
            "none" => Ok(Self::None),
            _ => Err("expected starttls, ssl or none"),
        }
    }
}

/// How to reach a mail server.
#[derive(Debug, Clone)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// User and password, where it asks for them.
    pub credentials: Option<(String, SecretString)>,
}

/// A mail server in one line: `smtp://user:password@host:port` (STARTTLS), `smtps://…` (TLS from the first
/// byte), and `smtp://…?encryption=none`. Special characters in user and password are percent-encoded.
#[derive(Debug, Clone)]
pub struct MailerDsn(pub MailServer);

impl FromStr for MailerDsn {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = "expected smtp://user:password@host:port or smtps://user:password@host:port";
        let uri: Uri = text.parse().map_err(|_| wanted)?;
        let encryption = match (uri.scheme_str(), uri.query()) {
            (Some("smtps"), None) => Encryption::Tls,
            (Some("smtp"), None) => Encryption::StartTls,
            (Some("smtp"), Some(query)) => query.strip_prefix("encryption=").ok_or(wanted)?.parse()?,
            _ => return Err(wanted),
        };
        let authority = uri.authority().ok_or(wanted)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(wanted)?;
        let credentials = match authority.as_str().rsplit_once('@') {
            None => None,
            Some((user_info, _)) => {
                let (user, password) = user_info.split_once(':').ok_or(wanted)?;
                let user = decoded(user).ok_or(wanted)?;
                Some((user, decoded(password).ok_or(wanted)?.into()))
            }
        };
        Ok(Self(MailServer {
            host: host.to_owned(),
            port: authority.port_u16().unwrap_or(encryption.port()),
            encryption,
            credentials,
        }))
    }
}

/// Undoes percent-encoding (RFC 3986, section 2.1).
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            bytes.extend(hex::decode(tail.get(..2)?).ok()?);
            rest = tail.get(2..)?;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::{Encryption, MailServer, MailerDsn};

    fn read(text: &str) -> Option<MailServer> {
        text.parse::<MailerDsn>().ok().map(|MailerDsn(server)| server)
    }

    #[test]
    fn a_dsn_names_host_port_protection_and_credentials() {
        let server = read("smtp://portal%40example.cd:p%3Ass@mail.example.cd").unwrap();
        assert_eq!(
            (server.host.as_str(), server.port, server.encryption),
            ("mail.example.cd", 587, Encryption::StartTls)
        );
        let (user, password) = server.credentials.unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("portal@example.cd", "p:ss"));
        let server = read("smtps://mail.example.cd:2465").unwrap();
        assert_eq!((server.port, server.encryption), (2465, Encryption::Tls));
        assert!(server.credentials.is_none());
        assert_eq!(read("smtp://localhost?encryption=none").map(|server| server.port), Some(25));
    }

    #[test]
    fn what_is_no_mail_server_is_refused() {
        for bad in
            ["", "mail.example.cd", "http://a", "smtp://user@a", "smtp://a?tls=maybe", "smtp://u:%zz@a"]
        {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
