//! Everything that can be asked: the one table by which requests are found and refused, and from which the OpenAPI document
//! and its page are made.

use crate::api::{
    content::{EVENT_STREAM, HTML, JSON},
    cursor,
    parameters::{Parameter, ParameterPlace, Shape},
    problem::ProblemKind,
};
use hyper::Method;

/// Most policies of a page.
pub const PAGE: usize = 1000;
/// Policies of a page when nobody says.
pub const USUAL_PAGE: usize = 100;
/// Characters of a question in a URL, of which the HTTP server takes 65,534 bytes; a longer one goes to `/v1/commands`.
const QUESTION: usize = 4096;
/// Characters of an id, a type or a text that is looked for.
const TEXT: usize = 1024;

/// A method that operations have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiMethod {
    /// GET, which changes nothing; HEAD is the same without the body.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
}

/// What an operation is, for the handler that answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// A page of policies.
    ListPolicies,
    /// New policies.
    AddPolicies,
    /// One policy.
    GetPolicy,
    /// A new text for a policy.
    ReplacePolicy,
    /// The end of a policy.
    DropPolicy,
    /// The changes of a policy.
    History,
    /// A question in the URL.
    AskByUrl,
    /// A question in the body.
    Ask,
    /// The stream of events.
    Events,
    /// The members.
    Members,
    /// The services.
    Processes,
    /// The boot.
    Boot,
    /// The health.
    Health,
    /// The catalog.
    Catalog,
    /// A command.
    Run,
    /// The OpenAPI document.
    Document,
    /// The page that shows it.
    Page,
}

/// The body that an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// None.
    Nothing,
    /// A policy.
    Policy,
    /// A policy, or a list of them.
    Policies,
    /// [`AskDocument`](super::documents::AskDocument).
    Ask,
    /// [`RunDocument`](super::documents::RunDocument).
    Run,
}

/// A good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoodAnswer {
    /// Its status.
    pub status: u16,
    /// What it is.
    pub text: &'static str,
    /// The name of its schema; none where it has no JSON.
    pub schema: Option<&'static str>,
    /// Header lines that it has.
    pub headers: &'static [&'static str],
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its method.
    pub method: ApiMethod,
    /// Its path; `{id}` stands for a part that callers choose.
    pub path: &'static str,
    /// What answers it.
    pub task: Task,
    /// Its name in the document.
    pub id: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Type of its good answers.
    pub content: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// The body that it takes.
    pub body: Body,
    /// Its good answers.
    pub good: &'static [GoodAnswer],
    /// What else can be wrong with it than [`USUAL`].
    pub problems: &'static [ProblemKind],
    /// True when everybody may ask it, without a token.
    pub open: bool,
}

/// What can be wrong with every request.
pub const USUAL: &[ProblemKind] = &[
    ProblemKind::BadRequest,
    ProblemKind::BadParameter,
    ProblemKind::NotAllowed,
    ProblemKind::WrongMethod,
    ProblemKind::NotAcceptable,
    ProblemKind::TooSlow,
    ProblemKind::UrlTooLong,
    ProblemKind::Misdirected,
    ProblemKind::HeaderTooLarge,
    ProblemKind::Internal,
    ProblemKind::Unavailable,
];
/// What can be wrong with the proof of a caller.
pub const OF_PROOF: &[ProblemKind] = &[ProblemKind::NoProof, ProblemKind::TooMany];
/// What can be wrong with a body.
pub const OF_BODY: &[ProblemKind] = &[ProblemKind::BadBody, ProblemKind::TooLarge, ProblemKind::WrongType];
/// What can be wrong with a change of a policy that is there.
const OF_SEEN: &[ProblemKind] = &[
    ProblemKind::NotFound,
    ProblemKind::Exists,
    ProblemKind::Changed,
    ProblemKind::NoCondition,
    ProblemKind::Refused,
    ProblemKind::Full,
];

const ID: Parameter = Parameter {
    name: "id",
    place: ParameterPlace::Path,
    required: true,
    shape: Shape::Text(TEXT),
    text: "The id of the policy.",
};
const AT: Parameter = Parameter {
    name: "at",
    place: ParameterPlace::Query,
    required: false,
    shape: Shape::Moment,
    text: "The ledger as it was: a version (that of an event), or a UTC time from the month on.",
};
const DRY_RUN: Parameter = Parameter {
    name: "dry_run",
    place: ParameterPlace::Query,
    required: false,
    shape: Shape::Flag,
    text: "true: only look what would be done.",
};
const IF_MATCH: Parameter = Parameter {
    name: "If-Match",
    place: ParameterPlace::Header,
    required: true,
    shape: Shape::Tags,
    text: "The ETag of the policy that was seen, or * for whatever it is now.",
};
const IF_NONE_MATCH: Parameter = Parameter {
    name: "If-None-Match",
    place: ParameterPlace::Header,
    required: false,
    shape: Shape::Tags,
    text: "ETags that the caller has: 304 when one of them is still right.",
};

const fn query(name: &'static str, shape: Shape, text: &'static str) -> Parameter {
    Parameter { name, place: ParameterPlace::Query, required: false, shape, text }
}

