//! Random numbers of the machine.

/// Returns a number for a choice in which any will do, also on a machine that has no random ones.
#[must_use]
pub fn any_number() -> u32 {
    getrandom::u32().unwrap_or_default()
}
