//! Reading a statement's file. Everything that is wrong with it is told at once, by line and column.

use chrono_tz::Tz;
use csv::ByteRecord;
use kernel::{Currency, Money, Timestamp};

use super::{
    Entry, MAX_BYTES, MAX_LINES, SaidStatus, cells,
    columns::{Column, ColumnNames},
};

/// The longest cell that is read, in bytes.
const MAX_CELL: usize = 200;
/// The most columns of a file.
const MAX_COLUMNS: usize = 100;
/// The most problems that are told; there is a count of all.
pub const PROBLEMS_TOLD: usize = 100;

/// How a file is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The zone of dates that name none.
    pub zone: Tz,
    /// The currency of a file without such a column.
    pub currency: Option<Currency>,
    /// Names of columns beyond the known ones.
    pub columns: ColumnNames,
}

/// What a file says, and what in it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// Its lines that can be read, in their order.
    pub entries: Vec<Entry>,
    /// What is wrong with the others, at most [`PROBLEMS_TOLD`].
    pub problems: Vec<CellProblem>,
    /// How many lines cannot be read.
    pub refused: u32,
}

/// A cell that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellProblem {
    /// The line of the file, its header being line 1.
    pub line: u32,
    /// The column, if it is about a single one.
    pub column: Option<Column>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is empty, and must not be.
    Missing,
    /// It is not UTF-8, or holds a control character.
    NotText,
    /// It has more than 200 bytes.
    TooLong,
    /// It is no amount, is less than zero, or could be read in two ways.
    NotAnAmount,
    /// It is neither an ISO 8601 date nor `dd/mm/yyyy`, with or without a time.
    NotADate,
    /// It is no currency that the portal deals in.
    UnknownCurrency,
    /// It is no word for an outcome that is known.
    UnknownStatus,
    /// The line has more or fewer cells than the header.
    CellCount,
    /// An earlier line of the file says something else about the same transaction.
    SaysTwoThings,
}

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It has more bytes than [`MAX_BYTES`].
    #[error("the file is too large")]
    TooLarge,
    /// It has more lines than [`MAX_LINES`].
    #[error("the file has too many lines")]
    TooManyLines,
    /// It has no header with the columns that are needed; the first that is missing.
    #[error("no column is named {}", .0.as_str())]
    NoColumn(Column),
    /// Two of its columns mean the same.
    #[error("two columns are named {}", .0.as_str())]
    TwoColumns(Column),
    /// A quotation mark on this line is not closed on it: what follows cannot be told apart.
    #[error("a quotation mark on line {0} is not closed")]
    OpenQuote(u32),
}

/// Reads a file: a header, then a line for each payment, with commas or semicolons between cells.
///
/// # Errors
/// [`Unreadable`]; what is wrong with single lines is in [`Contents::problems`].
pub fn read(bytes: &[u8], how: &Reading) -> Result<Contents, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = csv::ReaderBuilder::new()
        .delimiter(delimiter(bytes))
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut layout: Option<Layout> = None;
    let (mut contents, mut seen) = (Contents::default(), std::collections::HashMap::new());
    while next(&mut lines, &mut record) {
        let line = record.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
        if record.iter().any(|cell| cell.contains(&b'\n')) {
            return Err(Unreadable::OpenQuote(line));
        }
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        let Some(layout) = &layout else {
            layout = Some(Layout::of(&record, how)?);
            continue;
        };
        if contents.entries.len() + contents.refused as usize >= MAX_LINES {
            return Err(Unreadable::TooManyLines);
        }
        let mut row = Row { layout, how, record: &record, line, problems: Vec::new() };
        let entry = row.entry().filter(|entry| row.says_one_thing(entry, &mut seen));
        match entry {
            Some(entry) => contents.entries.push(entry),
            None => {
                contents.refused += 1;
                let room = PROBLEMS_TOLD.saturating_sub(contents.problems.len());
                contents.problems.extend(row.problems.into_iter().take(room));
            }
        }
    }
    // A file without any line has no header either.
    layout.map(|_| contents).ok_or(Unreadable::NoColumn(Column::Date))
}

/// Reads the next record; false at the end. A flexible reader of bytes in memory knows no errors.
fn next(lines: &mut csv::Reader<&[u8]>, record: &mut ByteRecord) -> bool {
    lines.read_byte_record(record).unwrap_or(false)
}

/// Whichever of the two marks the header has more of.
fn delimiter(bytes: &[u8]) -> u8 {
    let header = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let count = |mark: u8| header.unwrap_or_default().iter().filter(|byte| **byte == mark).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}

/// Where each column stands.
struct Layout {
    places: [Option<usize>; Column::ALL.len()],
    cells: usize,
}

