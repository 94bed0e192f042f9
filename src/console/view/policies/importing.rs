//! Policies from a file or a text: first the plan of what it takes to make the ledger what they say, then exactly that.

use super::{addresses, attribute_rows::AttributeRows, audience, carried, writing::field};
use crate::{
    command::ledger::documents,
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest},
    ledger::{DesiredPolicies, WrittenPolicies},
    node::caller_address,
    reply::{PlannedAction, PlannedPolicy, PolicyPlan},
};
use askama::Template;
use hyper::StatusCode;

/// Steps of a plan that the page shows.
const STEPS: usize = 200;
/// Mistakes that the page shows.
const MISTAKES: usize = 100;

#[derive(Template)]
#[template(path = "policies_import.html")]
struct ImportForm<'a> {
    csrf: &'a str,
    text: &'a str,
    prune: &'a str,
    problem: Option<String>,
    mistakes: Vec<String>,
    more_mistakes: usize,
    most: usize,
}

#[derive(Template)]
#[template(path = "policies_plan.html")]
struct ImportPlanPage<'a> {
    csrf: &'a str,
    prune: &'a str,
    plan: &'a PolicyPlan,
    created: usize,
    replaced: usize,
    dropped: usize,
    steps: Vec<PlanStep<'a>>,
    more_steps: usize,
    mistakes: Vec<String>,
    more_mistakes: usize,
    audience: String,
    /// Nothing when there is nothing to carry out, or something in the way.
    carried: Option<String>,
}

/// A step of a plan as the page shows it.
struct PlanStep<'a> {
    step: &'a PlannedPolicy,
    word: &'static str,
    class: &'static str,
    rows: AttributeRows,
}

/// Shows the form.
///
/// # Errors
/// The template fails.
pub async fn import_form(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    form(&request, "", "", None, &[])
}

/// Shows what a file or a text would change; nothing is changed.
///
/// # Errors
/// Too much waits; the template fails. What is wrong with the text stands in the form again.
pub async fn preview_import(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let prune = request.form.text("prune").unwrap_or_default();
    let typed = request.form.text("text").unwrap_or_default();
    let file = request.form.text("upload").filter(|file| !file.is_empty());
    let text = match (file, typed.trim().is_empty()) {
        (Some(_), false) => {
            let problem = "There is a file and a pasted text: leave one of them empty.";
            return form(&request, typed, prune, Some(problem), &[]);
        }
        (Some(file), true) => file,
        (None, false) => typed,
        (None, true) => return form(&request, "", prune, Some("Choose a file, or paste policies."), &[]),
    };
    let written = read(&request, text.to_owned()).await?;
    let shown_again = if file.is_none() { text } else { "" };
    if !written.mistakes.is_empty() {
        let mistakes: Vec<String> =
            written.mistakes.iter().map(|(line, reason)| format!("Line {line}: {reason}")).collect();
        return form(&request, shown_again, prune, Some("The text is wrong; nothing is planned."), &mistakes);
    }
    if written.policies.is_empty() {
        return form(&request, shown_again, prune, Some("There is no policy in the text."), &[]);
    }
    let (policies, lines): (Vec<_>, Vec<_>) = written.policies.into_iter().unzip();
    let desired = DesiredPolicies { policies, prune: types(prune) };
    let plan = documents::plan(request.node(), &request.session, desired).await?;
    let is_possible = plan.mistakes.is_empty() && !plan.steps.is_empty();
    let carried = if is_possible { Some(packed(&request, text.to_owned()).await?) } else { None };
    let all: Vec<String> = plan.mistakes.iter().map(|mistake| told(mistake.policy, &mistake.reason, &lines)).collect();
    let count = |action| plan.steps.iter().filter(|step| step.action == action).count();
    let template = ImportPlanPage {
        csrf: request.csrf(),
        prune,
        plan: &plan,
        created: count(PlannedAction::Create),
        replaced: count(PlannedAction::Replace),
        dropped: count(PlannedAction::Drop),
        steps: plan.steps.iter().take(STEPS).map(PlanStep::of).collect(),
        more_steps: plan.steps.len().saturating_sub(STEPS),
        more_mistakes: all.len().saturating_sub(MISTAKES),
        mistakes: all.into_iter().take(MISTAKES).collect(),
        audience: audience::in_words(&request),
        carried,
    };
    PageAnswer::page("Plan of an import", &template)
}

