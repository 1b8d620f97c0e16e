//! Where values come from: the TOML file, and over it the environment. Defaults stand in [`names`](super::names).

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};
use secrecy::SecretString;

use super::{Problem, names::SETTINGS, names::Setting, rules};

/// Names the TOML file; without it, `portal.toml` in the working directory is read if it is there.
pub const FILE_VARIABLE: &str = "PORTAL_CONFIG";
const DEFAULT_FILE: &str = "portal.toml";

/// The values that somebody gave, and what was wrong with the places they came from.
pub struct Layers {
    given: BTreeMap<&'static str, Given>,
    problems: Vec<Problem>,
}

struct Given {
    text: String,
    source: String,
}

impl Layers {
    /// The file and the environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let variables: BTreeMap<String, String> = SETTINGS
            .iter()
            .filter_map(|setting| Some((setting.name.to_owned(), std::env::var(setting.name).ok()?)))
            .collect();
        match std::env::var_os(FILE_VARIABLE).filter(|path| !path.is_empty()) {
            Some(path) => {
                let path = PathBuf::from(path);
                let mut layers = Self::new(Some(&path), variables);
                if !path.is_file() {
                    let message = format!("there is no file {}", path.display());
                    layers.problems.push(Problem::new(FILE_VARIABLE, message));
                }
                layers
            }
            None => Self::new(Some(Path::new(DEFAULT_FILE)), variables),
        }
    }

    /// A file, which need not exist, and over it variables by their names.
    #[must_use]
    pub fn new(file: Option<&Path>, variables: BTreeMap<String, String>) -> Self {
        let mut problems = Vec::new();
        let mut figment = Figment::new();
        if let Some(path) = file.filter(|path| path.is_file()) {
            let toml = Toml::file_exact(path);
            match toml.data() {
                Ok(_) => figment = figment.merge(toml),
                Err(error) => problems.push(Problem::new(path.display().to_string(), error.to_string())),
            }
        }
        let mut layers = Self { given: BTreeMap::new(), problems };
        layers.take(&figment.merge(Variables(variables)));
        layers
    }

    fn take(&mut self, figment: &Figment) {
        let values = match figment.extract::<BTreeMap<String, serde_json::Value>>() {
            Ok(values) => values,
            Err(error) => {
                self.problems.push(Problem::new("configuration", error.to_string()));
                return;
            }
        };
        for (key, value) in values {
            let Some(setting) = Setting::find(&key.to_ascii_uppercase()) else {
                self.problems.push(Problem::new(key, "there is no such setting; `config print` lists them"));
                continue;
            };
            match as_text(&value) {
                // An empty value, as compose files write it for "not set", is none.
                Some(text) if text.is_empty() => {}
                Some(text) => {
                    let source = figment
                        .find_metadata(&key)
                        .map_or_else(String::new, |metadata| metadata.name.to_string());
                    self.given.insert(setting.name, Given { text, source });
                }
                None => self.problems.push(Problem::new(setting.name, "expected a single value")),
            }
        }
    }

    /// The value as text: the one given, or the default.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(|given| given.text.as_str()).or_else(|| Setting::find(name)?.default)
    }

    /// Where the value was given; `None` for a default.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(|given| given.source.as_str())
    }

    /// The value of a setting that has a default, or that must be given.
    ///
    /// # Errors
    /// The [`Problem`] that it is missing or does not fit.
    pub fn get<T: FromStr<Err: fmt::Display>>(&self, name: &str) -> Result<T, Problem> {
        self.optional(name)?.ok_or_else(|| Problem::new(name, "must be set"))
    }

    /// The value of a setting that may be left out.
    ///
    /// # Errors
    /// The [`Problem`] that it does not fit.
    pub fn optional<T: FromStr<Err: fmt::Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        self.text(name)
            .map(str::parse)
            .transpose()
            .map_err(|error: T::Err| Problem::new(name, error.to_string()))
    }

    /// The value of a secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// Everything that is wrong, in the order of the names.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.problems.clone();
        for setting in SETTINGS {
            if let Some(Err(message)) = self.text(setting.name).map(setting.check) {
                problems.push(Problem::new(setting.name, message));
            }
        }
        problems.extend(rules::broken(self));
        problems.sort();
        problems.dedup();
        problems
    }
}

