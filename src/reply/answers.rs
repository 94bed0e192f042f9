//! What other nodes answered to a command (reference/rest 4, reference/tcp-protocol 9).

use crate::{
    policy::json,
    reply::{code::Code, error::Error},
};
use serde_json::Value;
use std::{borrow::Cow, fmt};

/// What one node answered.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerAnswer {
    /// The address that was asked, `ip:port`.
    pub destination: String,
    /// What it answered, or why there is no answer (208 refused, 26 time out, or the node's own error).
    pub outcome: Result<PeerContent, Error>,
}

/// The content of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum PeerContent {
    /// A text.
    Text(String),
    /// A JSON value, as the node marked it.
    Json(Value),
}

impl fmt::Display for PeerContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Json(value) => f.write_str(&json::text(value)),
        }
    }
}

impl PeerAnswer {
    /// Returns what the node said as a text, or what clients read when it said nothing.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.outcome {
            Ok(PeerContent::Text(text)) => text.into(),
            Ok(content) => content.to_string().into(),
            Err(error) if matches!(error.code, Code::PEER_REFUSED | Code::TIME_OUT) => "Not responding".into(),
            Err(error) => error.code.text().into(),
        }
    }
}
