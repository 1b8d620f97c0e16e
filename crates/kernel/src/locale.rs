//! The languages people read.

use serde::{Deserialize, Serialize};

/// A language of the portal's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// French, the default.
    #[default]
    Fr,
    /// English.
    En,
}

impl Locale {
    /// The language tag (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// Reads a language tag by its first part: `en`, `en-GB`, `FR`.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_']).next().unwrap_or("");
        [Self::Fr, Self::En].into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(language))
    }

    /// The best known language of an `Accept-Language` header (RFC 9110, section 12.5.4): the highest weight
    /// wins, among equals the first.
    #[must_use]
    pub fn negotiate(header: &str) -> Option<Self> {
        let mut best: Option<(Self, u32)> = None;
        for choice in header.split(',').take(16) {
            let mut parts = choice.split(';');
            let Some(locale) = parts.next().and_then(Self::parse) else {
                continue;
            };
            let weight =
                parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(Some(1000), thousandths);
            if let Some(weight) = weight
                && weight > best.map_or(0, |(_, best)| best)
            {
                best = Some((locale, weight));
            }
        }
        best.map(|(locale, _)| locale)
    }
}

/// A weight such as `0.75` in thousandths.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    if fraction.is_empty() || fraction.len() > 3 {
        return None;
    }
    Some(whole.parse::<u32>().ok()?.min(1) * 1000 + format!("{fraction:0<3}").parse::<u32>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::Locale;

    #[test]
    fn the_preferred_known_language_wins() {
        for (header, expected) in [
            ("en", Some(Locale::En)),
            ("fr-CD,en;q=0.8", Some(Locale::Fr)),
            ("en;q=0.2, fr;q=0.9", Some(Locale::Fr)),
            ("ln, en-GB;q=0.5", Some(Locale::En)),
            ("en;q=0", None),
            ("de", None),
            ("", None),
            ("en;q=zzz", None),
        ] {
            assert_eq!(Locale::negotiate(header), expected, "{header}");
        }
    }
}
