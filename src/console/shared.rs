//! What all requests of the console share.

use super::{console_settings::ConsoleSettings, csrf::CsrfSecret, sessions::ConsoleSessions};
use crate::api::EventHub;

/// The state of the console.
#[derive(Debug)]
pub struct ConsoleShared {
    /// What the operator set.
    pub settings: ConsoleSettings,
    /// Who is signed in.
    pub sessions: ConsoleSessions,
    /// What the tokens of changes are made from.
    pub csrf: CsrfSecret,
    /// The events of the node, shared with `/v1/events`.
    pub hub: EventHub,
}

impl ConsoleShared {
    /// Creates the state.
    ///
    /// # Errors
    /// The random source of the system is not there.
    pub fn new(settings: ConsoleSettings, hub: EventHub) -> Result<Self, getrandom::Error> {
        let sessions = ConsoleSessions::new(settings.timeout);
        Ok(Self { settings, sessions, csrf: CsrfSecret::generate()?, hub })
    }
}
