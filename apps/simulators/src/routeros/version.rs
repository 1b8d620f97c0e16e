//! Which RouterOS is simulated: what changed on the wire from one version to another.

use std::fmt;
use std::str::FromStr;

/// A version of RouterOS, as in `7.18` or `6.49.10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// The newest one that is simulated: `!empty`, plain login, ISO dates.
    pub const V7_18: Self = Self::new(7, 18);
    /// Without `!empty` and with dates like `jul/14/2023`.
    pub const V7_9: Self = Self::new(7, 9);
    /// Asks for an MD5 response at login.
    pub const V6_42: Self = Self::new(6, 42);

    const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor, patch: 0 }
    }

    /// A print without rows is answered `!empty` before `!done`.
    pub(super) fn says_empty(self) -> bool {
        self >= Self::V7_18
    }

    /// `/login` takes name and password; before, it gives a challenge and ignores both.
    pub(super) fn logs_in_plainly(self) -> bool {
        self >= Self::new(6, 43)
    }

    /// Dates are `2023-07-14`; before, `jul/14/2023`.
    pub(super) fn writes_iso_dates(self) -> bool {
        self >= Self::new(7, 10)
    }

    /// A change that names no item is refused with `missing =.id=`; before, nothing happened and nothing was said.
    pub(super) fn wants_an_id(self) -> bool {
        self >= Self::new(7, 11)
    }

    /// Whether its error texts are those of the seventh line.
    pub(super) fn is_seven(self) -> bool {
        self.major >= 7
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no version of RouterOS; 7.18 is one");
        let mut numbers = text.split('.').map(|part| part.parse::<u32>().map_err(|_| wrong()));
        let mut next = || numbers.next().transpose();
        let (major, minor, patch) = (next()?, next()?, next()?);
        match (major, minor, next()?) {
            (Some(major), Some(minor), None) => Ok(Self { major, minor, patch: patch.unwrap_or(0) }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 { write!(f, ".{}", self.patch) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("7.9") < version("7.10"));
        assert!(version("6.49.10").logs_in_plainly() && !version("6.42.12").logs_in_plainly());
        assert_eq!(version("7.18.2").to_string(), "7.18.2");
        for wrong in ["", "7", "7.x", "7.1.2.3"] {
            wrong.parse::<Version>().unwrap_err();
        }
    }
}
