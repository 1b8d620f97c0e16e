//! What a caller may do, as `resource:action`. Which role has which permissions is data; the list of the
//! permissions that the code asks for is here.

use std::{collections::BTreeSet, fmt};

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)+) => {
        /// One permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $($(#[$doc])* $variant,)+ }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The permission as it is stored: `resource:action`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

permissions! {
    /// Place and pay one's own orders, and see them.
    OrdersOwn = "orders:own",
    /// See and act on everybody's orders.
    OrdersManage = "orders:manage",
    /// See everybody's payments and decide on those that wait for a person.
    PaymentsManage = "payments:manage",
    /// Sell to customers.
    SalesCreate = "sales:create",
    /// See agents, make somebody one, change their terms, and fill their wallets.
    AgentsManage = "agents:manage",
    /// Make vouchers, print their codes, suspend and revoke them.
    VouchersManage = "vouchers:manage",
    /// Create, change and retire packages.
    PackagesManage = "packages:manage",
    /// See one's own hotspot users and their credentials.
    HotspotUsersOwn = "hotspot-users:own",
    /// See and act on everybody's hotspot users.
    HotspotUsersManage = "hotspot-users:manage",
    /// See routers and sites, add and change them.
    RoutersManage = "routers:manage",
    /// See one's own sessions.
    SessionsOwn = "sessions:own",
    /// See everybody's sessions, end and limit them, and see how busy routers are.
    SessionsManage = "sessions:manage",
    /// See one's own devices, name them, switch them off and forget them.
    DevicesOwn = "devices:own",
    /// See what is blocked on routers, block and lift.
    BlocksManage = "blocks:manage",
    /// See accounts, make, change and delete them.
    UsersManage = "users:manage",
    /// See access profiles and promotions, change them, and give access with them.
    AccessManage = "access:manage",
    /// See what RADIUS does, its clients and its log, and act on it.
    RadiusManage = "radius:manage",
    /// See what one has used of one's quota.
    UsageOwn = "usage:own",
    /// Read one's own notifications.
    NotificationsOwn = "notifications:own",
    /// See the audit log.
    AuditRead = "audit:read",
    /// See login locks and lift them.
    LoginLocksManage = "login-locks:manage",
}

impl Permission {
    /// Reads a stored permission; `None` for one that this version of the code does not ask for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == text)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of permissions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permissions(BTreeSet<Permission>);

impl Permissions {
    /// Whether the set holds this permission.
    #[must_use]
    pub fn allow(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// The permissions in the order of their declaration.
    pub fn iter(&self) -> impl Iterator<Item = Permission> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().collect())
    }
}
