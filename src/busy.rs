//! A database that is busy is asked again: its server may be starting, or the machine have much to do.

use std::time::Duration;

use tokio::time::Instant;

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
    let refused = error.chain().find_map(|cause| cause.downcast_ref::<entente_store::Error>());
    matches!(refused, Some(entente_store::Error::Busy(_)))
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

    #[tokio::test(start_paused = true)]
    async fn one_that_stays_busy_is_given_up() {
        let busy =
            once_free(Duration::from_secs(60), async || anyhow::Result::<()>::Err(Error::Busy("locked".into()).into()));
        assert!(is_busy(&busy.await.unwrap_err()));
    }
}
