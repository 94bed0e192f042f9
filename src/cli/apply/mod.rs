//! `apply`: the ledger of a running node becomes what files say. The files are read and judged first, the node says what would
//! change, and then does exactly that or nothing.

mod body;
pub mod files;
mod policies;

use crate::{
    cli::{
        arguments::ApplyOptions,
        block_on::block_on,
        client::{client, told_apart},
        exit::ExitFailure,
        output::print,
    },
    policy::json,
    prompt::Client,
    render,
    reply::PolicyPlan,
};
use policies::DesiredFiles;
use std::io::{self, IsTerminal};

/// Shows what would change and changes it, unless it is only to be shown.
///
/// # Errors
/// Files that are no policies (64), a node that is away (75) or refuses (1), and with `--dry-run` that something would
/// change (2).
pub fn run(options: &ApplyOptions) -> Result<(), ExitFailure> {
    let desired = policies::read(&options.files)?;
    let client = client(&options.remote)?;
    let plan = ask(&client, body::plan(&desired.policies, &options.prune)?)?;
    refuse_mistakes(&plan, &desired)?;
    print(&shown(&plan))?;
    if plan.steps.is_empty() {
        return Ok(());
    }
    if options.dry_run {
        return Err(ExitFailure::Differs("nothing is changed (--dry-run)".to_owned()));
    }
    let done = ask(&client, body::apply(&desired.policies, &options.prune, &plan.plan)?)?;
    // The steps were shown before.
    print(&shown(&done).lines().last().map(|outcome| format!("{outcome}\n")).unwrap_or_default())
}

fn ask(client: &Client, command: String) -> Result<PolicyPlan, ExitFailure> {
    let answer = block_on(client.run_long(command))?.map_err(|error| told_apart(&error))?;
    let plan = json::parse(&answer).ok().and_then(|value| serde_json::from_value(value).ok());
    let other = "the node answered something else than a plan: is it of the same version as this program?";
    plan.ok_or_else(|| ExitFailure::Failed(other.to_owned()))
}

/// Tells what is wrong with the files in the eyes of the node.
fn refuse_mistakes(plan: &PolicyPlan, desired: &DesiredFiles) -> Result<(), ExitFailure> {
    if plan.mistakes.is_empty() {
        return Ok(());
    }
    let told = plan.mistakes.iter().map(|mistake| match mistake.policy.and_then(|place| desired.place(place)) {
        Some(place) => format!("{place}: {}", mistake.reason),
        None => mistake.reason.clone(),
    });
    let told = told.collect::<Vec<_>>().join("\n");
    let told = format!("nothing is changed\n{told}");
    let is_refused = plan.mistakes.iter().all(|mistake| mistake.refused);
    Err(if is_refused { ExitFailure::Failed(told) } else { ExitFailure::Usage(told) })
}

/// Writes a plan for people at a terminal in colours, for everybody else without.
fn shown(plan: &PolicyPlan) -> String {
    let text = render::policy_plan(plan).replace("\r\n", "\n");
    if !io::stdout().is_terminal() {
        return text + "\n";
    }
    render::visible(&text).lines().map(|line| painted(line) + "\n").collect()
}

fn painted(line: &str) -> String {
    let colour = match line.trim_start().chars().next() {
        Some('+') => "32",
        Some('-') => "31",
        Some('~' | '!') => "33",
        _ => return line.to_owned(),
    };
    format!("\x1b[{colour}m{line}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_have_colours() {
        assert_eq!(painted("+ create a"), "\x1b[32m+ create a\x1b[0m");
        assert_eq!(painted("    - x: 1"), "\x1b[31m    - x: 1\x1b[0m");
        assert_eq!(painted("plan: 1"), "plan: 1");
    }
}
