//! `blockchain plan` and `blockchain apply`: the ledger becomes what somebody wrote down.

use crate::{
    command::{
        engine::{
            Access, Command, Entry, Exchange, Help, Line, Parsed, Traits, Verbs,
            options::{OutputFormat, format, options_after},
            parsed,
        },
        ledger::{caller, mapping_scripts, planned, this_node},
    },
    ledger::{self, ApplyPlan, ApplyStep, Author, Change, DesiredPolicies, check_change, plan_apply},
    node::{Node, Session},
    policy::{Policy, json},
    query::{Budget, Exhausted},
    reply::{Code, Error, PlanMistake, PolicyPlan, Reply},
    runtime::clock,
    script::{Key, resolve},
};
use async_trait::async_trait;
use serde_json::Value;
use std::sync::Arc;

/// Policies that should be there.
#[derive(Clone, Debug, PartialEq)]
struct Apply {
    desired: DesiredPolicies,
    /// Fingerprint of the plan that somebody looked at; nothing when whatever is planned now will do.
    expected: Option<String>,
    /// Whether the plan is carried out.
    writes: bool,
    format: OutputFormat,
}

/// A plan with the steps that carry it out, or with what is in the way.
struct Prepared {
    plan: ApplyPlan,
    steps: Vec<ApplyStep>,
    mistakes: Vec<PlanMistake>,
}

/// The words of the command that plans; the policies follow.
pub const PLAN: &str = "blockchain plan";
/// The words of the command that carries a plan out; the policies follow.
pub const APPLY: &str = "blockchain apply";

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::read(
        PLAN,
        |line| parse(line, false),
        Help {
            usage: "blockchain plan [policies] [where prune = type and format = table/json]",
            text: "Shows what 'blockchain apply' would change with the same policies, and changes nothing.",
            examples: &["blockchain plan !policy_list", "blockchain plan !policy_list where prune = operator"],
            index: &["blockchain", "metadata"],
        },
    )
    .reaching(Access::ReadLedger)
    .with(Traits::QUESTION.carried_by(Verbs::Both).over_tcp(Exchange::Closed))
    .not_for_peers(),
    Entry::change(
        APPLY,
        |line| parse(line, true),
        Help {
            usage: "blockchain apply [policies] [where plan = fingerprint and prune = type and format = table/json]",
            text: "Makes the ledger what a policy or a list of policies says, in one transaction: what is not there is added, what differs is replaced, and of the types behind 'prune' what is not in the list is dropped. A policy is found by its id, or by type and name. With the fingerprint of a plan nothing is written when something else would be done by now.",
            examples: &["blockchain apply !policy_list", "blockchain apply !policy_list where prune = operator"],
            index: &["blockchain", "metadata"],
        },
    )
    .reaching(Access::ChangeOwnPolicies)
    .with(Traits::CHANGE.answering(true).over_tcp(Exchange::LedgerChange))
    .not_for_peers(),
];

const KEYS: &[Key] = &[Key::text("plan"), Key::text("prune").many(), Key::format("format")];

fn parse(line: &Line<'_>, writes: bool) -> Parsed {
    let Some(word) = line.arguments().first() else {
        return Err(Error::with(Code::STRUCTURE, "a list of policies is expected: [{\"type\": {…}}, …] or !variable"));
    };
    let arguments = options_after(line, 1, KEYS)?;
    // References inside of the policies are theirs: nothing of a desired policy is read as words.
    let text = resolve(word, line.scope).into_text();
    let (mut desired, expected) = given(json::parse_lenient(&text)?)?;
    desired.prune.extend(arguments.texts("prune").map(str::to_owned));
    let expected = arguments.text("plan").map(str::to_owned).or(expected);
    parsed(Apply { desired, expected, writes, format: format(&arguments) })
}

