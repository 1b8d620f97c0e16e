//! The API's `/login`, before and after RouterOS 6.43.

use kernel::Ambient;
use md5::{Digest as _, Md5};
use routeros_api::Sentence;

use super::trap::Trap;
use super::version::Version;

/// Who may use the API.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) user: String,
    pub(super) password: String,
}

/// How far a connection has come.
#[derive(Debug, Default)]
pub(super) struct Login {
    pub(super) done: bool,
    challenge: Option<[u8; 16]>,
}

impl Login {
    /// Answers `/login`.
    pub(super) fn attempt(
        &mut self,
        sentence: &Sentence,
        account: &Account,
        version: Version,
        ambient: &Ambient,
    ) -> Result<Sentence, Trap> {
        let given = |name: &str| sentence.get(name);
        let known_user = given("name").is_some_and(|name| name == account.user.as_bytes());
        let right = if version.logs_in_plainly() {
            given("password").unwrap_or_default() == account.password.as_bytes()
        } else {
            let Some(response) = given("response") else {
                // Name and password that a newer client sends along are not looked at.
                let mut challenge = [0u8; 16];
                ambient.fill(&mut challenge);
                self.challenge = Some(challenge);
                return Ok(Sentence::of("!done").with("ret", hex::encode(challenge)));
            };
            let challenge = self.challenge.take();
            challenge.is_some_and(|challenge| {
                response.eq_ignore_ascii_case(self::response(&account.password, &challenge).as_bytes())
            })
        };
        self.done = known_user && right;
        if self.done { Ok(Sentence::of("!done")) } else { Err(Trap::WrongLogin) }
    }
}

/// `00` and the MD5 of a zero byte, the password and the challenge.
fn response(password: &str, challenge: &[u8]) -> String {
    let mut hash = Md5::new();
    hash.update([0]);
    hash.update(password);
    hash.update(challenge);
    format!("00{}", hex::encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::response;

    #[test]
    fn the_response_is_the_one_that_public_clients_give() {
        for (password, challenge, expected) in [
            ("test", "259e0bc05acd6f46926dc2f809ed1bba", "00c7fd865183a43a772dde231f6d0bff13"),
            ("passTest", "abc123", "0021277bff9ac7caf06aa608e46616d47f"),
            ("pw", "259e0bc05acd6f46926dc2f809ed1bba", "003f290a224a9fb84ddc8939b302a097de"),
        ] {
            assert_eq!(response(password, &hex::decode(challenge).unwrap()), expected);
        }
    }
}
