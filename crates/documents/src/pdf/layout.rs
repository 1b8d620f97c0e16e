//! What stands on which page, and how wide the columns are: each as wide as it needs while all have room, else the wide
//! ones share what the narrow ones leave.
#![expect(clippy::float_arithmetic, reason = "lengths on paper, in points")]

use kernel::Locale;

use super::typeface::{Typeface, Weight};
use crate::Table;

/// The short and the long side of A4 (ISO 216), in points.
const SHORT_SIDE: f32 = 595.28;
const LONG_SIDE: f32 = 841.89;
/// With more columns than this the page lies on its side.
const UPRIGHT_COLUMNS: usize = 5;
/// The white around the page.
pub(super) const MARGIN: f32 = 42.0;
/// The white around a cell's text.
pub(super) const CELL_PADDING: f32 = 4.0;
/// The sizes of the letters.
pub(super) const TITLE: f32 = 17.0;
pub(super) const NOTE: f32 = 8.5;
pub(super) const HEADING: f32 = 8.5;
pub(super) const BODY: f32 = 8.5;
/// The distance of lines, in letters' sizes.
pub(super) const LINE: f32 = 1.35;
/// Where a text that is longer than its column may be broken without a space.
const BREAKABLE: [char; 6] = ['@', '-', '_', '/', '.', ','];

/// A row that has its place: the lines of each cell, and its height.
pub(super) struct PlacedRow {
    pub(super) cells: Vec<Vec<String>>,
    pub(super) height: f32,
}

/// A table on its pages.
pub(super) struct Layout {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) widths: Vec<f32>,
    pub(super) notes: Vec<String>,
    pub(super) headings: Vec<Vec<String>>,
    pub(super) heading_height: f32,
    pub(super) pages: Vec<Vec<PlacedRow>>,
}

impl Layout {
    pub(super) fn of(table: &Table, typeface: &Typeface) -> Self {
        let lies = table.columns.len() > UPRIGHT_COLUMNS;
        let (width, height) = if lies { (LONG_SIDE, SHORT_SIDE) } else { (SHORT_SIDE, LONG_SIDE) };
        let inner = width - 2.0 * MARGIN;
        let mut notes = vec![count_in_words(table)];
        notes.extend(table.notes.iter().map(|note| typeface.printable(note)));
        let notes = notes
            .iter()
            .flat_map(|note| wrap(typeface, Weight::Regular, NOTE, note, inner))
            .collect::<Vec<_>>();
        let widths = column_widths(table, typeface, inner);
        let titles: Vec<&str> = table.columns.iter().map(|column| column.title.as_str()).collect();
        let headings = lines_of(typeface, Weight::Bold, HEADING, &titles, &widths);
        let heading_height = height_of(&headings, HEADING);
        let mut layout = Self { width, height, widths, notes, headings, heading_height, pages: Vec::new() };
        layout.place(table, typeface);
        layout
    }

    /// How wide the table is.
    pub(super) fn inner_width(&self) -> f32 {
        self.width - 2.0 * MARGIN
    }

    fn place(&mut self, table: &Table, typeface: &Typeface) {
        let notes = (0..=self.notes.len()).fold(0.0, |height, _| height + NOTE * LINE);
        let bottom = self.height - MARGIN - NOTE;
        let mut page = Vec::new();
        let mut y = MARGIN + TITLE + notes + self.heading_height;
        for row in &table.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            let cells = lines_of(typeface, Weight::Regular, BODY, &cells, &self.widths);
            let height = height_of(&cells, BODY);
            if y + height > bottom && !page.is_empty() {
                self.pages.push(std::mem::take(&mut page));
                y = MARGIN + self.heading_height;
            }
            y += height;
            page.push(PlacedRow { cells, height });
        }
        self.pages.push(page);
    }
}

fn count_in_words(table: &Table) -> String {
    let made = table.made_at_in_words();
    match (table.locale, table.rows.len()) {
        (Locale::Fr, rows @ 0..=1) => format!("{rows} ligne, établi le {made}"),
        (Locale::Fr, rows) => format!("{rows} lignes, établi le {made}"),
        (Locale::En, 1) => format!("1 row, made on {made}"),
        (Locale::En, rows) => format!("{rows} rows, made on {made}"),
    }
}

fn height_of(cells: &[Vec<String>], size: f32) -> f32 {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
    // As many as there are lines, the last without the white below it.
    let further = (1..lines).fold(0.0, |height, _| height + size * LINE);
    further + size * 1.15 + 2.0 * CELL_PADDING
}

fn lines_of(
    typeface: &Typeface,
    weight: Weight,
    size: f32,
    cells: &[&str],
    widths: &[f32],
) -> Vec<Vec<String>> {
    let cells = cells.iter().zip(widths);
    cells
        .map(|(cell, width)| {
            wrap(typeface, weight, size, &typeface.printable(cell), width - 2.0 * CELL_PADDING)
        })
        .collect()
}

