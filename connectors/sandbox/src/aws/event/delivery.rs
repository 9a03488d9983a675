//! Posting queued events to their sinks: best effort, bounded retries.

use std::sync::Arc;
use std::time::Duration;

use super::Delivery;
use crate::sandbox::Sandbox;

/// Deliveries of one event to one sink, the first included.
const ATTEMPTS_MAX: u32 = 5;

/// Posts everything that is due, one after the other, so that the queue's order is the sinks'.
pub(crate) async fn deliver_due(sandbox: &Arc<Sandbox>, client: &reqwest::Client) {
    while let Some((delivery, url)) = next(sandbox) {
        let answer = client.post(&url).json(&delivery.envelope).timeout(Duration::from_secs(2)).send().await;
        let delivered = answer.is_ok_and(|response| response.status().is_success());
        if !delivered {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        settle(sandbox, &delivery, delivered);
    }
}

/// The next due delivery. It stays queued until it is settled, so a killed sandbox delivers again.
fn next(sandbox: &Sandbox) -> Option<(Delivery, String)> {
    sandbox.read(|world| {
        let now = world.clock.now();
        let delivery = world.aws.events.queue.iter().find(|delivery| delivery.due <= now)?;
        let sink = world.aws.events.sinks.iter().find(|sink| sink.sink_id == delivery.sink_id);
        Some((delivery.clone(), sink.map(|sink| sink.url.clone()).unwrap_or_default()))
    })
}

fn settle(sandbox: &Sandbox, delivery: &Delivery, delivered: bool) {
    let saved = sandbox.write(|world| {
        let queue = &mut world.aws.events.queue;
        let found = queue.iter().position(|queued| {
            queued.sink_id == delivery.sink_id
                && queued.attempts == delivery.attempts
                && queued.envelope.get("id") == delivery.envelope.get("id")
        });
        let Some(index) = found else { return };
        let exhausted = delivery.attempts + 1 >= ATTEMPTS_MAX;
        if delivered || exhausted {
            queue.remove(index);
        } else if let Some(queued) = queue.get_mut(index) {
            queued.attempts += 1;
        }
        if exhausted && !delivered {
            tracing::warn!(sink = %delivery.sink_id, "an event could not be delivered and was given up");
        }
    });
    if let Err(error) = saved {
        tracing::error!(%error, "an event's delivery could not be saved");
    }
}
