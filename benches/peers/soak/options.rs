//! What the words behind `scripts/soak` say.

use super::window::Ids;
use crate::{machine::ANYWAY, node::Store};
use std::{path::PathBuf, time::Duration};

const USAGE: &str = "scripts/soak [MINUTES] [postgres] [--new-ids] [--anyway] [FILE.svg]";
/// Minutes when nothing else is said.
const MINUTES: f64 = 120.0;
/// Minutes from which on a run is worth a place in the documents.
const LONG: f64 = 60.0;

/// What is to be run.
pub struct Options {
    /// How long the open loop runs.
    pub minutes: f64,
    /// Where the ledger is.
    pub store: Store,
    /// Whether dropped ids come back.
    pub ids: Ids,
    /// Whether the machine may have other work.
    pub is_anyway: bool,
    /// Where the picture goes, whatever the length of the run.
    pub picture: Option<PathBuf>,
}

impl Options {
    /// Reads the words.
    ///
    /// # Errors
    /// How they are written, when one of them says nothing.
    pub fn read(words: &[String]) -> Result<Self, String> {
        let mut options =
            Self { minutes: MINUTES, store: Store::Sqlite, ids: Ids::ComeBack, is_anyway: false, picture: None };
        for word in words {
            match word.as_str() {
                "postgres" => options.store = Store::Postgres,
                "--new-ids" => options.ids = Ids::New,
                ANYWAY => options.is_anyway = true,
                path if path.ends_with(".svg") => options.picture = Some(path.into()),
                number => match number.parse() {
                    Ok(minutes) if minutes > 0.0 => options.minutes = minutes,
                    _ => return Err(format!("'{number}' says nothing; write: {USAGE}")),
                },
            }
        }
        Ok(options)
    }

    /// How long the open loop runs.
    pub fn span(&self) -> Duration {
        Duration::from_secs_f64(self.minutes * 60.0)
    }

    /// Tells whether the documents show it. Ids that never come back measure something else.
    pub fn is_for_the_documents(&self) -> bool {
        self.minutes >= LONG && self.ids == Ids::ComeBack
    }

    /// What the picture and the marks in the document are called.
    pub fn name(&self) -> String {
        match self.store {
            Store::Sqlite => "soak".to_owned(),
            Store::Postgres => "soak-postgresql".to_owned(),
        }
    }

    /// What stands above tables and picture.
    pub fn title(&self, rate: f64) -> String {
        format!("Soak: {} minutes at {rate:.0} requests a second, {}", self.minutes, self.store.name())
    }

    /// How it is run again.
    pub fn command(&self) -> String {
        let mut words = vec!["scripts/soak".to_owned(), self.minutes.to_string()];
        words.extend((self.store == Store::Postgres).then(|| "postgres".to_owned()));
        words.extend((self.ids == Ids::New).then(|| "--new-ids".to_owned()));
        words.extend(self.is_anyway.then(|| ANYWAY.to_owned()));
        words.join(" ")
    }
}
