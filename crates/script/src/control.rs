//! The steps of control flow that commands answer with and scripts act on.

/// What a script does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// `do` after a false condition (1014).
    DoIgnored,
    /// `else` after a true condition (1013).
    ElseIgnored,
    /// `goto LABEL`.
    Goto(String),
    /// `call LABEL`.
    Call(String),
    /// `return`.
    Return,
    /// `end script`.
    EndScript,
    /// `exit scripts` (1017).
    ExitScripts,
    /// `on error …`.
    OnError(OnError),
}

/// What a script does with an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnError {
    /// Continue after a label.
    Goto(String),
    /// Run from a label and come back to the next line.
    Call(String),
    /// Go on with the next line.
    Ignore,
    /// End this script with the error.
    EndScript,
}

impl Control {
    /// Returns the text that traces and policy scripts show for the step.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        match self {
            Self::DoIgnored => "DO IGNORED",
            Self::ElseIgnored => "ELSE IGNORED",
            Self::Goto(_) => "GOTO",
            Self::Call(_) => "CALL",
            Self::Return => "RETURN",
            Self::EndScript => "END SCRIPT",
            Self::ExitScripts => "Exit all scripts",
            Self::OnError(OnError::Goto(_)) => "ON ERROR GOTO",
            Self::OnError(OnError::Call(_)) => "ON ERROR CALL",
            Self::OnError(OnError::Ignore) => "ON ERROR IGNORE",
            Self::OnError(OnError::EndScript) => "ON ERROR END SCRIPT",
        }
    }
}