/// The environment as a layer. Figment's own would take `0123` for a number and `"x"` for a quoted text, and a
/// password may look like either.
struct Variables(BTreeMap<String, String>);

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let dict = self.0.iter().map(|(name, text)| (name.to_ascii_lowercase(), Value::from(text.as_str())));
        Ok(Map::from([(Profile::Default, dict.collect())]))
    }
}

/// A TOML value as one would write it in the environment: lists with commas.
fn as_text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.trim().to_owned()),
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(value.to_string()),
        serde_json::Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(as_text).collect();
            items.map(|items| items.join(","))
        }
        serde_json::Value::Null | serde_json::Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, net::SocketAddr};

    use crate::config::Layers;

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_environment_stands_over_the_file_and_the_file_over_the_defaults() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("portal.toml");
        fs::write(
            &file,
            "http_addr = \"127.0.0.1:1\"\norder_ttl_minutes = 7\ntrusted_proxies = [\"10.0.0.1\", \"::1\"]\n",
        )
        .unwrap();
        let layers = Layers::new(Some(&file), variables(&[("HTTP_ADDR", "127.0.0.1:2")]));
        assert_eq!(layers.problems(), []);
        assert_eq!(layers.get::<SocketAddr>("HTTP_ADDR"), Ok("127.0.0.1:2".parse().unwrap()));
        assert_eq!(layers.source("HTTP_ADDR"), Some("the environment"));
        assert_eq!(layers.text("ORDER_TTL_MINUTES"), Some("7"));
        assert_eq!(layers.text("TRUSTED_PROXIES"), Some("10.0.0.1,::1"));
        assert_eq!(layers.text("DB_SLOW_MS"), Some("120"));
        assert_eq!(layers.source("DB_SLOW_MS"), None);
    }

    #[test]
    fn a_variable_is_taken_as_it_is_written() {
        let layers =
            Layers::new(None, variables(&[("MAIL_PASSWORD", "0123"), ("MIKROTIK_PASSWORD", "[\"a\"")]));
        assert_eq!(layers.text("MAIL_PASSWORD"), Some("0123"));
        assert_eq!(layers.text("MIKROTIK_PASSWORD"), Some("[\"a\""));
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let layers = Layers::new(None, variables(&[("MAIL_HOST", ""), ("HTTP_ADDR", " ")]));
        assert_eq!(layers.text("MAIL_HOST"), None);
        assert_eq!(layers.text("HTTP_ADDR"), Some("127.0.0.1:8080"));
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("portal.toml");
        fs::write(&file, "http_adr = \"x\"\nworker_concurrency = { many = true }\n").unwrap();
        let layers =
            Layers::new(Some(&file), variables(&[("HTTP_ADDR", "nowhere"), ("ORDER_TTL_MINUTES", "0")]));
        let names: Vec<String> = layers.problems().into_iter().map(|problem| problem.name).collect();
        assert_eq!(names, ["HTTP_ADDR", "ORDER_TTL_MINUTES", "WORKER_CONCURRENCY", "http_adr"]);
    }

    #[test]
    fn the_file_need_not_be_there() {
        let home = tempfile::tempdir().unwrap();
        let layers = Layers::new(Some(&home.path().join("portal.toml")), BTreeMap::new());
        assert_eq!(layers.problems(), []);
    }

    #[test]
    fn a_file_that_is_no_toml_is_a_problem() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("portal.toml");
        fs::write(&file, "http_addr =\n").unwrap();
        let problems = Layers::new(Some(&file), BTreeMap::new()).problems();
        assert_eq!(problems.len(), 1);
    }
}
