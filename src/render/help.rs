//! Pages of help in the layout that the network knows (reference/rest 10, "help").

use crate::reply::{HelpAnswer, HelpPage, Links};

/// Renders an answer of `help` for programs over the network.
pub(super) fn help(answer: &HelpAnswer) -> String {
    match answer {
        HelpAnswer::Page(page) => page_text(page) + &links_text(&page.links),
        HelpAnswer::Usages { usages, links } => ended(usages) + &links_text(links),
        HelpAnswer::Index(words) => words.iter().map(|(word, usages)| index_entry(word, usages)).collect(),
        HelpAnswer::Unrecognized(names) => {
            let names: String = names.iter().map(|name| format!("Maybe: {name}\r\n")).collect();
            format!("Unrecognized command\r\n\r\n{names}")
        }
    }
}

/// Renders an answer of `help` for the console, where help begins on a line of its own.
pub(super) fn help_on_console(answer: &HelpAnswer) -> String {
    let begin = if matches!(answer, HelpAnswer::Unrecognized(_)) { "" } else { "\r\n" };
    format!("{begin}{}\r\n", help(answer))
}

/// Writes usage, explanation, examples and index; a line feed stands between two sections.
fn page_text(page: &HelpPage) -> String {
    let index: Vec<String> = page.index.iter().map(|word| format!("'{word}'")).collect();
    [
        section("Usage", std::slice::from_ref(&page.usage)),
        section("Explanation", &page.explanation),
        section("Examples", &page.examples),
        section("Index", &[format!("[{}]", index.join(", "))]),
    ]
    .join("\n")
}

fn section(title: &str, lines: &[String]) -> String {
    format!("{title}:\r\n{}", indented(lines))
}

fn links_text(links: &Links) -> String {
    let all = links.all.iter().map(|link| format!("\r\nLink: {link}\r\n"));
    let documentation = links.documentation.iter().map(|link| format!("Documentation: {link}\r\n"));
    all.chain(documentation).collect()
}

fn index_entry(word: &str, usages: &[String]) -> String {
    format!("{word}\r\n{}", indented(usages))
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| format!("\t{line}\r\n")).collect()
}

fn ended(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_page_has_four_sections_and_its_links() {
        let page = HelpPage {
            usage: "get hostname".to_owned(),
            explanation: texts(&["Tells the name.", "It is short."]),
            examples: texts(&["get hostname", "hostname = get hostname"]),
            index: texts(&["node info", "cli"]),
            links: Links { all: texts(&["u:1"]), documentation: Some("u:1".to_owned()) },
        };
        assert_eq!(
            help(&HelpAnswer::Page(page)),
            "Usage:\r\n\tget hostname\r\n\nExplanation:\r\n\tTells the name.\r\n\tIt is short.\r\n\n\
             Examples:\r\n\tget hostname\r\n\thostname = get hostname\r\n\nIndex:\r\n\t['node info', 'cli']\r\n\
             \r\nLink: u:1\r\nDocumentation: u:1\r\n"
        );
    }

    #[test]
    fn usages_and_index_are_lines() {
        let usages = HelpAnswer::Usages { usages: texts(&["get a", "get b"]), links: Links::default() };
        assert_eq!(help(&usages), "get a\r\nget b\r\n");
        assert_eq!(help_on_console(&usages), "\r\nget a\r\nget b\r\n\r\n");
        let index = vec![("cli".to_owned(), texts(&["get a"])), ("debug".to_owned(), vec![])];
        assert_eq!(help(&HelpAnswer::Index(index)), "cli\r\n\tget a\r\ndebug\r\n");
        assert_eq!(help(&HelpAnswer::Index(vec![])), "");
    }

    #[test]
    fn unknown_words_are_answered_with_names() {
        let answer = HelpAnswer::Unrecognized(texts(&["node resources"]));
        let text = "Unrecognized command\r\n\r\nMaybe: node resources\r\n";
        assert_eq!(help(&answer), text);
        assert_eq!(help_on_console(&answer), format!("{text}\r\n"));
    }
}
