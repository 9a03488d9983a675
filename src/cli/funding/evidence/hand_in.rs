//! Handing files in: one alone, or those that a claim names by their paths.

use std::{
    fs::File,
    io::Read as _,
    path::{Component, Path},
};

use entente_core::{
    context::{
        FieldError,
        funding::{ClaimPaper, Paper as _, load_with},
    },
    ids::PartyId,
    mdf::model::{ClaimKind, Scan},
    scope::Scope,
};

use crate::{
    cli::{exit::Exit, failure::Failure, funding::papers, input, session::Session},
    decision::{JOINT_REQUESTS, is_of},
    funding::{
        evidence::{self, Kept, NotKept},
        joint, launch, stored,
    },
};

/// Whose hash stands for a file that has yet to be kept, while the rest of its claim is checked.
const ANY_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Keeps one file of a party.
pub async fn keep(session: &Session, party: &PartyId, file: &Path, class: &str) -> Result<Kept, Failure> {
    let (name, bytes) = (input::name(file), read(file, session)?);
    let vault = session.app.evidence.vault().map_err(NotKept::from)?;
    let (store, scanner) = (session.app.store.as_ref(), session.app.config.scanner());
    let file = evidence::File { name: &name, bytes, class };
    Ok(evidence::keep(store, &vault, scanner.as_ref(), party, file, session.app.clock.now()).await?)
}

/// Reads a file; of one that is too large no more than shows that it is.
fn read(path: &Path, session: &Session) -> Result<Vec<u8>, Failure> {
    let limits = session.app.config.evidence(&session.app.database).map_err(anyhow::Error::from)?.limits;
    let mut bytes = Vec::new();
    let found = File::open(path).and_then(|file| file.take(limits.bytes.saturating_add(1)).read_to_end(&mut bytes));
    found.map_err(|error| Failure::usage(format!("{}: cannot be read: {error}", input::name(path))))?;
    Ok(bytes)
}

/// A claim that names no payees has those that were agreed with its request.
pub async fn payees(session: &Session, paper: ClaimPaper) -> Result<ClaimPaper, Failure> {
    // What is paid in advance or given in kind is the partner's alone, or nobody's.
    if !paper.payees.is_empty() || [ClaimKind::Advance, ClaimKind::InKind].contains(&paper.kind) {
        return Ok(paper);
    }
    let store = session.app.store.as_ref();
    let asked = match is_of(JOINT_REQUESTS, &paper.request) {
        // All parts of a joint request have the same shares.
        true => joint::requests(store, &Scope::vendor(), &paper.request).await.map(|mut parts| parts.remove(0)),
        false => stored::request(store, &paper.request).await,
    };
    // What is not there, or somebody else's, the rules say of the claim.
    let asked = asked.ok().filter(|asked| asked.sheet.paper.partner == paper.partner);
    let shares = asked.and_then(|asked| asked.sheet.paper.shares);
    Ok(ClaimPaper { payees: shares.map(|shares| shares.payees()).unwrap_or_default(), ..paper })
}

/// Reads a claim. A file in it may be named by its path, as seen from where the claim lies.
pub fn claim(file: &Path) -> Result<ClaimPaper, Failure> {
    let text = input::document(file)?;
    Ok(load_with(&input::name(file), &text, check)?)
}

fn check(paper: &ClaimPaper) -> Result<(), FieldError> {
    if paper.joint.is_some() {
        let message = "is written by Entente alone; name the joint request as `request` instead";
        return Err(FieldError { field: "/joint".into(), message: message.into() });
    }
    let mut named = paper.clone();
    for (at, proof) in named.evidence.iter_mut().enumerate().filter(|(_, proof)| !proof.is_kept()) {
        let plain = Path::new(&proof.file).components().all(|part| matches!(part, Component::Normal(_)));
        if !plain || proof.file.is_empty() {
            let message =
                "is neither the SHA-256 of a file nor a file beside the claim; write a name such as `invoice.pdf`";
            return Err(FieldError { field: format!("/evidence/{at}/file"), message: message.into() });
        }
        proof.file = ANY_HASH.to_owned();
    }
    named.check()
}

/// Hands in the files that a claim names by their paths, so that it names all of them by their hashes.
pub async fn files(session: &Session, file: &Path, paper: ClaimPaper) -> Result<ClaimPaper, Failure> {
    if paper.evidence.iter().all(entente_core::context::funding::Proof::is_kept) {
        return Ok(paper);
    }
    let home = launch::home(&paper)?;
    papers::actor::<ClaimPaper>(session, <ClaimPaper as papers::Spoken>::ACTION, &paper.title(), &home)?;
    // Whoever is no partner keeps nothing.
    stored::partner(session.app.store.as_ref(), &paper.partner).await?;
    let beside = file.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut named = paper;
    for proof in named.evidence.iter_mut().filter(|proof| !proof.is_kept()) {
        let kept = keep(session, &named.partner, &beside.join(&proof.file), &evidence::class_of(&proof.kind)).await?;
        if kept.scan == Scan::Infected {
            let message = format!("the scanner found something harmful in `{}`; hand in a clean copy", kept.name);
            return Err(Failure::new(Exit::Conflict, message));
        }
        session.out.say(&format!("`{}` is kept as {}", kept.name, kept.sha256));
        proof.file = kept.sha256;
    }
    Ok(named)
}
