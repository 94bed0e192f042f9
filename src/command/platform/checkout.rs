//! `blockchain checkout`: what a contract holds, as a local copy, a file or a text (reference/ledger 12.5).

use crate::{
    command::engine::{Command, Entry, Exchange, Help, Line, Parsed, Traits, ledger_files, options::resolved, parsed},
    ledger::{LocalFile, RealDisk},
    node::{
        Node, Session,
        platforms::{CheckedOut, Checkout},
    },
    policy::Policy,
    reply::{Code, Error, Notice, Reply},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Reads the policies of a contract.
#[derive(Debug)]
struct CheckoutContract {
    platform: String,
    to: CheckoutPlace,
}

/// Where they go.
#[derive(Debug)]
enum CheckoutPlace {
    /// They become the local copy.
    LocalCopy,
    /// A file.
    File(String),
    /// The console.
    Console,
}

#[async_trait]
impl Command for CheckoutContract {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let platform = node.platforms.named(&self.platform)?;
        let policies = match platform.checkout(None).await? {
            Checkout::Changed(list) => CheckedOut::of(&list.policies).policies,
            Checkout::Unchanged => Vec::new(),
        };
        match &self.to {
            CheckoutPlace::Console => {
                for policy in &policies {
                    session.output.notice(&Notice::Printed(Reply::Value(policy.to_value())));
                }
            }
            CheckoutPlace::File(name) => {
                let path = ledger_files::named_or_beside(node, session, Some(name), "new")?;
                let (bytes, shown) = (file_text(&policies), path.display().to_string());
                let file = LocalFile::new(ledger_files::local_copy(node)?, Arc::new(RealDisk));
                let written = tokio::task::spawn_blocking(move || file.write_beside(&path, &bytes)).await;
                written.map_err(|_| Error::with(Code::PROCESS_FAILURE, "writing the file was interrupted"))??;
                node.events.file(&session.thread, &format!("{shown}: {} policies written", policies.len()));
            }
            CheckoutPlace::LocalCopy => {
                if policies.is_empty() && !node.ledger.view().is_empty() {
                    let detail = "the contract has no policies: the local copy stays as it is";
                    return Err(Error::with(Code::BLOCKCHAIN_FAILED, detail));
                }
                node.ledger.adopt_file(file_text(&policies)).await?;
            }
        }
        Ok(Reply::Empty)
    }
}

/// Writes policies as a ledger file.
fn file_text(policies: &[Policy]) -> Vec<u8> {
    policies.iter().map(|policy| policy.stored_text() + "\n").collect::<String>().into_bytes()
}

fn parse(line: &Line<'_>) -> Parsed {
    let (platform, to) = match line.arguments() {
        [from, platform] if from.is("from") => (platform, CheckoutPlace::LocalCopy),
        [from, platform, to, place] if from.is("from") && to.is("to") => {
            let place = match place.text.as_str() {
                "stdout" => CheckoutPlace::Console,
                _ => CheckoutPlace::File(ledger_files::file_name(place, line, Code::UNINITIALIZED_VARIABLE)?),
            };
            (platform, place)
        }
        _ => {
            return Err(Error::with(Code::STRUCTURE, "write: blockchain checkout from PLATFORM [to FILE / to stdout]"));
        }
    };
    parsed(CheckoutContract { platform: resolved(line, &platform.text), to })
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::change(
    "blockchain checkout",
    parse,
    Help {
        usage: "blockchain checkout from [platform] [to file / to stdout]",
        text: "Reads the policies of the contract: as the local copy, into a file, or on the console.",
        examples: &[
            "blockchain checkout from optimism",
            "blockchain checkout from optimism to !blockchain_dir/chain.json",
            "blockchain checkout from optimism to stdout",
        ],
        index: &["blockchain"],
    },
)
.with(Traits::CHANGE.over_tcp(Exchange::LedgerChange))
.not_for_peers()];
