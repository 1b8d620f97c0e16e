//! What can go wrong, as callers see it: a closed list of codes, each with one status and one sentence in French
//! and English.
//!
//! An endpoint maps its use case's error to a code without a wildcard arm, so that a new error does not compile
//! until somebody has decided what a caller is told. A cause that is our own affair goes to the log and never
//! into an answer. [`render`] makes the answers; [`field`] knows the sentences about single fields.

use std::{collections::BTreeMap, fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use kernel::{Locale, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

pub mod field;
pub mod render;

pub use field::FieldProblem;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $status:ident $text:literal, $fr:literal, $en:literal;)+) => {
        /// What went wrong, for programs. The list is closed; a new code is announced in the changelog.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
        #[schema(example = "validation_failed")]
        #[serde(rename_all = "snake_case")]
        pub enum ApiErrorCode { $($(#[$doc])* $variant,)+ }

        impl ApiErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it is sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The HTTP status it goes with.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// The sentence for people.
            #[must_use]
            pub const fn sentence(self, locale: Locale) -> &'static str {
                match (self, locale) {
                    $((Self::$variant, Locale::Fr) => $fr, (Self::$variant, Locale::En) => $en,)+
                }
            }
        }
    };
}

codes! {
    /// The request cannot be read at all.
    MalformedRequest = BAD_REQUEST "malformed_request",
        "La requête est illisible.", "The request cannot be read.";
    /// No valid access token came with the request.
    Unauthenticated = UNAUTHORIZED "unauthenticated",
        "Connectez-vous pour continuer.", "Sign in to continue.";
    /// The header `Order-Token` holds no token that we have given.
    InvalidOrderToken = UNAUTHORIZED "invalid_order_token",
        "Ce lien de commande n'est pas valable.", "This order's token is not valid.";
    /// A callback's token or signature is wrong.
    CallbackNotAuthentic = UNAUTHORIZED "callback_not_authentic",
        "Cet appel ne vient pas de la passerelle.", "This callback does not come from the gateway.";
    /// Login and password do not belong together.
    InvalidCredentials = UNAUTHORIZED "invalid_credentials",
        "Identifiant ou mot de passe incorrect.", "The login or the password is wrong.";
    /// The refresh token is unknown, expired, used or revoked.
    InvalidRefreshToken = UNAUTHORIZED "invalid_refresh_token",
        "La session est terminée ; connectez-vous à nouveau.", "The session has ended; sign in again.";
    /// The caller's role does not permit this.
    Forbidden = FORBIDDEN "forbidden",
        "Vous n'avez pas le droit de faire cela.", "You are not permitted to do this.";
    /// The account has been switched off.
    AccountInactive = FORBIDDEN "account_inactive",
        "Ce compte est désactivé.", "This account has been switched off.";
    /// The caller has no terms as an agent, or is suspended.
    NotAnAgent = FORBIDDEN "not_an_agent",
        "Vous n'êtes pas autorisé à vendre.", "You may not sell.";
    /// There is no such thing, or it is not the caller's.
    NotFound = NOT_FOUND "not_found",
        "Introuvable.", "Not found.";
    /// No voucher has this code.
    VoucherUnknown = NOT_FOUND "voucher_unknown",
        "Ce code n'existe pas.", "There is no such code.";
    /// The path knows other methods; the header `Allow` lists them.
    MethodNotAllowed = METHOD_NOT_ALLOWED "method_not_allowed",
        "Cette méthode n'existe pas ici.", "This path does not know that method.";
    /// The thing is not in a state in which this can be done.
    Conflict = CONFLICT "conflict",
        "L'état actuel ne le permet pas.", "The present state does not permit this.";
    /// The order is paid, or has ended.
    OrderNotPending = CONFLICT "order_not_pending",
        "Cette commande n'attend plus de paiement.", "This order does not wait for a payment any more.";
    /// The order has not been paid.
    OrderNotPaid = CONFLICT "order_not_paid",
        "Cette commande n'est pas payée.", "This order is not paid.";
    /// A payment for the order may still bring money.
    PaymentUnderWay = CONFLICT "payment_under_way",
        "Un paiement est déjà en cours pour cette commande.", "A payment for this order is under way.";
    /// The caller has less credit than the order costs; `errors` says how much.
    NotEnoughCredit = CONFLICT "not_enough_credit",
        "Votre crédit ne suffit pas.", "There is not enough credit.";
    /// Less is in the wallet than is needed; `errors` says how much.
    WalletTooLow = CONFLICT "wallet_too_low",
        "Le portefeuille de l'agent ne suffit pas.", "There is not enough in the agent's wallet.";
    /// Money is left in the wallet of the account that is to go; `errors` says how much.
    WalletNotEmpty = CONFLICT "wallet_not_empty",
        "Il reste de l'argent dans le portefeuille de cet agent.", "There is still money in this agent's wallet.";
    /// The account does not have the role of an agent.
    AccountOfNoAgent = CONFLICT "account_of_no_agent",
        "Ce compte n'a pas le rôle d'agent.", "This account does not have the role of an agent.";
    /// The voucher was redeemed before.
    VoucherRedeemed = CONFLICT "voucher_redeemed",
        "Ce code a déjà été utilisé.", "This code was used before.";
    /// The voucher or its batch was revoked.
    VoucherRevoked = CONFLICT "voucher_revoked",
        "Ce code a été annulé.", "This code was revoked.";
    /// The voucher's batch is suspended.
    VoucherSuspended = CONFLICT "voucher_suspended",
        "Ce code ne peut pas être utilisé pour le moment.", "This code cannot be used for now.";
    /// The time to redeem the voucher is over.
    VoucherExpired = CONFLICT "voucher_expired",
        "Ce code n'est plus valable.", "This code has expired.";
    /// The voucher was redeemed, or revoked before.
    VoucherOver = CONFLICT "voucher_over",
        "Ce voucher est déjà utilisé ou annulé.", "This voucher was used or revoked before.";
    /// The payment does not wait for a person's decision.
    PaymentNotWaiting = CONFLICT "payment_not_waiting",
        "Ce paiement n'attend pas de décision.", "This payment does not wait for a decision.";
    /// The router does not know the credentials yet.
    CredentialsNotReady = CONFLICT "credentials_not_ready",
        "Les identifiants ne sont pas encore prêts.", "The credentials are not ready yet.";
    /// The hotspot user does not stand where this can be done.
    HotspotUserState = CONFLICT "hotspot_user_state",
        "L'état de ces identifiants ne le permet pas.", "The state of these credentials does not permit this.";
    /// The validity waits for its beginning, so that there is no end to be set.
    ValidityNotBegun = CONFLICT "validity_not_begun",
        "La validité n'a pas encore commencé.", "The validity has not begun yet.";
    /// Hotspot users that are not over are on the router.
    RouterInUse = CONFLICT "router_in_use",
        "Des identifiants sont encore sur ce routeur.", "There are still credentials on this router.";
    /// The router takes its site's new hotspot users.
    RouterIsDefault = CONFLICT "router_is_default",
        "C'est le routeur par défaut de son site ; choisissez-en d'abord un autre.",
        "This is the default router of its site; choose another first.";
    /// The settings of the service describe how the router is reached.
    RouterConfigured = CONFLICT "router_configured",
        "L'accès à ce routeur est décrit dans la configuration du service.",
        "How this router is reached is described by the settings of the service.";
    /// The router stands for RADIUS.
    RouterIsRadius = CONFLICT "router_is_radius",
        "Ce routeur représente RADIUS ; le portail s'en occupe lui-même.",
        "This router stands for RADIUS; the portal itself looks after it.";
    /// No router that could be meant takes users.
    RouterDisabled = CONFLICT "router_disabled",
        "Ce routeur n'accepte pas de nouveaux identifiants.", "This router takes no new credentials.";
    /// The session has ended.
    SessionOver = CONFLICT "session_over",
        "Cette session est terminée.", "This session has ended.";
    /// The site or the address is blocked already, on these routers or others.
    BlockedAlready = CONFLICT "blocked_already",
        "C'est déjà bloqué ; levez d'abord ce blocage.", "It is blocked already; lift that block first.";
    /// No command is set that has the RADIUS server read its configuration anew.
    RadiusNotReloadable = CONFLICT "radius_not_reloadable",
        "Aucune commande de rechargement n'est configurée.", "No command to reload the server is set.";
    /// It would lock the caller out of their own account.
    OwnAccount = CONFLICT "own_account",
        "On ne fait pas cela à son propre compte.", "Nobody does this to their own account.";
    /// No active admin would be left.
    LastAdmin = CONFLICT "last_admin",
        "C'est le dernier administrateur actif.", "This is the last active admin.";
    /// The account is not as the caller has seen it.
    UserChanged = CONFLICT "user_changed",
        "Ce compte a changé entre-temps ; relisez-le.", "This account has changed meanwhile; read it again.";
    /// Promotions or users have the access profile; `errors` says how many.
    AccessProfileInUse = CONFLICT "access_profile_in_use",
        "Ce profil d'accès est encore donné.", "This access profile is still given to somebody.";
    /// Users belong to the promotion; `errors` says how many.
    PromotionNotEmpty = CONFLICT "promotion_not_empty",
        "Cette promotion a encore des utilisateurs.", "This promotion still has users.";
    /// The Wi-Fi of the account cannot be switched on; `errors` says why.
    WifiCannotBeEnabled = CONFLICT "wifi_cannot_be_enabled",
        "L'accès Wi-Fi de ce compte ne peut pas être activé.", "The Wi-Fi of this account cannot be switched on.";
    /// There is less left of the payment; `errors` says how much.
    RefundTooLarge = CONFLICT "refund_too_large",
        "Le paiement n'a plus assez à rembourser.", "Less is left of the payment.";
    /// Units that are to be withdrawn were used; `errors` says which.
    UnitsUsed = CONFLICT "units_used",
        "Des accès à rembourser ont déjà servi.", "Some of the access that is to be refunded was used.";
    /// Whoever asked for a refund does not approve it.
    OwnRefund = CONFLICT "own_refund",
        "Une autre personne doit approuver ce remboursement.", "Somebody else has to approve this refund.";
    /// The refund does not stand where this can be done.
    RefundNotWaiting = CONFLICT "refund_not_waiting",
        "Ce remboursement n'attend pas cela.", "The refund does not wait for that.";
    /// The body is larger than the service reads.
    PayloadTooLarge = PAYLOAD_TOO_LARGE "payload_too_large",
        "Le contenu envoyé est trop grand.", "The request's body is too large.";
    /// The body is not JSON, or not CSV where a file is taken, by its content type.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type",
        "Envoyez du JSON (Content-Type: application/json), ou du CSV (text/csv) là où un fichier est attendu.",
        "Send JSON (Content-Type: application/json), or CSV (text/csv) where a file is taken.";
    /// A value is of the wrong type or out of its range; `errors` says which.
    ValidationFailed = UNPROCESSABLE_ENTITY "validation_failed",
        "Certaines valeurs ne sont pas acceptées.", "Some values are not accepted.";
    /// The gateway does not take this amount through this operator; `errors` says what it takes.
    AmountNotAccepted = UNPROCESSABLE_ENTITY "amount_not_accepted",
        "L'opérateur n'accepte pas ce montant.", "The operator does not take this amount.";
    /// More rows than are exported at once.
    ExportTooLarge = UNPROCESSABLE_ENTITY "export_too_large",
        "Trop de lignes à exporter ; précisez les filtres.", "Too many rows to export; narrow the filters.";
    /// The same idempotency key came with another body before.
    IdempotencyKeyReused = UNPROCESSABLE_ENTITY "idempotency_key_reused",
        "Cette clé d'idempotence a déjà servi pour une autre requête.",
        "This idempotency key was used for another request.";
    /// Too many requests; the header `Retry-After` says when to come back.
    RateLimited = TOO_MANY_REQUESTS "rate_limited",
        "Trop de requêtes ; réessayez un peu plus tard.", "Too many requests; try again a little later.";
    /// The phone, account or address has asked for too many payments; `Retry-After` says when to come back.
    TooManyPaymentRequests = TOO_MANY_REQUESTS "too_many_payment_requests",
        "Trop de demandes de paiement ; réessayez plus tard.", "Too many payments were asked for; try again later.";
    /// Too many orders without an account, by this phone or address; `Retry-After` says when to come back.
    TooManyGuestOrders = TOO_MANY_REQUESTS "too_many_guest_orders",
        "Trop de commandes sans compte ; connectez-vous ou réessayez plus tard.",
        "Too many orders without an account; sign in, or try again later.";
    /// Too many wrong order tokens from one address; `Retry-After` says when to come back.
    TooManyGuesses = TOO_MANY_REQUESTS "too_many_guesses",
        "Trop d'essais ; réessayez plus tard.", "Too many tries; try again later.";
    /// Too many accounts were registered from one address; `Retry-After` says when to come back.
    TooManyRegistrations = TOO_MANY_REQUESTS "too_many_registrations",
        "Trop d'inscriptions depuis cette adresse ; réessayez plus tard.",
        "Too many registrations from this address; try again later.";
    /// Too many failed logins; the header `Retry-After` says when the lock opens.
    LoginLocked = TOO_MANY_REQUESTS "login_locked",
        "Trop de tentatives de connexion ; réessayez plus tard.", "Too many failed logins; try again later.";
    /// Something is wrong with the service itself; the request id helps to find out what.
    InternalError = INTERNAL_SERVER_ERROR "internal_error",
        "Une erreur est survenue de notre côté.", "Something went wrong on our side.";
    /// A part of the service cannot be reached; the same request may succeed later.
    ServiceUnavailable = SERVICE_UNAVAILABLE "service_unavailable",
        "Le service est momentanément indisponible.", "The service is unavailable for the moment.";
}