/// Carries out the plan that was shown, in one transaction.
///
/// # Errors
/// It would be another plan by now; the rules of the ledger.
pub async fn apply(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let (packed, most) = (field(&request, "carried")?.to_owned(), request.state.body_limit);
    let (plan, prune) = (field(&request, "plan")?.to_owned(), types(field(&request, "prune")?));
    let unpack = move || carried::unpack(&packed, most).map(|text| WrittenPolicies::read(&text));
    let caller = caller_address(&request.session);
    let written = request.node().queries.apart(caller, unpack).await??;
    if !written.mistakes.is_empty() {
        return Err(ConsoleError::bad_form("what was planned did not come with it: begin again"));
    }
    let policies = written.policies.into_iter().map(|(policy, _)| policy).collect();
    let desired = DesiredPolicies { policies, prune };
    let done = documents::carry_out(request.node(), &request.session, desired, plan).await?;
    Ok(PageAnswer::Redirect(format!("{}?applied={}", addresses::LIST, done.steps.len())))
}

impl<'a> PlanStep<'a> {
    fn of(step: &'a PlannedPolicy) -> Self {
        let (word, class) = match step.action {
            PlannedAction::Create => ("to create", "good"),
            PlannedAction::Replace => ("to replace", "warn"),
            PlannedAction::Drop => ("to drop", "bad"),
        };
        Self { step, word, class, rows: AttributeRows::planned(&step.changes) }
    }
}

fn form(
    request: &ConsoleRequest<'_>,
    text: &str,
    prune: &str,
    problem: Option<&str>,
    mistakes: &[String],
) -> Result<PageAnswer, ConsoleError> {
    let template = ImportForm {
        csrf: request.csrf(),
        text,
        prune,
        problem: problem.map(str::to_owned),
        mistakes: mistakes.iter().take(MISTAKES).cloned().collect(),
        more_mistakes: mistakes.len().saturating_sub(MISTAKES),
        most: request.state.body_limit / (1024 * 1024),
    };
    let mut answer = PageAnswer::page("Import policies", &template)?;
    if let (PageAnswer::Page(content), Some(_)) = (&mut answer, problem) {
        content.status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

/// Megabytes are not read where other callers are served.
async fn read(request: &ConsoleRequest<'_>, text: String) -> Result<WrittenPolicies, ConsoleError> {
    let caller = caller_address(&request.session);
    Ok(request.node().queries.apart(caller, move || WrittenPolicies::read(&text)).await?)
}

async fn packed(request: &ConsoleRequest<'_>, text: String) -> Result<String, ConsoleError> {
    let caller = caller_address(&request.session);
    request.node().queries.apart(caller, move || carried::pack(&text)).await?
}

/// Reads types, one on each line.
fn types(prune: &str) -> Vec<String> {
    prune.lines().map(str::trim).filter(|kind| !kind.is_empty()).map(str::to_owned).collect()
}

/// Says a mistake with the line of its policy.
fn told(policy: Option<usize>, reason: &str, lines: &[usize]) -> String {
    match policy.and_then(|place| lines.get(place)) {
        Some(line) => format!("Line {line}: {reason}"),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_stand_on_lines_of_their_own() {
        assert_eq!(types(" operator \r\n\r\na b\n"), ["operator", "a b"]);
        assert_eq!(told(Some(1), "no", &[3, 7]), "Line 7: no");
        assert_eq!(told(None, "no", &[]), "no");
    }
}
