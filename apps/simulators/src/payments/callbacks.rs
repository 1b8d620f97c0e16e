//! Sends callbacks, and books what became of them: accepted is what is answered with a 2xx, everything else is sent
//! again a few times.

use std::io;

use billing::adapters::fake::script::Script;
use outbound::{HttpClient, Request};
use tokio::sync::MutexGuard;

use super::{Gateways, books::Books, pawapay, serdipay};

/// A callback, ready to be sent.
pub(super) struct Callback {
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Callback {
    /// Sends it. What comes back when it is not accepted is the error, for the books.
    async fn send(self, client: &HttpClient) -> Result<(), String> {
        let mut request = Request::post_json(self.url, self.body);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        match client.send(request).await {
            Ok(reply) if reply.is_success() => Ok(()),
            Ok(reply) => Err(reply.status.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Gateways {
    /// Sends every callback whose time has come, and says how many were accepted.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(super) async fn deliver_due(&self) -> io::Result<usize> {
        // One round at a time, else two would send the same.
        let _round = self.delivering.lock().await;
        let now = self.ambient.now();
        let mut accepted = 0;
        for (charge, number) in self.serdipay.due(now)? {
            accepted += usize::from(self.deliver_serdipay(charge, number).await?);
        }
        for (charge, number) in self.pawapay.due(now)? {
            accepted += usize::from(self.deliver_pawapay(charge, number).await?);
        }
        Ok(accepted)
    }

    /// Keeps the next round away, if a script sends its first callback before it answers: else both would send it.
    pub(super) async fn before_first_callback(&self, script: Script) -> Option<MutexGuard<'_, ()>> {
        if script.callback_first { Some(self.delivering.lock().await) } else { None }
    }

    /// Sends one callback of SerdiPay's, by the places of charge and callback.
    pub(super) async fn deliver_serdipay(&self, charge: usize, number: usize) -> io::Result<bool> {
        let behaviour = self.behaviour().serdipay;
        let callback = self.serdipay.look(|world| serdipay::callback(&behaviour, world, (charge, number)))?;
        self.deliver(&self.serdipay, callback, (charge, number)).await
    }

    /// Sends one callback of pawaPay's, by the places of charge and callback.
    pub(super) async fn deliver_pawapay(&self, charge: usize, number: usize) -> io::Result<bool> {
        let (behaviour, now) = (self.behaviour().pawapay, self.ambient.now());
        let signer = (&behaviour, &self.key);
        let callback = self.pawapay.look(|world| pawapay::callback(signer, world, (charge, number), now))?;
        self.deliver(&self.pawapay, callback, (charge, number)).await
    }

    async fn deliver(
        &self,
        books: &Books,
        callback: Option<Callback>,
        (charge, number): (usize, usize),
    ) -> io::Result<bool> {
        let Some(callback) = callback else {
            return Ok(false);
        };
        match callback.send(&self.client).await {
            Ok(()) => {
                tracing::info!(charge, number, "callback accepted");
                books.accepted(charge, number)?;
                Ok(true)
            }
            Err(answer) => {
                tracing::warn!(charge, number, answer, "callback not accepted");
                books.refused((charge, number), answer, self.ambient.now())?;
                Ok(false)
            }
        }
    }
}
