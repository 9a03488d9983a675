//! History rows of a large batch are copied in: rows that come together share one entry of the server's log per page.

use sqlx::PgConnection;

use crate::{commit::Step, fault::Fault, values::signed};

/// From so many steps on, what that saves is more than what one more exchange with the server costs.
const MANY: usize = 8;

/// `COPY` takes no parameters, so nobody checks this statement when it is compiled. Its columns are those of [`push_row`].
const COPY: &str = "COPY history (no, rid, seq, prev_hash, hash, record) FROM STDIN (FORMAT binary)";

/// What a binary copy begins with: its signature, no flags, no extension.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The end of the rows.
const END: i16 = -1;

/// Whether so many steps are worth a copy.
pub(super) fn is_worth_it(steps: usize) -> bool {
    steps >= MANY
}

/// Adds a history row for each step; `first` is the number of the first.
pub(super) async fn copy(conn: &mut PgConnection, steps: &[Step<'_>], first: i64) -> Result<(), Fault> {
    let length: usize = steps.iter().map(|step| step.member.record.len() + ROOM).sum();
    let mut rows = Vec::with_capacity(HEAD.len() + length);
    rows.extend_from_slice(HEAD);
    for (no, step) in (first..).zip(steps) {
        push_row(&mut rows, no, step)?;
    }
    rows.extend_from_slice(&END.to_be_bytes());
    let mut copied = conn.copy_in_raw(COPY).await?;
    copied.send(rows).await?;
    if copied.finish().await? != steps.len() as u64 {
        return Err(Fault::refused("a part of the history was not written"));
    }
    Ok(())
}

/// Bytes of a row without its record, at most.
const ROOM: usize = 128;

fn push_row(rows: &mut Vec<u8>, no: i64, step: &Step<'_>) -> Result<(), Fault> {
    let seq = signed("step", step.member.snapshot.seq)?;
    let fields: [&[u8]; 6] = [
        &no.to_be_bytes(),
        &step.rid.to_be_bytes(),
        &seq.to_be_bytes(),
        &step.member.prev_hash,
        &step.member.hash,
        step.member.record.as_bytes(),
    ];
    rows.extend_from_slice(&6_i16.to_be_bytes());
    for field in fields {
        let length = i32::try_from(field.len()).map_err(|_| Fault::refused("a record is longer than any field"))?;
        rows.extend_from_slice(&length.to_be_bytes());
        rows.extend_from_slice(field);
    }
    Ok(())
}