/// What went wrong with a request.
#[derive(Debug)]
pub struct ApiError {
    code: ApiErrorCode,
    pub(in crate::http) fields: BTreeMap<String, Vec<FieldProblem>>,
    retry_after: Option<Duration>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ApiError {
    /// An error that its code says all about.
    #[must_use]
    pub const fn new(code: ApiErrorCode) -> Self {
        Self { code, fields: BTreeMap::new(), retry_after: None, headers: Vec::new(), cause: None }
    }

    /// Something went wrong that is our own affair: the caller learns nothing but the request id, the log the
    /// cause.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(ApiErrorCode::InternalError).caused_by(cause)
    }

    /// One value is not accepted. `path` names it as in [`ErrorEnvelope`](super::envelope::ErrorEnvelope).
    #[must_use]
    pub fn field(path: impl Into<String>, problem: FieldProblem) -> Self {
        Self::new(ApiErrorCode::ValidationFailed).and_field(path, problem)
    }

    /// The same with one more thing that is wrong.
    #[must_use]
    pub fn and_field(mut self, path: impl Into<String>, problem: FieldProblem) -> Self {
        self.fields.entry(path.into()).or_default().push(problem);
        self
    }

    /// The same, telling the caller when to come back.
    #[must_use]
    pub const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The same with one more header. A value that no header can carry is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).map(|value| (name, value)));
        self
    }

    /// The same, with a cause for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// What went wrong.
    #[must_use]
    pub const fn code(&self) -> ApiErrorCode {
        self.code
    }
}

impl From<ApiErrorCode> for ApiError {
    fn from(code: ApiErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::new(ApiErrorCode::ServiceUnavailable).caused_by(error),
            StoreError::Conflict(_) | StoreError::Corrupt(_) => Self::internal(error),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// Bare: the body needs the request, and is put in by [`render::present`].
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kernel::Locale;

    use super::ApiErrorCode;

    #[test]
    fn every_code_is_unique_and_says_something_in_both_languages() {
        let texts: BTreeSet<_> = ApiErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), ApiErrorCode::ALL.len());
        for code in ApiErrorCode::ALL {
            assert!(code.status().as_u16() >= 400);
            let (fr, en) = (code.sentence(Locale::Fr), code.sentence(Locale::En));
            assert!(fr.ends_with('.') && en.ends_with('.') && fr != en, "{code:?}");
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
