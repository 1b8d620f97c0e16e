//! What a NAS says of its sessions is written down, before it is told that it was heard.

use kernel::StoreError;

use super::Radius;
use crate::accounting::{Change, NAS_REBOOT, Report, SessionReport, apply};

impl Radius {
    /// Writes down what a NAS says. Once this has returned, the NAS may forget it.
    ///
    /// # Errors
    /// [`StoreError`]: then the NAS must not be answered, and says it again.
    pub async fn take_in_accounting(&self, report: &Report) -> Result<(), StoreError> {
        match report {
            Report::Session(report) => {
                // Of two packets that open one row at once, the second finds the row of the first.
                while !self.take_in_report(report).await? {}
                Ok(())
            }
            Report::NasRestarted { nas_address, at } => {
                let mut tx = self.store.begin().await?;
                tx.close_accounting_rows(*nas_address, *at, NAS_REBOOT).await?;
                tx.commit().await
            }
        }
    }

    async fn take_in_report(&self, report: &SessionReport) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        let row = tx.lock_accounting_row(&report.session.unique_id).await?;
        match (apply(row.as_ref(), report), row.is_some()) {
            (Change::Stay, _) => return Ok(true),
            (Change::Write(written), true) => tx.update_accounting_row(&written).await?,
            (Change::Write(written), false) => {
                if !tx.insert_accounting_row(&written).await? {
                    return Ok(false);
                }
            }
        }
        tx.commit().await?;
        Ok(true)
    }
}
