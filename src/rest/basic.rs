//! `Authorization: Basic`, for clients that can send nothing else: the password is the token.

/// Returns the password of a value `user:password` in base64.
#[must_use]
pub fn password(encoded: &str) -> Option<String> {
    let text = String::from_utf8(decode(encoded)?).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

/// Decodes base64 (RFC 4648, 4); padding may be missing.
fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(digits.len());
    let (mut held, mut bits) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        held = (held << 6 | value(digit)?) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_password() {
        assert_eq!(password("QWxhZGRpbjpvcGVuIHNlc2FtZQ==").as_deref(), Some("open sesame"));
        assert_eq!(password("eDphbG1fMA").as_deref(), Some("alm_0"));
        for wrong in ["", "eA==", "§", "Og=a"] {
            assert_eq!(password(wrong), None, "{wrong}");
        }
    }
}
