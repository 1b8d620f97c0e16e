//! The report of `bench shop`, as Markdown.

#![expect(clippy::float_arithmetic, reason = "measurements, not money")]

use kernel::Ambient;

use super::{GUESTS, REDEEMED, Round, VOUCHERS};
use crate::figures::{per_second, ratio};

/// What vouchers have shown.
pub(super) fn of_vouchers(machine: &str, rounds: &[Round]) -> String {
    let made: String = rounds.iter().map(made).collect();
    let printed: String = rounds.iter().map(printed).collect();
    let date = Ambient::system().now().format("%Y-%m-%d");
    format!(
        "# Vouchers: made, printed, redeemed

Written by `cargo xtask bench shop` on {date}. {machine}.

| database | {VOUCHERS} made in | made per second | as long as | redeemed per second | plain commits per second | one takes as long as |
|---|--:|--:|--:|--:|--:|--:|
{made}
| database | form | {VOUCHERS} printed in | printed per second | beside CSV | file | peak memory by then |
|---|---|--:|--:|--:|--:|--:|
{printed}
**Made**: one request, one transaction: codes, their marks and their sealed forms, {VOUCHERS} rows. **As long as** so many plain
commits of one client: `INSERT`s of one row, each committed and waited for, on the same database.

**Redeemed**: {REDEEMED} codes by {GUESTS} guests at once over HTTP, each one after the other. Meanwhile the same portal makes the
credentials on the fake router, whose user list grows. **Plain commits** are those of as many clients at once (on SQLite of
one, since it lets one write at a time), before and after; **one takes as long as** so many of them in the same time.

**Printed**: the whole batch in one file, from the request to its last byte: `a4` has 24 to a page, `roll58` one; each has its
QR code. **Beside CSV** is how many times as long it takes as the same codes without any page. **Peak memory** is the most
that the portal had held until then; forms are printed in this order.

The portal is the release build as in `bench sell`; the round ends with `billing verify-ledger`.
"
    )
}

fn made(round: &Round) -> String {
    let Round { database, made_in, redeemed_in, commits_per_second: (alone, together), .. } = round;
    let made = per_second(VOUCHERS, *made_in);
    let redeemed = per_second(u32::try_from(REDEEMED).unwrap_or(u32::MAX), *redeemed_in);
    let (commits, cost) = (alone * made_in.as_secs_f64(), ratio(*together, redeemed));
    format!(
        "| {database} | {:.2} s | {made:.0} | {commits:.0} commits | {redeemed:.0} | {together:.0} | {cost:.1} commits |\n",
        made_in.as_secs_f64()
    )
}

fn printed(round: &Round) -> String {
    let csv = round.printed.first().map_or(1.0, |(_, time, ..)| time.as_secs_f64());
    let row = |(form, time, size, memory): &(&str, std::time::Duration, usize, Option<u64>)| {
        let memory =
            memory.map_or_else(|| "not known".to_owned(), |kibibytes| format!("{} MiB", kibibytes >> 10));
        let (each, beside) = (per_second(VOUCHERS, *time), ratio(time.as_secs_f64(), csv));
        let kilobytes = size / 1_000;
        format!(
            "| {} | {form} | {:.2} s | {each:.0} | {beside:.1} | {kilobytes} kB | {memory} |\n",
            round.database,
            time.as_secs_f64()
        )
    };
    round.printed.iter().map(row).collect()
}
