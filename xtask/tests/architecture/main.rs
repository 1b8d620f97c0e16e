//! The house rules that a program can check: which way dependencies point, where time and chance come from, what
//! every file and every domain crate looks like. Each failure says what to do.
//!
//! To add a rule: collect what breaks it as [`Finding`]s and hand them to [`require_none`] with the remedy.

mod tree;

use std::collections::BTreeSet;
use std::fs;

use anyhow::Result;
use tree::{Finding, dependencies_that, dependency_lines, domain_sources, domains, packages, root, sources};

/// The workspace's crates that a domain may depend on.
const DOMAINS_MAY_USE: [&str; 5] = ["kernel", "routeros-api", "documents", "outbound", "fake-world"];

/// What reads the machine's clock or takes chance from the machine, and where that is done.
const CLOCK_AND_CHANCE: [&str; 10] = [
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "rand::rng",
    "rand::random",
    "thread_rng",
    "OsRng",
    "SystemRandom",
];
const CLOCK_AND_CHANCE_LIVE_IN: [&str; 2] = ["crates/kernel/src/ambient.rs", "xtask/"];

const MOST_LINES: usize = 450;

#[test]
fn domains_depend_on_neither_each_other_nor_the_database_nor_the_web() -> Result<()> {
    let ours = names_of_ours()?;
    let forbidden = |name: &str| {
        let foreign = ["sea-orm", "sqlx", "actix"].iter().any(|prefix| name.starts_with(prefix));
        foreign || (ours.contains(name) && !DOMAINS_MAY_USE.contains(&name))
    };
    require_none(
        dependencies_that(forbidden, &domains()?),
        "A domain depends on kernel, and in its adapters on protocol libraries. Other domains are heard by their \
         events (consumers.rs), the database is behind a port (ports.rs), the web is in apps/portal. A new crate \
         under crates/ that is not a domain is named in tree.rs",
    );
    Ok(())
}

#[test]
fn the_kernel_depends_on_no_crate_of_the_workspace() -> Result<()> {
    let ours = names_of_ours()?;
    let mut kernel = packages()?;
    kernel.retain(|package| package.name == "kernel");
    assert_eq!(kernel.len(), 1, "there is no crate `kernel`");
    require_none(
        dependencies_that(|name| ours.contains(name), &kernel),
        "The kernel is below everything: move into it what it needs, or out of it what needs others",
    );
    Ok(())
}

#[test]
fn only_persistence_and_migrations_know_the_database() -> Result<()> {
    let mut others = packages()?;
    // bench measures the bare database beside the portal, which is why nothing depends on it.
    others.retain(|package| !["persistence", "migrations", "bench"].contains(&package.name.as_str()));
    require_none(
        dependencies_that(|name| name.starts_with("sea-orm") || name.starts_with("sqlx"), &others),
        "Only persistence and migrations depend on sea-orm and sqlx; name what you need as a port in a domain",
    );
    Ok(())
}

#[test]
fn versions_and_lints_come_from_the_workspace() -> Result<()> {
    let mut findings = Vec::new();
    for package in packages()? {
        let place = format!("{}/Cargo.toml", package.directory);
        let manifest = fs::read_to_string(root().join(&place))?;
        if !manifest.contains("[lints]\nworkspace = true") {
            findings.push(Finding::new(&place, "does not take the workspace's lints"));
        }
        let own = dependency_lines(&manifest).filter(|line| !line.contains("workspace = true"));
        findings.extend(own.map(|line| Finding::new(&place, line)));
    }
    require_none(
        findings,
        "Write `[lints]` with `workspace = true`, and each dependency as `name.workspace = true`, its version and \
         features in the root Cargo.toml",
    );
    Ok(())
}

#[test]
fn the_inside_of_a_domain_does_not_know_its_adapters() -> Result<()> {
    let mut inside = domain_sources()?;
    inside.retain(|source| {
        let outside = ["lib", "adapters", "testing"];
        !source.is_test() && !outside.iter().any(|module| source.is_in(module))
    });
    require_none(
        inside.iter().flat_map(|source| source.mentions(&["adapters"])),
        "Aggregates, use cases, queries and consumers speak to ports; apps/portal/src/compose.rs picks the adapter",
    );
    Ok(())
}

#[test]
fn time_and_chance_come_from_the_kernels_clock_and_entropy() -> Result<()> {
    let mut elsewhere = sources()?;
    elsewhere.retain(|source| {
        let home = CLOCK_AND_CHANCE_LIVE_IN.iter().any(|home| source.path.starts_with(home));
        !source.is_test() && !home
    });
    require_none(
        elsewhere.iter().flat_map(|source| source.mentions(&CLOCK_AND_CHANCE)),
        "Take the time from the injected Clock and chance from the injected Entropy, so that a test holds both",
    );
    Ok(())
}

