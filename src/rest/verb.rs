//! The method that carries a command (reference/rest 3).

use crate::command::Verbs;

/// The method a command is checked for; a JSON body on POST acts as GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// GET: commands that read.
    Get,
    /// POST: commands that change something, and some that read.
    Post,
    /// A POST whose body is the command: it acts as GET for a command that GET carries.
    Either,
}

impl Verb {
    /// Returns the method that counts for a command with these verbs: GET or POST.
    #[must_use]
    pub const fn for_command(self, verbs: Verbs) -> Self {
        match self {
            Self::Either if verbs.has_get() => Self::Get,
            Self::Either => Self::Post,
            known => known,
        }
    }

    /// Tells whether the method carries a command with these verbs.
    #[must_use]
    pub const fn carries(self, verbs: Verbs) -> bool {
        match self {
            Self::Get => verbs.has_get(),
            Self::Post => verbs.has_post(),
            Self::Either => verbs.has_get() || verbs.has_post(),
        }
    }

    /// Returns the name as error replies carry it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post | Self::Either => "post",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command;

    #[test]
    fn the_catalog_says_which_method_carries_a_line() {
        for (line, get, post) in [
            ("get status", true, false),
            ("GET STATUS", true, false),
            ("get", true, false),
            ("help", true, false),
            ("test", true, false),
            ("frobnicate", false, false),
            ("frobnicate now", false, true),
            ("a=5", false, true),
            ("a = 5", false, true),
            ("sql blockchain select", true, true),
            ("print x", true, true),
            ("print", false, false),
            ("blockchain get *", true, true),
            ("blockchain insert where", false, true),
            ("blockchain test", false, true),
            ("job status", true, true),
            ("time file get", true, true),
            ("test network", true, false),
            ("file to x", true, true),
            ("query explain x", true, true),
            ("get+status", false, true),
        ] {
            let verbs = command::select(line).traits().verbs;
            assert_eq!((Verb::Get.carries(verbs), Verb::Post.carries(verbs)), (get, post), "{line}");
        }
    }

    #[test]
    fn a_command_in_the_body_acts_as_get_where_it_can() {
        for (line, verb) in [("get status", Verb::Get), ("sql a b", Verb::Get), ("blockchain test", Verb::Post)] {
            assert_eq!(Verb::Either.for_command(command::select(line).traits().verbs), verb, "{line}");
        }
    }
}
