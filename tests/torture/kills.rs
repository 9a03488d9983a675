//! Who is killed, and when: at a drawn crash point, or after a drawn while.

use std::time::Duration;

use crate::{
    draw::Draw,
    ground,
    house::{House, server::Server},
};

/// Keeps as many processes alive as the store allows, and kills them.
pub struct Killer<'a> {
    house: &'a House,
    alive: Vec<Server>,
}

impl<'a> Killer<'a> {
    /// Nobody lives yet.
    pub fn new(house: &'a House) -> Killer<'a> {
        Killer { house, alive: Vec::new() }
    }

    /// Processes at the same time.
    fn room() -> usize {
        if ground::on_server() { 3 } else { 1 }
    }

    /// Starts who is missing, the last of them with a crash point, lets them work for a drawn while, and kills one.
    pub async fn kill_one(&mut self, draw: &mut Draw, attend: impl AsyncFn()) {
        let point = format!("K{}:*:{}", 1 + draw.below(8), 1 + draw.below(6));
        while self.alive.len() + 1 < Killer::room() {
            self.alive.push(self.house.run_beside().await);
        }
        let mut marked = self.house.serve_until(Some(&point)).await;
        for _ in 0..10 + draw.below(40) {
            attend().await;
            if !marked.runs() {
                return marked.died().await;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        self.alive.push(marked);
        let victim = usize::try_from(draw.below(self.alive.len() as u64)).unwrap();
        let victim = self.alive.remove(victim);
        victim.kill().await;
        // Who lives on at a crash point would die of it later, uncounted.
        if self.alive.last().is_some_and(Server::has_crash_point)
            && let Some(marked) = self.alive.pop()
        {
            marked.kill().await;
        }
    }

    /// Those who see it through: as many as the store allows, none with a crash point.
    pub async fn survivors(mut self) -> Vec<Server> {
        while self.alive.len() < Killer::room() {
            self.alive.push(self.house.serve().await);
        }
        self.alive
    }
}
