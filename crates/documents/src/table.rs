//! A table before it is a file.

use chrono::{DateTime, Datelike as _, FixedOffset, Timelike as _};
use kernel::Locale;

/// To which side of its column a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// To the left: words.
    Left,
    /// To the right: numbers.
    Right,
}

/// What a column says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub title: String,
    /// To which side its cells stand.
    pub align: Align,
}

/// A table: headings, and rows of as many cells as there are columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is, for people.
    pub title: String,
    /// What is in it, such as the filters that chose its rows; a line each.
    pub notes: Vec<String>,
    /// When it was made, in the time of the place where it is read.
    pub made_at: DateTime<FixedOffset>,
    /// The language of its headings.
    pub locale: Locale,
    /// The columns in their order.
    pub columns: Vec<Column>,
    /// The rows in their order.
    pub rows: Vec<Vec<String>>,
}

const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Table {
    /// When it was made, as people say it.
    pub(crate) fn made_at_in_words(&self) -> String {
        let at = self.made_at;
        let month = usize::try_from(at.month0()).unwrap_or_default();
        let (day, year, hour, minute) = (at.day(), at.year(), at.hour(), at.minute());
        match self.locale {
            Locale::Fr => {
                let day = if day == 1 { "1er".to_owned() } else { day.to_string() };
                let month = MONTHS_FR.get(month).copied().unwrap_or_default();
                format!("{day} {month} {year} à {hour:02}:{minute:02}")
            }
            Locale::En => {
                let month = MONTHS_EN.get(month).copied().unwrap_or_default();
                format!("{day} {month} {year}, {hour:02}:{minute:02}")
            }
        }
    }
}

/// The table that the tests of each format write.
#[cfg(test)]
pub(crate) fn sample(rows: usize) -> Table {
    let column = |title: &str, align| Column { title: title.to_owned(), align };
    let names = ["Élodie Mbuyi", "N’Goy wa Kabila", "Łukasz Šťastný", "=1+1", "李雷"];
    let row = |number: usize| {
        let name = names[number % names.len()];
        vec![
            name.to_owned(),
            format!("2024-ISC-{number:04}"),
            "un.prenom.tres.long.et.compose@etudiants.universite-exemple.ac.cd".to_owned(),
            number.to_string(),
        ]
    };
    Table {
        title: "Utilisateurs".to_owned(),
        notes: vec!["Promotion : L2 Informatique".to_owned()],
        made_at: DateTime::parse_from_rfc3339("2026-01-01T13:05:00+01:00").unwrap(),
        locale: Locale::Fr,
        columns: vec![
            column("Nom", Align::Left),
            column("Matricule", Align::Left),
            column("Adresse e-mail", Align::Left),
            column("Numéro", Align::Right),
        ],
        rows: (0..rows).map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use kernel::Locale;

    use super::sample;

    #[test]
    fn a_moment_is_said_as_people_say_it() {
        let mut table = sample(0);
        assert_eq!(table.made_at_in_words(), "1er janvier 2026 à 13:05");
        table.locale = Locale::En;
        assert_eq!(table.made_at_in_words(), "1 January 2026, 13:05");
    }
}
