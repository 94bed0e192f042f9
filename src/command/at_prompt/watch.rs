//! `watch COMMAND every N`: a prompt runs a command again and again.

use crate::{
    command::{
        at_prompt::refusal::only_at_prompts,
        engine::{Access, Behind, Command, Entry, Help, Line, Parsed, PromptAct, Traits, parsed},
    },
    node::{Node, Session},
    reply::{Code, Error, Reply},
    script::{command_text, joined},
};
use anylog_values::TimeSpan;
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// The time between two runs when the command names none.
const USUAL: Duration = Duration::from_secs(2);
/// The shortest and the longest time between two runs.
const LIMITS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(24 * 60 * 60));

/// A command that a prompt runs again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Watch {
    command: String,
    every: Duration,
}

#[async_trait]
impl Command for Watch {
    async fn run(self: Box<Self>, _node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Err(only_at_prompts("watch"))
    }

    fn prompt_act(&self) -> Option<PromptAct> {
        Some(PromptAct::Watch { command: self.command.clone(), every: self.every })
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    let words = line.arguments();
    let (command, every) = match words.iter().rposition(|word| word.is("every")).map(|at| words.split_at(at)) {
        Some((command, [_, time @ ..])) => (command, time_of(&joined(time))?),
        _ => (words, USUAL),
    };
    let Some(first) = command.first() else {
        return Err(Error::with(Code::STRUCTURE, "write: watch COMMAND every 5 seconds"));
    };
    let Some((entry, _)) = line.catalog.find(command, 0)? else {
        return Err(Error::with(Code::STRUCTURE, format!("'{}' is no command", first.text)));
    };
    if entry.traits.at_prompt || entry.opens_secrets {
        return Err(Error::with(Code::STRUCTURE, format!("'{}' cannot be watched", first.text)));
    }
    parsed(Watch { command: command_text(command), every })
}

fn time_of(text: &str) -> Result<Duration, Error> {
    let wrong = |reason: String| Error::with(Code::STRUCTURE, format!("'every {text}': {reason}"));
    let time = text.parse().map(TimeSpan::duration).map_err(|error| wrong(format!("{error}")))?;
    let (shortest, longest) = LIMITS;
    if time < shortest || time > longest {
        return Err(wrong("from 200 ms to 1 day".to_owned()));
    }
    Ok(time)
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::change(
    "watch",
    parse,
    Help {
        usage: "watch [command] [every time]",
        text: "Runs a command again and again, every 2 seconds when no time is given, until Enter, q or Ctrl-C. A terminal shows the last answer in one place, with the time and a mark at each line that changed; elsewhere the answers stand below each other.\nA prompt carries it out, with the rights of who sits there.",
        examples: &["watch get processes every 5 seconds", "watch blockchain get operator bring.count every 1", "watch get members"],
        index: &["cli", "monitor"],
    },
)
.reaching(Access::ReadNode)
.not_for_peers()
.with(Traits::CHANGE.staying().before(Behind::Command).at_prompt())];

#[cfg(test)]
mod tests {
    use crate::{
        command::{self, PromptAct},
        script::NoVariables,
    };
    use std::time::Duration;

    fn watch(text: &str) -> Result<Option<PromptAct>, String> {
        command::select(text).prompt_act(&NoVariables).map_err(|error| error.to_string())
    }

    fn every(command: &str, milliseconds: u64) -> Result<Option<PromptAct>, String> {
        Ok(Some(PromptAct::Watch { command: command.to_owned(), every: Duration::from_millis(milliseconds) }))
    }

    #[test]
    fn a_command_and_its_time_are_told_apart() {
        assert_eq!(watch("watch get status"), every("get status", 2000));
        assert_eq!(watch("watch get status every 5"), every("get status", 5000));
        assert_eq!(watch("watch get status every 500 ms"), every("get status", 500));
        let query = "blockchain get operator where name = \"a b\"";
        assert_eq!(watch(&format!("watch {query} every 1 minute")), every(query, 60_000));
        let quoted = "rest get where url = \"http://h/x?a=1&b=2\"";
        assert_eq!(watch(&format!("watch {quoted} every 5")), every(quoted, 5000));
        assert_eq!(watch("get status"), Ok(None));
    }

    #[test]
    fn what_cannot_be_watched_is_refused() {
        for text in [
            "watch get status every soon",
            "watch get status every 1 ms",
            "watch every 5",
            "watch watch get status",
            "watch set pager off",
            "watch nosuch",
        ] {
            assert!(watch(text).is_err(), "{text}");
        }
    }
}
