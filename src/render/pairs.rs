//! Lists of names and values (reference/rest 7.3).

/// Renders one `name : value` per line, the names padded to the longest.
#[must_use]
pub fn pairs(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines: String = pairs.iter().map(|(name, value)| format!("{name:<width$} : {value}\r\n")).collect();
    format!("\r\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_padded() {
        let list = [("timeout", "[0]".to_owned()), ("show_id", "[False]".to_owned()), ("x", "1".to_owned())];
        assert_eq!(pairs(&list), "\r\ntimeout : [0]\r\nshow_id : [False]\r\nx       : 1\r\n");
    }
}
