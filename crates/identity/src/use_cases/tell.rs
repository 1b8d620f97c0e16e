//! What others are told of an account, sealed and numbered.

use kernel::{
    Event, Origin, Sealed, StoreError,
    events::identity::{UserChanged, UserRegistered, WifiSecretChanged},
    sealed::{Purpose, SealError},
};
use secrecy::{ExposeSecret, SecretString};

use super::Identity;
use crate::{ports::IdentityTx, user::User};

impl Identity {
    /// Seals a secret for the Wi-Fi for whoever lets people in.
    pub(super) fn seal_wifi_secret(&self, user: &User, secret: &SecretString) -> Result<Sealed, SealError> {
        self.sealer.seal(Purpose::RadiusSecret, &user.id, secret.expose_secret())
    }

    /// Tells that there is a new account.
    pub(super) async fn tell_registered(
        &self,
        tx: &mut dyn IdentityTx,
        user: &User,
        sealed_wifi_secret: Option<Sealed>,
        activate_wifi: bool,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let fact = UserRegistered { account: user.account(), sealed_wifi_secret, activate_wifi };
        tx.append(Event::new(&self.ambient, origin, &fact)?).await
    }

    /// Tells that an account is another one now.
    pub(super) async fn tell_changed(
        &self,
        tx: &mut dyn IdentityTx,
        user: &User,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let fact = UserChanged { account: user.account() };
        tx.append(Event::new(&self.ambient, origin, &fact)?).await
    }

    /// Tells the secret that lets an account into the Wi-Fi from now on.
    pub(super) async fn tell_wifi_secret(
        &self,
        tx: &mut dyn IdentityTx,
        user: &User,
        sealed_wifi_secret: Sealed,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let fact = WifiSecretChanged { user_id: user.id, revision: user.revision, sealed_wifi_secret };
        tx.append(Event::new(&self.ambient, origin, &fact)?).await
    }
}
