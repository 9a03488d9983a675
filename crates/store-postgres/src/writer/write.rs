//! One write, as the task sees it: something to do inside a transaction, and somebody to tell.

use async_trait::async_trait;
use entente_store::Result;
use tokio::sync::oneshot;

use crate::{fault::Fault, work::Work};

/// A write other than a batch. It may be done again from the start after a rollback, so it keeps nothing between.
pub(crate) trait Write: Send + Sync + 'static {
    /// What the caller gets.
    type Out: Send + 'static;

    /// Does it, inside a transaction that others may share. After an error the transaction is rolled back.
    fn apply(&self, work: &mut Work<'_>) -> impl Future<Output = std::result::Result<Self::Out, Fault>> + Send;
}

/// A write with its caller.
struct Call<W: Write> {
    write: W,
    out: Option<W::Out>,
    reply: oneshot::Sender<Result<W::Out>>,
}

/// A call for the task, and where its answer will come.
pub(super) fn call<W: Write>(write: W) -> (Box<dyn Erased>, oneshot::Receiver<Result<W::Out>>) {
    let (reply, answer) = oneshot::channel();
    (Box::new(Call { write, out: None, reply }), answer)
}

/// A write of any kind.
#[async_trait]
pub(super) trait Erased: Send {
    /// Does it and keeps the answer.
    async fn apply(&mut self, work: &mut Work<'_>) -> std::result::Result<(), Fault>;

    /// Gives the kept answer to the caller, now that it is durable.
    fn succeed(self: Box<Self>);

    /// Tells the caller why it did not happen.
    fn fail(self: Box<Self>, error: entente_store::Error);
}

#[async_trait]
impl<W: Write> Erased for Call<W> {
    async fn apply(&mut self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        self.out = Some(self.write.apply(work).await?);
        Ok(())
    }

    // A caller that has gone away does not need its answer: what was written stays written.
    fn succeed(self: Box<Self>) {
        if let Some(out) = self.out {
            let _ = self.reply.send(Ok(out));
        }
    }

    fn fail(self: Box<Self>, error: entente_store::Error) {
        let _ = self.reply.send(Err(error));
    }
}
