//! Hotspot on real databases: the contract of its ports, and the whole way of an order with the fake router.
//! Every test runs on SQLite, and on PostgreSQL when `TEST_POSTGRES_URL` names a server on which databases may be
//! created.

use std::sync::Arc;

use hotspot::testing::{Outcome, grace_contract, scenarios, staff_scenarios, stage::Stage, store_contract};
use kernel::testing::Surroundings;

use crate::{Database, testing::TestDatabase};

mod old_read;
mod trail;

/// A migrated database of its own for one test.
struct Bench {
    database: Database,
    around: Surroundings,
    test: TestDatabase,
}

impl Bench {
    async fn on(test: TestDatabase) -> Self {
        let around = Surroundings::new();
        Self { database: test.connect(&around).await, around, test }
    }

    async fn stage(&self) -> Stage {
        let database = Arc::new(self.database.clone());
        Stage::set(database.clone(), database, &self.around, self.test.folder()).await.unwrap()
    }
}

/// Runs each test on both databases.
macro_rules! on_both {
    ($($name:ident($bench:ident) => $test:expr;)+) => {
        $(async fn $name(database: TestDatabase) {
            let $bench = Bench::on(database).await;
            let outcome: Outcome = $test.await;
            outcome.unwrap();
        })+
        crate::on_both_databases!($($name),+);
    };
}

on_both! {
    rows_read_back(bench) =>
        store_contract::rows_read_back(&bench.database, &bench.database, &bench.around.ambient());
    twins_are_turned_away(bench) =>
        store_contract::twins_are_turned_away(&bench.database, &bench.around.ambient());
    a_grace_is_nothing_that_is_owed(bench) =>
        grace_contract::a_grace_is_nothing_that_is_owed(&bench.database, &bench.database, &bench.around.ambient());
    the_end_of_a_payment_is_known(bench) =>
        grace_contract::the_end_of_a_payment_is_known(&bench.database, &bench.around.ambient());
    a_dropped_transaction_leaves_nothing(bench) =>
        store_contract::a_dropped_transaction_leaves_nothing(&bench.database, &bench.around.ambient());
    steps_are_compare_and_set(bench) =>
        store_contract::steps_are_compare_and_set(&bench.database, &bench.around.ambient());
    a_user_is_renamed_once(bench) =>
        store_contract::a_user_is_renamed_once(&bench.database, &bench.around.ambient());
    routers_are_told_apart(bench) =>
        store_contract::routers_are_told_apart(&bench.database, &bench.around.ambient());
    lists_are_filtered_and_paged(bench) =>
        store_contract::lists_are_filtered_and_paged(&bench.database, &bench.database, &bench.around.ambient());
    the_overdue_are_found(bench) =>
        store_contract::the_overdue_are_found(&bench.database, &bench.database, &bench.around.ambient());
    a_validity_begins_with_its_first_use_once(bench) =>
        store_contract::a_validity_begins_with_its_first_use_once(
            &bench.database, &bench.database, &bench.around.ambient());
    the_payment_of_an_order_is_found(bench) =>
        store_contract::the_payment_of_an_order_is_found(
            &bench.database, &bench.database, &bench.around.ambient());
    a_paid_order_gets_its_users_once(bench) =>
        scenarios::a_paid_order_gets_its_users_once(&bench.stage().await);
    preparing_at_once_makes_no_twins(bench) =>
        scenarios::preparing_at_once_makes_no_twins(&bench.stage().await);
    names_of_one_second_differ(bench) =>
        scenarios::names_of_one_second_differ(&bench.stage().await);
    a_lost_answer_ends_with_one_user(bench) =>
        scenarios::a_lost_answer_ends_with_one_user(&bench.stage().await);
    a_router_that_is_down_is_waited_for(bench) =>
        scenarios::a_router_that_is_down_is_waited_for(&bench.stage().await);
    a_name_of_somebody_else_is_left_to_them(bench) =>
        scenarios::a_name_of_somebody_else_is_left_to_them(&bench.stage().await);
    a_refused_unit_fails_alone_and_is_retried_alone(bench) =>
        scenarios::a_refused_unit_fails_alone_and_is_retried_alone(&bench.stage().await);
    a_time_that_is_over_ends_everything(bench) =>
        scenarios::a_time_that_is_over_ends_everything(&bench.stage().await);
    who_is_signed_in_has_used_the_credentials(bench) =>
        scenarios::who_is_signed_in_has_used_the_credentials(&bench.stage().await, &bench.stage().await);
    a_removal_spares_somebody_else(bench) =>
        scenarios::a_removal_spares_somebody_else(&bench.stage().await);
    what_is_not_owed_here_is_not_made(bench) =>
        scenarios::what_is_not_owed_here_is_not_made(&bench.stage().await);
    radius_is_one_router_of_a_site(bench) =>
        scenarios::radius_is_one_router_of_a_site(&bench.stage().await);
    owners_see_their_own(bench) =>
        scenarios::owners_see_their_own(&bench.stage().await);
    the_configured_router_is_one(bench) =>
        scenarios::the_configured_router_is_one(&bench.stage().await);
    the_router_ends_as_the_row_is(bench) =>
        staff_scenarios::the_router_ends_as_the_row_is(&bench.stage().await);
    a_missing_suspended_user_comes_back_switched_off(bench) =>
        staff_scenarios::a_missing_suspended_user_comes_back_switched_off(&bench.stage().await);
    more_time_counts_from_the_end(bench) =>
        staff_scenarios::more_time_counts_from_the_end(&bench.stage().await);
    a_user_moves_while_its_router_is_away(bench) =>
        staff_scenarios::a_user_moves_while_its_router_is_away(&bench.stage().await);
    a_refused_user_is_tried_elsewhere(bench) =>
        staff_scenarios::a_refused_user_is_tried_elsewhere(&bench.stage().await);
    a_router_is_retired_when_nobody_is_on_it(bench) =>
        staff_scenarios::a_router_is_retired_when_nobody_is_on_it(&bench.stage().await);
    a_router_is_described_and_tested(bench) =>
        staff_scenarios::a_router_is_described_and_tested(&bench.stage().await);
    an_order_leaves_its_trail(bench) => trail::an_order_leaves_its_trail(&bench);
    a_failure_leaves_its_trail(bench) => trail::a_failure_leaves_its_trail(&bench);
    an_end_leaves_its_trail(bench) => trail::an_end_leaves_its_trail(&bench);
    a_late_worker_cleans_up_behind_itself(bench) => trail::a_late_worker_cleans_up_behind_itself(&bench);
}
