//! Values of the process environment, as `docker run --env-file` puts them there: with their quotes and comments.

use crate::config::Variable;

/// Returns the value that a text of the environment stands for.
pub fn process_value(variable: &Variable, text: &str) -> String {
    let text = match text.trim() {
        // A comment in the place of the value.
        trimmed if trimmed.starts_with('#') && !text.starts_with('#') => "",
        trimmed => trimmed,
    };
    let bare = unquoted(text);
    if bare.len() < text.len() {
        return bare.to_owned();
    }
    if let Some(inside) = before_comment(text) {
        return inside.to_owned();
    }
    // Where no text is meant, a comment behind the value can only be one.
    let cut = text.split(" #").next().unwrap_or_default().trim_end();
    let comment = !variable.text && cut.len() < text.len();
    let shorter = comment && (variable.check)(text).is_some() && (cut.is_empty() || (variable.check)(cut).is_none());
    if shorter { cut.to_owned() } else { text.to_owned() }
}

/// Strips one matching pair of quotes, which `docker run --env-file` keeps.
pub fn unquoted(value: &str) -> &str {
    let pair = ['"', '\''].into_iter().find_map(|q| value.strip_prefix(q)?.strip_suffix(q));
    pair.unwrap_or(value)
}

/// Returns what stands between quotes that a comment follows.
fn before_comment(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (inside, behind) = text.get(1..)?.split_once(quote)?;
    (behind.starts_with([' ', '\t']) && behind.trim_start().starts_with('#')).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn quotes_and_comments_of_env_files_are_no_part_of_values() {
        let variables = Config::variables();
        let variable = |name: &str| *variables.iter().find(|variable| variable.name == name).unwrap();
        for (name, text, value) in [
            ("COMPANY_NAME", "\"New Company\"", "New Company"),
            ("COMPANY_NAME", "'New Company' # ours", "New Company"),
            ("COMPANY_NAME", "\"\"", ""),
            ("COMPANY_NAME", "a #b", "a #b"),
            ("COMPANY_NAME", "\"a #b\"", "a #b"),
            ("COMPANY_NAME", "\"", "\""),
            ("COMPANY_NAME", "   # none", ""),
            ("COMPANY_NAME", "#1", "#1"),
            ("BLOCKCHAIN_SYNC", "30 second # half a minute", "30 second"),
            ("ANYLOG_REST_PORT", " 32049 # rest", "32049"),
            ("ANYLOG_REST_PORT", "x # rest", "x # rest"),
        ] {
            assert_eq!(process_value(variable(name), text), value, "{name}={text}");
        }
    }
}
