//! What ought to come of a sale: one order and the attempts to pay it, written down anew from the rules and not from
//! the code. Time is in whole minutes since the order was placed.

use billing::{OrderStatus, PaymentStatus};

use crate::random_sales::Says;

/// A customer has this long to enter the PIN.
const WINDOW: i64 = 15;
/// An order that nobody pays ends then.
const ORDER_TTL: i64 = 60;

/// An attempt to pay.
pub struct Attempt {
    pub status: PaymentStatus,
    /// When the customer's time is over.
    ends: i64,
    /// Reconciliation does not look at it before.
    not_before: i64,
}

/// An order that somebody tries to pay.
pub struct Model {
    pub now: i64,
    pub quantity: u32,
    pub order: OrderStatus,
    pub attempts: Vec<Attempt>,
}

impl Model {
    pub fn new(quantity: u32) -> Self {
        Self { now: 0, quantity, order: OrderStatus::Pending, attempts: Vec::new() }
    }

    /// Whether the order has all that it owes: it never stops half-way here.
    pub fn is_delivered(&self) -> bool {
        self.order == OrderStatus::Completed
    }

    /// How many attempts brought money.
    pub fn paid_times(&self) -> i64 {
        self.attempts.iter().map(|attempt| i64::from(attempt.status == PaymentStatus::Success)).sum()
    }

    /// Nothing else may begin or end while money may still come by itself or by a decision.
    fn is_busy(&self) -> bool {
        let busy = [PaymentStatus::Pending, PaymentStatus::Unknown, PaymentStatus::Held];
        self.attempts.iter().any(|attempt| busy.contains(&attempt.status))
    }

    /// The customer asks to pay; whether that is taken.
    pub fn pay(&mut self, suffix: &str) -> bool {
        if self.order != OrderStatus::Pending || self.is_busy() {
            return false;
        }
        let status = match suffix {
            "0013" => PaymentStatus::Failed,
            "0015" => PaymentStatus::Unknown,
            _ => PaymentStatus::Pending,
        };
        self.attempts.push(Attempt { status, ends: self.now + WINDOW, not_before: self.now + 1 });
        true
    }

    /// The gateway says something about an attempt. Word for word again, it has said nothing.
    pub fn hear(&mut self, place: usize, says: Says) {
        use PaymentStatus::{Expired, Failed, Held, Pending, Unknown};
        let now = self.now;
        let attempt = &mut self.attempts[place];
        match (says, attempt.status) {
            (Says::Success, Pending | Unknown | Failed | Expired) => self.settle(place),
            (Says::AnotherAmount, Pending | Unknown | Failed | Expired) => attempt.status = Held,
            (Says::Failure, Pending | Unknown) => attempt.status = Failed,
            (Says::Pending, Unknown) => (attempt.status, attempt.not_before) = (Pending, now + 1),
            _ => {}
        }
    }

    /// Money that comes once makes what is owed; what comes after it is the customer's.
    fn settle(&mut self, place: usize) {
        self.attempts[place].status = PaymentStatus::Success;
        self.order = OrderStatus::Completed;
    }

    /// Ends attempts whose time is over.
    pub fn reconcile(&mut self) {
        for attempt in &mut self.attempts {
            let open = matches!(attempt.status, PaymentStatus::Pending | PaymentStatus::Unknown);
            if open && self.now >= attempt.ends && self.now >= attempt.not_before {
                attempt.status = PaymentStatus::Expired;
            }
        }
    }

    pub fn expire_order(&mut self) {
        if self.order == OrderStatus::Pending && self.now >= ORDER_TTL && !self.is_busy() {
            self.order = OrderStatus::Expired;
        }
    }

    /// The customer gives the order up; whether that is taken.
    pub fn cancel(&mut self) -> bool {
        match self.order {
            OrderStatus::Cancelled => true,
            OrderStatus::Pending if !self.is_busy() => {
                self.order = OrderStatus::Cancelled;
                true
            }
            _ => false,
        }
    }

    /// Staff confirm or reject an attempt; whether that is taken.
    pub fn decide(&mut self, place: usize, confirm: bool) -> bool {
        use PaymentStatus::{Expired, Failed, Held, Unknown};
        match (confirm, self.attempts[place].status) {
            (true, Held | Unknown | Failed | Expired) => self.settle(place),
            (false, Held | Unknown) => self.attempts[place].status = Failed,
            _ => return false,
        }
        true
    }
}
