//! A login is answered, and there is a line about it for the authentication log.

use kernel::{StoreError, id::ids::SubscriberId};
use secrecy::SecretString;

use super::Radius;
use crate::{
    attribute::Attribute,
    auth_log::NewAuthEntry,
    login::{LoginAnswer, LoginAttempt},
    nas_client::NasClient,
    policy::Decision,
    subscriber::Subscriber,
};

impl Radius {
    /// Answers a login, with the line for the authentication log. An accept carries a Class that no other login has, by
    /// which accounting is told apart even where a NAS gives a session id twice.
    ///
    /// # Errors
    /// [`StoreError`]: then nobody should be answered. A rejection would be a lie, and the NAS asks again or elsewhere.
    pub async fn answer_login(
        &self,
        login: &LoginAttempt<'_>,
    ) -> Result<(LoginAnswer, NewAuthEntry), StoreError> {
        let form = self.settings.tables.password;
        let checked = login.proof.filter(|proof| form.can_check(proof.way()));
        let proof = |secret: &str| checked.is_some_and(|proof| proof.was_made_from(secret));
        let device = login.calling_station.as_deref();
        let decided = self.decide_login(&login.username, &proof, device, login.vendor).await?;
        let (decision, subscriber) = (decided.0, decided.1.map(|standing| standing.subscriber));
        let mut answer = answered(decision, subscriber.as_ref());
        let class = match (&mut answer, &subscriber) {
            (LoginAnswer::Accept { replies }, Some(subscriber)) => {
                Some(self.classify(replies, subscriber.id))
            }
            _ => None,
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
        Ok((answer, entry))
    }

    /// Writes a line into the authentication log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_login(&self, entry: &NewAuthEntry) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        tx.insert_auth_entry(entry).await?;
        tx.commit().await
    }

    /// Gives an accept its Class: what is this login's own, and whose entitlement it is.
    fn classify(&self, replies: &mut Vec<Attribute>, subscriber: SubscriberId) -> String {
        let mut login = [0; 16];
        self.ambient.fill(&mut login);
        let class = format!("ai:{}.{subscriber}", hex::encode(login));
        replies.push(Attribute::new("Class", class.clone()));
        class
    }

    /// The NAS clients with their secrets, for a server to know them by their address. One whose secret does not open is
    /// left out, and told of in the log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn nas_secrets(&self) -> Result<Vec<(NasClient, SecretString)>, StoreError> {
        let clients = self.reads.list_nas_clients().await?;
        let known = clients.into_iter().filter_map(|client| match self.nas_secret(&client) {
            Ok(secret) => Some((client, secret)),
            Err(error) => {
                tracing::error!(nas = %client.name, %error, "the secret of a NAS client does not open");
                None
            }
        });
        Ok(known.collect())
    }
}

fn answered(decision: Decision, subscriber: Option<&Subscriber>) -> LoginAnswer {
    match decision {
        Decision::Accept(replies) => LoginAnswer::Accept { replies },
        Decision::Refuse(refusal) => LoginAnswer::Reject {
            refusal,
            message: subscriber.and_then(|subscriber| refusal.message(subscriber)),
        },
    }
}
