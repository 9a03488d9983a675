//! A database that is busy is asked again, as its error says: on a machine with much to do that is no failure.

use std::time::Duration;

use entente::offers::DeskError;
use entente_store::Error;

use super::server::HANG;

/// An error that may say that the database is busy.
pub trait MayBeBusy: std::fmt::Debug {
    /// Whether it says so.
    fn is_busy(&self) -> bool;
}

impl MayBeBusy for Error {
    fn is_busy(&self) -> bool {
        matches!(self, Error::Busy(_))
    }
}

impl MayBeBusy for DeskError {
    fn is_busy(&self) -> bool {
        matches!(self, DeskError::Store(error) if error.is_busy())
    }
}

/// Asks until the answer is another than busy. The call must be one that may be repeated.
pub async fn again<T, E: MayBeBusy>(ask: impl AsyncFn() -> Result<T, E>) -> T {
    let asking = async {
        loop {
            match ask().await {
                Err(error) if error.is_busy() => tokio::time::sleep(Duration::from_millis(50)).await,
                answer => return answer.unwrap(),
            }
        }
    };
    tokio::time::timeout(HANG, asking).await.expect("the database is not busy for ever")
}
