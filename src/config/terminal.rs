//! What the terminal understands that the program runs on, as the environment tells every program.

use std::env;

/// What may be written to a terminal beside text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalAbilities {
    /// Colours and bold letters; not where `NO_COLOR` is set or `TERM` is `dumb`.
    pub colours: bool,
    /// Moving the cursor, so that a text can be drawn in the place of another.
    pub moves: bool,
}

impl TerminalAbilities {
    /// Returns what the environment says.
    #[must_use]
    pub fn read() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "these belong to the terminal, not to the node: no file sets them"
        )]
        let variable = |name: &str| env::var_os(name);
        Self::of(
            variable("TERM").is_some_and(|term| term == "dumb"),
            variable("NO_COLOR").is_some_and(|no| !no.is_empty()),
        )
    }

    const fn of(is_dumb: bool, no_colour: bool) -> Self {
        Self { colours: !is_dumb && !no_colour, moves: !is_dumb }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dumb_terminal_gets_text_alone() {
        assert_eq!(TerminalAbilities::of(false, false), TerminalAbilities { colours: true, moves: true });
        assert_eq!(TerminalAbilities::of(false, true), TerminalAbilities { colours: false, moves: true });
        assert_eq!(TerminalAbilities::of(true, false), TerminalAbilities { colours: false, moves: false });
    }
}
