//! What the node tells about itself: answers of typed questions, read as the types of the page.

use super::figures::{FigureGroup, grouped};
use crate::{
    command::{self, Built, KeyFigure},
    console::{page_error::ConsoleError, page_request::ConsoleRequest},
    reply::Reply,
};
use hyper::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// A step of the boot.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BootStepView {
    /// Its name.
    pub step: String,
    /// What came of it; nothing while it runs.
    pub outcome: Option<String>,
    /// Milliseconds that it took.
    pub ms: f64,
    /// Its commands.
    pub commands: Vec<BootCommandView>,
}

/// A command of a step.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BootCommandView {
    /// Its text, without secrets.
    pub command: String,
    /// What came of it.
    pub outcome: String,
    /// Milliseconds that it took.
    pub ms: f64,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    /// Its name.
    pub name: String,
    /// Whether it runs.
    pub status: String,
    /// Where it listens, and the like.
    pub details: String,
}

/// A variable of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct VariableView {
    /// Its name.
    pub name: String,
    /// Its value; stars for a secret.
    pub value: String,
    /// Where the value comes from.
    pub from: String,
    /// True when somebody set it.
    pub set: bool,
    /// What it is for.
    pub text: String,
}

/// Returns the steps of the boot.
///
/// # Errors
/// The caller may not read them.
pub async fn boot(request: &mut ConsoleRequest<'_>) -> Result<Vec<BootStepView>, ConsoleError> {
    read(value(request, command::boot_steps()).await?)
}

/// Returns the variables of the configuration.
///
/// # Errors
/// The caller may not read them.
pub async fn configuration(request: &mut ConsoleRequest<'_>) -> Result<Vec<VariableView>, ConsoleError> {
    read(value(request, command::configuration()).await?)
}

/// Returns the figures.
///
/// # Errors
/// The caller may not read them.
pub async fn figures(request: &mut ConsoleRequest<'_>) -> Result<Vec<FigureGroup>, ConsoleError> {
    let figures: Vec<KeyFigure> = read(value(request, command::key_figures()).await?)?;
    Ok(grouped(figures))
}

/// Returns the services.
///
/// # Errors
/// The caller may not read them.
pub async fn services(request: &mut ConsoleRequest<'_>) -> Result<Vec<ServiceView>, ConsoleError> {
    let services: Map<String, Value> = read(value(request, command::process_list()).await?)?;
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let view =
        |(name, of): (String, Value)| ServiceView { name, status: text(&of, "Status"), details: text(&of, "Details") };
    Ok(services.into_iter().map(view).collect())
}

/// Returns what is known of the relay: an empty object when there is none.
///
/// # Errors
/// The caller may not read it.
pub async fn relay(request: &mut ConsoleRequest<'_>) -> Result<Value, ConsoleError> {
    value(request, command::relay_state()).await
}

async fn value(request: &mut ConsoleRequest<'_>, question: Built) -> Result<Value, ConsoleError> {
    let node = request.node();
    match question.run(node, &mut request.session).await? {
        Reply::Value(value) => Ok(value),
        _ => Err(other_form("a value was expected")),
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, ConsoleError> {
    serde_json::from_value(value).map_err(|error| other_form(&error.to_string()))
}

fn other_form(what: &str) -> ConsoleError {
    let detail = format!("an answer of the node has another form than this page knows: {what}");
    ConsoleError::new(StatusCode::INTERNAL_SERVER_ERROR, "The node failed", detail)
}
