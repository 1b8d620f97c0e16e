//! What FreeRADIUS's configuration says.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    Finding,
    sections::{Line, read},
};

/// Everything that is wrong there.
///
/// # Errors
/// When the directory is none of FreeRADIUS's, or cannot be read.
pub(super) fn findings(directory: &Path) -> anyhow::Result<Vec<Finding>> {
    anyhow::ensure!(
        directory.join("radiusd.conf").is_file(),
        "{} is no directory of FreeRADIUS: it has no radiusd.conf",
        directory.display()
    );
    let mut paths = vec![directory.join("radiusd.conf"), directory.join("clients.conf")];
    for part in ["sites-enabled", "mods-enabled", "policy.d", "mods-config"] {
        collect(&directory.join(part), &mut paths)?;
    }
    paths.retain(|path| path.is_file() && is_for_postgres(path));
    let mut lines = Vec::new();
    for path in &paths {
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        lines.extend(read(&String::from_utf8_lossy(&text)));
    }
    Ok(judge(&lines))
}

/// Queries lie there for every kind of database, one of which is taken.
fn is_for_postgres(path: &Path) -> bool {
    let others = ["mysql", "sqlite", "oracle", "mssql", "mongo", "ndb", "dhcp"];
    !path.iter().any(|part| others.iter().any(|other| part == *other))
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !directory.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(())
}

fn judge(lines: &[Line]) -> Vec<Finding> {
    let says = |name: &str, value: &str| lines.iter().any(|line| line.value_of(name) == Some(value));
    let calls = |section: &str, module: &str| {
        lines.iter().any(|line| line.is_in(section) && line.is_in("server") && line.calls(module))
    };
    let mut findings = Vec::new();
    if !calls("session", "sql") {
        findings.push(Finding::error(
            "session_without_sql",
            "sql does not stand in the section session: Simultaneous-Use is silently not enforced",
            "uncomment sql there",
        ));
    }
    if !calls("accounting", "sql") {
        findings.push(Finding::error(
            "accounting_without_sql",
            "sql does not stand in the section accounting: no usage is kept, and no quota enforced",
            "uncomment sql there",
        ));
    }
    if !calls("post-auth", "sql") {
        findings.push(Finding::warning(
            "post_auth_without_sql",
            "sql does not stand in the section post-auth: logins are not in the portal's log",
            "uncomment sql there, and in Post-Auth-Type REJECT",
        ));
    }
    if !says("auto_escape", "yes") {
        findings.push(Finding::error(
            "auto_escape_off",
            "auto_escape is off: names with +, é and the like are looked up and counted as others",
            "set auto_escape = yes in the queries for PostgreSQL",
        ));
    }
    if lines.iter().any(is_password_log) {
        findings.push(Finding::error(
            "password_query",
            "the post-auth query writes the password that was tried",
            "use the shipped query, which writes device, router, address and reason instead",
        ));
    }
    if !calls("post-auth", "insert_acct_class") {
        findings.push(Finding::warning(
            "no_class",
            "insert_acct_class does not stand in post-auth: sessions with the same id are not told apart",
            "put insert_acct_class into post-auth",
        ));
    }
    findings.extend(authenticity(lines));
    findings
}

/// A statement that reads what was typed.
fn is_password_log(line: &Line) -> bool {
    let text = line.text.to_ascii_lowercase();
    line.is_in("post-auth") && text.contains("insert") && text.contains("-password}")
}

/// What is wrong with the proof of requests and answers (CVE-2024-3596).
fn authenticity(lines: &[Line]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let everywhere = lines
        .iter()
        .any(|line| line.is_in("security") && line.value_of("require_message_authenticator") == Some("yes"));
    let dynamic = lines.iter().any(|line| {
        let text = line.text.trim_start_matches('&');
        text.starts_with("FreeRADIUS-Client-Require-MA") && !text.ends_with("no")
    });
    for client in clients(lines) {
        let own = |name: &str| {
            lines
                .iter()
                .filter(|line| line.sections.first() == Some(&client))
                .find_map(|line| line.value_of(name))
        };
        let required = own("require_message_authenticator") == Some("yes");
        if required || dynamic && own("dynamic_clients").is_some() {
            continue;
        }
        let remedy = "set require_message_authenticator = yes for it";
        findings.push(if everywhere {
            let said = format!("only FreeRADIUS 3.2.3 and later require a Message-Authenticator of {client}");
            Finding::warning("message_authenticator_by_version", said, remedy)
        } else {
            let said = format!("no Message-Authenticator is required of {client} (CVE-2024-3596)");
            Finding::error("message_authenticator_not_required", said, remedy)
        });
    }
    let proves = lines.iter().any(|line| {
        let set = line.text.trim_start_matches('&');
        let names = ["Message-Authenticator", "reply:Message-Authenticator"];
        line.is_in("update") && names.iter().any(|name| set.starts_with(name))
    });
    if !proves {
        findings.push(Finding::warning(
            "answers_unproved",
            "no Message-Authenticator is put into answers; FreeRADIUS before 3.2.3 does not do it by itself",
            "update reply { Message-Authenticator := 0x00 } in post-auth, and in Post-Auth-Type REJECT",
        ));
    }
    findings
}

/// The sections that describe clients, by their names.
fn clients(lines: &[Line]) -> Vec<String> {
    let mut names: Vec<String> = lines
        .iter()
        .filter_map(|line| line.sections.first())
        .filter(|name| name.starts_with("client "))
        .cloned()
        .collect();
    names.dedup();
    names
}
