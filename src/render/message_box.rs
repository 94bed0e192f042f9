//! Boxes around events and script errors (reference/command-language 7.4).

/// Longest line of a box, in bytes; longer ones are cut in pieces.
const LINE: usize = 250;

/// Colour of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Something failed.
    Red,
    /// Something was done.
    Green,
}

/// Renders a text in a coloured box; the prompt that follows is not part of it.
#[must_use]
pub fn message_box(text: &str, colour: Colour) -> String {
    let lines: Vec<String> = text.replace('\r', "").split('\n').flat_map(pieces).collect();
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let bar = format!("\r\n|{}|", "=".repeat(width));
    let start = match colour {
        Colour::Red => "\x1b[31m",
        Colour::Green => "\x1b[32m",
    };
    let body: String = lines.iter().map(|line| format!("\r\n|{line:<width$}|")).collect();
    format!("{start}\n{bar}{body}{bar}\r\n\x1b[0m\n")
}

fn pieces(line: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for character in line.chars() {
        if pieces.last().is_some_and(|piece| piece.len() + character.len_utf8() > LINE) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_as_wide_as_its_longest_line() {
        assert_eq!(
            message_box("ab\r\nlonger", Colour::Red),
            "\x1b[31m\n\r\n|======|\r\n|ab    |\r\n|longer|\r\n|======|\r\n\x1b[0m\n"
        );
        assert!(message_box("", Colour::Green).starts_with("\x1b[32m\n\r\n||\r\n||"));
    }

    #[test]
    fn long_lines_are_cut() {
        let lines = message_box(&"é".repeat(130), Colour::Green);
        assert_eq!(lines.matches("\r\n|é").count(), 2);
    }
}
