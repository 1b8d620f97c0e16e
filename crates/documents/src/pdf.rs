//! Pages to print: A4, the table's headings on each, whatever is too long for its column on several lines.
#![expect(clippy::float_arithmetic, reason = "lengths on paper, in points")]

use krilla::{Document, metadata::Metadata, page::PageSettings};

use crate::{Align, DocumentError, Table, TableWriter};

pub(crate) mod labels;
mod layout;
mod pen;
pub(crate) mod slip;
mod typeface;

use layout::{BODY, CELL_PADDING, HEADING, LINE, Layout, MARGIN, NOTE, PlacedRow, TITLE, fit};
use pen::{BAND, INK, PALE_INK, Pen, RULE, SHADE, WHITE, Words};
use typeface::{Typeface, Weight};

pub(crate) struct Pdf;

impl TableWriter for Pdf {
    fn write(&self, table: &Table) -> Result<Vec<u8>, DocumentError> {
        let typeface = Typeface::load()?;
        let layout = Layout::of(table, &typeface);
        let mut document = Document::new();
        document.set_metadata(metadata(table));
        for number in 0..layout.pages.len() {
            let settings = PageSettings::from_wh(layout.width, layout.height);
            let settings = settings.ok_or_else(|| DocumentError::Pdf("the page has no size".to_owned()))?;
            let mut page = document.start_page_with(settings);
            let pen = Pen { surface: page.surface(), typeface: &typeface };
            Sheet { table, layout: &layout, typeface: &typeface, pen }.draw(number);
            page.finish();
        }
        document.finish().map_err(|error| DocumentError::Pdf(format!("{error:?}")))
    }
}

fn metadata(table: &Table) -> Metadata {
    Metadata::new().title(table.title.clone()).language(table.locale.tag().to_owned())
}

/// One page being drawn.
struct Sheet<'a> {
    table: &'a Table,
    layout: &'a Layout,
    typeface: &'a Typeface,
    pen: Pen<'a>,
}

impl Sheet<'_> {
    fn draw(mut self, number: usize) {
        let mut y = MARGIN;
        if number == 0 {
            y = self.draw_title(y);
        }
        y = self.draw_headings(y);
        let rows = self.layout.pages.get(number).map(Vec::as_slice).unwrap_or_default();
        for (place, row) in rows.iter().enumerate() {
            y = self.draw_row(row, y, place % 2 == 1);
        }
        self.draw_line(y);
        self.draw_foot(number);
        self.pen.surface.finish();
    }

    fn draw_title(&mut self, top: f32) -> f32 {
        let mut y = top + TITLE;
        let title = fit(self.typeface, Weight::Bold, TITLE, &self.table.title, self.layout.inner_width());
        self.pen.write(MARGIN, y, &Words { text: &title, weight: Weight::Bold, size: TITLE, colour: BAND });
        for note in &self.layout.notes {
            y += NOTE * LINE;
            self.pen.write(
                MARGIN,
                y,
                &Words { text: note, weight: Weight::Regular, size: NOTE, colour: PALE_INK },
            );
        }
        y + NOTE * LINE
    }

    fn draw_headings(&mut self, top: f32) -> f32 {
        let height = self.layout.heading_height;
        self.pen.fill(MARGIN, top, (self.layout.inner_width(), height), BAND);
        let lines = &self.layout.headings;
        self.draw_cells(lines, top, &Words { text: "", weight: Weight::Bold, size: HEADING, colour: WHITE });
        top + height
    }

    fn draw_row(&mut self, row: &PlacedRow, top: f32, shaded: bool) -> f32 {
        if shaded {
            self.pen.fill(MARGIN, top, (self.layout.inner_width(), row.height), SHADE);
        }
        self.draw_cells(
            &row.cells,
            top,
            &Words { text: "", weight: Weight::Regular, size: BODY, colour: INK },
        );
        top + row.height
    }

    /// The cells of one row, each a list of lines.
    fn draw_cells(&mut self, cells: &[Vec<String>], top: f32, style: &Words<'_>) {
        let mut left = MARGIN;
        let layout = self.layout;
        for ((lines, width), column) in cells.iter().zip(&layout.widths).zip(&self.table.columns) {
            let mut baseline = top + CELL_PADDING + style.size;
            for line in lines {
                let x = match column.align {
                    Align::Left => left + CELL_PADDING,
                    Align::Right => {
                        let text = self.typeface.width(style.weight, style.size, line);
                        left + width - CELL_PADDING - text
                    }
                };
                self.pen.write(x, baseline, &Words { text: line, ..*style });
                baseline += style.size * LINE;
            }
            left += width;
        }
    }

    fn draw_line(&mut self, y: f32) {
        self.pen.fill(MARGIN, y, (self.layout.inner_width(), 0.6), RULE);
    }

    fn draw_foot(&mut self, number: usize) {
        let y = self.layout.height - MARGIN * 0.55;
        let said = self.table.made_at_in_words();
        let page = match self.table.locale {
            kernel::Locale::Fr => format!("Page {} sur {}", number + 1, self.layout.pages.len()),
            kernel::Locale::En => format!("Page {} of {}", number + 1, self.layout.pages.len()),
        };
        let style = Words { text: "", weight: Weight::Regular, size: NOTE, colour: PALE_INK };
        let title = format!("{} · {said}", self.table.title);
        let width = self.typeface.width(style.weight, style.size, &page);
        let room = self.layout.inner_width() - width - 12.0;
        let title = fit(self.typeface, style.weight, style.size, &title, room);
        self.pen.write(MARGIN, y, &Words { text: &title, ..style });
        self.pen.write(self.layout.width - MARGIN - width, y, &Words { text: &page, ..style });
    }
}

#[cfg(test)]
mod tests {
    use super::Pdf;
    use crate::{TableWriter as _, table::sample};

    #[test]
    fn a_file_is_made_of_any_table_and_is_the_same_each_time() {
        let file = Pdf.write(&sample(120)).unwrap();
        assert!(file.starts_with(b"%PDF-"));
        assert_eq!(file, Pdf.write(&sample(120)).unwrap());
        assert!(Pdf.write(&sample(0)).is_ok());
    }
}