#[test]
fn every_file_begins_with_what_it_is_for() -> Result<()> {
    let mut silent = sources()?;
    silent.retain(|source| !source.is_test() && !source.text.starts_with("//!"));
    require_none(
        silent.iter().map(|source| Finding::new(&source.path, "does not begin with `//!`")),
        "Begin the file with a sentence that says why it is there",
    );
    Ok(())
}

#[test]
fn no_file_is_too_long_to_read_at_once() -> Result<()> {
    let mut findings = Vec::new();
    for source in sources()? {
        let lines = source.text.lines().count();
        if lines > MOST_LINES {
            findings.push(Finding::new(source.path, format!("{lines} lines")));
        }
    }
    require_none(findings, "Split the file by what it is about; about 400 lines are enough");
    Ok(())
}

#[test]
fn lints_are_expected_with_a_reason() -> Result<()> {
    require_none(
        sources()?.iter().flat_map(|source| source.lines_with(&[concat!("[al", "low(")])),
        "Write #[expect(…, reason = \"…\")], which complains when it is no longer needed",
    );
    Ok(())
}

#[test]
fn no_work_is_left_in_comments() -> Result<()> {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME")];
    require_none(
        sources()?.iter().flat_map(|source| source.lines_with(&marks)),
        "Do it now, or open an issue and let the code say what it does today",
    );
    Ok(())
}

#[test]
fn files_are_named_for_what_is_in_them() -> Result<()> {
    let vague = ["mod", "util", "utils", "common", "helper", "helpers", "manager", "misc"];
    let is_vague = |path: &str| vague.iter().any(|name| path.ends_with(&format!("/{name}.rs")));
    let mut named = sources()?;
    named.retain(|source| is_vague(&source.path));
    require_none(
        named.iter().map(|source| Finding::new(&source.path, "says nothing about its content")),
        "Name the file for the one thing in it; the root of a module is `<module>.rs` beside its directory",
    );
    Ok(())
}

#[test]
fn all_domain_crates_are_alike_inside() -> Result<()> {
    let mut findings = Vec::new();
    for domain in domains()? {
        let place = format!("{}/src", domain.directory);
        let has = |name: &str| root().join(&place).join(name).exists();
        for needed in ["lib.rs", "ports.rs", "use_cases.rs", "use_cases", "queries.rs", "testing.rs"] {
            if !has(needed) {
                findings.push(Finding::new(&place, format!("has no {needed}")));
            }
        }
        if has("adapters") != has("adapters.rs") {
            findings.push(Finding::new(&place, "has one of adapters.rs and adapters/ without the other"));
        }
    }
    require_none(
        findings,
        "Lay the crate out like crates/billing, so that who knows one domain knows them all. A new crate under \
         crates/ that is not a domain is named in tree.rs",
    );
    Ok(())
}

#[test]
fn lib_rs_of_a_domain_is_a_table_of_contents() -> Result<()> {
    let mut contents = domain_sources()?;
    contents.retain(|source| source.path.ends_with("/src/lib.rs"));
    require_none(
        contents.iter().flat_map(|source| source.mentions(&["fn ", "impl ", "struct ", "enum ", "trait "])),
        "lib.rs names the chapters in reading order; move the code into one of them",
    );
    Ok(())
}

#[test]
fn the_form_of_every_event_is_kept() -> Result<()> {
    const EVENTS: &str = "crates/kernel/src/events";
    let kept =
        |name: &str| root().join(EVENTS).join(format!("snapshots/kernel__events__tests__{name}.v1.snap"));
    let mut findings = Vec::new();
    for source in sources()?.iter().filter(|source| source.path.starts_with(EVENTS)) {
        let facts = source.text.lines().filter_map(|line| line.strip_prefix("fact!("));
        let names = facts.filter_map(|line| line.split(',').next());
        let unkept = names.filter(|name| !kept(name).exists());
        findings.extend(unkept.map(|name| Finding::new(&source.path, format!("{name} has no sample"))));
    }
    require_none(
        findings,
        "Add a sample to crates/kernel/src/events/tests.rs: events are a promise to whoever consumes them",
    );
    Ok(())
}

fn names_of_ours() -> Result<BTreeSet<String>> {
    Ok(packages()?.into_iter().map(|package| package.name).collect())
}

/// Fails with the remedy and with everything that was found, if anything was.
#[track_caller]
fn require_none(findings: impl IntoIterator<Item = Finding>, remedy: &str) {
    let lines: Vec<String> =
        findings.into_iter().map(|Finding { place, what }| format!("  {place}: {what}")).collect();
    assert!(lines.is_empty(), "{remedy}:\n{}", lines.join("\n"));
}
