//! The workspace as the rules see it: its packages and its Rust files.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The crates under `crates/` that are not domains.
const NOT_DOMAINS: [&str; 6] =
    ["kernel", "persistence", "routeros-api", "documents", "outbound", "fake-world"];

/// Something that breaks a rule, and where.
#[derive(Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) place: String,
    pub(crate) what: String,
}

impl Finding {
    pub(crate) fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

/// One of the workspace's packages.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Relative to the root.
    pub(crate) directory: String,
    /// The names of what it depends on, for builds and for tests.
    pub(crate) dependencies: Vec<String>,
}

/// The workspace's packages, as `cargo metadata` tells them.
///
/// Its JSON is read as it is: the crate `cargo_metadata` switches on a feature of serde_json that nothing else does,
/// so that tests and `cargo run` would no longer share what they compile.
pub(crate) fn packages() -> Result<Vec<Package>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--no-deps", "--format-version", "1"];
    let output =
        Command::new(cargo).args(arguments).current_dir(root()).output().context("cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    packages.iter().map(package).collect()
}

fn package(told: &Value) -> Result<Package> {
    let text = |value: &Value| value.as_str().map(str::to_owned).context("cargo metadata has another shape");
    let manifest = relative(Path::new(&text(&told["manifest_path"])?));
    let dependencies = told["dependencies"].as_array().context("cargo metadata has another shape")?;
    Ok(Package {
        name: text(&told["name"])?,
        directory: manifest.trim_end_matches("/Cargo.toml").to_owned(),
        dependencies: dependencies
            .iter()
            .map(|dependency| text(&dependency["name"]))
            .collect::<Result<_>>()?,
    })
}

/// The domain crates among the workspace's packages.
pub(crate) fn domains() -> Result<Vec<Package>> {
    let mut domains = packages()?;
    domains.retain(|package| {
        package.directory.starts_with("crates/") && !NOT_DOMAINS.contains(&package.name.as_str())
    });
    assert!(!domains.is_empty(), "no domain crates under crates/; the test looks in the wrong place");
    Ok(domains)
}

/// What the packages depend on that `forbidden` says they must not.
pub(crate) fn dependencies_that(forbidden: impl Fn(&str) -> bool, packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Package { directory, dependencies, .. } in packages {
        let bad = dependencies.iter().filter(|name| forbidden(name));
        findings.extend(bad.map(|name| Finding::new(directory, format!("depends on {name}"))));
    }
    findings
}

/// The lines of a manifest's dependency tables.
pub(crate) fn dependency_lines(manifest: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    manifest.lines().filter(move |line| {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
            return false;
        }
        inside && !line.trim().is_empty() && !line.starts_with('#')
    })
}

/// One Rust file of the workspace, its path relative to the root.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// Black-box tests, and unit tests in a file of their own.
    pub(crate) fn is_test(&self) -> bool {
        let path = &self.path;
        path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs")
    }

    /// Whether this is the crate's module `name` or inside it.
    pub(crate) fn is_in(&self, name: &str) -> bool {
        let inside = self.path.split_once("/src/").and_then(|(_, inside)| inside.strip_prefix(name));
        inside.is_some_and(|rest| rest.starts_with(['/', '.']))
    }

    /// The lines that contain one of `needles` outside comments and unit tests.
    pub(crate) fn mentions(&self, needles: &[&str]) -> Vec<Finding> {
        let end = self.text.find("#[cfg(test)]\nmod tests {");
        let code = &self.text[..end.unwrap_or(self.text.len())];
        self.findings(code.lines().map(without_comment), needles)
    }

    /// The lines that contain one of `needles`, comments and tests as well.
    pub(crate) fn lines_with(&self, needles: &[&str]) -> Vec<Finding> {
        self.findings(self.text.lines(), needles)
    }

    fn findings<'a>(&self, lines: impl Iterator<Item = &'a str>, needles: &[&str]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, line) in lines.enumerate() {
            if needles.iter().any(|needle| line.contains(needle)) {
                findings.push(Finding::new(format!("{}:{}", self.path, index + 1), line.trim()));
            }
        }
        findings
    }
}

fn without_comment(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// Every Rust file of the workspace, in the order of their paths.
pub(crate) fn sources() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for directory in ["crates", "apps", "migrations", "tests", "bench", "xtask"] {
        collect(&root().join(directory), &mut sources)?;
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!sources.is_empty(), "no sources; the test looks in the wrong place");
    Ok(sources)
}

/// The Rust files of the domain crates.
pub(crate) fn domain_sources() -> Result<Vec<Source>> {
    let directories: Vec<String> = domains()?.into_iter().map(|domain| domain.directory).collect();
    let mut sources = sources()?;
    sources.retain(|source| {
        let mut homes = directories.iter().filter_map(|home| source.path.strip_prefix(home.as_str()));
        homes.any(|inside| inside.starts_with('/'))
    });
    Ok(sources)
}

fn collect(directory: &Path, sources: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            sources.push(Source { path: relative(&path), text });
        }
    }
    Ok(())
}

/// The workspace's root directory.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Finding, Source, dependency_lines};

    #[test]
    fn a_mention_counts_in_code_but_not_in_comments_and_unit_tests() {
        let text = "//! now()\nlet a = 1; // now()\nlet b = now();\n#[cfg(test)]\nmod tests {\nnow();\n}\n";
        let source = Source { path: "a.rs".to_owned(), text: text.to_owned() };
        assert_eq!(source.mentions(&["now()"]), [Finding::new("a.rs:3", "let b = now();")]);
    }

    #[test]
    fn a_file_is_in_the_module_it_is_and_in_the_module_above_it() {
        for (path, inside) in [
            ("crates/billing/src/adapters.rs", true),
            ("crates/billing/src/adapters/fake.rs", true),
            ("crates/billing/src/adapters_list.rs", false),
            ("crates/billing/src/orders/adapters.rs", false),
        ] {
            let source = Source { path: path.to_owned(), text: String::new() };
            assert_eq!(source.is_in("adapters"), inside, "{path}");
        }
    }

    #[test]
    fn dependency_lines_are_those_of_the_dependency_tables() {
        let manifest = "[package]\nname = \"a\"\n[dependencies]\nb = \"1\"\n\n[dev-dependencies]\n# why\nc = \"2\"\n[lib]\nd = 1\n";
        assert_eq!(dependency_lines(manifest).collect::<Vec<_>>(), ["b = \"1\"", "c = \"2\""]);
    }
}
