//! People and the schedule: they pause a job, resume it, and ask for it out of turn.

use entente::schedule::asked::{self, Asked};

use super::Party;
use crate::{draw::Draw, jobs::ASKED_FOR};

impl Party {
    /// Meddles with one job while faults strike; it is not left paused.
    pub(super) async fn meddle(self) {
        let mut draw = Draw::new(self.ground.seed, "schedule");
        loop {
            tokio::time::sleep(draw.millis(5_000, 60_000)).await;
            let quiet = self.ground.is_quiet();
            let came = match draw.below(4) {
                _ if quiet => self.door.pause(ASKED_FOR, false).await,
                0 => self.door.pause(ASKED_FOR, true).await,
                1 => self.door.pause(ASKED_FOR, false).await,
                _ => {
                    let by = "olga".parse().unwrap_or_else(|_| unreachable!("a name of letters"));
                    let Ok(asked) = Asked::now(&by, self.ground.now()) else { continue };
                    asked::ask(self.door.as_ref(), ASKED_FOR, &asked).await
                }
            };
            if quiet && came.is_ok() {
                return;
            }
        }
    }
}
