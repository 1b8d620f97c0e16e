//! What each role may do at first. From then on it is data: an operator may take a permission away or add one,
//! and it stays so.

use kernel::{Permission, Role};

/// Whether a role is given a permission when the database first hears of that permission.
#[must_use]
pub fn granted_at_first(role: Role, permission: Permission) -> bool {
    use Permission::{
        DevicesOwn, HotspotUsersOwn, NotificationsOwn, OrdersOwn, SalesCreate, SessionsOwn, UsageOwn,
    };
    let own = matches!(
        permission,
        OrdersOwn | HotspotUsersOwn | SessionsOwn | DevicesOwn | UsageOwn | NotificationsOwn
    );
    match role {
        Role::Admin => true,
        Role::Agent => own || permission == SalesCreate,
        Role::User => own,
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Permission, Role};

    use super::granted_at_first;

    #[test]
    fn each_role_has_its_own_permissions() {
        let of = |role| {
            Permission::ALL
                .iter()
                .copied()
                .filter(|permission| granted_at_first(role, *permission))
                .map(Permission::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            of(Role::Agent),
            "orders:own sales:create hotspot-users:own sessions:own devices:own usage:own notifications:own"
        );
        assert_eq!(
            of(Role::User),
            "orders:own hotspot-users:own sessions:own devices:own usage:own notifications:own"
        );
        assert_eq!(of(Role::Admin).split(' ').count(), Permission::ALL.len());
    }
}
