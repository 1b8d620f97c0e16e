//! The report, as Markdown: first the figures, then how they came about and what they are worth.

use std::time::Duration;

use kernel::Ambient;

use crate::{customer::LOOK, figures::ratio, sell::Round};

/// What whole sales have shown.
pub(crate) fn of_sales(machine: &str, rounds: &[Round]) -> String {
    let rows: String = rounds.iter().map(row).collect();
    let date = Ambient::system().now().format("%Y-%m-%d");
    let look = LOOK.as_millis();
    format!(
        "# Selling a package, end to end

Written by `cargo xtask bench sell` on {date}. {machine}.

| database | clients | orders | sold per second | payment to credentials: p50 | p99 | max | peak memory | plain commits per second | a sale takes as long as |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
{rows}
**A sale** is one order of one unit over HTTP: place it, have a phone asked to pay, then look every {look} ms until the
order is complete and its credentials are sent. Each client signs in once and sells one order after the other; phones
differ. Clients, portal and database share the machine's cores.

**Payment to credentials** is by the portal's own clock, from the payment's `settled_at` to the unit's
`credentials_sent_at`, as the order shows them. In between: provisioning on the fake router, the message to the fake
phone, and every event and job on the way. The fake gateway's wait before its callback, 300 ms by its script, is not in
it, but it is in every sale: it bounds what one client can sell.

**Plain commits** are the reference, measured before and after the sales of the same round on the same database:
`INSERT`s of one row, each committed and waited for, from as many connections as there are clients (on SQLite from one,
since it lets one write at a time), by the portal's driver with the portal's settings. **A sale takes as long as** so
many of them in the same time. With one client that is mostly waiting; with many, waiting is still in it, so that it
is the most that a sale can cost.

The portal is the release build with its default settings, except that limits on requests and prompts are lifted and
tasks by the clock are put off. Both databases wait for the disk at every commit (SQLite: WAL, `synchronous=FULL`;
PostgreSQL: `fsync` and `synchronous_commit` on). Every round has a new portal and a new database, begins with one sale
per client that does not count, and ends with `billing verify-ledger`.
"
    )
}

fn row(round: &Round) -> String {
    let Round { database, clients, orders, orders_per_second, commits_per_second, .. } = round;
    let spread = round.to_credentials;
    let [p50, p99, max] = [spread.p50, spread.p99, spread.max].map(milliseconds);
    let memory = match round.peak_memory {
        Some(kibibytes) => format!("{} MiB", kibibytes >> 10),
        None => "not known".to_owned(),
    };
    let cost = ratio(*commits_per_second, *orders_per_second);
    format!(
        "| {database} | {clients} | {orders} | {orders_per_second:.1} | {p50} | {p99} | {max} | {memory} \
         | {commits_per_second:.0} | {cost:.0} commits |\n"
    )
}

fn milliseconds(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}
