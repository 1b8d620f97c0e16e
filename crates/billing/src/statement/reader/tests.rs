//! Good files, bad files, and files of any bytes.

use std::{fs, path::Path};

use chrono_tz::Africa::Kinshasa;
use kernel::{Currency, Money};
use proptest::prelude::*;

use super::{Contents, Fault, PROBLEMS_TOLD, Reading, Unreadable, read};
use crate::statement::{
    MAX_BYTES, MAX_LINES, SaidStatus,
    columns::{Column, ColumnNames},
};

fn plainly() -> Reading {
    Reading { zone: Kinshasa, currency: None, columns: ColumnNames::default() }
}

fn contents(text: &str) -> Contents {
    read(text.as_bytes(), &plainly()).unwrap()
}

const HEADER: &str = "Transaction ID,Session ID,Message,Date,Phone,Amount,Currency,Status,Fee\n";

/// A line with one cell of it changed.
fn with(column: Column, cell: &str) -> String {
    let cells = ["T1", "7", "", "17/01/2026 10:00", "+243810000000", "1500", "CDF", "success", "15"];
    let cells: Vec<_> = Column::ALL
        .iter()
        .zip(cells)
        .map(|(known, usual)| if *known == column { cell } else { usual })
        .collect();
    format!("{HEADER}{}\n", cells.join(","))
}

#[test]
fn a_line_says_what_its_cells_say() {
    let entry = contents(&with(Column::Reference, "our-name")).entries.remove(0);
    assert_eq!((entry.transaction_id.as_deref(), entry.session_id.as_deref()), (Some("T1"), Some("7")));
    assert_eq!((entry.reference.as_deref(), entry.line), (Some("our-name"), 2));
    assert_eq!(entry.at.to_rfc3339(), "2026-01-17T09:00:00+00:00");
    assert_eq!(entry.amount, Money::from_minor(150_000, Currency::Cdf));
    assert_eq!(entry.fee, Some(Money::from_minor(1_500, Currency::Cdf)));
    assert_eq!(entry.status, SaidStatus::Succeeded);
}

#[test]
fn marks_ends_of_lines_and_languages_do_not_matter() {
    let french = "\u{feff}Identifiant;Date/Heure;Montant;Devise;Statut\r\n7;17/01/2026 10:00;1 500,00;FC;Réussi\r\n;;;;\r\n";
    let columns = ColumnNames::parse("session_id:Identifiant").unwrap();
    let read = read(french.as_bytes(), &Reading { columns, ..plainly() }).unwrap();
    assert_eq!((read.entries.len(), read.refused), (1, 0));
    assert_eq!(read.entries[0].identity(), "7");
    assert_eq!(read.entries[0].amount, Money::from_minor(150_000, Currency::Cdf));
}

#[test]
fn a_currency_may_be_said_beside_the_file() {
    let file = b"session,date,amount\n7,2026-01-17,3\n";
    assert_eq!(read(file, &plainly()), Err(Unreadable::NoColumn(Column::Currency)));
    let told = read(file, &Reading { currency: Some(Currency::Usd), ..plainly() }).unwrap();
    assert_eq!(told.entries[0].amount, Money::from_minor(300, Currency::Usd));
    assert_eq!(told.entries[0].status, SaidStatus::Succeeded);
}

#[test]
fn every_cell_at_fault_is_named() {
    let long = "x".repeat(201);
    for (column, cell, fault) in [
        (Column::TransactionId, long.as_str(), Fault::TooLong),
        (Column::SessionId, "\u{7}", Fault::NotText),
        (Column::Date, "", Fault::Missing),
        (Column::Date, "tomorrow", Fault::NotADate),
        (Column::Amount, "", Fault::Missing),
        (Column::Amount, "1.500", Fault::NotAnAmount),
        (Column::Amount, "0", Fault::NotAnAmount),
        (Column::Amount, "-1500", Fault::NotAnAmount),
        (Column::Currency, "EUR", Fault::UnknownCurrency),
        (Column::Status, "reversed", Fault::UnknownStatus),
        (Column::Status, "", Fault::Missing),
        (Column::Fee, "a little", Fault::NotAnAmount),
    ] {
        let read = contents(&with(column, cell));
        assert_eq!((read.entries.len(), read.refused, read.problems.len()), (0, 1, 1), "{column:?} {cell}");
        let problem = read.problems[0];
        assert_eq!((problem.line, problem.column, problem.fault), (2, Some(column), fault), "{cell}");
    }
    let several = contents(&format!("{HEADER},,,never,,x,CDF,success,\n"));
    let columns: Vec<_> = several.problems.iter().filter_map(|problem| problem.column).collect();
    assert_eq!(columns, [Column::Date, Column::Amount]);
    let nameless = contents(&format!("{HEADER},,,2026-01-17,,1,CDF,success,\n"));
    assert_eq!(nameless.problems[0].column, Some(Column::TransactionId));
}

