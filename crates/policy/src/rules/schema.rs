//! Attributes of the types that have rules, and what their values may be (reference/ledger 3.2).

use crate::{Error, matching::comparable_text};
use serde_json::{Map, Value};

/// One attribute that a type knows.
pub(super) struct Attribute {
    pub(super) name: &'static str,
    kind: Kind,
    required: bool,
    pub(super) unique: bool,
}

impl Attribute {
    /// Tells whether a policy without it is refused.
    pub(super) const fn is_required(&self) -> bool {
        self.required
    }

    /// Returns what its value is, in words.
    pub(super) const fn in_words(&self) -> &'static str {
        match self.kind {
            Kind::Text => "a text",
            Kind::Integer => "an integer",
            Kind::Boolean => "true or false",
            Kind::List => "a list",
            Kind::Object => "an object",
            Kind::TextOrList => "a text or a list",
        }
    }
}

/// What a value may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Booleans pass as integers.
    Integer,
    Boolean,
    List,
    Object,
    TextOrList,
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64() || value.is_boolean(),
            Self::Boolean => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
            Self::TextOrList => value.is_string() || value.is_array(),
        }
    }

    /// Returns the name that the texts of the network give the kind.
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "<class 'str'>",
            Self::Integer => "<class 'int'>",
            Self::Boolean => "<class 'bool'>",
            Self::List => "<class 'list'>",
            Self::Object => "<class 'dict'>",
            Self::TextOrList => "text or a list",
        }
    }
}

const fn required(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind, required: true, unique: false }
}

const fn optional(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind, required: false, unique: false }
}

const fn unique(name: &'static str) -> Attribute {
    Attribute { name, kind: Kind::Text, required: true, unique: true }
}

/// Attributes of an operator.
pub(super) const OPERATOR: &[Attribute] = &[
    required("company", Kind::Text),
    required("name", Kind::Text),
    required("ip", Kind::Text),
    required("port", Kind::Integer),
    optional("member", Kind::Integer),
    required("cluster", Kind::Text),
    optional("main", Kind::Boolean),
];

/// Attributes of a cluster.
pub(super) const CLUSTER: &[Attribute] = &[
    optional("status", Kind::Text),
    required("name", Kind::Text),
    required("company", Kind::Text),
    optional("table", Kind::List),
];

/// Attributes of an entry in the table list of a cluster.
pub(super) const CLUSTER_TABLE: &[Attribute] =
    &[required("dbms", Kind::Text), required("name", Kind::Text), optional("status", Kind::Text)];

/// Attributes of a mapping.
pub(super) const MAPPING: &[Attribute] = &[
    required("dbms", Kind::Text),
    required("table", Kind::Text),
    required("schema", Kind::Object),
    optional("readings", Kind::Text),
    optional("condition", Kind::Text),
    optional("import", Kind::Object),
];

/// Attributes of a column in the schema of a mapping.
pub(super) const COLUMN: &[Attribute] = &[
    required("type", Kind::Text),
    optional("bring", Kind::TextOrList),
    optional("script", Kind::List),
    optional("root", Kind::Boolean),
    optional("blob", Kind::Boolean),
    optional("extension", Kind::Text),
    optional("hash", Kind::Text),
];

/// Returns the attributes of a type that has no rules besides them; nothing for free types.
pub(super) fn of(kind: &str) -> &'static [Attribute] {
    match kind {
        "transform" => TRANSFORM,
        "member" => MEMBER,
        "permissions" => PERMISSIONS,
        "assignment" => ASSIGNMENT,
        "license" => LICENSE,
        "bucket" => BUCKET,
        "tag" => TAG,
        "uns" => UNS,
        _ => &[],
    }
}

const TRANSFORM: &[Attribute] =
    &[required("dbms", Kind::Text), required("table", Kind::Text), required("column", Kind::Text)];

const MEMBER: &[Attribute] = &[required("type", Kind::Text), unique("public_key")];

const LICENSE: &[Attribute] = &[unique("activation_key"), unique("company"), unique("expiration"), unique("type")];

const BUCKET: &[Attribute] = &[unique("name"), required("operator", Kind::Text)];

const PERMISSIONS: &[Attribute] = &[
    unique("name"),
    required("enable", Kind::List),
    optional("disable", Kind::List),
    optional("databases", Kind::List),
    optional("tables", Kind::List),
    required("public_key", Kind::Text),
    required("signature", Kind::Text),
];

const ASSIGNMENT: &[Attribute] = &[
    required("permissions", Kind::Text),
    required("members", Kind::List),
    required("public_key", Kind::Text),
    required("signature", Kind::Text),
];

const TAG: &[Attribute] = &[
    required("dbms", Kind::Text),
    required("table", Kind::Text),
    required("ns", Kind::Integer),
    optional("node_iid", Kind::Text),
    optional("node_sid", Kind::Text),
];

const UNS: &[Attribute] = &[
    required("name", Kind::Text),
    unique("namespace"),
    optional("parent", Kind::Text),
    optional("dbms", Kind::Text),
    optional("table", Kind::Text),
];

/// Checks that the required attributes are there and that every known one has its kind of value.
pub(super) fn check(place: &str, body: &Map<String, Value>, schema: &[Attribute]) -> Result<(), Error> {
    for attribute in schema {
        match body.get(attribute.name) {
            Some(value) if !attribute.kind.fits(value) => {
                let (name, kind) = (attribute.name, attribute.kind.name());
                let value = comparable_text(value);
                let what = format!("attribute '{name}:{value}' in the policy '{place}' (requires {kind})");
                return Err(Error::Attribute(format!("Wrong data type for the {what}")));
            }
            None if attribute.required => return Err(missing(place, attribute.name)),
            _ => {}
        }
    }
    Ok(())
}

/// Returns the refusal of a policy that lacks an attribute.
pub(super) fn missing(place: &str, name: &str) -> Error {
    Error::Attribute(format!("Policy '{place}' without a value for the key: '{name}'"))
}
