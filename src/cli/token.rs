//! `token`: a new token for callers over REST.

use crate::{
    cli::{arguments::TokenOptions, exit::ExitFailure, output::print},
    rest::{NewToken, role_of},
};

/// Prints the secret for the caller and the line for `REST_TOKENS`.
///
/// # Errors
/// A role that does not exist, a name that no line can hold, or no random numbers.
pub fn run(options: &TokenOptions) -> Result<(), ExitFailure> {
    let role = role_of(&options.role)
        .ok_or_else(|| ExitFailure::Usage(format!("no role {}: write read, publish or admin", options.role)))?;
    if options.name.is_empty() || !options.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
        return Err(ExitFailure::Usage("a name has letters, digits, '-', '_' and '.' alone".to_owned()));
    }
    let token = NewToken::generate(&options.name, role).map_err(|e| ExitFailure::Failed(e.to_string()))?;
    print(&format!(
        "# give this to the caller, who sends it as Authorization: Bearer …; it is stored nowhere\n{}\n\
         # add this to REST_TOKENS, or to the file of REST_TOKENS_FILE, and start the node again\n{}\n",
        token.secret, token.line
    ))
}
