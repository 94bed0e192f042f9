//! Look-ups of a policy by its name in many texts that mean the same: a node keeps replies by the text of their command, and what it
//! kept is no look-up.

/// The words of a look-up, before the name.
const WORDS: [&str; 6] = ["blockchain", "get", "device", "where", "name", "="];
/// Ways to write a look-up: behind each of its words stand one to four blanks.
pub const SPELLINGS: u64 = 4096;

/// Returns the look-up of a name. Its spelling says how many blanks stand behind each word: they mean nothing, and make the text
/// another one.
pub fn look_up(name: &str, spelling: u64) -> String {
    let mut text = String::new();
    for (place, word) in WORDS.iter().enumerate() {
        let more = usize::try_from((spelling >> (2 * place)) & 3).unwrap();
        text.push_str(word);
        text.push_str(&" ".repeat(1 + more));
    }
    text + name
}

/// Returns which of some policies is looked up in a turn, and in which spelling: all of them in one, then all in the next one, so that
/// a text comes back when nobody keeps its reply any more. The usual spelling, that of the texts that are kept, never comes.
pub const fn turn(number: u64, policies: u64) -> (u64, u64) {
    (number % policies, 1 + (number / policies) % (SPELLINGS - 1))
}
