//! Parameters of operations: where they stand, what they mean, and which values they take.

use crate::api::conditions;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterPlace {
    /// Behind the `?` of the URL.
    Query,
    /// In the path.
    Path,
    /// In a header line.
    Header,
}

/// Which values a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text of at most so many characters, and at least one.
    Text(usize),
    /// A whole number between two.
    Number(usize, usize),
    /// `true` or `false`.
    Flag,
    /// Conditions `KEY.PATH=VALUE`, as many as there are.
    Conditions,
    /// A version of the ledger, or a UTC time.
    Moment,
    /// Topics of events with commas between them.
    Topics,
    /// Entity tags.
    Tags,
    /// The id of an event.
    EventId,
    /// A key of visible characters.
    Key,
}

/// A parameter of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: ParameterPlace,
    /// True when a request without it is refused.
    pub required: bool,
    /// Which values it takes.
    pub shape: Shape,
    /// What it means.
    pub text: &'static str,
}

/// Conditions of one list.
pub const CONDITIONS: usize = 16;

/// The topics of events.
pub const TOPICS: [&str; 4] = ["policies", "members", "boot", "health"];

impl Shape {
    /// Checks a value; the error says what is expected.
    ///
    /// # Errors
    /// What is expected.
    pub fn check(self, value: &str) -> Result<(), String> {
        let is_right = match self {
            Self::Text(most) => !value.is_empty() && value.chars().count() <= most,
            Self::Number(least, most) => {
                let is_plain = value.bytes().all(|byte| byte.is_ascii_digit()) && value.len() <= 9;
                is_plain && value.parse().is_ok_and(|number: usize| (least..=most).contains(&number))
            }
            Self::Flag => matches!(value, "true" | "false"),
            Self::Conditions => conditions::read(value).is_some(),
            Self::Moment => crate::command::ledger::documents::PointInTime::parse(value).is_ok(),
            Self::Topics => value.split(',').all(|topic| TOPICS.contains(&topic)),
            Self::Tags | Self::EventId => true,
            Self::Key => (1..=128).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic()),
        };
        if is_right { Ok(()) } else { Err(self.expected()) }
    }

    fn expected(self) -> String {
        match self {
            Self::Text(most) => format!("takes 1 to {most} characters"),
            Self::Number(least, most) => format!("takes a number from {least} to {most}"),
            Self::Flag => "takes true or false".to_owned(),
            Self::Conditions => {
                "takes KEY=VALUE, with points between the keys of a path, and a backslash before a point or = in a key"
                    .to_owned()
            }
            Self::Moment => "takes a version of the ledger, or a UTC time like 2026-11-21T07:00:00Z".to_owned(),
            Self::Topics => format!("takes topics with commas between them: {}", TOPICS.join(",")),
            Self::Tags => "takes entity tags".to_owned(),
            Self::EventId => "takes the id of an event".to_owned(),
            Self::Key => "takes 1 to 128 visible characters without blanks".to_owned(),
        }
    }
}
