//! The RADIUS server beside the portal reads its configuration anew.

use kernel::{JobSpec, Queue};
use serde::{Deserialize, Serialize};

/// Has the RADIUS server beside the portal read its configuration anew. How that is done is the operator's affair: the
/// service's settings name a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReloadServer {}

impl JobSpec for ReloadServer {
    const KIND: &'static str = "radius.reload_server";
    const QUEUE: Queue = Queue::High;
    const MAX_ATTEMPTS: u16 = 3;
}
