//! The columns of a statement and the names they go by, in English and French.

use std::collections::BTreeMap;

/// A column that means something to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The gateway's name for the transfer of money.
    TransactionId,
    /// The gateway's name for the payment.
    SessionId,
    /// Our name for the payment.
    Reference,
    /// When it happened.
    Date,
    /// Who paid.
    Phone,
    /// How much.
    Amount,
    /// In which currency.
    Currency,
    /// How it ended.
    Status,
    /// What the gateway keeps.
    Fee,
}

impl Column {
    /// Every column.
    pub const ALL: [Self; 9] = [
        Self::TransactionId,
        Self::SessionId,
        Self::Reference,
        Self::Date,
        Self::Phone,
        Self::Amount,
        Self::Currency,
        Self::Status,
        Self::Fee,
    ];

    /// The name by which problems name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TransactionId => "transaction_id",
            Self::SessionId => "session_id",
            Self::Reference => "reference",
            Self::Date => "date",
            Self::Phone => "phone",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Status => "status",
            Self::Fee => "fee",
        }
    }

    /// What it is called in files, folded.
    const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::TransactionId => {
                &["transactionid", "transaction", "idtransaction", "transid", "txnid", "txid", "receipt"]
            }
            Self::SessionId => &["sessionid", "session", "idsession", "providerref"],
            Self::Reference => {
                &["reference", "ref", "message", "clientreference", "merchantreference", "motif"]
            }
            Self::Date => {
                &["date", "datetime", "dateheure", "transactiondate", "datetransaction", "createdat"]
            }
            Self::Phone => {
                &["phone", "phonenumber", "clientphone", "msisdn", "telephone", "numero", "payer", "client"]
            }
            Self::Amount => &["amount", "montant", "somme"],
            Self::Currency => &["currency", "devise", "monnaie"],
            Self::Status => &["status", "statut", "state", "etat"],
            Self::Fee => &["fee", "fees", "frais", "commission", "charge", "charges"],
        }
    }
}

/// Names of columns that a file uses beyond the known ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnNames(BTreeMap<String, Column>);

/// A text does not name columns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a column with its name, such as amount:Somme")]
pub struct NotColumnNames(pub String);

impl ColumnNames {
    /// Reads `amount:Valeur,date:Jour`: our name of a column, a colon and the file's, with commas between.
    ///
    /// # Errors
    /// [`NotColumnNames`] with the first part that is not such a pair.
    pub fn parse(text: &str) -> Result<Self, NotColumnNames> {
        let mut names = BTreeMap::new();
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            let refuse = || NotColumnNames(part.chars().take(60).collect());
            let (ours, theirs) = part.split_once(':').ok_or_else(refuse)?;
            let column = Column::ALL.into_iter().find(|column| column.as_str() == ours.trim());
            let theirs = fold(theirs);
            if theirs.is_empty() || names.insert(theirs, column.ok_or_else(refuse)?).is_some() {
                return Err(refuse());
            }
        }
        Ok(Self(names))
    }

    /// The column that a header cell names. What the operator says goes before what is known.
    #[must_use]
    pub fn find(&self, header: &str) -> Option<Column> {
        let header = fold(header);
        let said = self.0.get(&header).copied();
        said.or_else(|| Column::ALL.into_iter().find(|column| column.aliases().contains(&header.as_str())))
    }
}

/// A name without case, accents, spaces and signs.
pub(super) fn fold(text: &str) -> String {
    let plain = text.chars().flat_map(char::to_lowercase).map(|letter| match letter {
        'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        other => other,
    });
    plain.filter(|letter| letter.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Column, ColumnNames, fold};

    #[test]
    fn no_name_means_two_columns_and_each_is_folded() {
        let names: Vec<_> = Column::ALL.iter().flat_map(|column| column.aliases()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(names.iter().all(|name| fold(name) == ***name));
        let plain = ColumnNames::default();
        assert!(Column::ALL.iter().all(|column| plain.find(column.as_str()) == Some(*column)));
    }

    #[test]
    fn an_operator_may_name_columns() {
        let names = ColumnNames::parse("amount:Valeur totale, date:Jour").unwrap();
        assert_eq!(names.find("VALEUR TOTALE"), Some(Column::Amount));
        assert_eq!(names.find("jour"), Some(Column::Date));
        assert_eq!(names.find("Téléphone"), Some(Column::Phone));
        assert_eq!(names.find("colour"), None);
        for bad in ["amount", "colour:Jour", "amount:", "amount:x,date:x", ":x"] {
            assert!(ColumnNames::parse(bad).is_err(), "{bad}");
        }
    }
}
