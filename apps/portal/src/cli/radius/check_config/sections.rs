//! FreeRADIUS's configuration files, as far as they must be understood: sections in sections, and lines in them.

/// A line that counts, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The names of the sections around it, outermost first, as `server portal` or `session`.
    pub(super) sections: Vec<String>,
    /// The line without comment and white space.
    pub(super) text: String,
}

impl Line {
    /// Whether it stands, at whatever depth, in a section whose name begins with this word.
    pub(super) fn is_in(&self, word: &str) -> bool {
        self.sections.iter().any(|name| name.split_whitespace().next() == Some(word))
    }

    /// The value that it gives a name.
    pub(super) fn value_of(&self, name: &str) -> Option<&str> {
        let (left, value) = self.text.split_once('=')?;
        (left.trim() == name).then(|| value.trim().trim_matches('"'))
    }

    /// Whether it calls a module or a policy; a failure of one that is called with a minus in front is passed over.
    pub(super) fn calls(&self, module: &str) -> bool {
        self.text.strip_prefix('-').unwrap_or(&self.text) == module
    }
}

/// The lines of a file that count. A comment begins with `#` where a line or a word begins; a line that ends with a
/// backslash goes on in the next.
pub(super) fn read(text: &str) -> Vec<Line> {
    let mut sections: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    let joined = text.replace("\\\n", " ");
    for line in joined.lines().map(without_comment).filter(|line| !line.is_empty()) {
        if line.starts_with('}') {
            sections.pop();
            continue;
        }
        if let Some(name) = line.strip_suffix('{') {
            sections.push(name.trim().to_owned());
            continue;
        }
        // `name { setting = value }` on one line stands for itself.
        lines.push(Line { sections: sections.clone(), text: line.to_owned() });
    }
    lines
}

/// A line without its comment. `#` within quotes is none.
fn without_comment(line: &str) -> &str {
    let mut quoted = None;
    for (at, letter) in line.char_indices() {
        match (letter, quoted) {
            ('"' | '\'', None) => quoted = Some(letter),
            (letter, Some(quote)) if letter == quote => quoted = None,
            ('#', None) => return line.get(..at).unwrap_or(line).trim(),
            _ => {}
        }
    }
    line.trim()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn lines_know_where_they_stand() {
        let lines =
            read("# a\nserver portal {\n  session {\n#\tsql\n\tsql # here\n }\n}\nx = \"a # b\\\n c\"\n");
        let shown: Vec<_> = lines.iter().map(|line| (line.sections.join("/"), line.text.as_str())).collect();
        assert_eq!(shown, [("server portal/session".to_owned(), "sql"), (String::new(), "x = \"a # b  c\"")]);
        assert!(lines[0].is_in("session") && lines[0].is_in("server") && lines[0].calls("sql"));
        assert_eq!(lines[1].value_of("x"), Some("a # b  c"));
    }
}
