//! `set pager on|off`: whether a prompt shows long answers page by page.

use crate::{
    command::{
        at_prompt::refusal::only_at_prompts,
        engine::{Access, Command, Entry, Help, Line, Parsed, PromptAct, Traits, options::on_or_off, parsed},
    },
    node::{Node, Session},
    reply::{Code, Error, Reply},
};
use async_trait::async_trait;
use std::sync::Arc;

/// The choice of who sits at a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Paging(bool);

#[async_trait]
impl Command for Paging {
    async fn run(self: Box<Self>, _node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Err(only_at_prompts("set pager"))
    }

    fn prompt_act(&self) -> Option<PromptAct> {
        Some(PromptAct::Paging(self.0))
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    parsed(Paging(on_or_off(line, Code::STRUCTURE)?))
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::change(
    "set pager",
    parse,
    Help {
        usage: "set pager [on/off]",
        text: "Shows answers that are longer than the terminal page by page, or all at once. It counts for this prompt until it ends.",
        examples: &["set pager off"],
        index: &["cli"],
    },
)
.reaching(Access::ReadNode)
.not_for_peers()
.with(Traits::CHANGE.staying().at_prompt())];
