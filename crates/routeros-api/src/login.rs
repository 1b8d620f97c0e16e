//! The login, in the way of RouterOS 6.43 and later and in the way before it.
//!
//! Since 6.43 the password goes over the wire as it is, which is why TLS matters. Older routers do not look at it
//! and answer with a challenge instead, to which the response is `00` and the MD5 of a null byte, the password
//! and the challenge. The first attempt is therefore the same for all.

use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_util::{
    bytes::BytesMut,
    codec::{Decoder, Encoder},
};

use crate::{
    codec::{CodecError, SentenceCodec},
    error::{ConnectError, ConnectionEnd},
    reply::Reply,
    sentence::Sentence,
};

/// An account on a router. Its password is shown nowhere.
#[derive(Debug, Clone)]
pub struct Account {
    /// The name.
    pub name: String,
    /// The password.
    pub password: SecretString,
}

/// A login that says more than this many sentences is none.
const MOST_REPLIES: usize = 16;

/// A stream on which sentences are exchanged one after the other, before commands are tagged.
pub(crate) struct Wire<S> {
    pub(crate) stream: S,
    pub(crate) codec: SentenceCodec,
    pub(crate) inbox: BytesMut,
}

/// Logs in.
pub(crate) async fn login<S>(wire: &mut Wire<S>, account: &Account) -> Result<(), ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let password = account.password.expose_secret();
    let name = Sentence::of("/login").with("name", &account.name);
    let done = wire.exchange(&name.clone().with("password", password)).await?;
    let Some(challenge) = done.get("ret") else {
        return Ok(());
    };
    let response = respond(password, challenge).ok_or_else(|| {
        let text = crate::reply::printable(challenge);
        ConnectError::Ended(ConnectionEnd::Protocol(format!("`{text}` is no challenge")))
    })?;
    let done = wire.exchange(&name.with("response", response)).await?;
    match done.get("ret") {
        None => Ok(()),
        Some(again) => Err(ConnectError::LoginRefused(crate::reply::printable(again))),
    }
}

/// The response to a challenge in hexadecimal; `None` if it is none.
fn respond(password: &str, challenge: &[u8]) -> Option<String> {
    let challenge = hex::decode(challenge).ok().filter(|challenge| !challenge.is_empty())?;
    let digest = Md5::new().chain_update([0]).chain_update(password).chain_update(challenge).finalize();
    Some(format!("00{}", hex::encode(digest)))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Sends a sentence and waits for its end.
    async fn exchange(&mut self, sentence: &Sentence) -> Result<Sentence, ConnectError> {
        let mut outbox = BytesMut::new();
        self.codec.encode(sentence, &mut outbox).map_err(ended)?;
        self.stream.write_all(&outbox).await.map_err(failed)?;
        self.stream.flush().await.map_err(failed)?;
        let mut refusal = None;
        for _ in 0..MOST_REPLIES {
            match Reply::from_sentence(self.receive().await?) {
                Ok(Reply::Done(done)) => {
                    return refusal.map_or(Ok(done), |text| Err(ConnectError::LoginRefused(text)));
                }
                Ok(Reply::Trap(trap)) => refusal = refusal.or(Some(trap.message)),
                Ok(Reply::Fatal(text)) => return Err(ConnectError::Ended(ConnectionEnd::Fatal(text))),
                Ok(Reply::Row(_) | Reply::Empty) => {}
                Err(unknown) => {
                    return Err(ConnectError::Ended(ConnectionEnd::Protocol(unknown.to_string())));
                }
            }
        }
        Err(ConnectError::Ended(ConnectionEnd::Protocol("the login does not end".to_owned())))
    }

    async fn receive(&mut self) -> Result<Sentence, ConnectError> {
        loop {
            if let Some(sentence) = self.codec.decode(&mut self.inbox).map_err(ended)? {
                return Ok(sentence);
            }
            if self.stream.read_buf(&mut self.inbox).await.map_err(failed)? == 0 {
                return Err(ConnectError::Ended(ConnectionEnd::Closed));
            }
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn failed(error: std::io::Error) -> ConnectError {
    ConnectError::Ended(ConnectionEnd::Failed(error.to_string()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn ended(error: CodecError) -> ConnectError {
    ConnectError::Ended(ConnectionEnd::Protocol(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Account, respond};

    #[test]
    fn responses_are_those_of_other_clients() {
        for (password, challenge, response) in [
            ("test", "259e0bc05acd6f46926dc2f809ed1bba", "00c7fd865183a43a772dde231f6d0bff13"),
            ("passTest", "abc123", "0021277bff9ac7caf06aa608e46616d47f"),
            ("pw", "259e0bc05acd6f46926dc2f809ed1bba", "003f290a224a9fb84ddc8939b302a097de"),
        ] {
            assert_eq!(respond(password, challenge.as_bytes()).as_deref(), Some(response));
        }
        for wrong in ["Invalid Hex String", "", "abc"] {
            assert_eq!(respond("pw", wrong.as_bytes()), None);
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let account = Account { name: "admin".to_owned(), password: "hidden".into() };
        assert!(!format!("{account:?}").contains("hidden"));
    }
}