/// The width of each column; together they are as wide as the page.
fn column_widths(table: &Table, typeface: &Typeface, inner: f32) -> Vec<f32> {
    let wanted: Vec<f32> = table
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let heading = typeface.width(Weight::Bold, HEADING, &column.title);
            let cells = table.rows.iter().filter_map(|row| row.get(place));
            let cells = cells.map(|cell| typeface.width(Weight::Regular, BODY, &typeface.printable(cell)));
            // A hair more, so that rounding breaks no line.
            cells.fold(heading, f32::max) + 2.0 * CELL_PADDING + 0.5
        })
        .collect();
    let mut widths = shared(&wanted, inner);
    let left = inner - widths.iter().sum::<f32>();
    let sum: f32 = widths.iter().sum();
    if left > 0.0 && sum > 0.0 {
        for width in &mut widths {
            *width += left * *width / sum;
        }
    }
    widths
}

/// Each what it wants, as long as that is no more than an even share of what those leave that want less.
fn shared(wanted: &[f32], inner: f32) -> Vec<f32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    let want = |place: usize| wanted.get(place).copied().unwrap_or_default();
    order.sort_by(|one, other| want(*one).total_cmp(&want(*other)));
    let mut widths = vec![0.0; wanted.len()];
    let (mut left, mut waiting) = (inner, (0..wanted.len()).fold(0.0f32, |count, _| count + 1.0));
    for place in order {
        let width = want(place).min(left / waiting.max(1.0));
        if let Some(slot) = widths.get_mut(place) {
            *slot = width;
        }
        left -= width;
        waiting -= 1.0;
    }
    widths
}

/// A text on as many lines as it needs.
pub(super) fn wrap(typeface: &Typeface, weight: Weight, size: f32, text: &str, width: f32) -> Vec<String> {
    let fits = |text: &str| typeface.width(weight, size, text) <= width;
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if fits(&longer) {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while !fits(rest) {
            let (head, tail) = rest.split_at(break_of(rest, &fits));
            lines.push(head.to_owned());
            rest = tail;
        }
        rest.clone_into(&mut line);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Where to break a word that does not fit: behind the last sign within that breaks it well, else where the room ends;
/// at least one letter in.
fn break_of(word: &str, fits: &impl Fn(&str) -> bool) -> usize {
    let ends = word.char_indices().map(|(start, letter)| (start + letter.len_utf8(), letter));
    let mut last = word.chars().next().map_or(0, char::len_utf8);
    let mut well = None;
    for (end, letter) in ends {
        if !word.get(..end).is_some_and(fits) {
            break;
        }
        last = end;
        if BREAKABLE.contains(&letter) && end < word.len() {
            well = Some(end);
        }
    }
    well.unwrap_or(last)
}

/// A text that is cut, with a sign for it, where it is too long.
pub(super) fn fit(typeface: &Typeface, weight: Weight, size: f32, text: &str, width: f32) -> String {
    let text = typeface.printable(text);
    if typeface.width(weight, size, &text) <= width {
        return text;
    }
    let mut kept = text;
    while kept.pop().is_some() {
        let cut = format!("{}…", kept.trim_end());
        if typeface.width(weight, size, &cut) <= width {
            return cut;
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::{BODY, Layout, fit, shared, wrap};
    use crate::{
        pdf::typeface::{Typeface, Weight},
        table::sample,
    };

    #[test]
    fn narrow_columns_get_what_they_want_and_wide_ones_share_the_rest() {
        assert_eq!(shared(&[10.0, 20.0], 100.0), [10.0, 20.0]);
        assert_eq!(shared(&[300.0, 10.0, 50.0, 200.0], 200.0), [70.0, 10.0, 50.0, 70.0]);
        assert!(shared(&[], 100.0).is_empty());
    }

    #[test]
    fn a_long_text_goes_on_below_and_loses_nothing() {
        let typeface = Typeface::load().unwrap();
        for text in [
            "un deux trois quatre cinq six sept huit",
            "prenom.compose@etudiants.universite-exemple.ac.cd",
            "Donaudampfschifffahrtsgesellschaft",
            "",
        ] {
            let lines = wrap(&typeface, Weight::Regular, BODY, text, 60.0);
            assert!(
                lines.iter().all(|line| typeface.width(Weight::Regular, BODY, line) <= 60.0),
                "{lines:?}"
            );
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
        let narrow = wrap(&typeface, Weight::Regular, BODY, "abc", 0.1);
        assert_eq!(narrow, ["a", "b", "c"]);
    }

    #[test]
    fn a_title_that_is_too_long_is_cut() {
        let typeface = Typeface::load().unwrap();
        let cut = fit(&typeface, Weight::Bold, BODY, &"Promotion ".repeat(30), 120.0);
        assert!(cut.ends_with('…') && typeface.width(Weight::Bold, BODY, &cut) <= 120.0, "{cut}");
    }

    #[test]
    fn every_row_stands_on_one_page() {
        let typeface = Typeface::load().unwrap();
        for rows in [0, 1, 30, 500] {
            let layout = Layout::of(&sample(rows), &typeface);
            assert_eq!(layout.pages.iter().map(Vec::len).sum::<usize>(), rows);
            assert!(layout.pages.iter().skip(1).all(|page| !page.is_empty()));
            let width: f32 = layout.widths.iter().sum();
            assert!((width - layout.inner_width()).abs() < 0.01);
        }
    }
}
