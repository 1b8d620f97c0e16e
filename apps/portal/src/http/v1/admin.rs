//! Everybody's things, for those who run the portal, and what their lists share: whose rows, sums, and files.

use actix_web::HttpResponse;
use billing::queries::Totals;
use kernel::{Id, Page, PageRequest, StoreError, id::ids::UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use crate::http::{
    attachment::attachment,
    error::{ApiError, ApiErrorCode},
    money::MoneyView,
};

pub mod access_profiles;
pub mod agents;
pub mod agreements;
pub mod audit_log;
pub mod blocks;
pub mod gateway_limits;
pub mod guests;
pub mod hotspot_users;
pub mod login_locks;
pub mod monitoring;
pub mod orders;
pub mod payments;
pub mod promotions;
pub mod radius;
pub mod receipts;
pub mod refunds;
pub mod review_tasks;
pub mod router_users;
pub mod routers;
pub mod sessions;
pub mod sites;
pub mod statements;
pub mod user_profiles;
pub mod users;
pub mod voucher_batches;

/// Every route of the administrators. The first that fits is taken: literal paths stand before those with a
/// parameter in the same place.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(user_profiles::list::admin_list_user_profiles)
        .service(user_profiles::create::create_user_profile)
        .service(user_profiles::show::admin_show_user_profile)
        .service(user_profiles::update::update_user_profile)
        .service(user_profiles::retire::retire_user_profile)
        .service(orders::list::admin_list_orders)
        .service(orders::totals::admin_order_totals)
        .service(orders::export::admin_export_orders)
        .service(orders::show::admin_show_order)
        .service(orders::events::admin_list_order_events)
        .service(orders::provision::provision_order)
        .service(payments::list::admin_list_payments)
        .service(payments::totals::admin_payment_totals)
        .service(payments::export::admin_export_payments)
        .service(payments::show::admin_show_payment)
        .service(payments::confirm::confirm_payment)
        .service(payments::reject::reject_payment)
        .service(gateway_limits::list::list_gateway_limits)
        .service(gateway_limits::set::set_gateway_limits)
        .service(review_tasks::list::list_review_tasks)
        .service(review_tasks::close::close_review_task)
        .service(statements::import::import_statement)
        .service(statements::list::list_statements)
        .service(statements::show::show_statement)
        .service(statements::lines::list_statement_lines)
        .service(agreements::list::list_agreements)
        .service(agreements::show::show_agreement)
        .service(agreements::export::export_agreement)
        .service(hotspot_users::list::admin_list_hotspot_users)
        .service(hotspot_users::show::admin_show_hotspot_user)
        .service(hotspot_users::suspend::suspend_hotspot_user)
        .service(hotspot_users::resume::resume_hotspot_user)
        .service(hotspot_users::revoke::revoke_hotspot_user)
        .service(hotspot_users::extend::extend_hotspot_user)
        .service(hotspot_users::move_router::move_hotspot_user)
        .service(routers::list::list_routers)
        .service(routers::create::create_router)
        .service(routers::show::show_router)
        .service(routers::update::update_router)
        .service(routers::retire::retire_router)
        .service(routers::make_default::make_default_router)
        .service(routers::test::test_router)
        .service(sites::list::list_sites)
        .service(sites::create::create_site)
        .service(sessions::list::admin_list_sessions)
        .service(sessions::export::admin_export_sessions)
        .service(sessions::terminate::terminate_session)
        .service(sessions::rate_limit::limit_session)
        .service(router_users::list::list_router_users)
        .service(router_users::adopt::adopt_router_user)
        .service(router_users::ignore::ignore_router_user)
        .service(blocks::list::list_blocks)
        .service(blocks::add::add_block)
        .service(blocks::lift::lift_block)
        .service(monitoring::interfaces::list_interfaces);
    counter(config);
    access(config);
    people(config);
}

/// Those about refunds, receipts, agents and vouchers.
fn counter(config: &mut ServiceConfig) {
    config
        .service(refunds::request::request_refund)
        .service(refunds::list::list_refunds)
        .service(refunds::show::show_refund)
        .service(refunds::approve::approve_refund)
        .service(refunds::decide::confirm_refund)
        .service(refunds::decide::reject_refund)
        .service(receipts::list::list_receipts)
        .service(receipts::export::export_receipts)
        .service(receipts::print::admin_download_receipt)
        .service(sites::seller::show_seller)
        .service(sites::seller::set_seller)
        .service(sites::payment_grace::show_payment_grace)
        .service(sites::payment_grace::set_payment_grace)
        .service(agents::list::list_agents)
        .service(agents::show::show_agent)
        .service(agents::set::set_agent)
        .service(agents::transfer::move_agent_cash)
        .service(agents::statement::show_agent_statement)
        .service(agents::statement::export_agent_statement)
        .service(voucher_batches::list::list_voucher_batches)
        .service(voucher_batches::issue::issue_vouchers)
        .service(voucher_batches::show::show_voucher_batch)
        .service(voucher_batches::vouchers::list_vouchers)
        .service(voucher_batches::print::print_vouchers)
        .service(voucher_batches::change::suspend_voucher_batch)
        .service(voucher_batches::change::resume_voucher_batch)
        .service(voucher_batches::change::revoke_voucher_batch)
        .service(voucher_batches::change::revoke_voucher);
}

