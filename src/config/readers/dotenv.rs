//! Programs that read env files with a dotenv library; dotenvy stands for them.

use super::reading::Reading;
use std::io::Cursor;

/// Reads one assignment. References to variables are looked up in the environment of this process.
pub fn read(statement: &str) -> Reading {
    match dotenvy::from_read_iter(Cursor::new(format!("{statement}\n"))).next() {
        Some(Ok((_, value))) => Reading::Value(value),
        Some(Err(_)) => Reading::Refused,
        None => Reading::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_blanks_need_quotes() {
        assert_eq!(read("NAME='New Company'"), Reading::Value("New Company".to_owned()));
        assert_eq!(read("NAME=\"a\\$b\""), Reading::Value("a$b".to_owned()));
        assert_eq!(read("NAME=New Company"), Reading::Refused);
        assert_eq!(read("# nothing"), Reading::Nothing);
    }
}