/// Takes a policy, a list of policies, or `{"policies": […], "prune": […], "plan": …}`, in which programs bind everything.
fn given(value: Value) -> Result<(DesiredPolicies, Option<String>), Error> {
    let (values, prune, plan) = match value {
        Value::Array(values) => (values, Vec::new(), None),
        Value::Object(mut object) if object.get("policies").is_some_and(Value::is_array) => {
            let Some(Value::Array(values)) = object.remove("policies") else { return Err(wrong("policies")) };
            let prune = match object.remove("prune") {
                None => Vec::new(),
                Some(prune) => serde_json::from_value(prune).map_err(|_| wrong("prune"))?,
            };
            let plan = match object.remove("plan") {
                None => None,
                Some(Value::String(plan)) => Some(plan),
                Some(_) => return Err(wrong("plan")),
            };
            (values, prune, plan)
        }
        value => (vec![value], Vec::new(), None),
    };
    let policy = |(number, value)| {
        let wrong = |error| Error::with(Code::POLICY_STRUCTURE, format!("policy {number}: {error}"));
        Policy::from_value(value).map_err(wrong)
    };
    let policies = (1..).zip(values).map(policy).collect::<Result<_, Error>>()?;
    Ok((DesiredPolicies { policies, prune }, plan))
}

fn wrong(key: &str) -> Error {
    let shape = "{\"policies\": [{\"type\": {…}}, …], \"prune\": [\"type\", …], \"plan\": \"fingerprint\"}";
    Error::with(Code::JSON, format!("'{key}' has another shape than in {shape}"))
}

/// The entry of `blockchain plan`.
pub(super) const PLAN_ENTRY: &Entry = match ENTRIES {
    [plan, ..] => plan,
    [] => unreachable!(),
};
/// The entry of `blockchain apply`.
pub(super) const APPLY_ENTRY: &Entry = match ENTRIES {
    [.., apply] => apply,
    [] => unreachable!(),
};

#[async_trait]
impl Command for Apply {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let Self { desired, expected, writes, format } = *self;
        let plan = if writes {
            carry_out(node, session, desired, expected).await?
        } else {
            plan(node, session, desired).await?
        };
        Ok(match format {
            OutputFormat::Json => Reply::Value(plan.value()),
            OutputFormat::Table => Reply::PolicyPlan(plan),
        })
    }
}

/// Plans what makes the ledger what is desired.
///
/// # Errors
/// When too many queries wait.
pub(super) async fn plan(node: &Arc<Node>, session: &Session, desired: DesiredPolicies) -> Result<PolicyPlan, Error> {
    Ok(prepared(node, session, desired, Trial::Now).await?.report())
}

/// Makes the ledger what is desired; with the fingerprint of a plan only while it would still be that plan.
///
/// # Errors
/// Another plan than the expected one, mistakes, and the rules of the ledger.
pub(super) async fn carry_out(
    node: &Arc<Node>,
    session: &Session,
    desired: DesiredPolicies,
    expected: Option<String>,
) -> Result<PolicyPlan, Error> {
    let prepared = prepared(node, session, desired, Trial::Written).await?;
    let mut reply = prepared.report();
    if expected.is_some_and(|expected| expected != reply.plan) {
        let what = "other policies would be changed than those that it shows".to_owned();
        return Err(ledger::Error::PlanOutdated(what).into());
    }
    refuse_mistakes(&reply)?;
    if !prepared.steps.is_empty() {
        let written = caller::write(node, session, Change::Apply { steps: prepared.steps }).await;
        written.map_err(refusal)?;
    }
    reply.done = true;
    Ok(reply)
}

/// Tells of a rule that a plan breaks as a plan that is only tried does.
fn refusal(error: ledger::Error) -> Error {
    match error {
        ledger::Error::Applied { .. } | ledger::Error::Full { .. } => nothing_is_written(&error.to_string()),
        error => error.into(),
    }
}

/// Thousands of policies are not compared where other callers are served, and not for longer than any other question takes.
async fn prepared(
    node: &Arc<Node>,
    session: &Session,
    desired: DesiredPolicies,
    trial: Trial,
) -> Result<Prepared, Error> {
    let (of_node, author) = (Arc::clone(node), caller::author(session));
    node.queries.compute(session, move |budget| Ok(prepare(&of_node, &desired, (&author, trial), budget)?)).await
}

