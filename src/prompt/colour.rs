//! Colours for people at a terminal; what a program reads never has them.

/// Paints the titles of tables bold; every other line stays as it is.
#[must_use]
pub fn painted(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut out = String::with_capacity(text.len() + 16);
    for (number, line) in lines.iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let (line, end) = line.strip_suffix('\r').map_or((*line, ""), |line| (line, "\r"));
        if lines.get(number + 1).is_some_and(|next| is_rule(next)) && !line.is_empty() {
            out.push_str("\x1b[1m");
            out.push_str(line);
            out.push_str("\x1b[0m");
        } else {
            out.push_str(line);
        }
        out.push_str(end);
    }
    out
}

/// Tells whether a line is the rule under the titles of a table.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.ends_with("-|") && line.chars().all(|c| c == '-' || c == '|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_bold_and_values_are_not() {
        let table = "\r\nName Port \r\n----|-----|\r\nm   |32048|\r\n";
        assert_eq!(painted(table), "\r\n\x1b[1mName Port \x1b[0m\r\n----|-----|\r\nm   |32048|\r\n");
        assert_eq!(painted("a-|b"), "a-|b");
        assert_eq!(painted("Name \n----|\nm   |"), "\x1b[1mName \x1b[0m\n----|\nm   |");
    }
}
