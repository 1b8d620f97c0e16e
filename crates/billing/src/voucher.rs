//! Vouchers: codes that are printed and sold, each good for one set of credentials, once.

use std::fmt;

use kernel::{
    Ambient, Money, Sealed, Timestamp,
    events::billing::SoldPackage,
    id::ids::{OrderId, PackageId, UserId, VoucherBatchId, VoucherId},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::site::Place;

/// Digits and capitals that nobody takes for one another: without 0 and O, 1, I and L. Their number is a prime, so that the
/// check character finds every wrong character and every two that were exchanged.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// What a voucher is redeemed with: 12 characters of chance, which is 59.4 bits, and one that checks them. For people it is
/// written in groups, after the batch's prefix, if it has one: `KIN-7XQM-4T9B-W2HCA`.
#[derive(Clone)]
pub struct VoucherCode(SecretString);

impl VoucherCode {
    /// How many of its characters are chance.
    const CHANCE: usize = 12;
    /// The longest text that is read as a code.
    pub const LONGEST: usize = 40;

    /// A new code.
    #[must_use]
    pub fn generate(ambient: &Ambient) -> Self {
        let mut places = Vec::with_capacity(Self::CHANCE + 1);
        while places.len() < Self::CHANCE {
            let mut byte = [0];
            ambient.fill(&mut byte);
            // Of 256 values the last 8 would make some characters likelier than others.
            if usize::from(byte[0]) < 256 / ALPHABET.len() * ALPHABET.len() {
                places.push(usize::from(byte[0]) % ALPHABET.len());
            }
        }
        places.push(check(&places));
        let text: String =
            places.iter().filter_map(|place| ALPHABET.get(*place)).map(|c| char::from(*c)).collect();
        Self(text.into())
    }

    /// Reads a code as people type it: in capitals or not, with or without prefix, blanks and dashes.
    ///
    /// # Errors
    /// [`NotACode`].
    pub fn parse(text: &str) -> Result<Self, NotACode> {
        if text.len() > Self::LONGEST {
            return Err(NotACode);
        }
        let plain: Vec<u8> = text
            .bytes()
            .filter(|byte| !matches!(byte, b' ' | b'-'))
            .map(|byte| byte.to_ascii_uppercase())
            .collect();
        // What stands before the code is the prefix, which helps people alone.
        let start = plain.len().checked_sub(Self::CHANCE + 1).ok_or(NotACode)?;
        let code = plain.get(start..).unwrap_or_default();
        let places: Option<Vec<usize>> =
            code.iter().map(|byte| ALPHABET.iter().position(|character| character == byte)).collect();
        let places = places.ok_or(NotACode)?;
        let (chance, last) = places.split_at(Self::CHANCE);
        if last != [check(chance)] {
            return Err(NotACode);
        }
        Ok(Self(code.iter().map(|byte| char::from(*byte)).collect::<String>().into()))
    }

    /// The 13 characters.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// The code as it is printed.
    #[must_use]
    pub fn printed(&self, prefix: &str) -> String {
        let code = self.reveal();
        let groups = [code.get(..4), code.get(4..8), code.get(8..)];
        let mut parts: Vec<&str> = groups.into_iter().flatten().collect();
        if !prefix.is_empty() {
            parts.insert(0, prefix);
        }
        parts.join("-")
    }
}

impl fmt::Debug for VoucherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VoucherCode(…)")
    }
}

/// A text is no code, or has a mistake in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no code, or one with a mistake in it")]
pub struct NotACode;

/// The place of the character that makes the weighted sum of all places a multiple of 31, as the check digit of an ISBN-10
/// does with 11 (ISO 2108:1992): the weights, 2 to 13 and 1 for the check character itself, all differ.
fn check(chance: &[usize]) -> usize {
    let sum: usize = chance.iter().zip(2..).map(|(place, weight)| place * weight).sum();
    (ALPHABET.len() - sum % ALPHABET.len()) % ALPHABET.len()
}

/// Whether the prefix of a batch may stand before a code: up to four letters and digits of the alphabet.
#[must_use]
pub fn is_prefix(text: &str) -> bool {
    text.len() <= 4 && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// What may be done with the vouchers of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchStatus {
    /// They can be redeemed.
    Active,
    /// They cannot be redeemed for now.
    Suspended,
    /// They can never be redeemed any more.
    Revoked,
}

impl BatchStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Revoked];

    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The one table of legal moves.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Active => matches!(next, Self::Suspended | Self::Revoked),
            Self::Suspended => matches!(next, Self::Active | Self::Revoked),
            Self::Revoked => false,
        }
    }
}

/// Vouchers that were made together, all of the same package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherBatch {
    /// Names it.
    pub id: VoucherBatchId,
    /// What staff call it.
    pub name: String,
    /// Which package it was.
    pub package_id: PackageId,
    /// The package as it was when the vouchers were made.
    pub package: SoldPackage,
    /// What one voucher is sold for.
    pub price: Money,
    /// Where the credentials are used; where whoever redeems says, when it is not given.
    pub place: Option<Place>,
    /// What stands before each code.
    pub prefix: String,
    /// How many vouchers there are.
    pub count: u32,
    /// The agent who has taken them, to sell them on.
    pub agent_id: Option<UserId>,
    /// What may be done with them.
    pub status: BatchStatus,
    /// They can be redeemed before this moment.
    pub expires_at: Option<Timestamp>,
    /// How often the codes were given out to be printed.
    pub prints: u32,
    /// When they were made.
    pub created_at: Timestamp,
}