#[test]
fn a_line_of_another_length_is_refused_and_the_others_are_not() {
    let read = contents(&format!("{}T2,8\nT3,9,,2026-01-17,,5,CDF,success,\n", with(Column::Fee, "")));
    assert_eq!((read.entries.len(), read.refused), (2, 1));
    assert_eq!((read.problems[0].line, read.problems[0].fault), (3, Fault::CellCount));
}

#[test]
fn a_transaction_that_is_told_twice_must_be_told_alike() {
    let line = "T1,7,,2026-01-17,,5,CDF,success,\n";
    assert_eq!(contents(&format!("{HEADER}{line}{line}")).refused, 0);
    let other = contents(&format!("{HEADER}{line}T1,7,,2026-01-17,,6,CDF,success,\n"));
    assert_eq!((other.refused, other.problems[0].fault), (1, Fault::SaysTwoThings));
}

#[test]
fn what_is_no_statement_is_refused_as_a_whole() {
    for (file, why) in [
        ("", Unreadable::NoColumn(Column::Date)),
        ("\n\n", Unreadable::NoColumn(Column::Date)),
        ("hello", Unreadable::NoColumn(Column::TransactionId)),
        ("session,amount,currency\n", Unreadable::NoColumn(Column::Date)),
        ("session,date,montant,amount,currency\n", Unreadable::TwoColumns(Column::Amount)),
        (
            "session,date,amount,currency\n\"7,2026-01-17,1,CDF\n8,2026-01-17,1,CDF\n",
            Unreadable::OpenQuote(2),
        ),
    ] {
        assert_eq!(read(file.as_bytes(), &plainly()), Err(why), "{file}");
    }
}

#[test]
fn there_is_an_end_to_bytes_lines_and_problems() {
    assert_eq!(read(&vec![b'x'; MAX_BYTES + 1], &plainly()), Err(Unreadable::TooLarge));
    let lines = |count: usize| (0..count).map(|n| format!("{n},2026-01-17,1,CDF\n")).collect::<String>();
    let file = format!("session,date,amount,currency\n{}", lines(MAX_LINES));
    assert_eq!(contents(&file).entries.len(), MAX_LINES);
    let more = format!("{file}x,2026-01-17,1,CDF\n");
    assert_eq!(read(more.as_bytes(), &plainly()), Err(Unreadable::TooManyLines));
    let bad = format!("session,date,amount,currency\n{}", "1,never,1,CDF\n".repeat(MAX_LINES));
    let bad = contents(&bad);
    assert_eq!((bad.refused as usize, bad.problems.len()), (MAX_LINES, PROBLEMS_TOLD));
}

/// Whatever a file holds, what is read of it is no more than what is in it.
fn holds(bytes: &[u8]) {
    let Ok(contents) = read(bytes, &Reading { currency: Some(Currency::Cdf), ..plainly() }) else { return };
    assert!(contents.entries.len() + contents.refused as usize <= MAX_LINES);
    assert!(contents.problems.len() <= PROBLEMS_TOLD);
    assert_eq!(contents.refused == 0, contents.problems.is_empty());
    for entry in contents.entries {
        assert!(!entry.identity().is_empty() && entry.amount.minor() > 0 && entry.line >= 1);
        assert!(entry.fee.is_none_or(|fee| fee.minor() >= 0));
    }
}

#[test]
fn every_file_of_the_corpus_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/statements");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 10, "the corpus is gone");
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let named = file.file_name().unwrap().to_str().unwrap();
        let read = read(&bytes, &plainly());
        let good = read.is_ok_and(|contents| contents.refused == 0 && !contents.entries.is_empty());
        assert_eq!(good, named.starts_with("good-"), "{named}");
        holds(&bytes);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        holds(&bytes);
    }

    #[test]
    fn no_table_makes_it_panic(table in "[a-z0-9\",;\n\r. /:-]{0,400}") {
        holds(format!("session;date;amount;status;fee\n{table}").as_bytes());
        holds(format!("{HEADER}{table}").as_bytes());
    }

    #[test]
    fn what_is_written_is_read(lines in prop::collection::vec((1i64..10_000_000_000, 0u32..86_400), 1..40)) {
        let mut file = String::from("session;date;montant;devise;statut\n");
        for (number, (minor, second)) in lines.iter().enumerate() {
            let (hour, minute) = (second / 3_600, second / 60 % 60);
            let amount = Money::from_minor(*minor, Currency::Cdf).amount().replace('.', ",");
            file.push_str(&format!("s{number};17/01/2026 {hour:02}:{minute:02};{amount};CDF;ok\n"));
        }
        let read = contents(&file);
        prop_assert_eq!(read.refused, 0);
        let amounts: Vec<_> = read.entries.iter().map(|entry| entry.amount.minor()).collect();
        prop_assert_eq!(amounts, lines.iter().map(|(minor, _)| *minor).collect::<Vec<_>>());
    }
}
