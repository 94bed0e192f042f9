//! Numbers and bytes as JSON-RPC writes them: `0x` and hexadecimal digits.

use serde_json::Value;

/// Reads a number; nothing when it is none or has more than 64 bits.
pub fn number(value: &Value) -> Option<u64> {
    u64::from_str_radix(digits(value)?, 16).ok()
}

/// Reads an amount; one with more than 128 bits, as on test chains, is the largest that fits.
pub fn amount(value: &Value) -> Option<u128> {
    let digits = digits(value)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_number.then(|| u128::from_str_radix(digits, 16).unwrap_or(u128::MAX))
}

/// Reads bytes.
pub fn bytes(value: &Value) -> Option<Vec<u8>> {
    hex::decode(digits(value)?).ok()
}

/// Writes a number.
pub fn of(number: u64) -> String {
    format!("{number:#x}")
}

/// Writes bytes.
pub fn of_bytes(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn digits(value: &Value) -> Option<&str> {
    value.as_str()?.strip_prefix("0x")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_bytes_are_read_and_written() {
        assert_eq!((number(&json!("0x1f")), of(31)), (Some(31), "0x1f".to_owned()));
        assert_eq!((bytes(&json!("0x00ff")), of_bytes(&[0, 255])), (Some(vec![0, 255]), "0x00ff".to_owned()));
        for wrong in [json!("1f"), json!(31), json!("0x"), json!("0xzz"), json!(null)] {
            assert_eq!((number(&wrong), amount(&wrong)), (None, None), "{wrong}");
        }
    }

    #[test]
    fn amount_beyond_all_is_the_largest() {
        assert_eq!(amount(&json!(format!("0x{}", "f".repeat(64)))), Some(u128::MAX));
        assert_eq!(number(&json!(format!("0x{}", "f".repeat(17)))), None);
    }
}
