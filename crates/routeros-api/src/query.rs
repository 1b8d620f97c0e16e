//! Query words: which rows a `print` is to answer with (MikroTik manual, "API", section "Queries").
//!
//! They work on a stack. A word that looks at a row pushes whether it holds; `?#…` works on what was pushed. In
//! the end a row is wanted if everything on the stack is true.

use crate::sentence::split;

/// One query word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query<'a> {
    /// `?name`: the row has this property.
    Has(&'a [u8]),
    /// `?-name`: the row does not have it.
    Lacks(&'a [u8]),
    /// `?name=x` or `?=name=x`: it is `x`.
    Equal(&'a [u8], &'a [u8]),
    /// `?<name=x`: it is less than `x`.
    Less(&'a [u8], &'a [u8]),
    /// `?>name=x`: it is greater than `x`.
    Greater(&'a [u8], &'a [u8]),
    /// `?#…`: what to do with the stack, read from left to right: `!` not, `&` and, `|` or, `.` copies the top, a
    /// number copies the value at that depth, or leaves it alone on the stack if the word ends behind it.
    Operations(&'a [u8]),
}

impl<'a> Query<'a> {
    /// Reads a word; `None` if it is no query.
    #[must_use]
    pub fn parse(word: &'a [u8]) -> Option<Self> {
        let body = word.strip_prefix(b"?")?;
        let (&sign, rest) = body.split_first()?;
        let (name, value) = split(rest);
        Some(match (sign, value) {
            (b'#', _) => Self::Operations(rest),
            (b'-', None) => Self::Lacks(rest),
            (b'=', Some(value)) => Self::Equal(name, value),
            (b'=', None) => Self::Has(name),
            (b'<', Some(value)) => Self::Less(name, value),
            (b'>', Some(value)) => Self::Greater(name, value),
            _ => match split(body) {
                (name, Some(value)) => Self::Equal(name, value),
                (name, None) => Self::Has(name),
            },
        })
    }

    /// Whether a row is wanted, `property` telling what it has. Operations on an empty stack do nothing.
    pub fn select<'v>(
        queries: impl IntoIterator<Item = Query<'a>>,
        property: impl Fn(&[u8]) -> Option<&'v [u8]>,
    ) -> bool {
        let mut stack = Vec::new();
        for query in queries {
            match query {
                Self::Has(name) => stack.push(property(name).is_some()),
                Self::Lacks(name) => stack.push(property(name).is_none()),
                Self::Equal(name, value) => stack.push(property(name) == Some(value)),
                Self::Less(name, value) => {
                    stack.push(property(name).is_some_and(|found| compare(found, value).is_lt()));
                }
                Self::Greater(name, value) => {
                    stack.push(property(name).is_some_and(|found| compare(found, value).is_gt()));
                }
                Self::Operations(operations) => operate(&mut stack, operations),
            }
        }
        stack.into_iter().all(|value| value)
    }
}

/// Numbers by value, everything else by its bytes.
fn compare(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<i64>().ok();
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.cmp(b),
    }
}

/// More values than any honest query needs; each character of a word could push one.
const DEEPEST: usize = 1024;

fn operate(stack: &mut Vec<bool>, operations: &[u8]) {
    let mut rest = operations;
    let mut copied = false;
    while let Some((&operation, behind)) = rest.split_first() {
        rest = behind;
        if operation.is_ascii_digit() {
            let digits = 1 + behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let index = operations.len() - behind.len() - 1;
            let number = operations.get(index..index + digits).unwrap_or_default();
            rest = behind.get(digits - 1..).unwrap_or_default();
            let depth = std::str::from_utf8(number).ok().and_then(|number| number.parse::<usize>().ok());
            let value = depth.and_then(|depth| stack.iter().rev().nth(depth).copied());
            match value {
                Some(value) if rest.is_empty() => *stack = vec![value],
                Some(value) if stack.len() < DEEPEST => stack.push(value),
                _ => {}
            }
            copied = true;
            continue;
        }
        match operation {
            b'!' => {
                if let Some(top) = stack.last_mut() {
                    *top = !*top;
                }
            }
            b'&' => pair(stack, |a, b| a && b),
            b'|' => pair(stack, |a, b| a || b),
            b'.' if !copied && stack.len() < DEEPEST => {
                stack.extend(stack.last().copied());
            }
            _ => {}
        }
        copied = false;
    }
}

fn pair(stack: &mut Vec<bool>, join: impl Fn(bool, bool) -> bool) {
    if let [.., a, b] = *stack.as_slice() {
        stack.truncate(stack.len() - 2);
        stack.push(join(a, b));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Query;

    fn selects(words: &[&str]) -> bool {
        let row = [("name", "g2"), ("disabled", "false"), ("bytes", "900")];
        Query::select(words.iter().filter_map(|word| Query::parse(word.as_bytes())), |name| {
            row.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, value)| value.as_bytes())
        })
    }

    #[test]
    fn every_form_is_understood() {
        for (words, wanted) in [
            (&[][..], true),
            (&["?name"], true),
            (&["?comment"], false),
            (&["?-comment"], true),
            (&["?-name"], false),
            (&["?name=g2"], true),
            (&["?=name=g2"], true),
            (&["?name=g"], false),
            (&["?<bytes=1000"], true),
            (&["?>bytes=1000"], false),
            (&["?>bytes=80"], true),
            (&["?name=g2", "?disabled=true"], false),
            (&["?name=g2", "?disabled=true", "?#|"], true),
            (&["?name=g2", "?disabled=true", "?#!&"], true),
            (&["?disabled=true", "?#!"], true),
            (&["?disabled=true", "?name=g2", "?#0"], true),
            (&["?disabled=true", "?name=g2", "?#1"], false),
            (&["?name=g2", "?#.!|"], true),
            (&["?#&|!.9"], true),
        ] {
            assert_eq!(selects(words), wanted, "{words:?}");
        }
        assert_eq!(Query::parse(b"=name=x"), None);
        assert_eq!(Query::parse(b"?=name=a=b"), Some(Query::Equal(b"name", b"a=b")));
    }

    proptest! {
        #[test]
        fn no_word_upsets_it(words in prop::collection::vec("\\?[#!&|.0-9<>=a-z-]{0,12}", 0..6)) {
            selects(&words.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
