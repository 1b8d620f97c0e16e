//! A login is answered, and the answer written down.

use std::net::IpAddr;

use kernel::StoreError;

use super::Radius;
use crate::{
    auth_log::NewAuthEntry,
    login::{Login, LoginAnswer, ReplyItem, other_devices},
};

impl Radius {
    /// Answers a login, and writes the answer into the authentication log. An accept carries a Class that no other
    /// login has, by which accounting is told apart even where a NAS gives a session id twice.
    ///
    /// # Errors
    /// [`StoreError`]: then nobody should be answered. A rejection would be a lie, and the NAS asks again or elsewhere.
    pub async fn answer_login(&self, login: &Login<'_>) -> Result<LoginAnswer, StoreError> {
        let mut answer = self.judge(login).await?;
        let class = match &mut answer {
            LoginAnswer::Accept { replies } => Some(self.classify(replies)),
            LoginAnswer::Reject { .. } => None,
        };
        let entry = NewAuthEntry {
            username: login.username.clone(),
            status: answer.status(),
            reason: answer.reason().to_owned(),
            calling_station: login.calling_station.clone(),
            called_station: login.called_station.clone(),
            nas_address: login.nas_address,
            address: login.address,
            class,
            at: self.ambient.now(),
        };
        let mut tx = self.store.begin().await?;
        tx.insert_auth_entry(&entry).await?;
        tx.commit().await?;
        Ok(answer)
    }

    async fn judge(&self, login: &Login<'_>) -> Result<LoginAnswer, StoreError> {
        // RADIUS compares names byte by byte, people do not.
        let username = login.username.to_ascii_lowercase();
        let entry = self.reads.directory_entry(&username).await?;
        let others =
            if entry.check.is_empty() { Vec::new() } else { self.reads.open_devices(&username).await? };
        let others = other_devices(&others, login.calling_station.as_deref());
        Ok(entry.answer(login.proof, others, self.ambient.now()))
    }

    /// Gives an accept its Class: what is this login's own, and what the policy has said of the entitlement.
    fn classify(&self, replies: &mut Vec<ReplyItem>) -> String {
        let mut login = [0; 16];
        self.ambient.fill(&mut login);
        let own = format!("ai:{}", hex::encode(login));
        let entitlement =
            replies.iter().position(|item| item.name == "Class").map(|at| replies.remove(at).value);
        let class = entitlement.map_or_else(|| own.clone(), |entitlement| format!("{own}.{entitlement}"));
        replies.push(ReplyItem { name: "Class".to_owned(), value: class.clone() });
        class
    }

    /// The NAS clients with their secrets, for a server to know them by their address. One whose secret does not open is
    /// left out, and told of in the log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn nas_secrets(&self) -> Result<Vec<(IpAddr, bool, secrecy::SecretString)>, StoreError> {
        let clients = self.reads.list_nas_clients().await?;
        let known = clients.into_iter().filter_map(|client| match self.nas_secret(&client) {
            Ok(secret) => Some((client.address, client.require_message_authenticator, secret)),
            Err(error) => {
                tracing::error!(nas = %client.name, %error, "the secret of a NAS client does not open");
                None
            }
        });
        Ok(known.collect())
    }
}
