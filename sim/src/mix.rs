//! The mix of one seed: how many runners, and which faults strike how often. Each seed leaves most faults out, so that
//! the others meet in ways that a mix of everything would drown.

use std::{fmt, time::Duration};

use crate::draw::Draw;

/// A rate in ten thousandths.
pub type Rate = u32;

/// What strikes calls to the database.
#[derive(Debug, Clone, Default)]
pub struct StoreFaults {
    /// A call fails, nothing happened.
    pub busy: Rate,
    /// A write happens and its answer is lost.
    pub lost_ack: Rate,
    /// The process is killed at a call.
    pub crash: Rate,
    /// A call takes longer than a lease lives.
    pub crawl: Rate,
}

/// What strikes calls to the marketplace.
#[derive(Debug, Clone, Default)]
pub struct MarketFaults {
    /// Applied, and the answer is lost.
    pub lost_answer: Rate,
    /// The connection breaks before anything is applied.
    pub dropped: Rate,
    /// Told to come back later.
    pub throttled: Rate,
    /// The object is busy.
    pub busy: Rate,
    /// The credentials are refused.
    pub auth: Rate,
    /// Refused for good.
    pub refused: Rate,
    /// A search fails itself.
    pub blind: Rate,
    /// Found only after the documented delay, not before.
    pub late: Rate,
    /// A promise is broken: the token is forgotten, or the effect stays hidden for longer than documented.
    pub forgetful: Rate,
}

/// What strikes whole processes. Each has a mean pause between two strikes; `None`: never.
#[derive(Debug, Clone, Default)]
pub struct ProcessFaults {
    /// Killed at any moment.
    pub killed: Option<Duration>,
    /// Stopped and started again by a person.
    pub restarted: Option<Duration>,
    /// Frozen, and thawed after a while.
    pub frozen: Option<Duration>,
    /// Cut off from the database.
    pub cut_off: Option<Duration>,
    /// Everybody's marketplace is down for a while.
    pub storms: Option<Duration>,
}

/// The mix of one seed.
#[derive(Debug, Clone)]
pub struct Mix {
    /// Processes.
    pub runners: usize,
    /// How long a lease lives.
    pub lease_ttl: Duration,
    /// How often processes look at the database.
    pub poll: Duration,
    /// The longest that a call to the database takes as a rule.
    pub slowest: Duration,
    /// The farthest that the clock of a process is off, either way.
    pub skew: Duration,
    /// For how long faults strike.
    pub stormy: Duration,
    /// Runs that people start.
    pub runs: u64,
    /// Everybody claims the same money at the same time.
    pub rush: bool,
    /// Every shard exists; otherwise those of the runs alone, which is quicker.
    pub all_shards: bool,
    /// Deals that people must approve.
    pub deals: u64,
    /// Whether some runs belong to a partner, who looks at whatever he is let.
    pub partner: bool,
    /// Whether processes run scheduled jobs.
    pub jobs: bool,
    /// Faults of calls to the database.
    pub store: StoreFaults,
    /// Faults of calls to the marketplace.
    pub market: MarketFaults,
    /// Faults of processes.
    pub process: ProcessFaults,
}

impl Mix {
    /// The mix of a seed.
    pub fn of(seed: u64) -> Mix {
        let mut draw = Draw::new(seed, "mix");
        let runners = draw.one_of(1, &[1, 2, 2, 3, 3, 4, 5]);
        let seconds = Duration::from_secs;
        let mut more = Draw::new(seed, "more");
        let mix = Mix {
            runners,
            lease_ttl: seconds(draw.one_of(10, &[15, 30])),
            poll: Duration::from_millis(draw.one_of(500, &[1000, 2000])),
            slowest: Duration::from_millis(draw.one_of(0, &[2, 20, 400])),
            skew: seconds(draw.one_of(0, &[0, 0, 5, 600])),
            stormy: seconds(draw.between(30, 150)),
            runs: draw.between(2, 8),
            rush: draw.chance(1200),
            all_shards: draw.chance(700),
            deals: if more.chance(3500) { more.between(1, 3) } else { 0 },
            partner: more.chance(3500),
            jobs: more.chance(2500),
            store: StoreFaults {
                busy: often(&mut draw),
                lost_ack: often(&mut draw),
                crash: often(&mut draw) / 8,
                crawl: often(&mut draw) / 20,
            },
            market: MarketFaults {
                lost_answer: often(&mut draw) * 4,
                dropped: often(&mut draw) * 4,
                throttled: often(&mut draw) * 4,
                busy: often(&mut draw) * 4,
                auth: often(&mut draw),
                refused: often(&mut draw),
                blind: often(&mut draw) * 4,
                late: often(&mut draw) * 10,
                forgetful: often(&mut draw) / 2,
            },
            process: ProcessFaults {
                killed: seldom(&mut draw),
                restarted: seldom(&mut draw),
                frozen: seldom(&mut draw),
                cut_off: seldom(&mut draw),
                storms: seldom(&mut draw),
            },
        };
        if more.chance(600) { mix.alone() } else { mix }
    }

    /// One process by itself, whose answers are lost: no word from others has it look for what it missed.
    fn alone(self) -> Mix {
        Mix {
            runners: 1,
            runs: self.runs.min(4),
            deals: 0,
            jobs: false,
            store: StoreFaults { lost_ack: 700, ..StoreFaults::default() },
            process: ProcessFaults::default(),
            ..self
        }
    }
}

/// Out of two faults one strikes at all; a struck one seldom, sometimes or often.
fn often(draw: &mut Draw) -> Rate {
    if draw.chance(5000) { draw.one_of(20, &[150, 700]) } else { 0 }
}

fn seldom(draw: &mut Draw) -> Option<Duration> {
    draw.chance(4000).then(|| Duration::from_secs(draw.one_of(10, &[25, 60])))
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} runners, {} runs, {} deals, a partner: {}, jobs: {}, faults for {:?}; leases of {:?}, a look every {:?}, calls up to {:?}, clocks off by up to {:?}",
            self.runners,
            self.runs,
            self.deals,
            self.partner,
            self.jobs,
            self.stormy,
            self.lease_ttl,
            self.poll,
            self.slowest,
            self.skew
        )?;
        writeln!(f, "per 10,000 calls: {:?} {:?}", self.store, self.market)?;
        write!(f, "mean pause: {:?}", self.process)
    }
}