const fn good(status: u16, text: &'static str, schema: &'static str) -> GoodAnswer {
    GoodAnswer { status, text, schema: Some(schema), headers: &[] }
}

const fn bare(status: u16, text: &'static str, headers: &'static [&'static str]) -> GoodAnswer {
    GoodAnswer { status, text, schema: None, headers }
}

const fn read(
    path: &'static str,
    (task, id): (Task, &'static str),
    summary: &'static str,
    good: &'static [GoodAnswer],
) -> Operation {
    Operation {
        method: ApiMethod::Get,
        path,
        task,
        id,
        summary,
        content: JSON,
        parameters: &[],
        body: Body::Nothing,
        good,
        problems: &[],
        open: false,
    }
}

const NOT_CHANGED: GoodAnswer = bare(304, "Not changed since the ETag of If-None-Match.", &["ETag"]);
const ONE: GoodAnswer = GoodAnswer { headers: &["ETag"], ..good(200, "The policy.", "PolicyDocument") };
const RESULT: &[GoodAnswer] = &[good(200, "The result.", "ResultDocument")];

/// The table.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        parameters: &[
            query("type", Shape::Text(TEXT), "Only policies of this type."),
            query(
                "where",
                Shape::Conditions,
                "KEY=VALUE, with points between the keys of a path, and a backslash before a point, = or backslash in a key. May \
                 stand there several times. where.KEY=VALUE is the same.",
            ),
            query("text", Shape::Text(TEXT), "Only policies with this text in a key or a value, whatever its case."),
            query("limit", Shape::Number(1, PAGE), "Policies of a page; 100 when nobody says."),
            query("cursor", Shape::Text(cursor::LONGEST), "'next' of the page before."),
            AT,
            IF_NONE_MATCH,
        ],
        problems: &[ProblemKind::BadCursor, ProblemKind::NotFound, ProblemKind::Refused],
        ..read(
            "/v1/policies",
            (Task::ListPolicies, "listPolicies"),
            "Policies in ledger order, page by page.",
            &[GoodAnswer { headers: &["ETag"], ..good(200, "A page.", "PolicyListDocument") }, NOT_CHANGED],
        )
    },
    Operation {
        method: ApiMethod::Post,
        parameters: &[
            DRY_RUN,
            Parameter {
                name: "Idempotency-Key",
                place: ParameterPlace::Header,
                required: false,
                shape: Shape::Key,
                text: "A request with the same key and body is answered with the first answer, for 15 minutes.",
            },
        ],
        body: Body::Policies,
        problems: &[
            ProblemKind::Exists,
            ProblemKind::InProgress,
            ProblemKind::Refused,
            ProblemKind::KeyReused,
            ProblemKind::Full,
        ],
        ..read(
            "/v1/policies",
            (Task::AddPolicies, "addPolicies"),
            "Adds one policy, or up to 1000 in one transaction: all of them or none.",
            &[
                GoodAnswer { headers: &["Location"], ..good(201, "They are added.", "AddedDocument") },
                good(200, "dry_run: they would be added.", "AddedDocument"),
            ],
        )
    },
    Operation {
        parameters: &[ID, AT, IF_NONE_MATCH],
        problems: &[ProblemKind::NotFound, ProblemKind::Refused],
        ..read("/v1/policies/{id}", (Task::GetPolicy, "getPolicy"), "One policy.", &[ONE, NOT_CHANGED])
    },
    Operation {
        method: ApiMethod::Put,
        parameters: &[ID, DRY_RUN, IF_MATCH],
        body: Body::Policy,
        problems: OF_SEEN,
        ..read(
            "/v1/policies/{id}",
            (Task::ReplacePolicy, "replacePolicy"),
            "Gives a policy a new text; id, type and place in the ledger stay.",
            &[ONE],
        )
    },
    Operation {
        method: ApiMethod::Delete,
        parameters: &[ID, IF_MATCH],
        problems: OF_SEEN,
        ..read(
            "/v1/policies/{id}",
            (Task::DropPolicy, "dropPolicy"),
            "Drops a policy; its history stays.",
            &[bare(204, "It is dropped.", &[])],
        )
    },
    Operation {
        parameters: &[ID],
        problems: &[ProblemKind::NotFound, ProblemKind::Refused],
        ..read(
            "/v1/policies/{id}/history",
            (Task::History, "getHistory"),
            "The changes of a policy, oldest first, also after it was dropped.",
            &[good(200, "The changes.", "ChangesDocument")],
        )
    },
    Operation {
        parameters: &[Parameter {
            required: true,
            ..query("q", Shape::Text(QUESTION), "The question: blockchain get operator where dbms = lsl_demo")
        }],
        problems: &[ProblemKind::NotFound, ProblemKind::Refused],
        ..read("/v1/query", (Task::AskByUrl, "askByUrl"), "A question about policies in the language.", RESULT)
    },
    Operation {
        method: ApiMethod::Post,
        body: Body::Ask,
        problems: &[ProblemKind::NotFound, ProblemKind::Refused],
        ..read("/v1/query", (Task::Ask, "ask"), "A question about policies in the language, in the body.", RESULT)
    },
    Operation {
        content: EVENT_STREAM,
        parameters: &[
            query(
                "topics",
                Shape::Topics,
                "Of which there are events: policies, members, boot, health; all when nobody says.",
            ),
            Parameter {
                name: "Last-Event-ID",
                place: ParameterPlace::Header,
                required: false,
                shape: Shape::EventId,
                text: "The id of the last event that the caller has: the stream goes on behind it.",
            },
        ],
        ..read(
            "/v1/events",
            (Task::Events, "followEvents"),
            "Changes as they happen (server-sent events).",
            &[bare(200, "A stream of events that has no end of its own.", &[])],
        )
    },
    read(
        "/v1/members",
        (Task::Members, "listMembers"),
        "The nodes that ask this one for the ledger.",
        &[good(200, "The members.", "MembersDocument")],
    ),
    read(
        "/v1/processes",
        (Task::Processes, "listProcesses"),
        "The services of the node.",
        &[good(200, "The services.", "ProcessesDocument")],
    ),
    read("/v1/boot", (Task::Boot, "getBoot"), "What the boot did.", &[good(200, "The steps.", "BootDocument")]),
    read(
        "/v1/health",
        (Task::Health, "getHealth"),
        "How the node is. Probes ask /readyz, which answers with a status.",
        &[good(200, "The checks, whatever they found.", "HealthDocument")],
    ),
    read(
        "/v1/commands",
        (Task::Catalog, "listCommands"),
        "The commands of the node, and which of them the caller may run.",
        &[good(200, "The commands.", "CatalogDocument")],
    ),
    Operation {
        method: ApiMethod::Post,
        body: Body::Run,
        problems: &[
            ProblemKind::NotFound,
            ProblemKind::Exists,
            ProblemKind::Changed,
            ProblemKind::Refused,
            ProblemKind::TimedOut,
            ProblemKind::Full,
        ],
        ..read("/v1/commands", (Task::Run, "runCommand"), "Runs one command with the rights of the caller.", RESULT)
    },
    Operation {
        open: true,
        ..read(
            "/openapi.json",
            (Task::Document, "getDocument"),
            "This document.",
            &[good(200, "The OpenAPI document.", "Anything")],
        )
    },
    Operation {
        open: true,
        content: HTML,
        ..read("/v1/docs", (Task::Page, "getPage"), "A page that shows this document.", &[bare(200, "The page.", &[])])
    },
];