impl Prepared {
    fn report(&self) -> PolicyPlan {
        planned::report(&self.plan, self.mistakes.clone())
    }
}

/// When it shows whether the ledger takes all of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trial {
    /// When it is made.
    Now,
    /// When it is written: all of it is looked at there once more.
    Written,
}

/// Plans, and tries whether the ledger would take all of it.
fn prepare(
    node: &Node,
    desired: &DesiredPolicies,
    (author, trial): (&Author, Trial),
    budget: &Budget<'_>,
) -> Result<Prepared, Exhausted> {
    let view = node.ledger.view();
    // The policy of this node is published by its boot: a list that does not name it does not mean to drop it.
    let spend = |bytes: usize| budget.read(bytes.saturating_mul(PARSING));
    let plan = plan_apply(&view, desired, &|policy| node.is_own_policy(policy), &spend)?;
    let mistake = |policy, reason: String, refused| PlanMistake { policy, reason, refused };
    let mut mistakes: Vec<PlanMistake> =
        plan.mistakes.iter().map(|(place, reason)| mistake(Some(*place), reason.clone(), false)).collect();
    let steps = match plan.steps(&this_node::own_host(node), &clock::policy_date()) {
        Ok(steps) => steps,
        Err((place, error)) => {
            mistakes.push(mistake(Some(place), error.to_string(), false));
            Vec::new()
        }
    };
    for (item, step) in plan.items.iter().zip(&steps) {
        budget.work(1)?;
        let checked = step.policy().map_or(Ok(()), |policy| mapping_scripts::check(policy, &*node.commands));
        if let Err(error) = checked {
            mistakes.push(mistake(item.place(), error.to_string(), true));
        }
    }
    let change = Change::Apply { steps };
    if trial == Trial::Now
        && mistakes.is_empty()
        && let Err(error) = check_change(&view, node.ledger.quota(), &change, author)
    {
        mistakes.push(mistake(None, error.to_string(), true));
    }
    let Change::Apply { steps } = change else { return Ok(Prepared { plan, steps: Vec::new(), mistakes }) };
    Ok(Prepared { plan, steps, mistakes })
}

/// How much longer it takes to read a policy and compare it than to read its text.
const PARSING: usize = 16;
/// Mistakes that one refusal names.
const NAMED: usize = 10;

fn refuse_mistakes(plan: &PolicyPlan) -> Result<(), Error> {
    if plan.mistakes.is_empty() {
        return Ok(());
    }
    let told = plan.mistakes.iter().take(NAMED).map(|mistake| match mistake.policy {
        Some(place) => format!("policy {}: {}", place + 1, mistake.reason),
        None => mistake.reason.clone(),
    });
    let told = told.collect::<Vec<_>>().join("; ");
    let more = plan.mistakes.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Err(nothing_is_written(&format!("{told}{more}")))
}

fn nothing_is_written(reason: &str) -> Error {
    Error::with(Code::POLICY_STRUCTURE, format!("nothing is written: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn policies_come_in_three_shapes() {
        let policy = json!({"device": {"name": "a"}});
        for value in [policy.clone(), json!([policy]), json!({"policies": [policy]})] {
            let (desired, plan) = given(value.clone()).unwrap();
            assert_eq!((desired.policies.len(), desired.prune.len(), plan), (1, 0, None), "{value}");
        }
        let (desired, plan) = given(json!({"policies": [], "prune": ["a b"], "plan": "f"})).unwrap();
        assert_eq!((desired.prune, plan.as_deref()), (vec!["a b".to_owned()], Some("f")));
        // A policy of that type is a policy.
        assert_eq!(given(json!({"policies": {"name": "a"}})).unwrap().0.policies[0].kind(), "policies");
        for wrong in
            [json!({"policies": [1]}), json!([{"a": {}, "b": {}}]), json!({"policies": [], "prune": "x"}), json!(1)]
        {
            assert!(given(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
