//! A database that is busy is asked again: its server may be starting, or the machine have much to do.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    audit::{agreed::Disagreement, seal::SealError},
    offers::DeskError,
    runner::definitions::StoreError,
};

/// Pause before the next try.
const PAUSE: Duration = Duration::from_millis(500);

/// Begins anew for as long as the database is busy, up to `patience`. What is begun must be something that may be repeated.
///
/// # Errors
/// Whatever else goes wrong, and that it stays busy.
pub async fn once_free<T, F>(patience: Duration, begin: impl Fn() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<T>>,
{
    let since = Instant::now();
    loop {
        match begin().await {
            Err(error) if is_busy(&error) && since.elapsed() < patience => {
                tracing::warn!("trying again: {error:#}");
                tokio::time::sleep(PAUSE).await;
            }
            begun => return begun,
        }
    }
}

fn is_busy(error: &anyhow::Error) -> bool {
    matches!(error.chain().find_map(of_store), Some(entente_store::Error::Busy(_)))
}

/// What the database said. Errors that pass it on unchanged stand in its place in the chain.
fn of_store<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e entente_store::Error> {
    if let Some(SealError::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    if let Some(Disagreement::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    if let Some(DeskError::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    cause.downcast_ref().or_else(|| cause.downcast_ref::<StoreError>().map(|StoreError(error)| error))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use anyhow::Context as _;
    use entente_store::Error;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_busy_database_is_asked_again_and_anything_else_ends_it() {
        let asked = AtomicU32::new(0);
        let answer = once_free(Duration::from_secs(60), || async {
            match asked.fetch_add(1, Ordering::Relaxed) {
                0..3 => Err(Error::Busy("starting".into())).context("it cannot be opened"),
                _ => Ok("open"),
            }
        });
        assert_eq!(answer.await.unwrap(), "open");
        assert_eq!(asked.load(Ordering::Relaxed), 4);

        let refused = once_free(Duration::from_secs(60), || async {
            asked.fetch_add(1, Ordering::Relaxed);
            anyhow::Result::<()>::Err(Error::Database("no".into()).into())
        });
        assert!(refused.await.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 5);
    }

    #[test]
    fn row_41_a_busy_database_is_known_as_such_by_whatever_error_it_is_told() {
        let busy = || Error::Busy("away".into());
        let told: [anyhow::Error; 5] = [
            busy().into(),
            SealError::from(busy()).into(),
            Disagreement::from(busy()).into(),
            DeskError::from(busy()).into(),
            StoreError(busy()).into(),
        ];
        for error in told {
            assert!(is_busy(&error) && is_busy(&error.context("it does not start")));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_stays_busy_is_given_up() {
        let busy =
            once_free(Duration::from_secs(60), async || anyhow::Result::<()>::Err(Error::Busy("locked".into()).into()));
        assert!(is_busy(&busy.await.unwrap_err()));
    }
}
