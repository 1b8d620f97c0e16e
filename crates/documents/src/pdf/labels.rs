//! Labels on their pages: many on a sheet, or one after the other on a roll.
#![expect(clippy::float_arithmetic, reason = "lengths on paper, in points")]

use krilla::{Document, metadata::Metadata, page::PageSettings};

use super::{
    layout::{fit, wrap},
    pen::{INK, PALE_INK, Pen, RULE, Words},
    typeface::{Typeface, Weight},
};
use crate::{
    DocumentError,
    labels::{Label, Labels, Paper},
};

/// A millimetre, in points.
const MM: f32 = 72.0 / 25.4;
/// A sheet of A4 is so wide and high.
const A4: (f32, f32) = (210.0 * MM, 297.0 * MM);
/// What most printers leave white around a sheet.
const EDGE: f32 = 9.0 * MM;
const COLUMNS: u16 = 3;
const ROWS: u16 = 8;
/// The white around what is on a label.
const PADDING: f32 = 2.5 * MM;
/// How large the QR codes are.
const QR_ON_SHEET: f32 = 20.0 * MM;
const QR_ON_ROLL: f32 = 32.0 * MM;
/// The sizes of the letters.
const HEADING: f32 = 11.0;
const CODE: f32 = 11.0;
const SMALL: f32 = 6.5;
const SMALL_ON_ROLL: f32 = 8.0;
const LINE: f32 = 1.3;

pub(crate) fn write(labels: &Labels) -> Result<Vec<u8>, DocumentError> {
    let typeface = Typeface::load()?;
    let mut document = Document::new();
    let metadata = Metadata::new().title(labels.title.clone()).language(labels.locale.tag().to_owned());
    document.set_metadata(metadata);
    let maker = Maker { labels, typeface: &typeface };
    match labels.paper {
        Paper::A4 => maker.sheets(&mut document)?,
        Paper::Roll58 => maker.roll(&mut document, 58.0 * MM, 48.0 * MM)?,
        Paper::Roll80 => maker.roll(&mut document, 80.0 * MM, 72.0 * MM)?,
    }
    document.finish().map_err(|error| DocumentError::Pdf(format!("{error:?}")))
}

struct Maker<'a> {
    labels: &'a Labels,
    typeface: &'a Typeface,
}

