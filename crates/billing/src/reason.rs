//! Why a payment came to nothing: one closed list for every gateway, whatever words each has for it.

use kernel::Locale;

/// Why a gateway did not bring the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureReason {
    /// The customer did not agree: a wrong PIN, no PIN, a refusal; or the gateway says no more than that.
    Declined,
    /// The wallet does not hold enough.
    InsufficientBalance,
    /// The number has no wallet at this operator.
    PayerNotFound,
    /// The wallet may not spend this much, in a day say.
    WalletLimitReached,
    /// The wallet is being asked for another payment.
    PaymentInProgress,
    /// The gateway does not take this amount.
    AmountNotTaken,
    /// The merchant may not use this operator.
    OperatorNotEnabled,
    /// The operator does not work at present.
    OperatorUnavailable,
    /// The gateway takes no more requests at present.
    GatewayBusy,
    /// The gateway refuses us, not the payment: credentials, an address that is not let in, a wrong path. Every
    /// payment will fail until a person has set it right.
    GatewayRefusesUs,
    /// The gateway has proved that it never received it.
    NeverReceived,
    /// Staff say that the money has not come.
    RejectedByStaff,
    /// No reason that is known here.
    Unspecified,
}

impl FailureReason {
    /// Every reason.
    pub const ALL: [Self; 13] = [
        Self::Declined,
        Self::InsufficientBalance,
        Self::PayerNotFound,
        Self::WalletLimitReached,
        Self::PaymentInProgress,
        Self::AmountNotTaken,
        Self::OperatorNotEnabled,
        Self::OperatorUnavailable,
        Self::GatewayBusy,
        Self::GatewayRefusesUs,
        Self::NeverReceived,
        Self::RejectedByStaff,
        Self::Unspecified,
    ];

    /// The reason as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::InsufficientBalance => "insufficient_balance",
            Self::PayerNotFound => "payer_not_found",
            Self::WalletLimitReached => "wallet_limit_reached",
            Self::PaymentInProgress => "payment_in_progress",
            Self::AmountNotTaken => "amount_not_taken",
            Self::OperatorNotEnabled => "operator_not_enabled",
            Self::OperatorUnavailable => "operator_unavailable",
            Self::GatewayBusy => "gateway_busy",
            Self::GatewayRefusesUs => "gateway_refuses_us",
            Self::NeverReceived => "never_received",
            Self::RejectedByStaff => "rejected_by_staff",
            Self::Unspecified => "unspecified",
        }
    }

    /// Reads a stored reason. Other words are no failure's: a payment may also be held or have expired.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }

    /// One sentence for the customer: what happened, and what to do.
    #[must_use]
    pub const fn sentence(self, locale: Locale) -> &'static str {
        let (fr, en) = match self {
            Self::Declined => (
                "Le paiement n'a pas été confirmé sur le téléphone.",
                "The payment was not confirmed on the phone.",
            ),
            Self::InsufficientBalance => {
                ("Le solde du portefeuille est insuffisant.", "There is not enough money in the wallet.")
            }
            Self::PayerNotFound => (
                "Ce numéro n'a pas de portefeuille chez cet opérateur.",
                "This number has no wallet at this operator.",
            ),
            Self::WalletLimitReached => {
                ("Le plafond du portefeuille est atteint.", "The wallet has reached its limit.")
            }
            Self::PaymentInProgress => (
                "Un autre paiement est en cours sur ce numéro. Réessayez dans quelques minutes.",
                "Another payment is under way on this number. Try again in a few minutes.",
            ),
            Self::AmountNotTaken => (
                "Ce montant n'est pas accepté par le service de paiement.",
                "The payment service does not take this amount.",
            ),
            Self::OperatorNotEnabled => (
                "Cet opérateur n'est pas disponible ici. Choisissez-en un autre.",
                "This operator is not available here. Choose another one.",
            ),
            Self::OperatorUnavailable => (
                "Le service de l'opérateur est en panne. Réessayez plus tard.",
                "The operator's service is down. Try again later.",
            ),
            Self::GatewayBusy => (
                "Le service de paiement est surchargé. Réessayez dans quelques minutes.",
                "The payment service is overloaded. Try again in a few minutes.",
            ),
            Self::GatewayRefusesUs => (
                "Le service de paiement est mal configuré. L'exploitant est prévenu ; rien n'a été débité.",
                "The payment service is not set up correctly. The operator has been told; nothing was charged.",
            ),
            Self::NeverReceived => (
                "La demande n'est jamais parvenue au service de paiement. Vous pouvez réessayer.",
                "The request never reached the payment service. You may try again.",
            ),
            Self::RejectedByStaff => (
                "Après vérification, l'argent n'est pas arrivé.",
                "It was checked: the money has not arrived.",
            ),
            Self::Unspecified => ("Le paiement n'a pas abouti.", "The payment did not go through."),
        };
        match locale {
            Locale::Fr => fr,
            Locale::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FailureReason;

    #[test]
    fn words_are_read_as_they_are_written() {
        let all = FailureReason::ALL;
        assert!(all.iter().all(|reason| FailureReason::parse(reason.as_str()) == Some(*reason)));
        assert_eq!(FailureReason::parse("window_closed"), None);
    }
}
