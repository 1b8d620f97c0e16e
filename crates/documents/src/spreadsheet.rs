//! A workbook of one sheet. Every cell is text: nothing in it is ever taken for a formula, and a matricule keeps its
//! zeros.

use chrono::{Datelike as _, Timelike as _};
use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, XlsxError};

use crate::{Align, DocumentError, Table, TableWriter};

/// The widest column, in characters.
const WIDEST: usize = 60;
/// The longest text that a cell holds, in characters.
const LONGEST: usize = 32_767;

pub(crate) struct Xlsx;

impl TableWriter for Xlsx {
    fn write(&self, table: &Table) -> Result<Vec<u8>, DocumentError> {
        workbook(table).map_err(|error| DocumentError::Xlsx(error.to_string()))
    }
}

fn workbook(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(table)?);
    let sheet = workbook.add_worksheet();
    sheet.set_name(sheet_name(&table.title))?;
    let heading =
        Format::new().set_bold().set_background_color(Color::RGB(0x1F_4E_79)).set_font_color(Color::White);
    for (place, column) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, place, &column.title, &heading)?;
        let cells = table.rows.iter().filter_map(|row| row.get(usize::from(place)));
        let longest = cells.map(|cell| cell.chars().count()).chain([column.title.chars().count()]).max();
        // Two more than the text: the filter's arrow stands in the heading.
        let width = longest.unwrap_or_default().min(WIDEST) + 2;
        sheet.set_column_width_pixels(place, u32::try_from(width * 7 + 5).unwrap_or(100))?;
    }
    let right = Format::new().set_align(FormatAlign::Right);
    for (line, row) in (1u32..).zip(&table.rows) {
        for ((place, column), cell) in (0u16..).zip(&table.columns).zip(row) {
            let text: String = cell.chars().take(LONGEST).collect();
            match column.align {
                Align::Left => sheet.write_string(line, place, text)?,
                Align::Right => sheet.write_string_with_format(line, place, text, &right)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if let (Some(last), Ok(rows)) = (table.columns.len().checked_sub(1), u32::try_from(table.rows.len())) {
        sheet.autofilter(0, 0, rows, u16::try_from(last).unwrap_or(u16::MAX))?;
    }
    workbook.save_to_buffer()
}

fn properties(table: &Table) -> Result<DocProperties, XlsxError> {
    let at = table.made_at.naive_utc();
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    let day = ExcelDateTime::from_ymd(
        u16::try_from(at.year()).unwrap_or_default(),
        small(at.month()),
        small(at.day()),
    )?;
    let made = day.and_hms(u16::try_from(at.hour()).unwrap_or_default(), small(at.minute()), at.second())?;
    Ok(DocProperties::new().set_title(&table.title).set_creation_datetime(&made))
}

/// A title as a sheet may be called: at most 31 characters, some of which are not permitted.
fn sheet_name(title: &str) -> String {
    let kept = title.chars().filter(|letter| !"[]:*?/\\'".contains(*letter)).take(31);
    let name: String = kept.collect();
    if name.trim().is_empty() { "1".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::{Xlsx, sheet_name};
    use crate::{TableWriter as _, table::sample};

    #[test]
    fn equal_tables_make_equal_files() {
        let file = Xlsx.write(&sample(5)).unwrap();
        assert!(file.starts_with(b"PK"));
        assert_eq!(file, Xlsx.write(&sample(5)).unwrap());
        assert!(Xlsx.write(&sample(0)).is_ok());
    }

    #[test]
    fn a_sheet_has_a_name_that_is_permitted() {
        assert_eq!(sheet_name("Users: all/some?"), "Users allsome");
        assert_eq!(sheet_name("[*]"), "1");
        assert_eq!(sheet_name(&"é".repeat(40)).chars().count(), 31);
    }
}
