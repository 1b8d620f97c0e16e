//! Who may ask, kept in mind: a packet from anywhere must not cost a query.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use kernel::StoreError;
use secrecy::SecretString;
use tokio::{sync::Mutex, time::Instant};

use crate::{
    nas_client::{NasClient, Vendor},
    ports::RadiusBackend,
};

/// For so long what other processes have changed may go unnoticed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Somebody who may ask.
pub struct Client {
    /// What we share.
    pub secret: SecretString,
    /// Whether logins without a Message-Authenticator are dropped.
    pub require_message_authenticator: bool,
    /// Whose attributes it understands.
    pub vendor: Vendor,
}

#[derive(Default)]
struct Known {
    by_address: HashMap<IpAddr, Arc<Client>>,
    looked: Option<(Instant, u64)>,
}

/// Who may ask.
#[derive(Default)]
pub struct Clients(Mutex<Known>);

impl Clients {
    /// Who asks from an address, as it was at most a second ago.
    ///
    /// # Errors
    /// [`StoreError`] when the database has never been asked yet and cannot be now.
    pub async fn at(
        &self,
        backend: &dyn RadiusBackend,
        address: IpAddr,
    ) -> Result<Option<Arc<Client>>, StoreError> {
        let mut known = self.0.lock().await;
        let (now, changes) = (Instant::now(), backend.clients_changed());
        let fresh =
            known.looked.is_some_and(|(at, then)| now.duration_since(at) < LOOK_EVERY && then == changes);
        if !fresh {
            match backend.clients().await {
                Ok(clients) => {
                    known.by_address = clients.into_iter().map(by_address).collect();
                    known.looked = Some((now, changes));
                }
                // What was known is as good as it gets.
                Err(error) if known.looked.is_some() => {
                    tracing::warn!(%error, "the NAS clients cannot be looked at; those of before are taken");
                    known.looked = Some((now, changes));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(known.by_address.get(&address.to_canonical()).cloned())
    }
}

fn by_address((client, secret): (NasClient, SecretString)) -> (IpAddr, Arc<Client>) {
    let NasClient { address, require_message_authenticator, vendor, .. } = client;
    (address.to_canonical(), Arc::new(Client { secret, require_message_authenticator, vendor }))
}
