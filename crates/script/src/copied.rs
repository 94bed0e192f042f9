//! Commands as people copy them from documents and terminals.

/// Returns a line without the prompt that it was copied with: `AL > get status`, `AL anylog-master +> get processes`.
#[must_use]
pub fn without_prompt(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("AL ").or_else(|| line.strip_prefix("EL ")) else { return line };
    // A prompt is on one line: who goes through a text of many does not look at all of it for each.
    let Some(end) = rest.split('\n').next().and_then(|first| first.find("> ")) else { return line };
    let (name, command) = (rest.get(..end).unwrap_or_default(), rest.get(end + 2..).unwrap_or_default());
    let mut words = name.split(' ');
    let is_prompt = words.next_back().is_some_and(|last| matches!(last, "" | "+")) && words.count() <= 1;
    if is_prompt { command } else { line }
}

/// Returns the text of a command without the prompt in front of it and without the `<` and `>` of a block around it.
///
/// No command begins with either of them.
#[must_use]
pub fn copied(text: &str) -> &str {
    let command = without_prompt(text.trim_start());
    command.trim().strip_prefix('<').and_then(|block| block.strip_suffix('>')).unwrap_or(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_prompt_is_no_part_of_the_command() {
        assert_eq!(without_prompt("AL > hostname = get hostname"), "hostname = get hostname");
        assert_eq!(without_prompt("AL anylog-master +> get processes"), "get processes");
        assert_eq!(without_prompt("AL anylog-master > <x = a>"), "<x = a>");
        for line in
            ["if !a > 5 then print", "AL> x", "<x = AL > 5>", "ALL > x", "AL a b > x", "get status", "AL ", "AL a\n> x"]
        {
            assert_eq!(without_prompt(line), line);
        }
    }

    #[test]
    fn the_signs_of_a_block_are_no_part_of_the_command() {
        for text in ["<x = a>", " <x = a> ", "AL > <x = a>", "AL node +> <x = a>"] {
            assert_eq!(copied(text), "x = a", "{text}");
        }
        assert_eq!(copied("<x = a\n where b = c>"), "x = a\n where b = c");
        for text in ["<", "<x = a", "x = a>", "x = <a>", "if !a > 5 then print b > c", ""] {
            assert_eq!(copied(text), text);
        }
    }
}
