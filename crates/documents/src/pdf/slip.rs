//! A slip on its page.
#![expect(clippy::float_arithmetic, reason = "lengths on paper, in points")]

use krilla::{Document, metadata::Metadata, page::PageSettings};

use super::{
    layout::{fit, wrap},
    pen::{BAND, INK, PALE_INK, Pen, RULE, Words},
    typeface::{Typeface, Weight},
};
use crate::{DocumentError, slip::Slip};

/// A5 (ISO 216), in points.
const WIDTH: f32 = 419.53;
const HEIGHT: f32 = 595.28;
const MARGIN: f32 = 36.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// The sizes of the letters.
const TITLE: f32 = 18.0;
const BODY: f32 = 9.5;
const SMALL: f32 = 8.0;
const TOTAL: f32 = 12.0;
const LINE: f32 = 1.45;
/// Where the columns of what was bought end, as parts of the width.
const COLUMN_ENDS: [f32; 4] = [0.46, 0.58, 0.79, 1.0];
/// The white between them.
const GAP: f32 = 4.0;
/// More of what was bought than this is not shown one by one.
const MOST_ITEMS: usize = 12;

pub(crate) fn write(slip: &Slip) -> Result<Vec<u8>, DocumentError> {
    let typeface = Typeface::load()?;
    let mut document = Document::new();
    let title = format!("{} {}", slip.title, slip.number);
    document.set_metadata(Metadata::new().title(title).language(slip.locale.tag().to_owned()));
    let settings = PageSettings::from_wh(WIDTH, HEIGHT);
    let settings = settings.ok_or_else(|| DocumentError::Pdf("the page has no size".to_owned()))?;
    let mut page = document.start_page_with(settings);
    let pen = Pen { surface: page.surface(), typeface: &typeface };
    Sheet { slip, typeface: &typeface, pen }.draw();
    page.finish();
    document.finish().map_err(|error| DocumentError::Pdf(format!("{error:?}")))
}

struct Sheet<'a> {
    slip: &'a Slip,
    typeface: &'a Typeface,
    pen: Pen<'a>,
}

impl Sheet<'_> {
    fn draw(mut self) {
        let mut y = MARGIN;
        for (place, line) in self.slip.from.iter().enumerate() {
            let (weight, size) =
                if place == 0 { (Weight::Bold, BODY + 1.0) } else { (Weight::Regular, SMALL) };
            for text in wrap(self.typeface, weight, size, &self.typeface.printable(line), INNER) {
                y += size * LINE;
                self.pen.write(MARGIN, y, &Words { text: &text, weight, size, colour: INK });
            }
        }
        y += TITLE * 1.8;
        let title = Words { text: &self.slip.title, weight: Weight::Bold, size: TITLE, colour: BAND };
        self.pen.write(MARGIN, y, &title);
        self.write_right(
            y,
            &Words { text: &self.slip.number, weight: Weight::Bold, size: TOTAL, colour: INK },
        );
        y += TITLE * 0.5;
        self.pen.fill(MARGIN, y, (INNER, 1.2), BAND);
        y += BODY;
        for (what, value) in &self.slip.facts {
            y += BODY * LINE;
            self.pen.write(MARGIN, y, &plain(what, PALE_INK));
            let value = fit(self.typeface, Weight::Regular, BODY, value, INNER * 0.62);
            self.write_right(y, &plain(&value, INK));
        }
        y = self.items(y + BODY * 3.0);
        y = self.sums(y + BODY * 0.6);
        self.foot(y);
        self.pen.surface.finish();
    }

    fn items(&mut self, top: f32) -> f32 {
        let mut y = top;
        self.row(y, &self.slip.headings.clone(), Weight::Bold);
        y += BODY * 0.6;
        self.pen.fill(MARGIN, y, (INNER, 0.6), RULE);
        for item in self.slip.items.iter().take(MOST_ITEMS) {
            y = self.item(y, item);
        }
        y += BODY * 0.7;
        self.pen.fill(MARGIN, y, (INNER, 0.6), RULE);
        y
    }

    /// What was bought goes on below where its name is long.
    fn item(&mut self, top: f32, [what, how_many, each, all]: &[String; 4]) -> f32 {
        let room = COLUMN_ENDS[0] * INNER - GAP;
        let lines = wrap(self.typeface, Weight::Regular, BODY, &self.typeface.printable(what), room);
        let mut y = top;
        for (place, line) in lines.into_iter().enumerate() {
            y += BODY * LINE;
            let cells = match place {
                0 => [line, how_many.clone(), each.clone(), all.clone()],
                _ => [line, String::new(), String::new(), String::new()],
            };
            self.row(y, &cells, Weight::Regular);
        }
        y
    }

    /// Words to the left, and numbers to the right of their columns.
    fn row(&mut self, baseline: f32, cells: &[String; 4], weight: Weight) {
        let mut start = 0.0;
        for (place, (cell, end)) in cells.iter().zip(COLUMN_ENDS).enumerate() {
            let room = (end - start) * INNER - GAP;
            let text = fit(self.typeface, weight, BODY, cell, room);
            let x = if place == 0 {
                MARGIN
            } else {
                MARGIN + end * INNER - self.typeface.width(weight, BODY, &text)
            };
            self.pen.write(x, baseline, &Words { text: &text, weight, size: BODY, colour: INK });
            start = end;
        }
    }

    fn sums(&mut self, top: f32) -> f32 {
        let mut y = top;
        let last = self.slip.sums.len().saturating_sub(1);
        for (place, (what, value)) in self.slip.sums.iter().enumerate() {
            let (weight, size) = if place == last { (Weight::Bold, TOTAL) } else { (Weight::Regular, BODY) };
            y += size * LINE;
            let what_width = self.typeface.width(weight, size, what);
            let left = MARGIN + COLUMN_ENDS[2] * INNER - what_width - 8.0;
            self.pen.write(left, y, &Words { text: what, weight, size, colour: INK });
            self.write_right(y, &Words { text: value, weight, size, colour: INK });
        }
        y
    }

    fn foot(&mut self, above: f32) {
        let lines: Vec<String> = self
            .slip
            .foot
            .iter()
            .flat_map(|line| {
                wrap(self.typeface, Weight::Regular, SMALL, &self.typeface.printable(line), INNER)
            })
            .collect();
        let height = lines.iter().fold(0.0, |height, _| height + SMALL * LINE);
        let mut y = (HEIGHT - MARGIN - height).max(above + BODY);
        for line in &lines {
            y += SMALL * LINE;
            let words = Words { text: line, weight: Weight::Regular, size: SMALL, colour: PALE_INK };
            self.pen.write(MARGIN, y, &words);
        }
    }

    fn write_right(&mut self, baseline: f32, words: &Words<'_>) {
        let width = self.typeface.width(words.weight, words.size, words.text);
        self.pen.write(MARGIN + INNER - width, baseline, words);
    }
}

const fn plain(text: &str, colour: [u8; 3]) -> Words<'_> {
    Words { text, weight: Weight::Regular, size: BODY, colour }
}
