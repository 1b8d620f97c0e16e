//! The letters: DejaVu Sans Condensed, which has those of every Latin language (and Greek and Cyrillic).
#![expect(clippy::float_arithmetic, reason = "lengths on paper, in points")]

use krilla::text::Font;
use ttf_parser::Face;

use crate::DocumentError;

const REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSansCondensed.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSansCondensed-Bold.ttf");
/// Stands for what the typeface has no letter for.
const UNKNOWN: char = '\u{fffd}';

/// How heavy the letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// One typeface in both weights.
pub(super) struct Typeface {
    regular: (Font, Face<'static>),
    bold: (Font, Face<'static>),
}

impl Typeface {
    pub(super) fn load() -> Result<Self, DocumentError> {
        Ok(Self { regular: open(REGULAR)?, bold: open(BOLD)? })
    }

    const fn of(&self, weight: Weight) -> &(Font, Face<'static>) {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    pub(super) const fn font(&self, weight: Weight) -> &Font {
        &self.of(weight).0
    }

    /// How wide a text is at a size, without kerning, which makes it no wider.
    pub(super) fn width(&self, weight: Weight, size: f32, text: &str) -> f32 {
        let face = &self.of(weight).1;
        let units: u32 = text
            .chars()
            .filter_map(|letter| face.glyph_index(letter))
            .map(|glyph| u32::from(face.glyph_hor_advance(glyph).unwrap_or_default()))
            .sum();
        // Exact: a line has fewer units than f32 has whole numbers.
        #[expect(clippy::cast_precision_loss, reason = "a line has fewer units than f32 has whole numbers")]
        let units = units as f32;
        units * size / f32::from(face.units_per_em())
    }

    /// The text as it can be printed: on one line, and with a sign for each letter that the typeface lacks.
    pub(super) fn printable(&self, text: &str) -> String {
        let known = |letter: char| self.regular.1.glyph_index(letter).is_some();
        text.chars()
            .map(|letter| match letter {
                letter if letter.is_control() || letter.is_whitespace() => ' ',
                letter if known(letter) => letter,
                _ => UNKNOWN,
            })
            .collect()
    }
}

fn open(bytes: &'static [u8]) -> Result<(Font, Face<'static>), DocumentError> {
    let font = Font::new(bytes.into(), 0);
    let font = font.ok_or_else(|| DocumentError::Pdf("the typeface cannot be read".to_owned()))?;
    let face = Face::parse(bytes, 0).map_err(|error| DocumentError::Pdf(error.to_string()))?;
    Ok((font, face))
}

#[cfg(test)]
mod tests {
    use super::{Typeface, Weight};

    #[test]
    fn every_latin_letter_prints_and_others_get_a_sign() {
        let typeface = Typeface::load().unwrap();
        let names = "Élodie Çelik Łukasz Šťastný Ngɔndɔ Mɛngi Ñuñez Œuvre Þór Ğül Ẽ ƒ";
        assert_eq!(typeface.printable(names), names);
        assert_eq!(typeface.printable("a\tb\n李"), "a b \u{fffd}");
    }

    #[test]
    fn bold_is_wider_and_length_adds_up() {
        let typeface = Typeface::load().unwrap();
        let width = |weight, text| typeface.width(weight, 10.0, text);
        assert!(width(Weight::Bold, "Kabila") > width(Weight::Regular, "Kabila"));
        let both = width(Weight::Regular, "ab") - width(Weight::Regular, "a") - width(Weight::Regular, "b");
        assert!(both.abs() < 0.001);
    }
}
