//! The documents of the interface: what is read from bodies and written into answers, and their schemas.

use crate::policy::ListedPolicy;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

/// A policy with what the ledger knows of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PolicyDocument {
    /// Its id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The node that published it; null at an earlier moment.
    pub host: Option<String>,
    /// Its date, as the policy says it.
    pub date: Option<String>,
    /// True when only the local copy of this node has it.
    pub local: bool,
    /// Its entity tag, for If-Match.
    pub etag: String,
    /// The policy as it is stored.
    #[schema(value_type = Object)]
    pub policy: Value,
}

/// A page of policies in ledger order, of an earlier moment by date and id.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PolicyListDocument {
    /// The policies.
    pub policies: Vec<PolicyDocument>,
    /// What `cursor` takes to go on; null on the last page.
    pub next: Option<String>,
}

/// Policies that were added, or would be.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AddedDocument {
    /// The policies as they are stored.
    pub policies: Vec<PolicyDocument>,
    /// True when they were only tried.
    pub dry_run: bool,
}

/// A change of a policy.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChangeDocument {
    /// UTC time of the change.
    pub time: String,
    /// Who asked for it.
    pub who: String,
    /// `insert`, `replace`, `drop`, or `clear` for the whole table.
    pub action: String,
    /// Type of the policy.
    #[serde(rename = "type")]
    pub kind: String,
    /// The policy before; null for an insert.
    pub before: Option<Value>,
    /// The policy afterwards; null when it was dropped.
    pub after: Option<Value>,
}

/// The history of a policy.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChangesDocument {
    /// The changes, oldest first.
    pub changes: Vec<ChangeDocument>,
}

/// A question in the language.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskDocument {
    /// The question: `blockchain get operator where dbms = lsl_demo`.
    pub query: String,
}

/// A command of the language.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunDocument {
    /// The command, as at the prompt.
    pub command: String,
}

/// What a question or command answered; `kind` says which of the forms it is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ResultDocument {
    /// It went well and says nothing more.
    Empty {},
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// Lines of text.
    Lines {
        /// The lines.
        lines: Vec<String>,
    },
    /// A value.
    Value {
        /// The value.
        value: Value,
    },
    /// Policies, each `{type: {…}}`.
    Policies {
        /// The policies in ledger order.
        #[schema(value_type = Vec<Object>)]
        #[serde(serialize_with = "one_by_one")]
        policies: Vec<ListedPolicy>,
    },
    /// Objects that `bring.json` collected.
    Objects {
        /// The objects.
        objects: Vec<Value>,
    },
    /// How many there are.
    Count {
        /// The number.
        count: usize,
    },
    /// A table.
    Table {
        /// The titles of the columns.
        columns: Vec<String>,
        /// The rows, each with a value for every column.
        rows: Vec<Vec<Value>>,
    },
    /// Names with their values.
    Pairs {
        /// The pairs in order.
        pairs: Vec<PairDocument>,
    },
    /// Several results.
    Sections {
        /// The results in order.
        #[schema(value_type = Vec<Object>)]
        sections: Vec<ResultDocument>,
    },
    /// What other nodes answered.
    Answers {
        /// The answers in the order in which they were asked.
        answers: Vec<NodeAnswerDocument>,
    },
}

/// Writes policies, of which each is read when its turn comes.
fn one_by_one<S: Serializer>(policies: &[ListedPolicy], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(policies.iter().filter_map(ListedPolicy::value))
}

/// A name with its value.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PairDocument {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Value,
}

/// What another node answered.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NodeAnswerDocument {
    /// Its address.
    pub node: String,
    /// Its answer; null when it failed.
    pub answer: Option<Value>,
    /// Why there is none.
    pub error: Option<String>,
}

/// A command of the catalog.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CommandDocument {
    /// Its words.
    pub words: String,
    /// How it is written.
    pub usage: String,
    /// What it does.
    pub text: String,
    /// Commands that work.
    pub examples: Vec<String>,
    /// Words by which `help index` finds it.
    pub index: Vec<String>,
    /// What it reaches, in the words of `get rights`.
    pub access: String,
    /// False for a command that belongs to other nodes.
    pub offered: bool,
    /// False when the caller has not the right to run it.
    pub allowed: bool,
}

/// The commands of the node.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CatalogDocument {
    /// The commands, family by family.
    pub commands: Vec<CommandDocument>,
}

/// The nodes that ask this one for the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MembersDocument {
    /// One object for each: address, name, state, version, lag, deliveries, troubles.
    #[schema(value_type = Vec<Object>)]
    pub members: Value,
}

/// The services of the node.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProcessesDocument {
    /// One object with `Status` and `Details` for each service, by its name.
    #[schema(value_type = Object)]
    pub processes: Value,
}

/// What the boot did.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BootDocument {
    /// The steps in order, each with its commands, outcome and milliseconds.
    #[schema(value_type = Vec<Object>)]
    pub steps: Value,
}

/// How the node is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HealthDocument {
    /// `healthy`, `degraded`, `starting`, `unhealthy` or `stopping`.
    pub status: String,
    /// True when the node may be given work.
    pub ready: bool,
    /// The checks.
    pub checks: Vec<CheckDocument>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckDocument {
    /// What was looked at.
    pub name: String,
    /// `pass`, `degraded`, `starting` or `fail`.
    pub status: String,
    /// Since when, UTC.
    pub since: String,
    /// What was found, and what to do.
    pub detail: String,
}

/// Why a request is refused (RFC 9457).
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProblemDocument {
    /// Where the kind of problem is described.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// The status.
    pub status: u16,
    /// What happened, where, and what to do.
    pub detail: String,
    /// The path that was asked.
    pub instance: String,
    /// The code of the network (docs/errors.md), where one stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_that_are_texts_are_objects_in_the_document() {
        let text = |text: &str| ListedPolicy::Text { text: text.into(), ledger: None };
        let written = |policies| serde_json::to_string(&ResultDocument::Policies { policies }).unwrap();
        let policies = vec![text("{'x': {'b': 1, 'a': True}}"), serde_json::json!({"y": {}}).into()];
        assert_eq!(written(policies), r#"{"kind":"policies","policies":[{"x":{"b":1,"a":true}},{"y":{}}]}"#);
        assert_eq!(written(Vec::new()), r#"{"kind":"policies","policies":[]}"#);
    }
}
