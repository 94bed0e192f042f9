//! The bytes at the start of a text that need no attention: sixteen at a time, which the processor does at once.

const LANE: usize = 16;

/// Returns how many bytes at the start are plain, up to the first that is not.
pub(super) fn plain(bytes: &[u8], is_plain: impl Fn(u8) -> bool) -> usize {
    let all = |lane: &&[u8; LANE]| lane.iter().fold(true, |all, byte| all & is_plain(*byte));
    let (lanes, _) = bytes.as_chunks::<LANE>();
    let whole = lanes.iter().take_while(all).count() * LANE;
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().take_while(|byte| is_plain(**byte)).count()
}

#[cfg(test)]
mod tests {
    use super::plain;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stops_where_a_look_at_each_byte_stops(bytes in proptest::collection::vec(0_u8..4, 0..70)) {
            let first = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            prop_assert_eq!(plain(&bytes, |byte| byte != 0), first);
        }
    }
}