impl VoucherBatch {
    /// The most vouchers that are made together.
    pub const MOST: u32 = 10_000;
}

/// Where a single voucher stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoucherStatus {
    /// It was not redeemed.
    Issued,
    /// It was redeemed. Final.
    Redeemed,
    /// It can never be redeemed. Final.
    Revoked,
}

impl VoucherStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Issued, Self::Redeemed, Self::Revoked];

    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Redeemed => "redeemed",
            Self::Revoked => "revoked",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// One voucher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// Names it.
    pub id: VoucherId,
    /// The batch it belongs to.
    pub batch_id: VoucherBatchId,
    /// Its place in the batch, from 1.
    pub number: u32,
    /// By what its code is found: a mark, which tells nothing of the code.
    pub mark: String,
    /// The code, for printing.
    pub sealed_code: Sealed,
    /// Where it stands.
    pub status: VoucherStatus,
    /// The order that it has paid.
    pub order_id: Option<OrderId>,
    /// When it was redeemed.
    pub redeemed_at: Option<Timestamp>,
}

/// Why a voucher is not redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It was before.
    Redeemed,
    /// It was revoked, or its batch was.
    Revoked,
    /// Its batch is suspended.
    Suspended,
    /// Its time is over.
    Expired,
}

impl Voucher {
    /// Why it cannot be redeemed, if it cannot.
    #[must_use]
    pub fn unusable(&self, batch: &VoucherBatch, now: Timestamp) -> Option<Unusable> {
        match (self.status, batch.status) {
            (VoucherStatus::Redeemed, _) => Some(Unusable::Redeemed),
            (VoucherStatus::Revoked, _) | (_, BatchStatus::Revoked) => Some(Unusable::Revoked),
            (_, BatchStatus::Suspended) => Some(Unusable::Suspended),
            (VoucherStatus::Issued, BatchStatus::Active) => {
                batch.expires_at.is_some_and(|end| end <= now).then_some(Unusable::Expired)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kernel::testing::Surroundings;
    use proptest::prelude::*;

    use super::{ALPHABET, BatchStatus, VoucherCode, VoucherStatus, is_prefix};

    fn code(skip: usize) -> VoucherCode {
        let ambient = Surroundings::new().ambient();
        std::iter::repeat_with(|| VoucherCode::generate(&ambient)).nth(skip).unwrap()
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(BatchStatus::ALL.iter().all(|status| BatchStatus::parse(status.as_str()) == Some(*status)));
        assert!(
            VoucherStatus::ALL.iter().all(|status| VoucherStatus::parse(status.as_str()) == Some(*status))
        );
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = code(0);
        let printed = code.printed("KN");
        let lower = printed.to_lowercase();
        let blanks = printed.replace('-', " ");
        for typed in [code.reveal(), &printed, &lower, &blanks, &code.printed(""), &format!(" {printed} ")] {
            assert_eq!(VoucherCode::parse(typed).unwrap().reveal(), code.reveal(), "{typed}");
        }
        assert_eq!(printed.len(), "KN-7XQM-4T9B-W2HCA".len());
        assert!(!format!("{code:?}").contains(&code.reveal()[..4]));
        for wrong in ["", "-", "7XQM", &code.reveal()[1..], &code.reveal().replace(&code.reveal()[..1], "0")]
        {
            assert!(VoucherCode::parse(wrong).is_err(), "{wrong}");
        }
        assert!(VoucherCode::parse(&format!("{}{}", "2".repeat(40), code.reveal())).is_err());
    }

    #[test]
    fn codes_differ_and_use_the_whole_alphabet() {
        let ambient = Surroundings::new().ambient();
        let codes: BTreeSet<String> =
            (0..2_000).map(|_| VoucherCode::generate(&ambient).reveal().to_owned()).collect();
        assert_eq!(codes.len(), 2_000);
        let used: BTreeSet<u8> = codes.iter().flat_map(|code| code.bytes()).collect();
        assert_eq!(used, ALPHABET.iter().copied().collect());
    }

    #[test]
    fn a_prefix_is_short_and_plain() {
        assert!(["", "K", "KN25"].into_iter().all(is_prefix));
        assert!(["KIN-", "KINSH", "k", "É", "0", "KO"].into_iter().all(|text| !is_prefix(text)));
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_found(skip in 0usize..50, place in 0usize..13, other in 0usize..31) {
            let right = code(skip).reveal().to_owned();
            let mut wrong = right.clone().into_bytes();
            wrong[place] = ALPHABET[other];
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(VoucherCode::parse(&wrong).is_ok(), wrong == right);
        }

        #[test]
        fn two_exchanged_characters_are_found(skip in 0usize..50, one in 0usize..13, other in 0usize..13) {
            let right = code(skip).reveal().to_owned();
            let mut wrong = right.clone().into_bytes();
            wrong.swap(one, other);
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(VoucherCode::parse(&wrong).is_ok(), wrong == right);
        }
    }
}
