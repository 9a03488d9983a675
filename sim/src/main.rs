//! `entente-sim --seed N [--count M] [--trace]`: plays seeds, and says which law was broken by which of them. Built with
//! `deliberate-bugs`, it takes `--bug NAME` as well, and makes that mistake in all of them.

use std::process::ExitCode;

use entente_sim::play::{Options, play};

fn main() -> ExitCode {
    match Asked::read(std::env::args().skip(1)) {
        Ok(asked) => asked.play(),
        Err(why) => {
            eprintln!("{why}\nusage: entente-sim [--seed N] [--count M] [--trace] [--bug NAME]");
            ExitCode::from(2)
        }
    }
}

struct Asked {
    seed: u64,
    count: u64,
    trace: bool,
}

impl Asked {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Asked, String> {
        let mut asked = Asked { seed: 1, count: 1, trace: false };
        while let Some(word) = words.next() {
            let mut number = |name: &str| {
                let text = words.next().ok_or_else(|| format!("`{name}` needs a number"))?;
                text.parse::<u64>().map_err(|_| format!("`{name}` needs a number, not `{text}`"))
            };
            match word.as_str() {
                "--seed" => asked.seed = number("--seed")?,
                "--count" => asked.count = number("--count")?,
                "--trace" => asked.trace = true,
                "--bug" => make(&words.next().unwrap_or_default())?,
                other => return Err(format!("`{other}` is not known")),
            }
        }
        Ok(asked)
    }

    fn play(&self) -> ExitCode {
        let mut failed = 0u64;
        for seed in self.seed..self.seed.saturating_add(self.count) {
            let outcome = play(seed, Options { whole_trace: self.trace });
            failed += u64::from(outcome.violation.is_some());
            if self.trace || outcome.violation.is_some() {
                print!("{outcome}");
            } else if self.count == 1 {
                println!("seed {seed}: {} events, trace {:016x}", outcome.events, outcome.hash);
            }
        }
        println!("{} seeds from {}, {failed} of them broke a law", self.count, self.seed);
        ExitCode::from(u8::from(failed > 0))
    }
}

/// Makes a mistake from now on.
#[cfg(feature = "deliberate-bugs")]
fn make(name: &str) -> Result<(), String> {
    use entente_store::deliberate::{self, Bug};
    let bug = Bug::ALL.into_iter().find(|bug| format!("{bug:?}") == name);
    deliberate::make(Some(bug.ok_or_else(|| format!("`{name}` is none of {:?}", Bug::ALL))?));
    Ok(())
}

#[cfg(not(feature = "deliberate-bugs"))]
fn make(_: &str) -> Result<(), String> {
    Err("`--bug` needs a build with the feature `deliberate-bugs`".into())
}
