//! Email by SMTP (RFC 5321), one connection per message.
//!
//! The commands are given one by one, since it matters when a connection breaks: before the text is on its way
//! nothing has left, and the message waits; after that the server may have taken it over, and the answer is
//! lost. SMTP knows no idempotency. Each message carries a `Message-ID` made of its key, by which mail programs
//! and people recognise a repeat.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use kernel::{Ambient, EmailAddress};
use lettre::{
    Address, Message,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    channel::Channel,
    ports::{MessageChannel, OutgoingMessage, Recipient, SendOutcome},
};

mod auto_submitted;
#[cfg(test)]
mod tests;

use auto_submitted::AutoSubmitted;

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmtpSecurity {
    /// TLS from the first byte, usually on port 465 (RFC 8314, section 3.3).
    #[default]
    Tls,
    /// Begun in the clear and raised to TLS before anything is said, usually on port 587. A server that does
    /// not offer it is not used.
    StartTls,
    /// None. For a server on the same machine, and for tests.
    Plain,
}

/// Which mail server to use, and as whom.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// The server's name or address; with TLS its certificate must bear it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// The name and password to sign in with, if the server wants them.
    pub login: Option<(String, SecretString)>,
    /// The sender's address.
    pub from: EmailAddress,
    /// The sender's name, as mail programs show it.
    pub from_name: Option<String>,
    /// The longest time until the server asks for the text, and again until it has taken it over. A job's lease
    /// must be longer than both together.
    pub timeout: Duration,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SmtpSettingsError {
    /// The sender's address is not one that SMTP can carry.
    #[error("the sender's address cannot be used: {0}")]
    Sender(#[from] lettre::address::AddressError),
    /// TLS cannot be set up: the host is not a name, or the machine's root certificates cannot be read.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] SmtpError),
}

/// Sends email through one mail server.
pub struct SmtpChannel {
    settings: SmtpSettings,
    sender: Address,
    tls: Option<TlsParameters>,
    ambient: Ambient,
}

impl SmtpChannel {
    /// A channel with these settings. It does not connect yet.
    ///
    /// # Errors
    /// [`SmtpSettingsError`].
    pub fn new(settings: SmtpSettings, ambient: Ambient) -> Result<Self, SmtpSettingsError> {
        let tls = match settings.security {
            SmtpSecurity::Plain => None,
            SmtpSecurity::Tls | SmtpSecurity::StartTls => Some(TlsParameters::new(settings.host.clone())?),
        };
        Ok(Self { sender: settings.from.as_str().parse()?, settings, tls, ambient })
    }

    /// Connects, signs in and announces the sender. Whatever fails until here is between the server and us, and
    /// says nothing about the message.
    async fn greet(&self, recipient: &Address) -> Result<AsyncSmtpConnection, Stopped> {
        let Self { settings, tls, .. } = self;
        let hello = ClientId::default();
        let from_the_start = (settings.security == SmtpSecurity::Tls).then(|| tls.clone()).flatten();
        let server = (settings.host.as_str(), settings.port);
        let timeout = Some(settings.timeout);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, timeout, &hello, from_the_start, None).await?;
        if let (SmtpSecurity::StartTls, Some(tls)) = (settings.security, tls) {
            connection.starttls(tls.clone(), &hello).await?;
        }
        if let Some((name, password)) = &settings.login {
            let credentials = Credentials::new(name.clone(), password.expose_secret().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        let mut parameters = Vec::new();
        if !<Address as AsRef<str>>::as_ref(recipient).is_ascii() {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let reason = "the mail server takes no addresses outside ASCII".to_owned();
                return Err(Stopped::Refused { reason, permanent: true });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        connection.command(Mail::new(Some(self.sender.clone()), parameters)).await?;
        Ok(connection)
    }

    /// Everything up to the point at which the server asks for the text.
    async fn prepare(&self, recipient: Address) -> Result<AsyncSmtpConnection, Stopped> {
        let mut connection = self.greet(&recipient).await?;
        connection.command(Rcpt::new(recipient, Vec::new())).await.map_err(Stopped::about_the_message)?;
        connection.command(Data).await.map_err(Stopped::about_the_message)?;
        Ok(connection)
    }

    async fn hand_over(&self, recipient: Address, text: &[u8]) -> SendOutcome {
        let timeout = self.settings.timeout;
        let mut connection = match tokio::time::timeout(timeout, self.prepare(recipient)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(stopped)) => return stopped.into(),
            Err(_) => return SendOutcome::Unreachable("the mail server is too slow".to_owned()),
        };
        match tokio::time::timeout(timeout, connection.message(text)).await {
            Ok(Ok(response)) => {
                let provider_id = response.first_line().unwrap_or("accepted").to_owned();
                // It has been taken over, whatever the server answers to our goodbye.
                drop(tokio::time::timeout(Duration::from_secs(1), connection.quit()).await);
                SendOutcome::Sent { provider_id }
            }
            Ok(Err(error)) => match Stopped::about_the_message(error) {
                Stopped::Unreachable(reason) => SendOutcome::Unknown(reason),
                refused @ Stopped::Refused { .. } => refused.into(),
            },
            Err(_) => SendOutcome::Unknown("the mail server did not say whether it took it".to_owned()),
        }
    }

    fn write(&self, message: &OutgoingMessage, recipient: Address) -> Result<Vec<u8>, lettre::error::Error> {
        let domain = self.sender.domain();
        let written = Message::builder()
            .message_id(Some(format!("<{}@{domain}>", message.key)))
            .date(self.ambient.now().into())
            .from(Mailbox::new(self.settings.from_name.clone(), self.sender.clone()))
            .to(Mailbox::new(None, recipient))
            .subject(message.subject.clone().unwrap_or_default())
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())?;
        Ok(written.formatted())
    }
}

#[async_trait]
impl MessageChannel for SmtpChannel {
    fn name(&self) -> Channel {
        Channel::Email
    }

    fn idempotent(&self) -> bool {
        false
    }

    async fn send(&self, message: &OutgoingMessage) -> SendOutcome {
        let refused = |reason: String| SendOutcome::Refused { reason, permanent: true };
        let Recipient::Mailbox(to) = &message.recipient else {
            return refused("not an email address".to_owned());
        };
        let recipient = match to.as_str().parse::<Address>() {
            Ok(recipient) => recipient,
            Err(error) => return refused(error.to_string()),
        };
        match self.write(message, recipient.clone()) {
            Ok(text) => self.hand_over(recipient, &text).await,
            Err(error) => refused(error.to_string()),
        }
    }
}

/// Why the server did not get to ask for the text.
enum Stopped {
    Unreachable(String),
    Refused { reason: String, permanent: bool },
}

impl Stopped {
    /// A failure while the message itself was talked about: a reply of the server is its verdict on it.
    fn about_the_message(error: SmtpError) -> Self {
        if error.is_permanent() || error.is_transient() {
            let permanent = error.is_permanent();
            Self::Refused { reason: error.to_string(), permanent }
        } else {
            error.into()
        }
    }
}

impl From<SmtpError> for Stopped {
    fn from(error: SmtpError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

impl From<Stopped> for SendOutcome {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Unreachable(reason) => Self::Unreachable(reason),
            Stopped::Refused { reason, permanent } => Self::Refused { reason, permanent },
        }
    }
}

impl fmt::Debug for SmtpChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpChannel({:?})", self.settings)
    }
}