impl Maker<'_> {
    fn page(
        &self,
        document: &mut Document,
        (width, height): (f32, f32),
        draw: impl FnOnce(&mut Pen<'_>) -> Result<(), DocumentError>,
    ) -> Result<(), DocumentError> {
        let settings = PageSettings::from_wh(width, height);
        let settings = settings.ok_or_else(|| DocumentError::Pdf("the page has no size".to_owned()))?;
        let mut page = document.start_page_with(settings);
        {
            let mut pen = Pen { surface: page.surface(), typeface: self.typeface };
            draw(&mut pen)?;
            pen.surface.finish();
        }
        page.finish();
        Ok(())
    }

    fn sheets(&self, document: &mut Document) -> Result<(), DocumentError> {
        let size = ((A4.0 - 2.0 * EDGE) / f32::from(COLUMNS), (A4.1 - 2.0 * EDGE) / f32::from(ROWS));
        for labels in self.labels.labels.chunks(usize::from(COLUMNS * ROWS)) {
            self.page(document, A4, |pen| {
                let places = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| (column, row)));
                for (label, (column, row)) in labels.iter().zip(places) {
                    let corner = (EDGE + f32::from(column) * size.0, EDGE + f32::from(row) * size.1);
                    self.on_sheet(pen, corner, size, label)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// A label with the QR code to its right, within lines to cut along.
    fn on_sheet(
        &self,
        pen: &mut Pen<'_>,
        (left, top): (f32, f32),
        (width, height): (f32, f32),
        label: &Label,
    ) -> Result<(), DocumentError> {
        for (x, y, size) in [
            (left, top, (width, 0.4)),
            (left, top + height, (width, 0.4)),
            (left, top, (0.4, height)),
            (left + width, top, (0.4, height)),
        ] {
            pen.fill(x, y, size, RULE);
        }
        let (inner, right) = (left + PADDING, left + width - PADDING);
        pen.qr_code(right - QR_ON_SHEET, top + PADDING, QR_ON_SHEET, &label.qr)?;
        // Four modules of the code, at most, stay white beside it.
        let room = width - 2.0 * PADDING - QR_ON_SHEET - 3.0 * MM;
        let mut baseline = top + PADDING + HEADING * 0.8;
        for text in [&self.labels.heading, &self.labels.price] {
            let text = fit(self.typeface, Weight::Bold, HEADING, text, room);
            pen.write(
                inner,
                baseline,
                &Words { text: &text, weight: Weight::Bold, size: HEADING, colour: INK },
            );
            baseline += HEADING * LINE;
        }
        for line in self.small_lines(SMALL, room).iter().take(4) {
            pen.write(inner, baseline - 2.0, &small(line, SMALL, PALE_INK));
            baseline += SMALL * LINE;
        }
        let bottom = top + height - PADDING;
        let number = self.typeface.width(Weight::Regular, SMALL, &label.number);
        pen.write(right - number, bottom, &small(&label.number, SMALL, PALE_INK));
        let code = Words { text: &label.code, weight: Weight::Bold, size: CODE, colour: INK };
        pen.write(inner, bottom, &code);
        Ok(())
    }

    fn roll(&self, document: &mut Document, width: f32, printed: f32) -> Result<(), DocumentError> {
        let lines = self.small_lines(SMALL_ON_ROLL, printed);
        let further = lines.iter().fold(0.0, |height, _| height + SMALL_ON_ROLL * LINE);
        let height =
            PADDING + 2.0 * HEADING * LINE + QR_ON_ROLL + 3.0 * CODE + further + 2.0 * SMALL + PADDING;
        for label in &self.labels.labels {
            self.page(document, (width, height), |pen| self.on_roll(pen, (width, printed), &lines, label))?;
        }
        Ok(())
    }

    /// A label with everything below one another.
    fn on_roll(
        &self,
        pen: &mut Pen<'_>,
        (width, printed): (f32, f32),
        lines: &[String],
        label: &Label,
    ) -> Result<(), DocumentError> {
        let edges = ((width - printed) / 2.0, (width + printed) / 2.0);
        let mut baseline = PADDING + HEADING;
        for text in [&self.labels.heading, &self.labels.price] {
            let text = fit(self.typeface, Weight::Bold, HEADING, text, printed);
            let words = Words { text: &text, weight: Weight::Bold, size: HEADING, colour: INK };
            pen.write_between(edges, baseline, &words);
            baseline += HEADING * LINE;
        }
        let top = baseline - HEADING * 0.6;
        pen.qr_code((width - QR_ON_ROLL) / 2.0, top, QR_ON_ROLL, &label.qr)?;
        baseline = top + QR_ON_ROLL + 1.6 * CODE;
        // As large as the roll lets it be.
        let wide = self.typeface.width(Weight::Bold, CODE, &label.code);
        let size = CODE * (printed / wide).min(1.2);
        let code = Words { text: &label.code, weight: Weight::Bold, size, colour: INK };
        pen.write_between(edges, baseline, &code);
        baseline += CODE * LINE;
        for line in lines {
            pen.write_between(edges, baseline, &small(line, SMALL_ON_ROLL, INK));
            baseline += SMALL_ON_ROLL * LINE;
        }
        pen.write_between(edges, baseline, &small(&label.number, SMALL, PALE_INK));
        Ok(())
    }

    fn small_lines(&self, size: f32, room: f32) -> Vec<String> {
        let lines = self.labels.lines.iter().map(|line| self.typeface.printable(line));
        lines.flat_map(|line| wrap(self.typeface, Weight::Regular, size, &line, room)).collect()
    }
}

const fn small(text: &str, size: f32, colour: [u8; 3]) -> Words<'_> {
    Words { text, weight: Weight::Regular, size, colour }
}
