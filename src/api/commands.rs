//! Questions and commands in the language: their text is a value, and goes the way of every other one.

use crate::{
    api::{
        answers::document,
        call::ApiCall,
        documents::{
            AskDocument, CatalogDocument, CommandDocument, NodeAnswerDocument, PairDocument, ResultDocument,
            RunDocument,
        },
        policies::{LARGE, written_apart},
        problem::Problem,
    },
    command::{self, CATALOG, Entry, Selection, ledger::query},
    node,
    policy::json,
    render,
    reply::{Code, Error, PeerContent, Reply, WrittenJson},
    rest::rest_reply::RestReply,
};

/// Answers a question about policies that stands in the URL.
///
/// # Errors
/// The text is no such question; what it says about itself.
pub async fn ask_by_url(call: &mut ApiCall<'_>) -> Result<RestReply, Problem> {
    let question = call.query.text("q").unwrap_or_default().to_owned();
    ask_for(call, &question).await
}

/// Answers a question about policies that stands in the body.
///
/// # Errors
/// As [`ask_by_url`].
pub async fn ask(call: &mut ApiCall<'_>) -> Result<RestReply, Problem> {
    let AskDocument { query } = call.json()?;
    ask_for(call, &query).await
}

async fn ask_for(call: &mut ApiCall<'_>, question: &str) -> Result<RestReply, Problem> {
    let selection = command::select(question);
    if !selection.entry().is_some_and(query::asks_for_policies) {
        let detail = "this is no question about policies; /v1/commands takes every command";
        let error = Error::with(Code::UNRECOGNIZED_COMMAND, detail);
        return Err(call.problem(&error));
    }
    run_selected(call, &selection).await
}

/// Runs the command of the body.
///
/// # Errors
/// The command's own.
pub async fn run(call: &mut ApiCall<'_>) -> Result<RestReply, Problem> {
    let RunDocument { command } = call.json()?;
    run_selected(call, &command::select(&command)).await
}

async fn run_selected(call: &mut ApiCall<'_>, selection: &Selection<'_>) -> Result<RestReply, Problem> {
    let outcome = Box::pin(selection.run(call.context.node, &mut call.session)).await;
    let caller = call.context.caller.ip();
    let events = &call.context.node.events;
    events.call(call.context.thread, caller, selection.text(), outcome.as_ref().map(|_| ()));
    match outcome {
        Ok(reply) => written(call, reply).await,
        Err(error) => {
            node::report(call.context.node, &mut call.session, selection.text(), &error);
            Err(call.problem(&error))
        }
    }
}

/// Writes a reply; megabytes are not written where other callers are served.
async fn written(call: &ApiCall<'_>, reply: Reply) -> Result<RestReply, Problem> {
    // Such a text is only handed on elsewhere; here it is read.
    let is_long = matches!(&reply, Reply::Json(json) if json.text.len() > LARGE);
    if !is_long && !reply.is_large() {
        return Ok(document(&result(reply)));
    }
    written_apart(call, || document(&result(reply))).await
}

/// Answers with the commands of the catalog.
pub fn catalog(call: &ApiCall<'_>) -> RestReply {
    let of_entry = |entry: &'static Entry| CommandDocument {
        words: entry.words.to_owned(),
        usage: entry.help.usage.to_owned(),
        text: entry.help.text.to_owned(),
        examples: entry.help.examples.iter().map(|text| (*text).to_owned()).collect(),
        index: entry.help.index.iter().map(|text| (*text).to_owned()).collect(),
        access: entry.access.name().to_owned(),
        offered: entry.is_offered(),
        allowed: command::may_run(entry, call.context.node, &call.session).is_ok(),
    };
    document(&CatalogDocument { commands: CATALOG.entries().map(of_entry).collect() })
}

/// Makes the document of a reply.
fn result(reply: Reply) -> ResultDocument {
    match reply {
        Reply::Empty | Reply::Control(_) => ResultDocument::Empty {},
        Reply::Text(text) => ResultDocument::Text { text },
        Reply::Json(WrittenJson { text, .. }) => match json::parse(&text) {
            Ok(value) => ResultDocument::Value { value },
            Err(_) => ResultDocument::Text { text },
        },
        Reply::Value(value) | Reply::Indented(value) => ResultDocument::Value { value },
        Reply::PolicyPlan(plan) => ResultDocument::Value { value: plan.value() },
        Reply::Lines(lines) => ResultDocument::Lines { lines: lines.lines },
        Reply::Pairs(pairs) => {
            let pairs = pairs.pairs.into_iter().map(|(name, value)| PairDocument { name, value });
            ResultDocument::Pairs { pairs: pairs.collect() }
        }
        Reply::Table(table) => ResultDocument::Table { columns: table.titles, rows: table.rows },
        Reply::Rows(rows) => ResultDocument::Table { columns: rows.columns, rows: rows.rows },
        Reply::Sections(sections) => ResultDocument::Sections { sections: sections.into_iter().map(result).collect() },
        Reply::Policies(policies) => ResultDocument::Policies { policies },
        Reply::Objects(objects) => ResultDocument::Objects { objects },
        Reply::Count(count) => ResultDocument::Count { count },
        Reply::Answers(answers) => ResultDocument::Answers {
            answers: answers
                .into_iter()
                .map(|one| {
                    let (answer, error) = match one.outcome {
                        Ok(PeerContent::Text(text)) => (Some(text.into()), None),
                        Ok(PeerContent::Json(value)) => (Some(value), None),
                        Err(error) => (None, Some(error.to_string())),
                    };
                    NodeAnswerDocument { node: one.destination, answer, error }
                })
                .collect(),
        },
        // What is made for people alone is the text that people read.
        reply @ (Reply::Help(_) | Reply::Checklist(_) | Reply::Copy(_)) => {
            ResultDocument::Text { text: render::text(&reply) }
        }
    }
}
