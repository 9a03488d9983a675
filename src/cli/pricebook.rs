//! `entente pricebook`.

use std::path::PathBuf;

use entente_core::offer::price_book::PriceBook;
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    input,
    session::{Globals, Session},
};
use crate::{authz::Action, offers::price_books};

/// Import and show price books
#[derive(Debug, clap::Subcommand)]
pub enum Pricebook {
    /// Import a version of a price book; it is never changed afterwards
    Import {
        /// Its id, as offers name it, such as acme@2027.1
        #[arg(value_name = "ID@VERSION", value_parser = id)]
        id: String,
        /// The prices
        #[arg(value_name = "FILE.CSV")]
        file: PathBuf,
    },
    /// List the price books
    List,
    /// Show a price book
    Show {
        /// Its id
        #[arg(value_name = "ID@VERSION")]
        id: String,
    },
}

impl Pricebook {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Pricebook::Import { id, file } => {
                let text = input::document(&file)?;
                let book = PriceBook::from_csv(&id, &input::name(&file), &text)?;
                let session = Session::open(globals).await?;
                let actor = session.act(Action::ImportPrices, "price book", &id)?;
                let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
                price_books::import(store, &book, &text, actor.person.as_str(), now).await.map_err(taken)?;
                session.out.say(&format!("`{id}` is imported; offers may name it in `price_book`"));
                Ok(Exit::Ok)
            }
            Pricebook::List => list(&Session::open(globals).await?).await,
            Pricebook::Show { id } => show(&Session::open(globals).await?, &id).await,
        }
    }
}

/// A book that exists already has priced offers already.
fn taken(error: crate::offers::DeskError) -> Failure {
    let failure = Failure::from(error);
    match failure.exit {
        Exit::Conflict => failure.hint("a price book never changes; import it under a new version"),
        _ => failure,
    }
}

async fn list(session: &Session) -> Result<Exit, Failure> {
    let books = price_books::list(session.app.store.as_ref()).await?;
    if session.out.is_json() {
        let rows: Vec<_> = books
            .iter()
            .map(|book| json!({ "id": book.name, "sha256": book.sha256, "by": book.by, "at": book.at }))
            .collect();
        session.out.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let cells =
        books.iter().map(|book| vec![book.name.clone(), book.at.to_string(), book.by.clone(), book.sha256.clone()]);
    session.out.table(&["price book", "imported", "by", "sha256"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

async fn show(session: &Session, id: &str) -> Result<Exit, Failure> {
    let found = price_books::text(session.app.store.as_ref(), id).await?;
    let book =
        found.ok_or_else(|| Failure::from(entente_store::Error::NotFound { kind: "price book", id: id.to_owned() }))?;
    if session.out.is_json() {
        session
            .out
            .json(&json!({ "id": book.name, "sha256": book.sha256, "by": book.by, "at": book.at, "csv": book.text }))?;
    } else {
        session.out.data(book.text.trim_end());
    }
    Ok(Exit::Ok)
}

fn id(text: &str) -> Result<String, String> {
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    match text.split_once('@') {
        Some((name, version)) if plain(name) && plain(version) => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is no price book; write id@version, such as acme@2027.1")),
    }
}
