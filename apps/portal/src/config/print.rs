//! The settings as an operator may see them.

use serde::Serialize;

use super::{
    Layers,
    names::{SETTINGS, Setting, Visibility},
};

/// What stands in a secret's place.
const MASK: &str = "********";

/// One setting, ready to be shown.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its name.
    pub name: &'static str,
    /// Its value, masked where it is secret; `None` when there is none.
    pub value: Option<String>,
    /// Where it was given: the environment, a file, or `default`.
    pub source: String,
    /// What it means.
    pub meaning: &'static str,
}

/// Every setting.
#[must_use]
pub fn shown(layers: &Layers) -> Vec<Shown> {
    SETTINGS.iter().map(|setting| show(setting, layers)).collect()
}

fn show(setting: &Setting, layers: &Layers) -> Shown {
    let value = layers.text(setting.name).map(|text| match setting.visibility {
        Visibility::Plain => text.to_owned(),
        Visibility::Secret => MASK.to_owned(),
        Visibility::Url => without_password(text),
    });
    Shown {
        name: setting.name,
        value,
        source: layers.source(setting.name).unwrap_or("default").to_owned(),
        meaning: setting.meaning,
    }
}

/// `postgres://user:password@host/name` with a mask for the password. A query may hold one too, so of a URL with
/// a user it goes as a whole.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return MASK.to_owned();
    };
    let Some((user_info, place)) = rest.rsplit_once('@') else {
        return if rest.contains("password") { MASK.to_owned() } else { url.to_owned() };
    };
    let user = user_info.split(':').next().unwrap_or_default();
    let place = place.split('?').next().unwrap_or_default();
    format!("{scheme}://{user}:{MASK}@{place}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{MASK, shown, without_password};
    use crate::config::Layers;

    #[test]
    fn passwords_in_urls_are_masked() {
        for (url, seen) in [
            ("sqlite://data/portal.db?mode=rwc", "sqlite://data/portal.db?mode=rwc"),
            ("postgres://portal@db/portal", "postgres://portal:********@db/portal"),
            ("postgres://portal:se@cret@db/portal?x=y", "postgres://portal:********@db/portal"),
            ("postgres://db/portal?user=a&password=b", MASK),
        ] {
            assert_eq!(without_password(url), seen);
        }
    }

    #[test]
    fn secrets_are_masked_and_sources_named() {
        let variables = BTreeMap::from([("MAIL_PASSWORD".to_owned(), "hunter2".to_owned())]);
        let shown = shown(&Layers::new(None, variables));
        let password = shown.iter().find(|shown| shown.name == "MAIL_PASSWORD").unwrap();
        assert_eq!(password.value.as_deref(), Some(MASK));
        assert_eq!(password.source, "the environment");
        assert!(!format!("{shown:?}").contains("hunter2"));
    }
}
