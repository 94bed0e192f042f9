//! Cases where the node answers otherwise on purpose.

/// Case id and the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("help-003", "our page names what this node adds"),
    ("help-006", "only commands of this node are proposed"),
    ("help-007", "only commands of this node are proposed"),
    ("help-008", "the words of our own index"),
    ("help-014", "a master keeps no files of data"),
    ("help-015", "each 'job' command has its page"),
    ("help-021", "the words of our own index"),
    ("help-022", "JSON instead of the notation of a programming language"),
    ("servers-004", "the rows of the deployment document"),
];

/// Returns why a case is left out, if it is.
pub fn reason(id: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().find(|(case, _)| *case == id).map(|(_, reason)| *reason)
}