impl Layout {
    fn of(header: &ByteRecord, how: &Reading) -> Result<Self, Unreadable> {
        let mut layout = Self { places: [None; Column::ALL.len()], cells: header.len() };
        for (place, cell) in header.iter().enumerate().take(MAX_COLUMNS) {
            let name = std::str::from_utf8(cell).unwrap_or_default();
            let Some(column) = how.columns.find(name) else { continue };
            if let Some(known) = layout.places.get_mut(column as usize)
                && known.replace(place).is_some()
            {
                return Err(Unreadable::TwoColumns(column));
            }
        }
        let lacks = |column: Column| layout.place(column).is_none();
        if lacks(Column::TransactionId) && lacks(Column::SessionId) {
            return Err(Unreadable::NoColumn(Column::TransactionId));
        }
        let needed = [Column::Date, Column::Amount, Column::Currency];
        let missing = needed
            .into_iter()
            .find(|column| lacks(*column) && !(*column == Column::Currency && how.currency.is_some()));
        missing.map_or(Ok(layout), |column| Err(Unreadable::NoColumn(column)))
    }

    fn place(&self, column: Column) -> Option<usize> {
        self.places.get(column as usize).copied().flatten()
    }
}

/// What earlier lines of a file have said, by transaction.
type Seen = std::collections::HashMap<String, String>;

/// One line while it is read.
struct Row<'a> {
    layout: &'a Layout,
    how: &'a Reading,
    record: &'a ByteRecord,
    line: u32,
    problems: Vec<CellProblem>,
}

impl Row<'_> {
    /// The whole line, or its problems.
    fn entry(&mut self) -> Option<Entry> {
        if self.record.len() != self.layout.cells {
            return self.refuse(None, Fault::CellCount);
        }
        let (transaction_id, session_id) = (self.text(Column::TransactionId), self.text(Column::SessionId));
        let (reference, phone) = (self.text(Column::Reference), self.text(Column::Phone));
        let at = self.date();
        let status = self.status();
        let currency = self.currency();
        let amount = currency.and_then(|currency| self.amount(Column::Amount, currency));
        let fee = currency.and_then(|currency| self.amount(Column::Fee, currency));
        if transaction_id.is_none() && session_id.is_none() && self.problems.is_empty() {
            self.refuse::<()>(Some(Column::TransactionId), Fault::Missing);
        }
        if !self.problems.is_empty() {
            return None;
        }
        let (at, status, amount) = (at?, status?, amount?);
        Some(Entry { line: self.line, at, transaction_id, session_id, reference, phone, amount, status, fee })
    }

    /// Whether no earlier line tells something else about the same transaction. One that tells the same is
    /// recognised later, like one of another file.
    fn says_one_thing(&mut self, entry: &Entry, seen: &mut Seen) -> bool {
        let fingerprint = entry.fingerprint();
        let earlier = seen.entry(entry.identity().to_owned()).or_insert_with(|| fingerprint.clone());
        if *earlier == fingerprint {
            return true;
        }
        self.refuse::<()>(None, Fault::SaysTwoThings);
        false
    }

    fn refuse<T>(&mut self, column: Option<Column>, fault: Fault) -> Option<T> {
        self.problems.push(CellProblem { line: self.line, column, fault });
        None
    }

    /// A cell's text; nothing where the column or its content is missing.
    fn text(&mut self, column: Column) -> Option<String> {
        let cell = self.record.get(self.layout.place(column)?)?;
        if cell.len() > MAX_CELL {
            return self.refuse(Some(column), Fault::TooLong);
        }
        match std::str::from_utf8(cell).map(str::trim) {
            Ok("") => None,
            Ok(text) if !text.chars().any(char::is_control) => Some(text.to_owned()),
            _ => self.refuse(Some(column), Fault::NotText),
        }
    }

    /// A cell that must not be empty.
    fn needed(&mut self, column: Column) -> Option<String> {
        let before = self.problems.len();
        let text = self.text(column);
        if text.is_none() && self.problems.len() == before {
            return self.refuse(Some(column), Fault::Missing);
        }
        text
    }

    fn date(&mut self) -> Option<Timestamp> {
        let text = self.needed(Column::Date)?;
        cells::moment(&text, self.how.zone).or_else(|| self.refuse(Some(Column::Date), Fault::NotADate))
    }

    /// Statements without a column for it list what was collected.
    fn status(&mut self) -> Option<SaidStatus> {
        if self.layout.place(Column::Status).is_none() {
            return Some(SaidStatus::Succeeded);
        }
        let text = self.needed(Column::Status)?;
        cells::status(&text).or_else(|| self.refuse(Some(Column::Status), Fault::UnknownStatus))
    }

    fn currency(&mut self) -> Option<Currency> {
        if self.layout.place(Column::Currency).is_none() {
            return self.how.currency;
        }
        let text = self.needed(Column::Currency)?.to_uppercase();
        let code = if text == "FC" { Currency::Cdf.code() } else { text.as_str() };
        code.parse().ok().or_else(|| self.refuse(Some(Column::Currency), Fault::UnknownCurrency))
    }

    /// An amount. What was paid is more than nothing; a fee may be nothing, or not be told.
    fn amount(&mut self, column: Column, currency: Currency) -> Option<Money> {
        let is_fee = column == Column::Fee;
        let text = if is_fee { self.text(column) } else { self.needed(column) }?;
        let amount = cells::amount(&text, currency).filter(|amount| is_fee || amount.minor() > 0);
        amount.or_else(|| self.refuse(Some(column), Fault::NotAnAmount))
    }
}

#[cfg(test)]
mod tests;
