//! `entente template`: offers with most of their fields locked.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use entente_core::offer::template::{InputKind, Template as Form};
use serde_json::json;

use super::{exit::Exit, failure::Failure, input, output::Out, session::Globals};

/// Show templates and fill them
#[derive(Debug, clap::Subcommand)]
pub enum Template {
    /// List the templates in a folder
    List {
        /// The folder
        #[arg(value_name = "FOLDER", default_value = "templates")]
        folder: PathBuf,
    },
    /// Show what a template asks
    Show {
        /// The template
        #[arg(value_name = "TEMPLATE.YAML")]
        file: PathBuf,
    },
    /// Make an offer's document out of a template; create it with `entente offer create -`
    Fill {
        /// The template
        #[arg(value_name = "TEMPLATE.YAML")]
        file: PathBuf,
        /// An answer; may be given several times
        #[arg(long = "set", value_name = "NAME=VALUE", value_parser = input::pair)]
        answers: Vec<(String, String)>,
    },
}

impl Template {
    pub(super) fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let out = globals.out();
        match self {
            Template::List { folder } => list(&out, &folder),
            Template::Show { file } => show(&out, &read(&file)?),
            Template::Fill { file, answers } => fill(&out, &file, answers),
        }
    }
}

fn read(path: &Path) -> Result<Form, Failure> {
    Ok(Form::from_yaml(&input::name(path), &input::document(path)?)?)
}

fn list(out: &Out, folder: &Path) -> Result<Exit, Failure> {
    if !folder.is_dir() {
        return Err(Failure::new(Exit::NotFound, format!("{}: there is no such folder", folder.display())));
    }
    let is_yaml = |path: &Path| path.extension().is_some_and(|ending| ending == "yaml");
    let mut rows = Vec::new();
    for path in input::files(folder, &is_yaml)? {
        let form = read(&path)?;
        rows.push(vec![form.template, form.version.to_string(), path.display().to_string(), form.description]);
    }
    if out.is_json() {
        let named = |row: &Vec<String>| json!({ "template": row.first(), "version": row.get(1), "file": row.get(2), "description": row.get(3) });
        out.json(&rows.iter().map(named).collect::<Vec<_>>())?;
    } else {
        out.table(&["template", "version", "file", "what for"], &rows);
    }
    Ok(Exit::Ok)
}

fn show(out: &Out, form: &Form) -> Result<Exit, Failure> {
    if out.is_json() {
        let (name, version, description) = (&form.template, form.version, &form.description);
        out.json(&json!({ "template": name, "version": version, "description": description, "inputs": form.inputs }))?;
        return Ok(Exit::Ok);
    }
    out.say(&format!("{} version {}: {}", form.template, form.version, form.description));
    let cells = form.inputs.iter().map(|asked| {
        let kind = match asked.kind {
            InputKind::Text => "text",
            InputKind::Whole => "whole number",
            InputKind::Amount => "amount",
            InputKind::Date => "day",
        };
        let bounds = [("at least", &asked.min), ("at most", &asked.max), ("else", &asked.default)];
        let bounds = bounds.iter().filter_map(|(word, bound)| bound.as_ref().map(|bound| format!("{word} {bound}")));
        let choice = (!asked.one_of.is_empty()).then(|| format!("one of {}", asked.one_of.join(", ")));
        vec![
            asked.name.clone(),
            kind.to_owned(),
            bounds.chain(choice).collect::<Vec<_>>().join(", "),
            asked.ask.clone(),
        ]
    });
    out.table(&["answer", "kind", "allowed", "question"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

fn fill(out: &Out, file: &Path, answers: Vec<(String, String)>) -> Result<Exit, Failure> {
    let form = read(file)?;
    let mut given = BTreeMap::new();
    for (name, value) in answers {
        if given.insert(name.clone(), value).is_some() {
            return Err(Failure::usage(format!("`{name}` is answered twice; give one --set {name}=…")));
        }
    }
    let offer = form.instantiate(&given).map_err(|errors| {
        let all: Vec<String> = errors.iter().map(|error| format!("`{}` {}", error.field, error.message)).collect();
        let show = format!("see what it asks with `entente template show {}`", file.display());
        Failure::usage(format!("{}: {}", file.display(), all.join("; "))).hint(show)
    })?;
    if out.is_json() {
        out.json(&offer.to_json())?;
    } else {
        let text = serde_saphyr::to_string(&offer).map_err(|error| Failure::new(Exit::Error, error.to_string()))?;
        out.data(text.trim_end());
    }
    Ok(Exit::Ok)
}
