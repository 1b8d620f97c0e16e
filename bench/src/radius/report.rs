//! The report on the campus, as Markdown: first the figures, then how they came about and what they are worth.

use std::time::Duration;

use kernel::Ambient;

use super::{
    Activation, Ingestion, QuotaCheck, REPEATS, USERS,
    quota::SESSIONS,
    radclient::{ASKING, AT_ONCE},
    servers::Server,
};
use crate::figures::{Spread, per_second, ratio};

/// What everything has shown.
pub(super) fn of_campus(
    machine: &str,
    activations: &[Activation],
    servers: &[Server],
    ingestions: &[Ingestion],
    checks: &[QuotaCheck],
) -> String {
    let date = Ambient::system().now().format("%Y-%m-%d");
    let activated: String = activations.iter().map(activation).collect();
    let reference = servers.iter().find(|server| server.is_reference);
    let answered: String = servers.iter().map(|row| server(row, reference)).collect();
    let taken_in: String = ingestions.iter().map(ingestion).collect();
    let checked: String = checks.iter().map(check).collect();
    let counted: String = checks.iter().filter_map(counter).collect();
    let plans: String = checks.iter().map(plan).collect();
    format!(
        "# A campus by RADIUS

Written by `cargo xtask bench radius` on {date}. {machine}.

## A promotion of {USERS} users in one call

| database | rows | activated | the same rows plainly | against that | deactivated | then the worker goes on for | peak memory (before) |
|---|--:|--:|--:|--:|--:|--:|--:|
{activated}
**Activated** and **deactivated** are one HTTP call each, to the answer. It finds who cannot be given access, opens
everybody's sealed secret, compiles the profile, and writes all of it in one transaction: the directory's rows, the
subscribers' state, an audit record, and an event for each user. **Rows** are those of `radcheck`, `radreply`,
`radusergroup` and `subscribers` when it is done. **Plainly** writes the very same rows, which somebody has compiled
already, into empty tables with the same columns and indexes, in one transaction: `COPY` on PostgreSQL, `INSERT … SELECT`
on SQLite. The worker then looks after each who has lost access, whether they have a session to end. Each time is the
median of {REPEATS}.

## Logins and accounting, per second

| server | logins (least to most) | against files | Start | against files | Interim-Update | against files | Stop | against files | peak memory of the portal |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
{answered}
{ASKING} of {USERS} users send one packet of each kind, {AT_ONCE} on the way at once, by `radclient`, which shares the machine's cores
with the servers; its start is in the times. Logins are by PAP with Message-Authenticator, and everybody must get in.
Medians of {REPEATS} rounds. **On files** FreeRADIUS has all users in memory, writes sessions to a text file and logs
nothing: it is the reference, not a way to run a campus. **On the database** it is configured as shipped
([docs/freeradius](../freeradius/README.md)). It and the portal's own server read the directory at each login, keep
a row of each login, and write each state of each session, all of which wait for the disk; the portal takes accounting in
at the same time.

## Accounting taken in

| database | states of sessions | written by the database alone in | taken in, per second | against writing them | all quotas checked after | peak memory (before) |
|---|--:|--:|--:|--:|--:|--:|
{taken_in}
Everybody's session is written from start to stop in one transaction, by statements that each write {USERS} rows: no server
could be faster. Then the portal makes sessions, the daily ledger and events of them, 500 states with each commit, and
holds everybody against their quota. The sum of the ledger is compared with what was written, and `quota prove` must agree.

## One user's quota among {SESSIONS} sessions

| database | question | p50 without any sessions (p99) | p50 with all of them (p99) | that is |
|---|---|--:|--:|--:|
{checked}
Over HTTP, one after the other. `explain` decides as a login does. The tables `radacct`, `radius_sessions` and
`usage_ledger` have {SESSIONS} rows each, about 200 for each user.
{counted}{plans}"
    )
}

fn activation(row: &Activation) -> String {
    let Activation { database, rows, activated, deactivated, followed, plainly, memory } = row;
    let times = [activated, plainly].map(|seconds| milliseconds(*seconds));
    let [deactivated, followed] = [deactivated, followed].map(|seconds| milliseconds(*seconds));
    let against = ratio(*activated, *plainly);
    format!(
        "| {database} | {rows} | {} | {} | {against:.1} × the time | {deactivated} | {followed} | {} |\n",
        times[0],
        times[1],
        both(*memory)
    )
}

fn server(row: &Server, reference: Option<&Server>) -> String {
    let cells = row.rates.iter().enumerate().map(|(kind, [middle, least, most])| {
        let files = reference.and_then(|files| files.rates.get(kind)).map(|rates| rates[0]);
        let against = files.map_or_else(|| "–".to_owned(), |files| format!("{:.2} ×", ratio(*middle, files)));
        format!("{middle:.0} ({least:.0} to {most:.0}) | {against} | ")
    });
    let memory = row.memory.map_or_else(|| "–".to_owned(), mebibytes);
    format!("| {} | {}{memory} |\n", row.name, cells.collect::<String>())
}

fn ingestion(row: &Ingestion) -> String {
    let Ingestion { database, rows, written, taken_in, checked, memory } = row;
    let rate = per_second(*rows, *taken_in);
    let against = ratio(taken_in.as_secs_f64(), written.as_secs_f64());
    format!(
        "| {database} | {rows} | {} | {rate:.0} | {against:.1} × the time | {} | {} |\n",
        milliseconds(written.as_secs_f64()),
        milliseconds(checked.as_secs_f64()),
        both(*memory)
    )
}

fn check(row: &QuotaCheck) -> String {
    let line = |question: &str, [without, with]: [Spread; 2]| {
        let spread = |spread: Spread| format!("{} ({})", fine(spread.p50), fine(spread.p99));
        let against = ratio(with.p50.as_secs_f64(), without.p50.as_secs_f64());
        let (without, with) = (spread(without), spread(with));
        format!("| {} | {question} | {without} | {with} | {against:.2} × the time |\n", row.database)
    };
    [line("`GET /profile-usage/me`", row.own), line("`GET /admin/radius/explain/{username}`", row.explain)]
        .concat()
}

fn counter(row: &QuotaCheck) -> Option<String> {
    let [stock, ours] = row.counter?;
    Some(format!(
        "\nFreeRADIUS's own daily counter (`rlm_sqlcounter`, with octets for seconds) sums up one user's rows of `radacct` \
         at each login. It takes {} with the indexes of FreeRADIUS's schema, and {} with those that the portal adds: {:.0} ×. \
         The portal does not need it.\n",
        milliseconds(stock),
        milliseconds(ours),
        ratio(stock, ours)
    ))
}

fn plan(row: &QuotaCheck) -> String {
    let (statement, plan) = &row.plan;
    format!(
        "\n### How {} finds what one user has used\n\n```sql\n{statement}\n```\n\n```\n{plan}\n```\n",
        row.database
    )
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.0} ms", ratio(seconds, 0.001))
}

fn fine(time: Duration) -> String {
    format!("{:.2} ms", ratio(time.as_secs_f64(), 0.001))
}

fn both([before, peak]: [Option<u64>; 2]) -> String {
    match (before, peak) {
        (Some(before), Some(peak)) => format!("{} ({})", mebibytes(peak), before >> 10),
        _ => "not known".to_owned(),
    }
}

fn mebibytes(kibibytes: u64) -> String {
    format!("{} MiB", kibibytes >> 10)
}