/// Those about access by RADIUS.
fn access(config: &mut ServiceConfig) {
    config
        .service(access_profiles::list::list_access_profiles)
        .service(access_profiles::create::create_access_profile)
        .service(access_profiles::show::show_access_profile)
        .service(access_profiles::update::update_access_profile)
        .service(access_profiles::delete::delete_access_profile)
        .service(access_profiles::history::list_access_profile_history)
        .service(promotions::list::admin_list_promotions)
        .service(promotions::create::create_promotion)
        .service(promotions::show::show_promotion)
        .service(promotions::update::update_promotion)
        .service(promotions::delete::delete_promotion)
        .service(promotions::users::list_promotion_users)
        .service(radius::explain::explain_login)
        .service(radius::auth_log::list::list_auth_log)
        .service(radius::auth_log::export::export_auth_log)
        .service(radius::auth_log::stream::stream_auth_log)
        .service(radius::rates::show_radius_rates)
        .service(radius::servers::list_radius_servers)
        .service(radius::reload::reload_radius)
        .service(radius::nas_clients::list::list_nas_clients)
        .service(radius::nas_clients::create::create_nas_client)
        .service(radius::nas_clients::show::show_nas_client)
        .service(radius::nas_clients::update::update_nas_client)
        .service(radius::nas_clients::remove::remove_nas_client)
        .service(radius::enforcement::terminate::terminate_radius_session)
        .service(radius::enforcement::attempts::list_enforcement_attempts)
        .service(radius::sessions::admin_list_radius_sessions);
}

/// Those about people, and about what they did.
fn people(config: &mut ServiceConfig) {
    config
        .service(users::list::list_users)
        .service(users::create::create_user)
        .service(users::export::export_users)
        .service(users::show::show_user)
        .service(users::update::update_user)
        .service(users::delete::delete_user)
        .service(guests::forget::forget_guest)
        .service(users::activate::activate_user)
        .service(users::deactivate::deactivate_user)
        .service(users::reset_password::reset_user_password)
        .service(users::usage::show_user_usage)
        .service(users::wifi::enable_wifi)
        .service(users::wifi::disable_wifi)
        .service(users::access_profile::assign_access_profile)
        .service(audit_log::list_audit_log)
        .service(login_locks::list::list_login_locks)
        .service(login_locks::lift::lift_login_lock);
}

/// The most rows that go into one file.
const EXPORT_ROWS: u64 = 10_000;

/// Whose rows are wanted.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct OwnerQuery {
    /// Only those of this account.
    #[param(example = "0197f2a4-6a1e-7c53-9b7e-2f5d8c1a3e94")]
    pub user_id: Option<Uuid>,
}

impl OwnerQuery {
    fn owner(&self) -> Option<UserId> {
        self.user_id.map(Id::from_uuid)
    }
}

/// How many rows there are, and what they add up to in one currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Totals)]
pub struct TotalsView {
    /// How many.
    #[schema(example = 42)]
    pub count: u64,
    /// How much together.
    pub sum: MoneyView,
}

impl From<Totals> for TotalsView {
    fn from(totals: Totals) -> Self {
        Self { count: totals.count, sum: totals.sum.into() }
    }
}

/// Every row of a list, read page by page, while there are not too many for one file.
async fn all_rows<T>(
    mut page: impl AsyncFnMut(PageRequest) -> Result<Page<T>, StoreError>,
) -> Result<Vec<T>, ApiError> {
    let mut rows = Vec::new();
    for number in 1.. {
        let found = page(PageRequest::new(number, PageRequest::MAX_PER_PAGE)).await?;
        if found.total > EXPORT_ROWS {
            return Err(ApiErrorCode::ExportTooLarge.into());
        }
        let last = u64::from(number) >= found.pages();
        rows.extend(found.items);
        if last {
            break;
        }
    }
    Ok(rows)
}

/// An answer that is saved as a file of comma-separated values.
fn csv_file(name: &str, lines: Vec<impl Serialize>) -> Result<HttpResponse, ApiError> {
    let mut file = csv::Writer::from_writer(Vec::new());
    for line in lines {
        file.serialize(line).map_err(ApiError::internal)?;
    }
    let bytes = file.into_inner().map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(attachment(name, "text/csv; charset=utf-8", bytes))
}
