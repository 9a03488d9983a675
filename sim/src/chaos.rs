//! What strikes whole processes, at moments that the seed draws.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use crate::{draw::Draw, play::House, process::Process};

type Strike = Box<dyn Fn(&mut Draw) -> Box<dyn FnOnce() + Send> + Send>;

/// Lets faults strike until their time is over.
pub async fn storm(house: &House) {
    let (ground, faults) = (&house.ground, &house.ground.mix.process);
    let ttl = ground.mix.lease_ttl;
    let runners = house.runners.clone();
    let mut strikes: Vec<(Duration, Strike)> = Vec::new();
    let mut add = |every: Option<Duration>, strike: Strike| strikes.extend(every.map(|every| (every, strike)));
    let all = runners.clone();
    add(faults.killed, Box::new(move |draw| with(&all, draw, |runner, _| runner.kill("at a moment of its own"))));
    let all = runners.clone();
    add(faults.restarted, Box::new(move |draw| with(&all, draw, |runner, _| runner.ask_to_stop())));
    let all = runners.clone();
    add(faults.frozen, Box::new(move |draw| with(&all, draw, move |runner, part| runner.freeze(part * 3 * of(ttl)))));
    let all = runners.clone();
    add(faults.cut_off, Box::new(move |draw| with(&all, draw, move |runner, part| runner.cut_off(part * 2 * of(ttl)))));
    let market = house.market.clone();
    add(
        faults.storms,
        Box::new(move |draw| {
            let (market, time) = (market.clone(), draw.millis(1_000, 40_000));
            Box::new(move || market.storm(time))
        }),
    );
    let mut all = JoinSet::new();
    for (every, strike) in strikes {
        let ground = ground.clone();
        all.spawn(async move {
            loop {
                let most = u64::try_from(every.as_millis()).unwrap_or(u64::MAX).saturating_mul(2);
                tokio::time::sleep(ground.draw(|draw| draw.millis(0, most))).await;
                let struck = ground.draw(|draw| strike(draw));
                struck();
            }
        });
    }
    tokio::time::sleep(ground.mix.stormy).await;
}

/// A thousandth of a time, to be multiplied by a drawn number.
fn of(time: Duration) -> Duration {
    time / 1000
}

fn with(
    all: &[Arc<Process>],
    draw: &mut Draw,
    strike: impl FnOnce(&Process, u32) + Send + 'static,
) -> Box<dyn FnOnce() + Send> {
    let at = usize::try_from(draw.below(all.len() as u64)).unwrap_or(0);
    let part = u32::try_from(draw.below(1000)).unwrap_or(0);
    let runner = all.get(at).cloned();
    Box::new(move || {
        if let Some(runner) = runner {
            strike(&runner, part);
        }
    })
}
