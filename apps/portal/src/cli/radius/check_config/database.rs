//! What the traces in the database say.

use ::radius::attribute::REPLIES;
use persistence::radius::directory_facts::{AttributeUse, DirectoryFacts};

use super::Finding;

/// What the portal and those who help themselves put into check tables, besides passwords.
const CHECKS: [&str; 6] =
    ["Auth-Type", "Calling-Station-Id", "Expiration", "Login-Time", "NAS-IP-Address", "Simultaneous-Use"];

/// What may be added to replies by hand.
const OWN_REPLIES: [&str; 8] = [
    "Class",
    "Fall-Through",
    "Filter-Id",
    "Framed-IP-Address",
    "Framed-Pool",
    "Mikrotik-Address-List",
    "Mikrotik-Group",
    "Port-Limit",
];

/// Everything that is wrong there.
pub(super) fn findings(facts: &DirectoryFacts, is_sqlite: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if is_sqlite {
        findings.push(Finding::warning(
            "database_is_sqlite",
            "the portal's database is SQLite, which the shipped FreeRADIUS configuration cannot use",
            "use PostgreSQL, or let the portal answer RADIUS itself (RADIUS_MODE=embedded)",
        ));
    }
    findings.extend(facts.missing.iter().map(|name| {
        Finding::error(
            "schema_incomplete",
            format!("{name} is missing or switched off: logins become slow, or usage or passwords are not kept as they must be"),
            "make it again as migrations/src/m20261128_000010_radius_directory has it",
        )
    }));
    if facts.passwords_brought > 0 {
        findings.push(Finding::error(
            "passwords_logged",
            format!(
                "a server has tried to write {} passwords into radpostauth (the database kept none)",
                facts.passwords_brought
            ),
            "use the shipped post-auth query; then set pass to null in the rows that there are",
        ));
    }
    findings.extend(facts.unknown_nas.iter().map(|address| {
        Finding::warning(
            "nas_unknown",
            format!("requests have come from {address}, which no row of nas names"),
            "make it known (`portal radius nas add`), or find out who asks",
        )
    }));
    findings.extend(facts.beyond_simultaneous_use.iter().map(|sessions| {
        Finding::error(
            "simultaneous_use_not_enforced",
            format!(
                "{} is signed in with {} devices and may have {}",
                sessions.username, sessions.open, sessions.allowed
            ),
            "sql must stand in the section session of FreeRADIUS's site",
        )
    }));
    findings.extend(other_forms(facts));
    findings.extend(facts.attributes.iter().filter_map(attribute));
    findings
}

/// Entries that were made when the settings were others.
fn other_forms(facts: &DirectoryFacts) -> Vec<Finding> {
    let remedy = "portal radius sync";
    let form = (facts.in_another_form > 0).then(|| {
        let many = facts.in_another_form;
        let message =
            format!("{many} users have their password in another form than RADIUS_PASSWORD_FORM says");
        Finding::warning("password_form_outdated", message, remedy)
    });
    let vendor = (facts.of_another_vendor > 0).then(|| {
        let many = facts.of_another_vendor;
        let message = format!("{many} users are sent another vendor's attributes than RADIUS_VENDOR says");
        Finding::warning("vendor_outdated", message, remedy)
    });
    form.into_iter().chain(vendor).collect()
}

/// What is wrong with the use of an attribute, if something is.
fn attribute(used: &AttributeUse) -> Option<Finding> {
    let AttributeUse { table, attribute, operator, rows, example } = used;
    let place = format!("{table} has {attribute} {operator} in {rows} rows, such as that of {example}");
    let is_check = table.ends_with("check");
    let of_checks = CHECKS.contains(&attribute.as_str()) || attribute.ends_with("-Password");
    let of_replies = REPLIES.contains(&attribute.as_str()) || OWN_REPLIES.contains(&attribute.as_str());
    // These are compared with the request; all others are set.
    let is_compared = ["Calling-Station-Id", "NAS-IP-Address"].contains(&attribute.as_str());
    let fits = match (is_check, is_compared) {
        (true, true) => operator == "==",
        (true, false) => operator == ":=",
        (false, _) => [":=", "=", "+="].contains(&operator.as_str()),
    };
    if is_check && !of_checks && of_replies || !is_check && !of_replies && of_checks {
        let (message, remedy) = (
            format!("{place}: FreeRADIUS ignores it there"),
            "check and reply items have tables of their own",
        );
        return Some(Finding::error("wrong_table", message, remedy));
    }
    if !of_checks && !of_replies {
        return Some(Finding::warning(
            "attribute_unknown",
            format!("{place}: a name that is in no dictionary of FreeRADIUS locks its users out"),
            "look whether FreeRADIUS knows the name; remove the rows if not",
        ));
    }
    (!fits).then(|| {
        Finding::error(
            "wrong_operator",
            format!("{place}: with this operator FreeRADIUS rejects the user or drops the attribute"),
            "use := (and == to compare Calling-Station-Id and NAS-IP-Address)",
        )
    })
}

#[cfg(test)]
mod tests {
    use persistence::radius::directory_facts::{AttributeUse, DirectoryFacts, OpenSessions};

    use super::findings;

    fn used(table: &'static str, attribute: &str, operator: &str) -> AttributeUse {
        let (attribute, operator) = (attribute.to_owned(), operator.to_owned());
        AttributeUse { table, attribute, operator, rows: 1, example: "q08".to_owned() }
    }

    fn codes(facts: &DirectoryFacts) -> Vec<&'static str> {
        findings(facts, false).iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn what_the_portal_writes_is_right() {
        let attributes = vec![
            used("radcheck", "Cleartext-Password", ":="),
            used("radcheck", "SSHA2-512-Password", ":="),
            used("radcheck", "Calling-Station-Id", "=="),
            used("radgroupcheck", "Simultaneous-Use", ":="),
            used("radreply", "Mikrotik-Total-Limit", ":="),
            used("radgroupreply", "Session-Timeout", "="),
        ];
        assert!(codes(&DirectoryFacts { attributes, ..DirectoryFacts::default() }).is_empty());
    }

    #[test]
    fn each_wrong_row_is_named() {
        for (row, code) in [
            (used("radcheck", "Cleartext-Password", "=="), "wrong_operator"),
            (used("radcheck", "Calling-Station-Id", ":="), "wrong_operator"),
            (used("radreply", "Session-Timeout", "=="), "wrong_operator"),
            (used("radreply", "Simultaneous-Use", ":="), "wrong_table"),
            (used("radcheck", "Mikrotik-Rate-Limit", ":="), "wrong_table"),
            (used("radcheck", "Max-Weekly-Gigabytes", ":="), "attribute_unknown"),
        ] {
            let facts = DirectoryFacts { attributes: vec![row.clone()], ..DirectoryFacts::default() };
            assert_eq!(codes(&facts), [code], "{row:?}");
        }
    }

    #[test]
    fn each_trace_is_named() {
        let facts = DirectoryFacts {
            missing: vec!["radacct_username_open"],
            passwords_brought: 2,
            unknown_nas: vec!["10.0.0.9".to_owned()],
            beyond_simultaneous_use: vec![OpenSessions { username: "q08".to_owned(), open: 3, allowed: 2 }],
            in_another_form: 4,
            of_another_vendor: 5,
            attributes: vec![],
        };
        let expected = [
            "schema_incomplete",
            "passwords_logged",
            "nas_unknown",
            "simultaneous_use_not_enforced",
            "password_form_outdated",
            "vendor_outdated",
        ];
        assert_eq!(codes(&facts), expected);
        assert_eq!(findings(&DirectoryFacts::default(), true).len(), 1);
    }
}
