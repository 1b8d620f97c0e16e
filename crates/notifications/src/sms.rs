//! What a text costs as a text message: its alphabet, and into how many paid parts it is cut.
//!
//! A text of the GSM 7-bit default alphabet (3GPP TS 23.038, section 6.2.1) fits 160 characters into one part;
//! any other character makes the whole text UCS-2, 70 to a part. A text of several parts loses some of each to
//! the header that joins them (3GPP TS 23.040, section 9.2.3.24.1): 153 and 67 remain.

/// The alphabet a text needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// GSM 7-bit default alphabet with its extension table.
    Gsm7,
    /// UCS-2, in practice UTF-16.
    Ucs2,
}

/// How a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmsLength {
    /// The alphabet it needs.
    pub alphabet: Alphabet,
    /// Its length in that alphabet's units: septets, or UTF-16 code units.
    pub units: usize,
    /// How many parts are sent and paid. An empty text is one part.
    pub segments: u16,
}

/// The basic table, without its escape character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table: each takes an escape character before it.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Septets that a character takes, or `None` if the alphabet lacks it.
fn septets(character: char) -> Option<usize> {
    if BASIC.contains(character) {
        Some(1)
    } else if EXTENSION.contains(character) {
        Some(2)
    } else {
        None
    }
}

/// Measures a text as it would be sent.
#[must_use]
pub fn measure(text: &str) -> SmsLength {
    match text.chars().map(septets).collect::<Option<Vec<_>>>() {
        Some(sizes) => cut(Alphabet::Gsm7, &sizes, 160, 153),
        None => {
            let sizes: Vec<_> = text.chars().map(char::len_utf16).collect();
            cut(Alphabet::Ucs2, &sizes, 70, 67)
        }
    }
}

/// Fills parts one after another. A character of two units stays whole, so that a part may end one unit early.
fn cut(alphabet: Alphabet, sizes: &[usize], single: usize, joined: usize) -> SmsLength {
    let units = sizes.iter().sum();
    let mut segments = 1u16;
    if units > single {
        let mut filled = 0;
        for size in sizes {
            if filled + size > joined {
                segments = segments.saturating_add(1);
                filled = 0;
            }
            filled += size;
        }
    }
    SmsLength { alphabet, units, segments }
}

/// Writes the letters and marks of French that the GSM alphabet lacks with those it has, so that one circumflex
/// does not make a message cost twice. What it cannot write stays as it is: a whole word in another script is
/// worth its price.
#[must_use]
pub fn within_gsm(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if septets(character).is_some() {
            plain.push(character);
            continue;
        }
        match character {
            'á' | 'â' | 'ã' => plain.push('a'),
            'À' | 'Á' | 'Â' | 'Ã' => plain.push('A'),
            'ç' => plain.push('c'),
            'ê' | 'ë' => plain.push('e'),
            'È' | 'Ê' | 'Ë' => plain.push('E'),
            'í' | 'î' | 'ï' => plain.push('i'),
            'Ì' | 'Í' | 'Î' | 'Ï' => plain.push('I'),
            'ó' | 'ô' | 'õ' => plain.push('o'),
            'Ò' | 'Ó' | 'Ô' | 'Õ' => plain.push('O'),
            'ú' | 'û' => plain.push('u'),
            'Ù' | 'Ú' | 'Û' => plain.push('U'),
            'ý' | 'ÿ' => plain.push('y'),
            'Ÿ' => plain.push('Y'),
            'œ' => plain.push_str("oe"),
            'Œ' => plain.push_str("OE"),
            '’' | '‘' => plain.push('\''),
            '«' | '»' | '“' | '”' => plain.push('"'),
            '–' | '—' => plain.push('-'),
            '…' => plain.push_str("..."),
            '\u{a0}' | '\u{202f}' => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, proptest};

    use super::{Alphabet::*, measure, within_gsm};

    #[test]
    fn texts_are_cut_where_the_standard_cuts_them() {
        for (text, alphabet, units, segments) in [
            (String::new(), Gsm7, 0, 1),
            ("accès à la première é".into(), Gsm7, 21, 1),
            ("a".repeat(160), Gsm7, 160, 1),
            ("a".repeat(161), Gsm7, 161, 2),
            ("a".repeat(306), Gsm7, 306, 2),
            ("a".repeat(307), Gsm7, 307, 3),
            ("€".repeat(80), Gsm7, 160, 1),
            // 76 euros fill 152 of 153 septets: the next does not fit into the last one.
            ("€".repeat(153), Gsm7, 306, 3),
            ("prêt".into(), Ucs2, 4, 1),
            ("ê".repeat(70), Ucs2, 70, 1),
            ("ê".repeat(71), Ucs2, 71, 2),
            ("ê".repeat(134), Ucs2, 134, 2),
            ("ê".repeat(135), Ucs2, 135, 3),
            ("😀".repeat(35), Ucs2, 70, 1),
            ("😀".repeat(67), Ucs2, 134, 3),
        ] {
            let length = measure(&text);
            assert_eq!(
                (length.alphabet, length.units, length.segments),
                (alphabet, units, segments),
                "{text}"
            );
        }
    }

    #[test]
    fn french_is_written_within_the_alphabet() {
        let text = within_gsm("Forfait « Fête » – Noël à l’œuvre… Àÿ");
        assert_eq!(text, "Forfait \" Fete \" - Noel à l'oeuvre... Ay");
        assert_eq!(measure(&text).alphabet, Gsm7);
        assert_eq!(within_gsm("中文"), "中文");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn the_parts_hold_the_text_and_none_is_wasted(text in "[a-zé€ê😀]{0,400}") {
            let length = measure(&text);
            let (single, joined) = if length.alphabet == Gsm7 { (160, 153) } else { (70, 67) };
            let segments = usize::from(length.segments);
            if length.units <= single {
                prop_assert!(segments == 1);
            } else {
                prop_assert!(segments * joined >= length.units);
                prop_assert!((segments - 1) * (joined - 1) < length.units);
            }
        }

        #[test]
        fn writing_within_the_alphabet_changes_nothing_twice(text in "\\PC{0,60}") {
            let once = within_gsm(&text);
            prop_assert!(within_gsm(&once) == once);
        }
    }
}
