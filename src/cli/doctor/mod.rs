//! `doctor`: why a member does not join. Asks the node that runs; where none does, looks at what needs none.

mod offline;

use crate::{
    boot,
    cli::{
        arguments::{AnswerFormat, DoctorOptions},
        block_on::block_on,
        client,
        exit::ExitFailure,
        load,
        output::print,
    },
    command,
    config::Config,
    node::configured_checks,
    prompt::{Client, ClientError},
    render,
    reply::{Checklist, ChecklistItem, ItemState, Reply},
};

/// What the check of the running node is called.
const NODE: &str = "node";

/// Prints the checklist.
///
/// # Errors
/// When something is wrong.
pub fn run(options: &DoctorOptions) -> Result<(), ExitFailure> {
    let own = own_configuration(options)?;
    let list = match own {
        Ok(config) => examine(options, config.as_ref())?,
        Err(mistakes) => Checklist { items: vec![mistakes] },
    };
    let text = match options.format {
        AnswerFormat::Text => render::text(&Reply::Checklist(list.clone())),
        AnswerFormat::Json => list.value().to_string(),
    };
    print(&format!("{}\n", text.replace("\r\n", "\n")))?;
    if list.is_good() {
        return Ok(());
    }
    Err(ExitFailure::Failed(format!(
        "{} of {} checks found something wrong",
        list.count(ItemState::Wrong),
        list.items.len()
    )))
}

/// Reads the configuration of this place; nothing when another node is asked, and the mistakes as an item of the list.
fn own_configuration(options: &DoctorOptions) -> Result<Result<Option<Config>, ChecklistItem>, ExitFailure> {
    if options.remote.connect.is_some() {
        return Ok(Ok(None));
    }
    let sources = load::sources(&options.remote.sources)?;
    let loaded = Config::load_and(&sources, |config| boot::check(config, &[]));
    Ok(match loaded {
        Ok(config) => Ok(Some(config)),
        Err(mistakes) => Err(ChecklistItem::wrong(
            "configuration",
            "environment and env file were read",
            mistakes.to_string(),
            "correct them: no node starts with these",
        )),
    })
}

/// Asks the node, and adds what this place knows by itself.
fn examine(options: &DoctorOptions, config: Option<&Config>) -> Result<Checklist, ExitFailure> {
    let client = client::client(&options.remote)?;
    let asked = block_on(ask(&client))?;
    let mut items = Vec::new();
    match asked {
        Ok(list) => {
            items.push(ChecklistItem::good(NODE, "it was asked over REST", "runs and answers"));
            items.extend(list.items);
        }
        Err(error) => {
            let is_there = !matches!(error, ClientError::NoAnswer { .. });
            items.push(refused(&error));
            if let Some(config) = config {
                items.extend(block_on(offline::checks(config, is_there))?);
            }
        }
    }
    // The env file as it is now counts, not as it was when the node started.
    if let Some(config) = config {
        let own = configured_checks(config);
        items.retain(|item| own.iter().all(|own| own.name != item.name));
        items.splice(1..1, own);
    }
    Ok(Checklist { items })
}

/// Has the node look.
async fn ask(client: &Client) -> Result<Checklist, ClientError> {
    let answer = client.json(command::JOIN_TEST).await?;
    serde_json::from_value(answer).map_err(|error| ClientError::Refused {
        code: 0,
        text: "the node answered something else than a checklist".to_owned(),
        detail: Some(format!("{error}: is it of the same version as this program?")),
    })
}

/// Says why there is no answer.
fn refused(error: &ClientError) -> ChecklistItem {
    let remedy = match error {
        ClientError::NoAnswer { .. } => "start it, or read its log: the last lines say why it ended",
        ClientError::Tls { .. } => "name the authority of its certificate with --ca FILE",
        ClientError::Refused { .. } => {
            "give the right to read: --token-file FILE, REST_TOKEN or REST_TOKEN_FILE; a node with REST_TLS_CA takes --cert FILE and --key FILE"
        }
    };
    ChecklistItem::wrong(NODE, "it was asked over REST", error.to_string(), remedy)
}
