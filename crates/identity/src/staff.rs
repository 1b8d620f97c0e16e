//! What those who look after accounts may not do, whatever their permissions.
//!
//! Nobody locks themselves out, and no one who looks after accounts makes themselves or others more than they are:
//! accounts of staff are for admins alone.

use kernel::{Principal, Role, id::ids::UserId};

use crate::user::User;

/// Somebody who looks after accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeper {
    /// Their own account.
    pub user_id: UserId,
    /// Their role.
    pub role: Role,
}

impl From<&Principal> for Keeper {
    fn from(principal: &Principal) -> Self {
        Self { user_id: principal.user_id, role: principal.role }
    }
}

/// Why somebody who looks after accounts may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It would lock them out themselves.
    #[error("nobody does this to their own account")]
    Own,
    /// The account, or the role it would get, is one of staff, and they are no admin.
    #[error("accounts of staff are for admins alone")]
    Staff,
    /// There would be no active admin left.
    #[error("it is the last active admin")]
    LastAdmin,
}

impl Keeper {
    /// Whether they may touch an account at all.
    ///
    /// # Errors
    /// [`Refusal::Staff`].
    pub fn may_touch(&self, account: &User) -> Result<(), Refusal> {
        self.may_give(account.role)
    }

    /// Whether they may give a role.
    ///
    /// # Errors
    /// [`Refusal::Staff`].
    pub fn may_give(&self, role: Role) -> Result<(), Refusal> {
        if self.role == Role::Admin || role == Role::User { Ok(()) } else { Err(Refusal::Staff) }
    }

    /// Whether they may do what would lock the account's owner out.
    ///
    /// # Errors
    /// [`Refusal::Own`] or [`Refusal::Staff`].
    pub fn may_lock_out(&self, account: &User) -> Result<(), Refusal> {
        if account.id == self.user_id {
            return Err(Refusal::Own);
        }
        self.may_touch(account)
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Role, testing::Surroundings};

    use super::{Keeper, Refusal};
    use crate::testing::someone;

    #[test]
    fn staff_are_for_admins_and_nobody_locks_themselves_out() {
        let ambient = Surroundings::new().ambient();
        let (me, mut other) = (someone(&ambient, 1), someone(&ambient, 2));
        for (role, account, touch) in [
            (Role::Admin, Role::Admin, Ok(())),
            (Role::Admin, Role::User, Ok(())),
            (Role::Agent, Role::User, Ok(())),
            (Role::Agent, Role::Agent, Err(Refusal::Staff)),
            (Role::Agent, Role::Admin, Err(Refusal::Staff)),
        ] {
            let keeper = Keeper { user_id: me.id, role };
            other.role = account;
            assert_eq!(keeper.may_touch(&other), touch);
            assert_eq!(keeper.may_give(account), touch);
            assert_eq!(keeper.may_lock_out(&other), touch);
            assert_eq!(keeper.may_lock_out(&me), Err(Refusal::Own));
        }
    }
}
