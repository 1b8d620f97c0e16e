//! Version 1 of the API, laid out as its paths are: one file per endpoint, and in each folder's own file what its
//! endpoints share.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod account_fields;
pub mod admin;
pub mod agent;
pub mod auth;
pub mod devices;
pub mod hotspot_users;
pub mod me;
pub mod notifications;
pub mod orders;
pub mod payments;
pub mod place;
pub mod profile_usage;
pub mod promotions;
pub mod radius_sessions;
pub mod sessions;
pub mod user_profiles;
pub mod vouchers;

/// Every route but the administrators'. The first that fits is taken: literal paths stand before those with a
/// parameter in the same place.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(auth::register::register)
        .service(auth::login::log_in)
        .service(auth::refresh::refresh_tokens)
        .service(auth::logout::log_out)
        .service(auth::logout_all::log_out_everywhere)
        .service(auth::stream_ticket::issue_stream_ticket)
        .service(me::show_me)
        .service(me::change::change_me)
        .service(me::credit::show_my_credit)
        .service(me::password::change_my_password)
        .service(me::wifi_secret::change_my_wifi_secret)
        .service(promotions::list::list_promotions)
        .service(promotions::activate::activate_promotion)
        .service(promotions::activate::deactivate_promotion)
        .service(user_profiles::list::list_user_profiles)
        .service(user_profiles::show::show_user_profile)
        .service(vouchers::redeem::redeem_voucher)
        .service(agent::show::show_agent_self)
        .service(agent::sell::sell)
        .service(agent::sales::list_sales)
        .service(agent::sales::show_sale)
        .service(agent::vouchers::take_vouchers)
        .service(agent::taken::list_taken_vouchers)
        .service(agent::taken::show_taken_vouchers)
        .service(agent::print::print_taken_vouchers)
        .service(agent::statement::show_wallet_statement)
        .service(agent::statement::export_wallet_statement)
        .service(orders::place::place_order)
        .service(orders::list::list_orders)
        .service(orders::show::show_order)
        .service(orders::cancel::cancel_order)
        .service(orders::credentials::list_order_credentials)
        .service(orders::receipt::show_receipt)
        .service(orders::receipt::download_receipt)
        .service(payments::callback::receive_callback)
        .service(payments::callback::receive_callback_with_token)
        .service(payments::callback::pawapay::receive_pawapay_callback)
        .service(payments::callback::pawapay::receive_pawapay_callback_with_token)
        .service(payments::initiate::initiate_payment)
        .service(payments::credit::pay_with_credit)
        .service(payments::list::list_payments)
        .service(payments::show::show_payment)
        .service(hotspot_users::list::list_hotspot_users)
        .service(hotspot_users::show::show_hotspot_user)
        .service(hotspot_users::credentials::show_hotspot_user_credentials)
        .service(hotspot_users::sessions::list_hotspot_user_sessions)
        .service(hotspot_users::usage::show_hotspot_user_usage)
        .service(sessions::list::list_sessions)
        .service(radius_sessions::list::list_radius_sessions)
        .service(profile_usage::me::show_my_usage)
        .service(devices::list::list_devices)
        .service(devices::change::change_device)
        .service(devices::forget::forget_device)
        .service(notifications::list::list_notifications)
        .service(notifications::unread_count::count_unread_notifications)
        .service(notifications::read_all::mark_all_notifications_read)
        .service(notifications::show::show_notification)
        .service(notifications::mark_read::mark_notification_read);
}