impl ApiMethod {
    /// Returns the method that a request has; HEAD asks for what GET does.
    #[must_use]
    pub fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET | Method::HEAD => Some(Self::Get),
            Method::POST => Some(Self::Post),
            Method::PUT => Some(Self::Put),
            Method::DELETE => Some(Self::Delete),
            _ => None,
        }
    }

    /// Returns the name as `Allow` has it.
    #[must_use]
    pub const fn allowed(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl Operation {
    /// Tells whether a parameter of the URL is one of its own.
    #[must_use]
    pub fn takes_query(&self, name: &str) -> bool {
        self.parameters.iter().any(|one| one.place == ParameterPlace::Query && one.name == name)
    }

    /// Returns everything that can be wrong with a request for it.
    pub fn all_problems(&self) -> impl Iterator<Item = ProblemKind> + '_ {
        let of_proof = if self.open { &[] } else { OF_PROOF };
        let of_body = if self.body == Body::Nothing { &[] } else { OF_BODY };
        USUAL.iter().chain(of_proof).chain(of_body).chain(self.problems).copied()
    }

    /// Finds the part of a path that stands for `{id}`, still encoded; an empty text when the operation has no such part, and
    /// nothing when the path is another one.
    #[must_use]
    pub fn matches<'a>(&self, path: &'a str) -> Option<&'a str> {
        let Some((before, behind)) = self.path.split_once("{id}") else {
            return (self.path == path).then_some("");
        };
        let id = path.strip_prefix(before)?.strip_suffix(behind)?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Vec<(&'static str, &str)> {
        OPERATIONS.iter().filter_map(|one| Some((one.id, one.matches(path)?))).collect()
    }

    #[test]
    fn a_path_leads_to_its_operations() {
        assert_eq!(found("/v1/policies"), [("listPolicies", ""), ("addPolicies", "")]);
        let one = [("getPolicy", "a%2Fb"), ("replacePolicy", "a%2Fb"), ("dropPolicy", "a%2Fb")];
        assert_eq!(found("/v1/policies/a%2Fb"), one);
        assert_eq!(found("/v1/policies/a/history"), [("getHistory", "a")]);
        for nothing in
            ["/v1", "/v1/", "/v1/policies/", "/v1/policies//history", "/v1/policies/a/b", "/V1/policies", "/docs"]
        {
            assert!(found(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn every_operation_has_a_name_and_a_place_of_its_own() {
        let ids: std::collections::HashSet<_> = OPERATIONS.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), OPERATIONS.len());
        for (at, one) in OPERATIONS.iter().enumerate() {
            let again = OPERATIONS[..at].iter().any(|other| (other.method, other.path) == (one.method, one.path));
            assert!(!again, "{}", one.id);
        }
    }
}
