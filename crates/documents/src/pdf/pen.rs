//! What is drawn on a page: words, rectangles, QR codes.
#![expect(clippy::float_arithmetic, reason = "lengths on paper, in points")]

use krilla::{
    geom::{PathBuilder, Point, Rect, Transform},
    num::NormalizedF32,
    paint::{Fill, FillRule},
    surface::Surface,
    text::TextDirection,
};
use qrcode::{Color, EcLevel, QrCode};

use super::typeface::{Typeface, Weight};
use crate::DocumentError;

/// Colours: red, green, blue.
pub(super) const BLACK: [u8; 3] = [0x00, 0x00, 0x00];
pub(super) const INK: [u8; 3] = [0x22, 0x26, 0x2b];
pub(super) const PALE_INK: [u8; 3] = [0x66, 0x6c, 0x74];
pub(super) const BAND: [u8; 3] = [0x1f, 0x4e, 0x79];
pub(super) const WHITE: [u8; 3] = [0xff, 0xff, 0xff];
pub(super) const SHADE: [u8; 3] = [0xf2, 0xf5, 0xf8];
pub(super) const RULE: [u8; 3] = [0xc9, 0xd1, 0xda];

/// A text and how it looks.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) text: &'a str,
    pub(super) weight: Weight,
    pub(super) size: f32,
    pub(super) colour: [u8; 3],
}

/// Draws on one page.
pub(super) struct Pen<'a> {
    pub(super) surface: Surface<'a>,
    pub(super) typeface: &'a Typeface,
}

impl Pen<'_> {
    pub(super) fn write(&mut self, x: f32, baseline: f32, words: &Words<'_>) {
        self.surface.set_fill(Some(paint(words.colour)));
        let font = self.typeface.font(words.weight).clone();
        let at = Point::from_xy(x, baseline);
        self.surface.draw_text(at, font, words.size, words.text, false, TextDirection::Auto);
    }

    /// The same around the middle between two edges.
    pub(super) fn write_between(&mut self, (left, right): (f32, f32), baseline: f32, words: &Words<'_>) {
        let width = self.typeface.width(words.weight, words.size, words.text);
        self.write(left + (right - left - width) / 2.0, baseline, words);
    }

    pub(super) fn fill(&mut self, x: f32, y: f32, (width, height): (f32, f32), colour: [u8; 3]) {
        let mut path = PathBuilder::new();
        let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
        path.push_rect(rect);
        if let Some(path) = path.finish() {
            self.surface.set_fill(Some(paint(colour)));
            self.surface.draw_path(&path);
        }
    }

    /// A text as a QR code (ISO/IEC 18004) that fills a square. Around it four modules have to stay white.
    ///
    /// # Errors
    /// The text is longer than a code holds.
    pub(super) fn qr_code(&mut self, x: f32, y: f32, side: f32, text: &str) -> Result<(), DocumentError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M);
        let code = code.map_err(|error| DocumentError::Pdf(error.to_string()))?;
        let width = code.width();
        let mut path = PathBuilder::new();
        for (row, modules) in code.to_colors().chunks(width).enumerate() {
            for (start, count) in dark_runs(modules) {
                if let Some(run) = Rect::from_xywh(length(start), length(row), length(count), 1.0) {
                    path.push_rect(run);
                }
            }
        }
        if let Some(path) = path.finish() {
            // In modules, so that the file holds whole numbers: it is half as large.
            let module = side / length(width);
            self.surface.push_transform(&Transform::from_row(module, 0.0, 0.0, module, x, y));
            self.surface.set_fill(Some(paint(BLACK)));
            self.surface.draw_path(&path);
            self.surface.pop();
        }
        Ok(())
    }
}

/// The dark modules of a row that lie side by side: from which on, and how many.
fn dark_runs(modules: &[Color]) -> Vec<(usize, usize)> {
    let mut place = 0;
    let mut runs = Vec::new();
    for run in modules.chunk_by(|one, other| one == other) {
        if run.first() == Some(&Color::Dark) {
            runs.push((place, run.len()));
        }
        place += run.len();
    }
    runs
}

fn length(modules: usize) -> f32 {
    f32::from(u16::try_from(modules).unwrap_or(u16::MAX))
}

fn paint([red, green, blue]: [u8; 3]) -> Fill {
    Fill {
        paint: krilla::color::rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}
