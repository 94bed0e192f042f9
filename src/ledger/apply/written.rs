//! Texts that hold policies: of files that somebody keeps, or that were pasted. All mistakes are collected, each with its line.

use crate::policy::{Policy, json};
use serde::de::IgnoredAny;
use serde_json::Deserializer;

/// The policies of a text, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenPolicies {
    /// The policies in their order, each with its line, from 1.
    pub policies: Vec<(Policy, usize)>,
    /// What is wrong, with the line.
    pub mistakes: Vec<(usize, String)>,
}

impl WrittenPolicies {
    /// Reads values one behind the other, each a policy or a list of policies: a JSON list, or JSON lines.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut written = Self::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = LineCounter { text, at: 0, line: 1 };
        let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
        let mut start = 0;
        while let Some(value) = values.next() {
            if let Err(error) = value {
                // The place that it names counts from the beginning of the text.
                written.mistakes.push((error.line(), format!("it is no JSON: {error}")));
                return written;
            }
            let end = values.byte_offset();
            let begin = end - text.get(start..end).unwrap_or_default().trim_start().len();
            if text.get(begin..end).is_some_and(|value| value.starts_with('[')) {
                written.add_list(text, begin + 1, &mut lines);
            } else {
                written.add_policy(text.get(begin..end).unwrap_or_default(), lines.of(begin));
            }
            start = end;
        }
        written
    }

    /// Takes the entries of a list that is JSON, from behind its bracket.
    fn add_list(&mut self, text: &str, mut at: usize, lines: &mut LineCounter<'_>) {
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let entry = rest.trim_start();
            at += rest.len() - entry.len();
            match entry.chars().next() {
                Some(',') => at += 1,
                None | Some(']') => return,
                Some('{' | '[' | '"') => {
                    let mut values = Deserializer::from_str(entry).into_iter::<IgnoredAny>();
                    if !matches!(values.next(), Some(Ok(_))) {
                        return;
                    }
                    let length = values.byte_offset();
                    self.add_policy(entry.get(..length).unwrap_or_default(), lines.of(at));
                    at += length;
                }
                Some(_) => {
                    let length = entry.find([',', ']']).unwrap_or(entry.len());
                    self.add_policy(entry.get(..length).unwrap_or_default(), lines.of(at));
                    at += length;
                }
            }
        }
    }

    fn add_policy(&mut self, text: &str, line: usize) {
        let policy = json::parse(text).and_then(Policy::from_value).and_then(|policy| {
            // What cannot be prepared is wrong whatever the ledger holds.
            policy.clone().prepare("").map(|()| policy)
        });
        match policy {
            Ok(policy) => self.policies.push((policy, line)),
            Err(error) => self.mistakes.push((line, error.to_string())),
        }
    }
}

/// Counts lines up to places that come in order.
struct LineCounter<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl LineCounter<'_> {
    fn of(&mut self, place: usize) -> usize {
        let between = self.text.as_bytes().get(self.at..place).unwrap_or_default();
        self.line += between.iter().filter(|byte| **byte == b'\n').count();
        self.at = self.at.max(place);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(written: &WrittenPolicies) -> Vec<usize> {
        written.policies.iter().map(|(_, line)| *line).collect()
    }

    #[test]
    fn policies_come_alone_in_lists_and_in_lines() {
        let read = |text: &str| lines(&WrittenPolicies::read(text));
        assert_eq!(read("\u{feff}\n{\"a\": {}}"), [2]);
        assert_eq!(read("[{\"a\": {\"x\": \"]\"}},\n\n {\"b\": {}}\n]\n"), [1, 3]);
        assert_eq!(read("{\"a\": {}}\n{\"b\": {}}\n\n[{\"c\": {\"n\": [1]}}]"), [1, 2, 4]);
        assert_eq!(read(""), Vec::<usize>::new());
    }

    #[test]
    fn each_mistake_has_its_line() {
        let text = "[\n{\"a\": 1},\n 7,\n{\"b\": {}, \"c\": {}},\n{\"d\": {\"id\": []}}]\n{\"e\": {}}\n{x";
        let wrong = WrittenPolicies::read(text);
        let places: Vec<usize> = wrong.mistakes.iter().map(|(line, _)| *line).collect();
        assert_eq!(places, [2, 3, 4, 5, 7], "{wrong:?}");
        assert_eq!(lines(&wrong), [6]);
    }
}
