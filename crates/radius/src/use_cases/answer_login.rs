//! A login is answered, and the answer written down.

use kernel::{StoreError, id::ids::SubscriberId, sealed::Purpose};
use secrecy::SecretString;

use super::Radius;
use crate::{
    attribute::Attribute,
    auth_log::NewAuthEntry,
    login::{LoginAnswer, LoginAttempt, other_devices},
    nas_client::NasClient,
    policy::{self, Decision, Known, decide},
    subscriber::{Source, Subscriber},
    usage::Calendar,
};

impl Radius {
    /// Answers a login, and writes the answer into the authentication log. An accept carries a Class that no other
    /// login has, by which accounting is told apart even where a NAS gives a session id twice.
    ///
    /// # Errors
    /// [`StoreError`]: then nobody should be answered. A rejection would be a lie, and the NAS asks again or elsewhere.
    pub async fn answer_login(&self, login: &LoginAttempt<'_>) -> Result<LoginAnswer, StoreError> {
        let (decision, subscriber) = self.judge(login).await?;
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
        let mut tx = self.store.begin().await?;
        tx.insert_auth_entry(&entry).await?;
        tx.commit().await?;
        Ok(answer)
    }

    async fn judge(&self, login: &LoginAttempt<'_>) -> Result<(Decision, Option<Subscriber>), StoreError> {
        let found = self.reads.subscribers_named(std::slice::from_ref(&login.username)).await?;
        let found = found.into_iter().find(|subscriber| subscriber.archived_at.is_none());
        let proof = |secret: &str| login.proof.is_some_and(|proof| proof.was_made_from(secret));
        let mut asked =
            policy::Login { proof: &proof, open_sessions: 0, vendor: login.vendor, at: self.ambient.now() };
        let Some(subscriber) = found else { return Ok((decide(&asked, None), None)) };
        let open = self.reads.open_devices(&login.username).await?;
        asked.open_sessions = other_devices(&open, login.calling_station.as_deref());
        let calendar = Calendar::at(asked.at, self.settings.zone);
        let used = self.reads.usage_of(&subscriber, &calendar).await?;
        let secret = self.secret_of(&subscriber);
        // Without a secret nobody can prove that they have it.
        let limits = self.limits_of(&subscriber).await?.filter(|_| secret.is_some());
        let known = Known {
            subscriber: &subscriber,
            limits: limits.as_ref(),
            secret: secret.as_deref().unwrap_or_default(),
            used,
        };
        Ok((decide(&asked, Some(&known)), Some(subscriber)))
    }

    /// The secret of a subscriber, opened; none if it has none or it does not open, which the log tells.
    fn secret_of(&self, subscriber: &Subscriber) -> Option<String> {
        let sealed = subscriber.sealed_secret.as_ref()?;
        let opened = match &subscriber.source {
            Source::Account(user) => self.sealer.open(Purpose::RadiusSecret, user, sealed),
            Source::Sold(_) => self.sealer.open(Purpose::WifiPassword, &subscriber.id, sealed),
        };
        opened
            .inspect_err(|error| {
                tracing::error!(subscriber = %subscriber.id, %error, "the secret of a subscriber does not open");
            })
            .ok()
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
